import type { StreamEvent, UpstreamFailure } from "../canonical/stream-event.ts";
import type { ChatDialect, RunningDecoder } from "../dialects/dialect.ts";
import { parseJson } from "../lib/json.ts";
import { JsonArrayReader } from "../lib/json-array.ts";
import { type SseEvent, SseReader } from "../lib/sse.ts";

/** A provider's stream as what it says: bytes in, cut anywhere; events out. Never throws on what it cannot read. */
export class EventReader {
  readonly #sse = new SseReader();
  readonly #array: JsonArrayReader | null;
  readonly #text = new TextDecoder();
  readonly #decoder: RunningDecoder;

  /** Gemini's stream may be framed as one JSON array. */
  constructor(dialect: Pick<ChatDialect, "startDecoder">, framing: "sse" | "json-array" = "sse") {
    this.#decoder = dialect.startDecoder();
    this.#array = framing === "sse" ? null : new JsonArrayReader();
  }

  /** Takes the next bytes of the body. */
  feed(bytes: Uint8Array): StreamEvent[] {
    const text = this.#text.decode(bytes, { stream: true });
    if (this.#array === null) return this.#decoded(this.#sse.read(text));
    return this.#decoded(this.#array.read(text).map((data) => ({ event: "", data })));
  }

  /** The body has ended: an event without its blank line may be left, if it is whole. */
  end(): StreamEvent[] {
    const left = this.#sse.read("\n\n").filter(({ data }) => data === "[DONE]" || parseJson(data) !== undefined);
    return [...this.#decoded(left), ...readable(() => this.#decoder.end())];
  }

  #decoded(events: readonly SseEvent[]): StreamEvent[] {
    return events.flatMap((event) => readable(() => this.#decoder.step(event)));
  }
}

/** Whether it is of the answer itself: some of its content, or its end. Nothing that stands before one is. */
export const isDecisive = (event: StreamEvent): boolean => event.type === "finish" || "part" in event;

/** Said of an answer that could not be read. */
export const UNREADABLE = "The provider's answer could not be read.";

/** What a decoder says; JSON that nests too deep to be read is a failure of the provider's, not of the gateway. */
export function readable(decode: () => StreamEvent[]): StreamEvent[] {
  try {
    return decode();
  } catch {
    const failure: UpstreamFailure = { kind: "malformed", message: UNREADABLE, code: "malformed", status: null };
    return [{ type: "error", failure }];
  }
}
