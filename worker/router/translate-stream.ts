import { replayAnswer } from "../canonical/replay-answer.ts";
import type { StreamEvent, UpstreamFailure } from "../canonical/stream-event.ts";
import type { ChatDialect, EncodedRequest, RunningDecoder, RunningEncoder } from "../dialects/dialect.ts";
import { errorOfFailure } from "../dialects/failure.ts";
import { needsRestoring, StreamRestorer } from "../dialects/restore-tools.ts";
import { GatewayError } from "../errors.ts";
import { parseJson, parseJsonBytes } from "../lib/json.ts";
import { type SseEvent, SseReader } from "../lib/sse.ts";
import type { CanonicalMeter } from "./canonical-meter.ts";
import { coalesce } from "./coalesce.ts";
import { type PiledReader, piledReader } from "./piled-reader.ts";
import { type PumpOptions, pump } from "./pump.ts";
import { readWhole } from "./read-whole.ts";
import type { Relayed } from "./relay.ts";
import { SILENT } from "./within-idle.ts";

/** A provider's stream on its way into another dialect. */
export interface TranslateOptions extends Omit<PumpOptions, "brokenMessage"> {
  upstream: ChatDialect;
  encoder: RunningEncoder;
  encoded: Pick<EncodedRequest, "tools" | "jsonTool">;
  meter: CanonicalMeter;
  contentType: string | null;
}

/**
 * How long the client waits for its headers: as long as nothing decisive has come, a failure can still be told as one,
 * with its status.
 */
const GATE = 10_000;
/** A whole answer longer than this is not kept in memory. */
const MAXIMUM_ANSWER = 20 * 1024 * 1024;

const UTF8 = new TextEncoder();
/** How a stream of events begins. */
const EVENTS = /^\s*(?:data|event|id|retry)?:/;

/** Bytes in, the client's text out; knows whether something decisive has come, and whether it has failed. */
export class Translator {
  readonly #sse = new SseReader();
  #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  /** A byte has come that is no UTF-8. */
  #spoilt = false;
  readonly #decoder: RunningDecoder;
  readonly #encoder: RunningEncoder;
  readonly #restorer: StreamRestorer | null;
  readonly #meter: CanonicalMeter;
  /** Content, or an end, has come: the answer can no longer become an error response. */
  decisive = false;
  failure: GatewayError | null = null;

  constructor({ upstream, encoder, encoded, meter }: TranslateOptions) {
    this.#decoder = upstream.startDecoder();
    this.#encoder = encoder;
    this.#restorer = needsRestoring(encoded) ? new StreamRestorer(encoded) : null;
    this.#meter = meter;
  }

  feed(bytes: Uint8Array): string {
    return this.#events(this.#sse.read(this.#read(bytes)));
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

  /** The body has ended: an event without its blank line may be left, if it is whole. */
  end(): string {
    const left = this.#sse.read("\n\n").filter(({ data }) => data === "[DONE]" || parseJson(data) !== undefined);
    const text = this.#events(left) + this.write(readable(() => this.#decoder.end()));
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
      if (event.type === "finish" || "part" in event) this.decisive = true;
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

  #events(events: readonly SseEvent[]): string {
    const decoded: StreamEvent[] = [];
    for (const event of events) {
      if (this.#spoilt && event.data.includes("\ufffd")) {
        decoded.push({ type: "error", failure: MALFORMED });
        break;
      }
      decoded.push(...readable(() => this.#decoder.step(event)));
    }
    return this.write(decoded);
  }
}

const UNREADABLE = "The provider's answer could not be read.";

const MALFORMED: UpstreamFailure = { kind: "malformed", message: UNREADABLE, code: "malformed", status: null };

/** What a decoder says; JSON that nests too deep to be read is a failure of the provider's, not of the gateway. */
function readable(decode: () => StreamEvent[]): StreamEvent[] {
  try {
    return decode();
  } catch {
    return [{ type: "error", failure: MALFORMED }];
  }
}

const BROKEN: Record<"broken" | "idle", GatewayError> = {
  broken: new GatewayError("upstream_error", "The provider broke off its answer."),
  idle: SILENT,
};

/**
 * Translates a streaming answer. Resolves when it is decided whether there is one: with the stream, or by throwing the
 * GatewayError that the client gets instead.
 */
export async function translateStream(body: ReadableStream<Uint8Array>, options: TranslateOptions): Promise<Relayed> {
  const translator = new Translator(options);
  if (/\bjson\b/i.test(options.contentType ?? "")) return translateWhole(body, options, translator);
  if (/\bhtml\b/i.test(options.contentType ?? "")) {
    await body.cancel().catch(() => {});
    throw new GatewayError("upstream_error", "The provider answered with a web page instead of a stream.");
  }
  const reader = piledReader(body);
  const { text, ended } = await openGate(reader, options, translator);
  const first = UTF8.encode(text);
  if (ended) return { readable: readableOf(first), ended: Promise.resolve("finished") };
  return pump(
    reader,
    { ...options, brokenMessage: (end) => UTF8.encode(translator.fail(BROKEN[end])) },
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
  let begun = false;
  const closes = Date.now() + GATE;
  while (!translator.decisive) {
    const left = closes - Date.now();
    const bytes = left <= 0 ? "idle" : await readOr(reader, Math.min(left, options.idleTimeout));
    if (bytes === "idle") {
      if (options.idleTimeout > left) {
        translator.decisive = true;
        break;
      }
      options.abortUpstream();
      throw BROKEN.idle;
    }
    if (bytes === null) {
      text += translator.end();
      if (translator.failure !== null && !translator.decisive) throw translator.failure;
      return { text, ended: true };
    }
    if (!begun) options.onFirstByte();
    begun = true;
    text += translator.feed(bytes);
    if (translator.failure !== null && !translator.decisive) {
      options.abortUpstream();
      reader.cancel();
      throw translator.failure;
    }
  }
  return { text, ended: false };
}

async function readOr(reader: PiledReader, milliseconds: number): Promise<Uint8Array | null | "idle"> {
  try {
    return await reader.read(milliseconds);
  } catch (cause) {
    throw new GatewayError("upstream_error", BROKEN.broken.message, { cause });
  }
}

/** A provider that answers a request for a stream with a whole answer: it is told as a stream all the same. */
async function translateWhole(
  body: ReadableStream<Uint8Array>,
  options: TranslateOptions,
  translator: Translator,
): Promise<Relayed> {
  const bytes = await readWhole(body, MAXIMUM_ANSWER, options.idleTimeout).catch((cause: unknown) => {
    if (cause === SILENT) throw cause;
    throw new GatewayError("upstream_error", BROKEN.broken.message, { cause });
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
