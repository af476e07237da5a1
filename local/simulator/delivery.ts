import { createHash, type Hash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { BookEntry, Books } from "./books.ts";
import type { Directives } from "./directives.ts";
import type { Frame, Reply, StreamReply, WholeReply } from "./exchange.ts";
import { Failure } from "./failure.ts";
import { tokensOfBytes } from "./tokens.ts";

/** A response whose client may leave at any time. */
class Line {
  readonly response: ServerResponse;
  readonly #entry: BookEntry;
  readonly #books: Books | null;
  readonly #hash: Hash | null;
  /** Wakes whoever waits for time to pass or the connection to drain. */
  #wake: (() => void) | null = null;
  closed = false;

  constructor(response: ServerResponse, entry: BookEntry, books: Books | null) {
    this.response = response;
    this.#entry = entry;
    this.#books = books;
    this.#hash = books === null ? null : createHash("sha256");
    response.on("close", () => {
      this.closed = true;
      if (!entry.finished) entry.clientGone = true;
      this.#end();
      this.#wake?.();
    });
    response.on("drain", () => this.#wake?.());
  }

  #end(): void {
    if (this.#books === null || this.#entry.endedAt !== null) return;
    if (this.#hash !== null) this.#entry.sentSha256 = this.#hash.digest("hex");
    this.#books.close(this.#entry);
  }

  /** Waits; returns early when the client has gone. */
  async pause(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        if (!this.closed) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** Waits until the client has gone. */
  async silence(): Promise<void> {
    while (!this.closed) await this.pause(2 ** 31 - 1);
  }

  /** Hands bytes to the connection and waits while it is full. */
  async write(bytes: string | Buffer): Promise<void> {
    if (this.closed) return;
    const buffer = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    this.#entry.bytesSent += buffer.length;
    this.#hash?.update(buffer);
    if (this.response.write(buffer)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  /** The regular end, after a last piece of body. */
  end(last = ""): void {
    if (this.closed) return;
    const buffer = Buffer.from(last);
    this.#entry.bytesSent += buffer.length;
    this.#hash?.update(buffer);
    this.#entry.finished = true;
    this.response.end(buffer);
  }

  /** The connection breaks, on purpose. */
  destroy(): void {
    this.#entry.finished = true;
    this.response.destroy();
  }
}

const HTML =
  "<html>\n<head><title>200 OK</title></head>\n<body>\n<center><h1>Welcome</h1></center>\n</body>\n</html>\n";

/** Where the redirects point: a name that can never resolve. */
const ELSEWHERE = "http://elsewhere.invalid/v1/stolen";

/** An event with its JSON broken off in the middle; the framing stays whole. */
function breakEvent(text: string): string {
  const body = text.trimEnd();
  return `${body.slice(0, Math.max(body.indexOf("{") + 1, body.length - 12))}${text.slice(body.length)}`;
}

function lineEnds(text: string, directives: Directives): string {
  if (directives.crlf) return text.replace(/\r?\n/g, "\r\n");
  return directives.lf ? text.replaceAll("\r\n", "\n") : text;
}

async function writeSplit(line: Line, text: string, size: number): Promise<void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length && !line.closed; at += size) {
    await line.write(bytes.subarray(at, at + size));
    // A turn of the event loop each, so that the pieces leave in packets of their own.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

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
    const text = waiting;
    waiting = "";
    if (text === "") return;
    await (split > 0 ? writeSplit(line, text, split) : line.write(text));
    entry.chunksSent = events;
    entry.outputTokensSent = Math.min(tokensOfBytes(carried), entry.tokens?.output ?? 0);
  };
  const breaksAt = (count: number | undefined): boolean => count !== undefined && events >= count;
  for (const { text, carries } of reply.frames) {
    if (line.closed) return;
    // Comments and the closing bracket of a JSON array are framing, not events.
    const isEvent = !text.startsWith(":") && !text.startsWith("]");
    if (breaksAt(directives.silence)) {
      await flush();
      return line.silence();
    }
    if (breaksAt(directives.cut)) {
      await flush();
      // Let the bytes leave before the connection breaks.
      await new Promise((resolve) => setImmediate(resolve));
      return line.destroy();
    }
    if (breaksAt(directives.eof)) break;
    if (breaksAt(directives.error)) {
      waiting += lineEnds(reply.failureFrames(new Failure(directives.status ?? 500)).join(""), directives);
      break;
    }
    if (isEvent && events > 0 && pace > 0) {
      await flush();
      await line.pause(pace);
    }
    const whole = isEvent && directives.malformed === events ? breakEvent(text) : text;
    if (directives.comments && isEvent) waiting += lineEnds(": keep-alive\n\n", directives);
    waiting += lineEnds(whole, directives);
    if (isEvent) events += 1;
    carried += carries;
    if (events % batch === 0) await flush();
  }
  await flush();
  if (!line.closed && directives.eof === undefined && directives.error === undefined)
    entry.outputTokensSent = entry.tokens?.output ?? 0;
  line.end();
}

function wholeBody(reply: WholeReply, directives: Directives): string {
  if (directives.empty) return "";
  if (directives.html) return HTML;
  return directives.malformed === undefined ? reply.body : breakEvent(reply.body);
}

async function sendWhole(
  line: Line,
  body: string,
  headers: Record<string, string>,
  directives: Directives,
  entry: BookEntry,
): Promise<void> {
  const split = directives.bytewise ? 1 : directives.split;
  const breaks = directives.cut !== undefined || directives.silence !== undefined;
  if (split === undefined) headers["content-length"] = String(Buffer.byteLength(body));
  line.response.writeHead(entry.status ?? 200, headers);
  if (directives["first-byte-after"] !== undefined || breaks) line.response.flushHeaders();
  await line.pause(directives["first-byte-after"] ?? 0);
  if (breaks) await line.write(body.slice(0, Math.floor(body.length / 2)));
  if (directives.silence !== undefined) return line.silence();
  if (directives.cut !== undefined) return line.destroy();
  if (split !== undefined) await writeSplit(line, body, split);
  if (line.closed) return;
  entry.chunksSent = 1;
  entry.outputTokensSent = entry.tokens?.output ?? 0;
  line.end(split === undefined ? body : "");
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
  if (directives.hangup) return line.destroy();

  const headers: Record<string, string> = { ...vendorHeaders, ...reply.headers };
  const fails = reply.kind === "whole" && reply.status >= 400;
  if (directives["retry-after"] !== undefined) headers["retry-after"] = String(directives["retry-after"]);
  if (directives["retry-after-ms"] !== undefined) headers["retry-after-ms"] = String(directives["retry-after-ms"]);
  if (directives.html && !fails) headers["content-type"] = "text/html; charset=UTF-8";
  const redirected = directives.redirect !== undefined && !fails;
  if (redirected) headers.location = ELSEWHERE;
  entry.status = redirected ? (directives.redirect ?? 302) : reply.kind === "whole" ? reply.status : 200;
  entry.streamed = reply.kind === "stream";
  if (reply.bill !== undefined) {
    entry.usage = reply.bill.usage;
    entry.tokens = reply.bill.tokens;
    entry.cost = reply.bill.cost ?? null;
  }

  if (reply.kind === "whole" || redirected || directives.empty || directives.html) {
    const body = redirected
      ? ""
      : wholeBody(reply.kind === "whole" ? reply : { ...reply, kind: "whole", status: 200, body: "" }, directives);
    await sendWhole(line, body, headers, directives, entry);
    return;
  }

  response.writeHead(200, headers);
  response.flushHeaders();
  await line.pause(directives["first-byte-after"] ?? 0);
  return sendFrames(line, reply, directives, entry, directives.pace ?? defaultPace);
}

/** A stream whose frames are made already; `batch` of them are joined to a write. */
export interface PreparedStream {
  headers: Record<string, string>;
  writes: Buffer[];
}

/** Makes a stream ready to be sent again and again. */
export function prepare(reply: StreamReply, directives: Directives): PreparedStream {
  const batch = directives.batch ?? 1;
  const frames: Frame[] = [...reply.frames];
  const writes: Buffer[] = [];
  for (let at = 0; at < frames.length; at += batch)
    writes.push(
      Buffer.from(
        frames
          .slice(at, at + batch)
          .map((one) => lineEnds(one.text, directives))
          .join(""),
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
