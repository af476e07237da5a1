import type { ServerResponse } from "node:http";
import type { BookEntry, Books } from "./books.ts";
import type { Directives } from "./directives.ts";
import type { Reply, StreamReply } from "./exchange.ts";
import { Failure } from "./failure.ts";
import { breakOffJson, ELSEWHERE, encode, HTML_PAGE, spoil } from "./faults.ts";
import { Line } from "./line.ts";
import { tokensOfBytes } from "./tokens.ts";

/** Sends the events of a stream one after another, up to where a directive ends it. */
async function sendFrames(
  line: Line,
  reply: StreamReply,
  directives: Directives,
  entry: BookEntry,
  pace: number,
): Promise<void> {
  const split = directives.bytewise ? 1 : (directives.split ?? 0);
  const batch = directives.batch ?? 1;
  let events = 0;
  let carried = 0;
  let waiting = "";
  const flush = async (): Promise<void> => {
    const bytes = encode(waiting, directives);
    waiting = "";
    if (bytes.length === 0) return;
    await (split > 0 ? line.writeSplit(bytes, split) : line.write(bytes));
    entry.chunksSent = events;
    entry.outputTokensSent = Math.min(tokensOfBytes(carried), entry.tokens?.output ?? 0);
  };
  const reached = (count: number | undefined): boolean => count !== undefined && events >= count;
  for (const { text, carries } of reply.frames) {
    if (line.closed) return;
    if (reached(directives.silence)) return flush().then(() => line.silence());
    if (reached(directives.cut)) return flush().then(() => line.breakOff("close"));
    if (reached(directives.reset)) return flush().then(() => line.breakOff("reset"));
    if (reached(directives.eof)) return flush().then(() => line.end());
    if (reached(directives.error)) {
      waiting += reply.failureFrames(new Failure(directives.status ?? 500)).join("");
      return flush().then(() => line.end());
    }
    // Comments and the closing bracket of a JSON array are framing, not events.
    const isEvent = !text.startsWith(":") && !text.startsWith("]");
    if (isEvent && events > 0 && pace > 0) {
      await flush();
      await line.pause(pace);
    }
    let told = text;
    if (isEvent && directives.malformed === events) told = breakOffJson(told);
    if (isEvent && directives["bad-utf8"] === events) told = spoil(told);
    if (isEvent && directives.comments) waiting += ": keep-alive\n\n";
    waiting += told;
    if (isEvent) events += 1;
    carried += carries;
    if (events % batch === 0) await flush();
  }
  await flush();
  if (!line.closed) entry.outputTokensSent = entry.tokens?.output ?? 0;
  line.end();
}

async function sendWhole(
  line: Line,
  body: Buffer,
  headers: Record<string, string>,
  directives: Directives,
  entry: BookEntry,
): Promise<void> {
  const split = directives.bytewise ? 1 : directives.split;
  const breaks = [directives.cut, directives.reset, directives.silence].some((count) => count !== undefined);
  if (split === undefined) headers["content-length"] = String(body.length);
  line.response.writeHead(entry.status ?? 200, headers);
  if (directives["first-byte-after"] !== undefined || breaks) line.response.flushHeaders();
  await line.pause(directives["first-byte-after"] ?? 0);
  if (breaks) {
    await line.write(body.subarray(0, body.length / 2));
    return directives.silence === undefined
      ? line.breakOff(directives.cut === undefined ? "reset" : "close")
      : line.silence();
  }
  if (split !== undefined) await line.writeSplit(body, split);
  if (line.closed) return;
  entry.chunksSent = 1;
  entry.outputTokensSent = entry.tokens?.output ?? 0;
  line.end(split === undefined ? body : undefined);
}

/** The body a directive puts in the answer's place, or null: the answer stands. */
function replacement(directives: Directives): string | null {
  if (directives.empty || directives.redirect !== undefined) return "";
  return directives.html ? HTML_PAGE : null;
}

/** Sends a reply with everything the directives do to it. `books` is null when nothing is to be noted. */
export async function deliver(
  response: ServerResponse,
  reply: Reply,
  vendorHeaders: Record<string, string>,
  directives: Directives,
  entry: BookEntry,
  books: Books | null,
  defaultPace: number,
): Promise<void> {
  const line = new Line(response, entry, books);
  if (directives.hang) return line.silence();
  await line.pause(directives["headers-after"] ?? 0);
  if (line.closed) return;
  if (directives.hangup) return line.breakOff("close");

  const fails = reply.kind === "whole" && reply.status >= 400;
  const replaced = fails ? null : replacement(directives);
  const headers: Record<string, string> = { ...vendorHeaders, ...reply.headers };
  if (directives["retry-after"] !== undefined) headers["retry-after"] = String(directives["retry-after"]);
  if (directives["retry-after-ms"] !== undefined) headers["retry-after-ms"] = String(directives["retry-after-ms"]);
  if (directives.html && replaced !== null) headers["content-type"] = "text/html; charset=UTF-8";
  if (directives.redirect !== undefined && replaced !== null) headers.location = directives.location ?? ELSEWHERE;
  entry.status = reply.kind === "whole" ? reply.status : 200;
  if (directives.redirect !== undefined && replaced !== null) entry.status = directives.redirect;
  entry.streamed = reply.kind === "stream";
  if (reply.bill !== undefined && replaced === null) {
    entry.usage = reply.bill.usage;
    entry.tokens = reply.bill.tokens;
    entry.cost = reply.bill.cost ?? null;
  }

  if (replaced !== null) return sendWhole(line, Buffer.from(replaced), headers, directives, entry);
  if (reply.kind === "whole") {
    let body = reply.body;
    if (directives.malformed !== undefined) body = breakOffJson(body);
    if (directives["bad-utf8"] !== undefined) body = spoil(body);
    return sendWhole(line, encode(body, directives), headers, directives, entry);
  }
  response.writeHead(200, headers);
  response.flushHeaders();
  await line.pause(directives["first-byte-after"] ?? 0);
  return sendFrames(line, reply, directives, entry, directives.pace ?? defaultPace);
}
