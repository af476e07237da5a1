import type { UpstreamFailure } from "../canonical/stream-event.ts";
import type { ChatDialect } from "../dialects/dialect.ts";
import { EMPTY_ANSWER, UpstreamError } from "../dialects/failure.ts";
import { parseJson } from "../lib/json.ts";
import { JsonArrayReader } from "../lib/json-array.ts";
import { EventReader, isDecisive, UNREADABLE } from "./event-reader.ts";
import { awaitFirstToken, type FirstTokenOptions, webPage } from "./first-token.ts";
import { concatenated } from "./relay-edited.ts";
import { withinIdle } from "./within-idle.ts";

/** A stream that has begun its answer: what was read of it, and the rest as it comes. */
export interface OpenedRelay {
  head: Uint8Array;
  body: ReadableStream<Uint8Array>;
}

export interface GateOptions extends Omit<FirstTokenOptions, "patience"> {
  /** The provider's, which is the client's. */
  dialect: ChatDialect;
}

/** What has begun to come, and does not decide in so many bytes, is handed on all the same: a request may be echoed first. */
const MOST_KEPT = 4 * 1024 * 1024;

/**
 * The first-byte gate of a relayed stream: reads until content, a call or an end has come, so that a provider which fails
 * before can be passed over in silence. Per chunk JavaScript runs until then, and none afterwards. Throws an UpstreamError
 * for a stream that begins with an error, ends without anything, is no stream (HTML, JSON that breaks off), breaks off, or
 * says nothing in time; `OVERDUE` when its call was aborted for that.
 */
export async function openRelay(body: ReadableStream<Uint8Array>, options: GateOptions): Promise<OpenedRelay> {
  const opening = new Opening(options.dialect);
  const pieces: Uint8Array[] = [];
  let kept = 0;
  const reader = body.getReader();
  const source = {
    async read(milliseconds: number) {
      const result = await withinIdle(reader.read(), milliseconds);
      if (result === "idle") return "idle";
      return result.done ? null : result.value;
    },
    cancel: () => void reader.cancel().catch(() => {}),
  };
  const first = await awaitFirstToken(source, { ...options, patience: null }, (bytes) => {
    pieces.push(bytes);
    kept += bytes.byteLength;
    return opening.feed(bytes) || kept > MOST_KEPT;
  });
  if (first === "ended" && !opening.end()) throw new UpstreamError(EMPTY_ANSWER);
  reader.releaseLock();
  return { head: concatenated(pieces), body };
}

/** What the beginning of a body says, in whichever framing it comes. */
class Opening {
  readonly #dialect: ChatDialect;
  readonly #text = new TextDecoder();
  /** Bytes until the framing shows; null afterwards. */
  #blank: Uint8Array[] | null = [];
  #events: EventReader | null = null;
  /** The object of a provider that answers a request for a stream with a whole answer. */
  #whole: JsonArrayReader | null = null;

  constructor(dialect: ChatDialect) {
    this.#dialect = dialect;
  }

  /** Whether the answer has begun; throws where the stream begins with a failure. */
  feed(bytes: Uint8Array): boolean {
    if (this.#blank === null) return this.#read(bytes, this.#whole === null ? "" : this.#decoded(bytes));
    this.#blank.push(bytes);
    const text = this.#decoded(bytes);
    const sign = /\S/.exec(text)?.[0];
    if (sign === undefined) return false;
    if (sign === "<") throw webPage();
    if (sign === "{") this.#whole = new JsonArrayReader();
    else this.#events = new EventReader(this.#dialect, sign === "[" ? "json-array" : "sse");
    const all = concatenated(this.#blank);
    this.#blank = null;
    return this.#read(all, text);
  }

  /** The body has ended. */
  end(): boolean {
    if (this.#whole !== null) throw new UpstreamError(MALFORMED);
    return this.#events !== null && this.#decides(this.#events.end());
  }

  #decoded(bytes: Uint8Array): string {
    return this.#text.decode(bytes, { stream: true });
  }

  #read(bytes: Uint8Array, text: string): boolean {
    if (this.#whole !== null) return this.#whole.read(text).some((object) => this.#answers(object));
    return this.#events !== null && this.#decides(this.#events.feed(bytes));
  }

  #decides(events: ReturnType<EventReader["feed"]>): boolean {
    for (const event of events) {
      if (event.type === "error") throw new UpstreamError(event.failure);
      if (isDecisive(event)) return true;
    }
    return false;
  }

  #answers(object: string): boolean {
    const { failure } = this.#decodeAnswer(parseJson(object));
    if (failure !== null) throw new UpstreamError(failure);
    return true;
  }

  #decodeAnswer(parsed: unknown): { failure: UpstreamFailure | null } {
    try {
      return this.#dialect.decodeAnswer(parsed);
    } catch {
      return { failure: MALFORMED };
    }
  }
}

const MALFORMED: UpstreamFailure = { kind: "malformed", message: UNREADABLE, code: "malformed", status: null };
