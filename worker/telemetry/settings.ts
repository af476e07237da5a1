import type { Settings } from "../env.ts";

/** What the settings of the OpenTelemetry specification come to. */
export interface TelemetrySettings {
  /** Where spans are sent; null: nowhere. */
  tracesUrl: string | null;
  logsUrl: string | null;
  headers: Record<string, string>;
  /** What is said of the service with everything that is sent. */
  resource: Record<string, string>;
  sampler: NonNullable<Settings["OTEL_TRACES_SAMPLER"]>;
  /** The part of traces that the samplers by ratio take, 0 to 1. */
  ratio: number;
  /** Providers are told the trace that a request belongs to. */
  tellsProviders: boolean;
}

const SERVICE_NAME = "gaiarouter";

/** Reads them as the specification says: an address for one signal wins, as does the service's own variable for its name. */
export function telemetrySettings(settings: Settings): TelemetrySettings {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_RESOURCE_ATTRIBUTES: attributes = {} } = settings;
  const at = (path: string) => (base === undefined ? null : `${base.replace(/\/+$/, "")}${path}`);
  return {
    tracesUrl: settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? at("/v1/traces"),
    logsUrl: settings.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT ?? at("/v1/logs"),
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    resource: {
      ...attributes,
      "service.name": settings.OTEL_SERVICE_NAME ?? attributes["service.name"] ?? SERVICE_NAME,
    },
    sampler: settings.OTEL_TRACES_SAMPLER ?? "parentbased_always_on",
    ratio: settings.OTEL_TRACES_SAMPLER_ARG ?? 1,
    tellsProviders: settings.TRACE_CONTEXT_TO_PROVIDERS !== "false",
  };
}
