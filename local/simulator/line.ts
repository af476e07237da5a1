import { createHash, type Hash } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { BookEntry, Books } from "./books.ts";

/** A response whose client may leave at any time. */
export class Line {
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
  async write(buffer: Buffer): Promise<void> {
    if (this.closed) return;
    this.#entry.bytesSent += buffer.length;
    this.#hash?.update(buffer);
    if (this.response.write(buffer)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  /** The regular end, after a last piece of body. */
  end(last?: Buffer): void {
    if (this.closed) return;
    const buffer = last ?? Buffer.alloc(0);
    this.#entry.bytesSent += buffer.length;
    this.#hash?.update(buffer);
    this.#entry.finished = true;
    this.response.end(buffer);
  }

  /** The connection breaks, on purpose: by an ordinary close, or by a reset. */
  async breakOff(how: "close" | "reset"): Promise<void> {
    this.#entry.finished = true;
    // Let the bytes leave first.
    await new Promise((resolve) => setImmediate(resolve));
    if (how === "reset") this.response.socket?.resetAndDestroy();
    else this.response.destroy();
  }

  /** The same in pieces of `size` bytes. */
  async writeSplit(buffer: Buffer, size: number): Promise<void> {
    for (let at = 0; at < buffer.length && !this.closed; at += size) {
      await this.write(buffer.subarray(at, at + size));
      // A turn of the event loop each, so that the pieces leave in packets of their own.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
