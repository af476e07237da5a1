import { ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import { type InstrumentationScope, millisToHrTime, W3CTraceContextPropagator } from "@opentelemetry/core";
import { JsonLogsSerializer, JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { type ReadableSpan, TracerProvider } from "@opentelemetry/sdk-trace";
import { type LogEntry, lineOf, write } from "../lib/log.ts";
import { attributesOf, operationName } from "./attributes.ts";
import { Exporter, type ExporterWorld } from "./exporter.ts";
import { type LogRecord, logRecordOf } from "./log-records.ts";
import { RecordedRequest, type Recording } from "./recorded-span.ts";
import { NO_ATTEMPT, type RequestSpan } from "./request-span.ts";
import { samplerOf } from "./sampler.ts";
import type { TelemetrySettings } from "./settings.ts";

/** What a request is known by when it comes. */
export interface RequestStart {
  /** The client's, for its `traceparent`. */
  headers: Headers;
  requestId: string;
  /** The path as the router knows it, with placeholders. */
  route: string;
  operation: string;
  /** The client's. */
  dialect: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** The gateway seen from outside: spans and logs, to the console and to an OTLP receiver where one is configured. */
export interface Telemetry {
  /** A request has come. */
  request(start: RequestStart): RequestSpan;
  /** Writes a line of the log that belongs to no request. */
  log(entry: LogEntry): void;
  /** Sends what waits. Give it to `waitUntil` when a request or a task has ended; it never rejects. */
  flush(): Promise<void>;
}

const SCOPE: InstrumentationScope = { name: "gaiarouter" };

const propagator = new W3CTraceContextPropagator();
/** `tracestate` is not read: it is a text of the client's, for vendors of its own. */
const getter = {
  get: (headers: Headers, name: string) => (name === "traceparent" ? (headers.get(name) ?? undefined) : undefined),
  keys: () => ["traceparent"],
};

/** Makes the telemetry of an isolate; it holds nothing of a request but the plain data of what waits to be sent. */
export function createTelemetry(settings: TelemetrySettings, world: ExporterWorld): Telemetry {
  const resource = resourceFromAttributes(settings.resource);
  const logs = new Logs(settings, world, resource);
  const traces = settings.tracesUrl === null ? null : new Traces(settings, settings.tracesUrl, world, resource, logs);
  const untraced: RequestSpan = {
    note() {},
    attempt: () => NO_ATTEMPT,
    refused() {},
    settled() {},
    log: (entry) => logs.log(entry, null),
  };
  return {
    request: (start) => traces?.request(start) ?? untraced,
    log: (entry) => logs.log(entry, null),
    async flush() {
      await Promise.all([traces?.flush(), logs.flush()]);
    },
  };
}

/** Lines of the log: on the console always, and sent where a receiver is configured. */
class Logs {
  readonly #exporter: Exporter<LogRecord> | null;
  readonly #resource: Resource;
  readonly #now: () => number;

  constructor({ logsUrl, headers }: TelemetrySettings, world: ExporterWorld, resource: Resource) {
    this.#resource = resource;
    this.#now = world.now;
    this.#exporter =
      logsUrl === null
        ? null
        : new Exporter<LogRecord>({
            ...world,
            ...{ signal: "logs", url: logsUrl, headers, isIdle: () => true },
            serialize: (records) => JsonLogsSerializer.serializeRequest(records),
          });
  }

  log(entry: LogEntry, span: Span | null): void {
    const line = lineOf(entry);
    write(line);
    const origin = { resource: this.#resource, scope: SCOPE, at: this.#now(), span: span?.spanContext() ?? null };
    this.#exporter?.add(logRecordOf(line, origin));
  }

  flush(): Promise<void> | undefined {
    return this.#exporter?.flush();
  }
}

/** Spans: one for a request, and one for each of its attempts. */
class Traces {
  readonly #recording: Recording;
  readonly #exporter: Exporter<ReadableSpan>;
  /** Requests that have not ended. */
  #underWay = 0;

  constructor(settings: TelemetrySettings, url: string, world: ExporterWorld, resource: Resource, logs: Logs) {
    const exporter = new Exporter<ReadableSpan>({
      ...world,
      ...{ signal: "traces", url, headers: settings.headers, isIdle: () => this.#underWay === 0 },
      serialize: (spans) => JsonTraceSerializer.serializeRequest(spans),
    });
    const provider = new TracerProvider({
      resource,
      sampler: samplerOf(settings),
      spanProcessors: [
        { onStart() {}, onEnd: (span) => exporter.add(span), forceFlush: async () => {}, shutdown: async () => {} },
      ],
    });
    this.#exporter = exporter;
    this.#recording = {
      tracer: provider.getTracer(SCOPE.name),
      tellsProviders: settings.tellsProviders,
      now: world.now,
      log: (entry, span) => logs.log(entry, span),
      ended: () => {
        this.#underWay--;
      },
    };
  }

  request({ headers, requestId, route, operation, dialect, startedAt }: RequestStart): RequestSpan {
    const parent = propagator.extract(ROOT_CONTEXT, headers, getter);
    const attributes = attributesOf({
      ...{ method: "POST", route, requestId, dialect, operation: operationName(operation, dialect) },
    });
    const options = { kind: SpanKind.SERVER, startTime: millisToHrTime(startedAt), attributes };
    const span = this.#recording.tracer.startSpan(`POST ${route}`, options, parent);
    this.#underWay++;
    return new RecordedRequest(this.#recording, span, trace.setSpan(ROOT_CONTEXT, span));
  }

  flush(): Promise<void> {
    return this.#exporter.flush();
  }
}
