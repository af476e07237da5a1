import type { StreamEvent, UpstreamFailure } from "../canonical/stream-event.ts";
import type { ChatDialect, RunningDecoder } from "../dialects/dialect.ts";
import { parseJson } from "../lib/json.ts";
import { JsonArrayReader } from "../lib/json-array.ts";
import { type SseEvent, SseReader } from "../lib/sse.ts";

/** A provider's stream as what it says: bytes in, cut anywhere; events out. Never throws on what it cannot read. */
export class EventReader {
  readonly #sse = new SseReader();
  readonly #array: JsonArrayReader | null;
  #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  /** A byte has come that is no UTF-8. */
  #spoilt = false;
  readonly #decoder: RunningDecoder;

  /** Gemini's stream may be framed as one JSON array. */
  constructor(dialect: Pick<ChatDialect, "startDecoder">, framing: "sse" | "json-array" = "sse") {
    this.#decoder = dialect.startDecoder();
    this.#array = framing === "sse" ? null : new JsonArrayReader();
  }

  /** Takes the next bytes of the body. */
  feed(bytes: Uint8Array): StreamEvent[] {
    const text = this.#read(bytes);
    if (this.#array === null) return this.#decoded(this.#sse.read(text));
    return this.#decoded(this.#array.read(text).map((data) => ({ event: "", data })));
  }

  /** The body has ended: an event without its blank line may be left, if it is whole. */
  end(): StreamEvent[] {
    const left = this.#sse.read("\n\n").filter(({ data }) => data === "[DONE]" || parseJson(data) !== undefined);
    return [...this.#decoded(left), ...readable(() => this.#decoder.end())];
  }

  /** Text as it is, until a byte is none: from there on with marks in such bytes' places. */
  #read(bytes: Uint8Array): string {
    try {
      return this.#text.decode(bytes, { stream: true });
    } catch {
      this.#spoilt = true;
      this.#text = new TextDecoder();
      return this.#text.decode(bytes, { stream: true });
    }
  }

  #decoded(events: readonly SseEvent[]): StreamEvent[] {
    const decoded: StreamEvent[] = [];
    for (const event of events) {
      if (this.#spoilt && event.data.includes("\ufffd")) {
        decoded.push({ type: "error", failure: MALFORMED });
        break;
      }
      decoded.push(...readable(() => this.#decoder.step(event)));
    }
    return decoded;
  }
}

/** Whether it is of the answer itself: some of its content, or its end. Nothing that stands before one is. */
export const isDecisive = (event: StreamEvent): boolean => event.type === "finish" || "part" in event;

/** Said of an answer that could not be read. */
export const UNREADABLE = "The provider's answer could not be read.";

const MALFORMED: UpstreamFailure = { kind: "malformed", message: UNREADABLE, code: "malformed", status: null };

/** What a decoder says; JSON that nests too deep to be read is a failure of the provider's, not of the gateway. */
export function readable(decode: () => StreamEvent[]): StreamEvent[] {
  try {
    return decode();
  } catch {
    return [{ type: "error", failure: MALFORMED }];
  }
}
