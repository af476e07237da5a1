import { type AnswerFacts, type Dialect, noAnswer } from "../dialects/dialect.ts";
import { JsonArrayReader } from "../lib/json-array.ts";
import { SseReader } from "../lib/sse.ts";

/** Events kept unparsed for an estimate, in characters, before they are counted and dropped. */
const KEPT = 256 * 1024;

/**
 * Reads usage, stop reason and errors out of a stream's bytes while they pass. It never changes them and never throws on
 * what it cannot read.
 */
export class StreamMeter {
  #facts: AnswerFacts = noAnswer();
  readonly #dialect: Dialect;
  readonly #sse: SseReader | null;
  readonly #array: JsonArrayReader | null;
  readonly #decoder = new TextDecoder();
  /** Events not yet counted: only an unfinished stream needs their text counted, so most never are. */
  #kept: string[] = [];
  #keptCharacters = 0;
  #counted = 0;

  constructor(dialect: Dialect, contentType: string | null) {
    const sse = contentType === null || !/\bjson\b/i.test(contentType);
    this.#dialect = dialect;
    this.#sse = sse ? new SseReader() : null;
    this.#array = sse ? null : new JsonArrayReader();
  }

  /** Takes the next bytes of the body, cut anywhere. */
  feed(bytes: Uint8Array): void {
    this.feedText(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The same for a caller that has decoded them already. */
  feedText(text: string): void {
    if (this.#sse !== null) {
      for (const event of this.#sse.read(text)) this.#event(event.data);
    } else if (this.#array !== null) {
      for (const object of this.#array.read(text)) this.#event(object);
    }
  }

  get facts(): AnswerFacts {
    return this.#facts;
  }

  /** Characters of answer seen so far: text, reasoning, tool arguments. */
  observedCharacters(): number {
    for (const data of this.#kept) this.#counted += this.#dialect.observedText(data);
    this.#kept = [];
    this.#keptCharacters = 0;
    return this.#counted;
  }

  #event(data: string): void {
    this.#facts = this.#dialect.step(this.#facts, data);
    this.#kept.push(data);
    this.#keptCharacters += data.length;
    if (this.#keptCharacters > KEPT) this.observedCharacters();
  }
}
