import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { millisToHrTime, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { LogEntry } from "../lib/log.ts";
import { attributesOf, type KnownFacts, operationName, providerName } from "./attributes.ts";
import type { AttemptSpan, AttemptStart, RequestSpan, SpanEnding } from "./request-span.ts";

/** What spans need of what made them. */
export interface Recording {
  tracer: Tracer;
  tellsProviders: boolean;
  now(): number;
  log(entry: LogEntry, span: Span): void;
  /** The request has ended. */
  ended(): void;
}

/** Times are given as OpenTelemetry's own: a bare number could be taken for one of `performance.now`. */
const at = millisToHrTime;

const propagator = new W3CTraceContextPropagator();
const setter = {
  set(carrier: Map<string, string>, name: string, value: string): void {
    carrier.set(name, value);
  },
};

/** The header value by which a provider may continue the trace. */
function traceparentOf(span: Span, context: Context): string | null {
  const carrier = new Map<string, string>();
  propagator.inject(trace.setSpan(context, span), carrier, setter);
  return carrier.get("traceparent") ?? null;
}

/** Why a request or an attempt failed; null where it did not. */
const errorOf = ({ outcome, errorCode }: SpanEnding): string | null => errorCode ?? (outcome === "ok" ? null : outcome);

/** A request that OpenTelemetry's tracer knows, whether it is sampled or only handed on. */
export class RecordedRequest implements RequestSpan {
  readonly #recording: Recording;
  readonly #span: Span;
  readonly #context: Context;
  readonly #open = new Set<RecordedAttempt>();
  #attempts = 0;
  #ended = false;

  /** `context` is the request's own: the parent of its attempts. */
  constructor(recording: Recording, span: Span, context: Context) {
    this.#recording = recording;
    this.#span = span;
    this.#context = context;
  }

  note(facts: KnownFacts): void {
    if (this.#span.isRecording()) this.#span.setAttributes(attributesOf(facts));
  }

  attempt(start: AttemptStart): AttemptSpan {
    const attempt = new RecordedAttempt(this.#recording, this.#context, start, ++this.#attempts, (ended) =>
      this.#open.delete(ended),
    );
    this.#open.add(attempt);
    return attempt;
  }

  refused(status: number, code: string): void {
    if (this.#ended) return;
    for (const attempt of [...this.#open]) attempt.failed("cancelled", null);
    this.#end(
      { status, errorType: code, outcome: "refused", attempts: this.#attempts },
      status >= 500,
      this.#recording.now(),
    );
  }

  settled(ending: SpanEnding): void {
    if (this.#ended) return;
    // Of several under way (embeddings in parts), the last stands for all: the figures are of their sum.
    const open = [...this.#open];
    for (const attempt of open) attempt.answered(ending, attempt === open.at(-1));
    const { outcome, status, attempts, costNano, ttftMs, servedModel, settledAt } = ending;
    const facts = { status, errorType: errorOf(ending), outcome, attempts, costNano, ttftMs, servedModel };
    // HTTP's conventions: what the client did wrong is no error of a server. A stream may fail after its 200.
    this.#end(facts, status >= 500 || outcome === "stream_error", settledAt);
  }

  log(entry: LogEntry): void {
    this.#recording.log(entry, this.#span);
  }

  #end(facts: KnownFacts, failed: boolean, time: number): void {
    this.#ended = true;
    this.note(facts);
    if (failed) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end(at(time));
    this.#recording.ended();
  }
}

class RecordedAttempt implements AttemptSpan {
  readonly traceparent: string | null;
  readonly #recording: Recording;
  readonly #span: Span;
  readonly #startedAt: number;
  readonly #onEnd: (attempt: RecordedAttempt) => void;
  #ended = false;

  constructor(
    recording: Recording,
    parent: Context,
    start: AttemptStart,
    number: number,
    onEnd: (attempt: RecordedAttempt) => void,
  ) {
    this.#recording = recording;
    this.#onEnd = onEnd;
    this.#startedAt = recording.now();
    const operation = operationName(start.operation, start.dialect);
    const { model, simulated, streamed } = start;
    const { hostname, port } = new URL(start.baseUrl);
    const attributes = attributesOf({
      ...{ method: "POST", operation, provider: providerName(start.provider), model, simulated, streamed },
      ...{ dialect: start.dialect, attempt: number },
      ...{ serverAddress: hostname, serverPort: port === "" ? null : Number(port) },
    });
    const options = { kind: SpanKind.CLIENT, startTime: at(this.#startedAt), attributes };
    this.#span = recording.tracer.startSpan(
      `${operation} ${attributesOf({ model })["gen_ai.request.model"]}`,
      options,
      parent,
    );
    this.traceparent = recording.tellsProviders ? traceparentOf(this.#span, parent) : null;
  }

  responded(status: number): void {
    this.#note({ status });
  }

  failed(reason: string, status: number | null): void {
    this.#end({ errorType: reason, status }, true, this.#recording.now());
  }

  /** The request has ended with what this attempt gave. `tells`: the answer's figures stand here. */
  answered(ending: SpanEnding, tells: boolean): void {
    const error = errorOf(ending);
    const facts: KnownFacts = { errorType: error, servedModel: ending.servedModel };
    this.#end(tells ? { ...facts, ...this.#figures(ending) } : facts, error !== null, ending.settledAt);
  }

  #figures({ inputUncached, cacheRead, cacheWrite, output, reasoning, stopReason, ...ending }: SpanEnding): KnownFacts {
    const arrivedAt = ending.settledAt - ending.durationMs;
    return {
      inputTokens: inputUncached + cacheRead + cacheWrite,
      ...{ cacheReadTokens: cacheRead, cacheWriteTokens: cacheWrite, outputTokens: output, reasoningTokens: reasoning },
      stopReasons: stopReason === null ? null : [stopReason],
      timeToFirstChunk: ending.ttftMs === null ? null : Math.max(0, arrivedAt + ending.ttftMs - this.#startedAt) / 1000,
    };
  }

  #note(facts: KnownFacts): void {
    if (!this.#ended && this.#span.isRecording()) this.#span.setAttributes(attributesOf(facts));
  }

  #end(facts: KnownFacts, failed: boolean, time: number): void {
    if (this.#ended) return;
    this.#note(facts);
    this.#ended = true;
    if (failed) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end(at(time));
    this.#onEnd(this);
  }
}
