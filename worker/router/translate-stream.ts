import { replayAnswer } from "../canonical/replay-answer.ts";
import type { StreamEvent } from "../canonical/stream-event.ts";
import type { ChatDialect, EncodedRequest, RunningEncoder } from "../dialects/dialect.ts";
import { errorOfFailure } from "../dialects/failure.ts";
import { needsRestoring, StreamRestorer } from "../dialects/restore-tools.ts";
import { GatewayError } from "../errors.ts";
import { parseJsonBytes } from "../lib/json.ts";
import type { CanonicalMeter } from "./canonical-meter.ts";
import { coalesce } from "./coalesce.ts";
import { EventReader, isDecisive, readable, UNREADABLE } from "./event-reader.ts";
import { awaitFirstToken, brokenOff, type FirstTokenOptions, webPage } from "./first-token.ts";
import { type PiledReader, piledReader } from "./piled-reader.ts";
import { type PumpOptions, pump } from "./pump.ts";
import { readWhole } from "./read-whole.ts";
import { ENDED_EARLY, type Relayed } from "./relay.ts";

/** A provider's stream on its way into another dialect. */
export interface TranslateOptions extends Omit<PumpOptions, "brokenMessage"> {
  upstream: ChatDialect;
  encoder: RunningEncoder;
  encoded: Pick<EncodedRequest, "tools" | "jsonTool">;
  meter: CanonicalMeter;
  contentType: string | null;
  gate: TranslateGate;
}

/**
 * How long the client waits for its headers: as long as nothing decisive has come, a failure can still be told as one.
 * `patience` is null where another target can be asked instead: then the wait has an outcome.
 */
export type TranslateGate = Pick<FirstTokenOptions, "firstTokenTimeout" | "patience">;

/** Milliseconds until a client gets its headers all the same, where nobody else can be asked. */
export const PATIENCE = 10_000;

/** A whole answer longer than this is not kept in memory. */
const MAXIMUM_ANSWER = 20 * 1024 * 1024;

const UTF8 = new TextEncoder();
/** How a stream of events begins. */
const EVENTS = /^\s*(?:data|event|id|retry)?:/;

/** Bytes in, the client's text out; knows whether something decisive has come, and whether it has failed. */
export class Translator {
  readonly #reader: EventReader;
  readonly #encoder: RunningEncoder;
  readonly #restorer: StreamRestorer | null;
  readonly #meter: CanonicalMeter;
  /** Content, or an end, has come: the answer can no longer become an error response. */
  decisive = false;
  failure: GatewayError | null = null;

  constructor({
    upstream,
    encoder,
    encoded,
    meter,
  }: Pick<TranslateOptions, "upstream" | "encoder" | "encoded" | "meter">) {
    this.#reader = new EventReader(upstream);
    this.#encoder = encoder;
    this.#restorer = needsRestoring(encoded) ? new StreamRestorer(encoded) : null;
    this.#meter = meter;
  }

  feed(bytes: Uint8Array): string {
    return this.write(this.#reader.feed(bytes));
  }

  /** The body has ended. */
  end(): string {
    const text = this.write(this.#reader.end());
    return this.failure === null ? text + this.#encoder.end() : text;
  }

  write(events: Iterable<StreamEvent>): string {
    let text = "";
    for (const event of coalesce(events)) {
      if (this.failure !== null) break;
      this.#meter.feed(event);
      if (event.type === "error") {
        this.failure = errorOfFailure(event.failure);
        if (this.decisive) text += this.#encoder.fail(this.failure);
        break;
      }
      if (isDecisive(event)) this.decisive = true;
      try {
        const restored = this.#restorer?.step(event) ?? [event];
        for (const one of restored) text += this.#encoder.step(one);
      } catch (cause) {
        text += this.fail(new GatewayError("upstream_error", UNREADABLE, { cause }));
      }
    }
    return text;
  }

  fail(error: GatewayError): string {
    this.failure ??= error;
    return this.#encoder.fail(error);
  }
}

/**
 * Translates a streaming answer. Resolves when it is decided whether there is one: with the stream, or by throwing the
 * error that the client gets instead, an UpstreamError where the provider failed.
 */
export async function translateStream(body: ReadableStream<Uint8Array>, options: TranslateOptions): Promise<Relayed> {
  const translator = new Translator(options);
  if (/\bjson\b/i.test(options.contentType ?? "")) return translateWhole(body, options, translator);
  if (/\bhtml\b/i.test(options.contentType ?? "")) {
    await body.cancel().catch(() => {});
    throw webPage();
  }
  const reader = piledReader(body);
  const { text, ended } = await openGate(reader, options, translator);
  const first = UTF8.encode(text);
  if (ended) return { readable: readableOf(first), ended: Promise.resolve("finished") };
  return pump(
    reader,
    { ...options, brokenMessage: (end) => UTF8.encode(translator.fail(ENDED_EARLY[end])) },
    {
      piece: (bytes) => UTF8.encode(translator.feed(bytes)),
      end: () => UTF8.encode(translator.failure === null ? translator.end() : ""),
      quiet: () => UTF8.encode(translator.write([{ type: "keepalive" }])),
      done: () => translator.failure !== null,
    },
    first,
  );
}

/** Reads until something decisive has come; a failure before is thrown, and still can become an answer of its own. */
async function openGate(
  reader: PiledReader,
  options: TranslateOptions,
  translator: Translator,
): Promise<{ text: string; ended: boolean }> {
  let text = "";
  const throwFailure = () => {
    if (translator.failure !== null && !translator.decisive) throw translator.failure;
  };
  const first = await awaitFirstToken(reader, { ...options, ...options.gate }, (bytes) => {
    text += translator.feed(bytes);
    throwFailure();
    return translator.decisive;
  });
  if (first === "undecided") translator.decisive = true;
  if (first !== "ended") return { text, ended: false };
  text += translator.end();
  throwFailure();
  return { text, ended: true };
}

/** A provider that answers a request for a stream with a whole answer: it is told as a stream all the same. */
async function translateWhole(
  body: ReadableStream<Uint8Array>,
  options: TranslateOptions,
  translator: Translator,
): Promise<Relayed> {
  const reading = readWhole(body, MAXIMUM_ANSWER, options.idleTimeout, options.upstreamAborted);
  const bytes = await reading.catch((cause: unknown) => {
    throw cause instanceof GatewayError ? cause : brokenOff();
  });
  options.onFirstByte();
  // Some hosts declare a stream of events as JSON.
  if (bytes !== null && EVENTS.test(new TextDecoder().decode(bytes.subarray(0, 100)))) {
    const text = translator.feed(bytes) + translator.end();
    if (translator.failure !== null && !translator.decisive) throw translator.failure;
    return { readable: readableOf(UTF8.encode(text)), ended: Promise.resolve("finished") };
  }
  const text = translator.write(
    readable(() => {
      const parsed = bytes === null ? undefined : parseJsonBytes(bytes);
      const { answer, failure } = options.upstream.decodeAnswer(parsed);
      return failure === null ? [...replayAnswer(answer)] : [{ type: "error", failure }];
    }),
  );
  if (translator.failure !== null) throw translator.failure;
  return { readable: readableOf(UTF8.encode(text + translator.end())), ended: Promise.resolve("finished") };
}

function readableOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Response(bytes).body as ReadableStream<Uint8Array>;
}
