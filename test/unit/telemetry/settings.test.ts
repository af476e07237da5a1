import { describe, expect, test } from "vitest";
import { parseEnvironment } from "../../../worker/env.ts";
import { parseKeyValueList } from "../../../worker/lib/key-value-list.ts";
import { telemetrySettings } from "../../../worker/telemetry/settings.ts";

const SECRET = "a-secret-for-tests-of-at-least-32-characters";
const BASE = { DATABASE_URL: "postgres://a@b/c", KEY_PEPPER: SECRET, MASTER_KEY: SECRET, SESSION_SECRET: SECRET };

const read = (bindings: Record<string, string>) => telemetrySettings(parseEnvironment({ ...BASE, ...bindings }));

const NOTHING = {
  ...{ tracesUrl: null, logsUrl: null, headers: {}, resource: { "service.name": "gaiarouter" } },
  ...{ sampler: "parentbased_always_on", ratio: 1, tellsProviders: true },
};

test.each<Record<string, string>>([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: "", OTEL_TRACES_SAMPLER: "", OTEL_EXPORTER_OTLP_HEADERS: "" },
])("%j: nothing is sent anywhere", (bindings) => {
  expect(read(bindings)).toEqual(NOTHING);
});

test.each<[Record<string, string>, object]>([
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.test" },
    { tracesUrl: "https://otel.test/v1/traces", logsUrl: "https://otel.test/v1/logs" },
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.test/otlp/" },
    { tracesUrl: "https://otel.test/otlp/v1/traces", logsUrl: "https://otel.test/otlp/v1/logs" },
  ],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://t.test/x" }, { tracesUrl: "https://t.test/x", logsUrl: null }],
  [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://l.test/x" }, { tracesUrl: null, logsUrl: "https://l.test/x" }],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a.test", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t.test" },
    { tracesUrl: "http://t.test", logsUrl: "http://a.test/v1/logs" },
  ],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20YQ%3D%3D" }, { headers: { authorization: "Basic YQ==" } }],
  [{ OTEL_SERVICE_NAME: "eu" }, { resource: { "service.name": "eu" } }],
  [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=us,a=b" }, { resource: { "service.name": "us", a: "b" } }],
  [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=us", OTEL_SERVICE_NAME: "eu" }, { resource: { "service.name": "eu" } }],
  [
    { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" },
    { sampler: "traceidratio", ratio: 0.25 },
  ],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, {}],
  [{ TRACE_CONTEXT_TO_PROVIDERS: "false" }, { tellsProviders: false }],
])("%j", (bindings, expected) => {
  expect(read(bindings)).toEqual({ ...NOTHING, ...expected });
});

test.each<[Record<string, string>, RegExp]>([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "otel.test:4318" }, /OTEL_EXPORTER_OTLP_ENDPOINT: /],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "no-equals-hush" }, /OTEL_EXPORTER_OTLP_HEADERS: must be key=value pairs/],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "a name=hush" }, /OTEL_EXPORTER_OTLP_HEADERS: must hold names and values/],
  [{ OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%0ahush" }, /OTEL_EXPORTER_OTLP_HEADERS: must hold/],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, /OTEL_EXPORTER_OTLP_PROTOCOL: must be http\/json/],
  [{ OTEL_TRACES_SAMPLER: "sometimes" }, /OTEL_TRACES_SAMPLER: .*parentbased_traceidratio/],
  [{ OTEL_TRACES_SAMPLER_ARG: "1.5" }, /OTEL_TRACES_SAMPLER_ARG: /],
  [{ OTEL_TRACES_SAMPLER_ARG: "half" }, /OTEL_TRACES_SAMPLER_ARG: /],
  [{ OTEL_RESOURCE_ATTRIBUTES: "a=%" }, /OTEL_RESOURCE_ATTRIBUTES: /],
  [{ TRACE_CONTEXT_TO_PROVIDERS: "no" }, /TRACE_CONTEXT_TO_PROVIDERS: /],
])("%j is refused by name, without its value", (bindings, message) => {
  expect(() => read(bindings)).toThrow(message);
  expect(() => read(bindings)).not.toThrow(/hush/);
});

describe("a list of keys and values", () => {
  test.each<[string, Record<string, string> | null]>([
    ["", {}],
    [" , ,", {}],
    ["a=1", { a: "1" }],
    [" a = 1 , b = 2 ", { a: "1", b: "2" }],
    ["a=1=2", { a: "1=2" }],
    ["a=", { a: "" }],
    ["a%20b=c%2Cd", { "a b": "c,d" }],
    ["a=1,a=2", { a: "2" }],
    ["a", null],
    ["=1", null],
    ["a=%zz", null],
  ])("%j", (text, list) => {
    expect(parseKeyValueList(text)).toEqual(list);
  });
});
