import type { ServerResponse } from "node:http";
import type { Directives } from "./directives.ts";
import type { Frame, StreamReply } from "./exchange.ts";
import { encode } from "./faults.ts";

/** A stream whose frames are made already; `batch` of them are joined to a write. */
export interface PreparedStream {
  headers: Record<string, string>;
  writes: Buffer[];
}

/** The directives a prepared stream can carry; any other asks for the slow way. */
const REPEATABLE = new Set([
  "nobooks",
  "pace",
  "batch",
  "chunks",
  "bytes",
  "text",
  "crlf",
  "lf",
  "thinking",
  "no-tools",
  "only-chat",
  "only-responses",
]);

/** A benchmark's stream: nothing about it depends on what was asked before. */
export const isRepeatable = (directives: Directives): boolean =>
  directives.nobooks === true &&
  Object.entries(directives).every(([name, value]) => value === undefined || REPEATABLE.has(name));

/** Makes a stream ready to be sent again and again. */
export function prepare(reply: StreamReply, directives: Directives): PreparedStream {
  const batch = directives.batch ?? 1;
  const frames: Frame[] = [...reply.frames];
  const writes: Buffer[] = [];
  for (let at = 0; at < frames.length; at += batch)
    writes.push(
      encode(
        frames
          .slice(at, at + batch)
          .map((one) => one.text)
          .join(""),
        directives,
      ),
    );
  return { headers: reply.headers, writes };
}

/** Sends a prepared stream: no JSON, no books, no timers unless it is paced. */
export async function deliverPrepared(
  response: ServerResponse,
  prepared: PreparedStream,
  vendorHeaders: Record<string, string>,
  pace: number,
): Promise<void> {
  response.writeHead(200, { ...vendorHeaders, ...prepared.headers });
  for (const [index, write] of prepared.writes.entries()) {
    if (response.closed) return;
    if (pace > 0 && index > 0) await new Promise((resolve) => setTimeout(resolve, pace));
    if (!response.write(write)) await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
  }
  response.end();
}
