import type { SpanContext } from "@opentelemetry/api";
import { type InstrumentationScope, millisToHrTime } from "@opentelemetry/core";
import type { JsonLogsSerializer } from "@opentelemetry/otlp-transformer";
import type { Resource } from "@opentelemetry/resources";
import type { LogLine } from "../lib/log.ts";

/** A line of the log as OpenTelemetry's logs have it. */
export type LogRecord = Parameters<typeof JsonLogsSerializer.serializeRequest>[0][number];

/** OpenTelemetry's severity numbers (logs data model). */
const SEVERITY: Record<LogLine["level"], number> = { info: 9, warn: 13, error: 17 };

export interface RecordOrigin {
  resource: Resource;
  scope: InstrumentationScope;
  /** Milliseconds since the epoch. */
  at: number;
  /** The request that it belongs to, where it is known. */
  span: SpanContext | null;
}

/** The same that the console gets: the event's name, and the fields that the log may have. */
export function logRecordOf({ level, event, fields }: LogLine, { resource, scope, at, span }: RecordOrigin): LogRecord {
  const time = millisToHrTime(at);
  return {
    hrTime: time,
    hrTimeObserved: time,
    severityNumber: SEVERITY[level],
    severityText: level.toUpperCase(),
    eventName: event,
    body: event,
    attributes: fields,
    droppedAttributesCount: 0,
    resource,
    instrumentationScope: scope,
    ...(span === null ? {} : { spanContext: span }),
  };
}
