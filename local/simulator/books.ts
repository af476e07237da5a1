import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Tokens } from "./question.ts";

/** Requests remembered at most, and what their bodies may take together. */
const CAPACITY = 2_000;
const BODY_BYTES = 64 * 1024 * 1024;

/** Larger request bodies are kept as their size and digest only. */
const LARGEST_BODY = 1024 * 1024;

const SECRET_HEADERS = new Set(["authorization", "x-api-key", "x-goog-api-key", "proxy-authorization", "cookie"]);

/** What the simulator knows of one request: the provider's own record, for comparing a gateway's figures with. */
export interface BookEntry {
  /** Also in the vendor's request-id header, where it has one, and in `x-simulator-request`. */
  id: string;
  provider: string;
  /** Whose key it came with (`account.ts`); empty without one. */
  account: string;
  method: string;
  /** With the query, a key in it redacted. */
  path: string;
  /** As it was received, directives included; null when the request names none. */
  model: string | null;
  headers: Record<string, string>;
  /** Parsed JSON; null when it was none or too large to keep. */
  body: unknown;
  bodyBytes: number;
  bodySha256: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number | null;
  status: number | null;
  streamed: boolean;
  /** Events (stream) or bodies (whole answer) handed to the connection. Comment lines do not count. */
  chunksSent: number;
  bytesSent: number;
  /** Of the body bytes sent. */
  sentSha256: string | null;
  /** The answer went out to its end, or to the end a directive gave it. */
  finished: boolean;
  /** The client closed the connection before that. */
  clientGone: boolean;
  /** In the vendor's own terms, as sent or as it would have been sent. */
  usage: unknown;
  /** The same in four disjoint buckets, for the whole answer. */
  tokens: Tokens | null;
  /** Output tokens inside the chunks that were sent; below `tokens.output` when the stream broke off. */
  outputTokensSent: number;
  /** USD, where the vendor states a cost. */
  cost: number | null;
}

const redactPath = (path: string): string => path.replace(/([?&]key=)[^&]*/g, "$1redacted");

function redactHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const redacted: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.join(", ") : (value ?? "");
    const scheme = text.includes(" ") ? `${text.slice(0, text.indexOf(" "))} ` : "";
    redacted[name] = SECRET_HEADERS.has(name) ? `${scheme}redacted` : text;
  }
  return redacted;
}

/** The last requests, newest last; the oldest leave when there are too many or their bodies too large. */
export class Books {
  readonly #entries = new Map<string, BookEntry>();
  readonly #times = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #bodyBytes = 0;

  /** Makes the entry of a request that has just come in. It is in the books once `keep` was called. */
  open(
    id: string,
    provider: string,
    account: string,
    request: Pick<IncomingMessage, "method" | "url" | "headers">,
  ): BookEntry {
    const { method = "GET", url = "", headers } = request;
    return {
      id,
      provider,
      account,
      method,
      path: redactPath(url),
      model: null,
      headers: redactHeaders(headers),
      body: null,
      bodyBytes: 0,
      bodySha256: "",
      startedAt: Date.now(),
      endedAt: null,
      status: null,
      streamed: false,
      chunksSent: 0,
      bytesSent: 0,
      sentSha256: null,
      finished: false,
      clientGone: false,
      usage: null,
      tokens: null,
      outputTokensSent: 0,
      cost: null,
    };
  }

  /** Enters a request with its body. */
  keep(entry: BookEntry, bodyText: string): void {
    entry.bodyBytes = Buffer.byteLength(bodyText);
    entry.bodySha256 = createHash("sha256").update(bodyText).digest("hex");
    if (entry.bodyBytes <= LARGEST_BODY) {
      try {
        entry.body = JSON.parse(bodyText);
        this.#bodyBytes += entry.bodyBytes;
      } catch {
        // Not JSON: its size and digest are on record.
      }
    }
    this.#entries.set(entry.id, entry);
    for (const [id, oldest] of this.#entries) {
      if (this.#entries.size <= CAPACITY && this.#bodyBytes <= BODY_BYTES) break;
      this.#entries.delete(id);
      if (oldest.body !== null) this.#bodyBytes -= oldest.bodyBytes;
    }
    this.#announce();
  }

  /** Closes an entry; whoever waits for its end is told. */
  close(entry: BookEntry): void {
    entry.endedAt = Date.now();
    this.#announce();
  }

  /** Counts one more request for a model name; returns how many came before. */
  count(model: string): number {
    const before = this.#times.get(model) ?? 0;
    if (this.#times.size >= CAPACITY && before === 0) this.#times.clear();
    this.#times.set(model, before + 1);
    return before;
  }

  get(id: string): BookEntry | undefined {
    return this.#entries.get(id);
  }

  /** Newest first. */
  list(): BookEntry[] {
    return [...this.#entries.values()].reverse();
  }

  clear(): void {
    this.#entries.clear();
    this.#times.clear();
    this.#bodyBytes = 0;
  }

  /** Resolves at the next change, or after `milliseconds`. */
  change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
    });
  }

  #announce(): void {
    for (const done of this.#waiting) done();
  }
}
