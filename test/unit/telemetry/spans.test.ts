import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SpanEnding } from "../../../worker/telemetry/request-span.ts";
import type { TelemetrySettings } from "../../../worker/telemetry/settings.ts";
import { createTelemetry, type Telemetry } from "../../../worker/telemetry/telemetry.ts";

/** Spans as they are sent, by OTLP's own JSON (opentelemetry-proto: JSON Protobuf encoding). */

const ARRIVED = 1_700_000_000_123;
const PLAIN: TelemetrySettings = {
  ...{ tracesUrl: "http://receiver.test/v1/traces", logsUrl: "http://receiver.test/v1/logs", headers: {} },
  ...{ resource: { "service.name": "gaia" }, sampler: "parentbased_always_on", ratio: 1, tellsProviders: true },
};

let now: number;
let bodies: Record<string, unknown[]>;
beforeEach(() => {
  now = ARRIVED;
  bodies = {};
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const telemetryOf = (settings: Partial<TelemetrySettings> = {}): Telemetry =>
  createTelemetry(
    { ...PLAIN, ...settings },
    {
      now: () => now,
      sleep: async () => {},
      async fetch(url, init) {
        const text = new TextDecoder().decode(init.body as Uint8Array);
        bodies[url] = [...(bodies[url] ?? []), JSON.parse(text)];
        return new Response("{}");
      },
    },
  );

const start = (headers: Record<string, string> = {}) => ({
  ...{ headers: new Headers(headers), requestId: "01R", route: "/v1/chat/completions", operation: "generate" },
  ...{ dialect: "openai-chat", startedAt: ARRIVED },
});
const attempt = {
  ...{ operation: "generate", dialect: "anthropic-messages", provider: "anthropic", model: "claude" },
  ...{ simulated: false, streamed: true, baseUrl: "https://user:secret@host.test:8443/v1?key=secret" },
};
const ending: SpanEnding = {
  ...{ outcome: "ok", status: 200, errorCode: null, attempts: 1, stopReason: "stop", servedModel: "claude-1" },
  ...{ inputUncached: 10, cacheRead: 5, cacheWrite: 1, output: 7, reasoning: 2, costNano: 12_345_678_901 },
  ...{ ttftMs: 250, durationMs: 900, settledAt: ARRIVED + 900 },
};

interface Sent {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code: number };
  attributes: { key: string; value: Record<string, unknown> }[];
}

async function sent(telemetry: Telemetry): Promise<Sent[]> {
  await telemetry.flush();
  const exports = (bodies["http://receiver.test/v1/traces"] ?? []) as {
    resourceSpans: { scopeSpans: { spans: Sent[] }[] }[];
  }[];
  return exports.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
}

const attributesOf = (span: Sent | undefined) =>
  Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));

test("a request with its attempt, word for word", async () => {
  const telemetry = telemetryOf();
  const request = telemetry.request(start());
  request.note({
    keyId: "key_1",
    rootId: "org_1",
    organizationId: "org_2",
    routeId: "rt_1",
    model: "anthropic/claude",
  });
  now += 50;
  const one = request.attempt(attempt);
  one.responded(200);
  request.settled(ending);
  const [inner, outer] = await sent(telemetry);
  expect(bodies["http://receiver.test/v1/traces"]).toMatchObject([
    {
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "gaia" } }] },
          scopeSpans: [{ scope: { name: "gaiarouter" }, spans: [{ kind: 3 }, { kind: 2 }] }],
        },
      ],
    },
  ]);
  expect(outer).toMatchObject({
    ...{ traceId: expect.stringMatching(/^[\da-f]{32}$/), spanId: expect.stringMatching(/^[\da-f]{16}$/) },
    ...{ startTimeUnixNano: "1700000000123000000", endTimeUnixNano: "1700000001023000000", status: { code: 0 } },
  });
  expect(outer?.parentSpanId).toBeUndefined();
  expect(attributesOf(outer)).toEqual({
    ...{ "http.request.method": "POST", "http.route": "/v1/chat/completions", "http.response.status_code": 200 },
    ...{ "gen_ai.operation.name": "chat", "gen_ai.request.model": "anthropic/claude" },
    ...{
      "gen_ai.response.model": "claude-1",
      "gaia.request.id": "01R",
      "gaia.key.id": "key_1",
      "gaia.root.id": "org_1",
    },
    ...{
      "gaia.organization.id": "org_2",
      "gaia.route.id": "rt_1",
      "gaia.dialect": "openai-chat",
      "gaia.outcome": "ok",
    },
    ...{ "gaia.attempts": 1, "gaia.cost_nano_usd": 12_345_678_901, "gaia.time_to_first_token_ms": 250 },
  });
  expect(inner).toMatchObject({
    ...{ traceId: outer?.traceId, parentSpanId: outer?.spanId, name: "chat claude", status: { code: 0 } },
    ...{ startTimeUnixNano: "1700000000173000000", endTimeUnixNano: "1700000001023000000" },
  });
  expect(attributesOf(inner)).toEqual({
    ...{ "http.request.method": "POST", "http.response.status_code": 200, "gen_ai.operation.name": "chat" },
    ...{ "gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude", "gen_ai.response.model": "claude-1" },
    "gen_ai.request.stream": true,
    "gen_ai.response.finish_reasons": { values: [{ stringValue: "stop" }] },
    ...{ "gen_ai.usage.input_tokens": 16, "gen_ai.usage.cache_read.input_tokens": 5 },
    ...{ "gen_ai.usage.cache_creation.input_tokens": 1, "gen_ai.usage.output_tokens": 7 },
    ...{ "gen_ai.usage.reasoning.output_tokens": 2, "gen_ai.response.time_to_first_chunk": 0.2 },
    ...{ "server.address": "host.test", "server.port": 8443, "gaia.dialect": "anthropic-messages" },
    ...{ "gaia.attempt.number": 1, "gaia.simulated": false },
  });
  expect(one.traceparent).toBe(`00-${inner?.traceId}-${inner?.spanId}-01`);
});

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

/** W3C Trace Context: what is no traceparent begins a new trace; a version of the future is read as far as it is known. */
test.each<[string | undefined, boolean]>([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-03`, true],
  [`cc-${TRACE}-${SPAN}-01`, true],
  [`cc-${TRACE}-${SPAN}-01-what-comes-later`, true],
  [undefined, false],
  ["", false],
  [`00-${TRACE}-${SPAN}-01-more`, false],
  [`ff-${TRACE}-${SPAN}-01`, false],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, false],
  [`00-${"0".repeat(32)}-${SPAN}-01`, false],
  [`00-${TRACE}-${"0".repeat(16)}-01`, false],
  [`00-${TRACE}-${SPAN}`, false],
  [`00-${TRACE.slice(1)}-${SPAN}-01`, false],
  [`00-${TRACE}-${SPAN}-1`, false],
  [`00-${TRACE}-${SPAN}-zz`, false],
  [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, false],
])("traceparent %j is continued: %s", async (traceparent, continued) => {
  const telemetry = telemetryOf();
  telemetry.request(start(traceparent === undefined ? {} : { traceparent })).refused(400, "invalid_model");
  const [span] = await sent(telemetry);
  expect(span?.traceId === TRACE).toBe(continued);
  expect(span?.parentSpanId).toBe(continued ? SPAN : undefined);
});

/** A ratio takes traces by their ids, in the SDK by the four words of one XORed: this is among the first, that among the last. */
const LOW = "00000000000000000000000000000001";
const HIGH = "ffffffff000000000000000000000000";
const sampled = (trace: string) => `00-${trace}-${SPAN}-01`;
const unsampled = (trace: string) => `00-${trace}-${SPAN}-00`;

test.each<[TelemetrySettings["sampler"], number, string | null, boolean]>([
  ["always_on", 0, unsampled(LOW), true],
  ["always_off", 1, sampled(LOW), false],
  ["traceidratio", 0.01, sampled(LOW), true],
  ["traceidratio", 0.01, unsampled(LOW), true],
  ["traceidratio", 0.01, sampled(HIGH), false],
  ["traceidratio", 1, unsampled(HIGH), true],
  ["traceidratio", 0, sampled(LOW), false],
  ["parentbased_always_on", 0, null, true],
  ["parentbased_always_on", 0, sampled(HIGH), true],
  ["parentbased_always_on", 0, unsampled(LOW), false],
  ["parentbased_always_off", 1, null, false],
  ["parentbased_always_off", 1, sampled(HIGH), true],
  ["parentbased_traceidratio", 0, sampled(HIGH), true],
  ["parentbased_traceidratio", 1, unsampled(LOW), false],
  ["parentbased_traceidratio", 1, null, true],
  ["parentbased_traceidratio", 0, null, false],
])("%s with %d and %j samples: %s", async (sampler, ratio, traceparent, expected) => {
  const telemetry = telemetryOf({ sampler, ratio });
  const request = telemetry.request(start(traceparent === null ? {} : { traceparent }));
  const one = request.attempt(attempt);
  request.settled(ending);
  expect(await sent(telemetry)).toHaveLength(expected ? 2 : 0);
  expect(one.traceparent).toMatch(expected ? /-01$/ : /-00$/);
});

test("nothing is told to providers where that is switched off, nor recorded where no receiver is", async () => {
  const silent = telemetryOf({ tellsProviders: false });
  const request = silent.request(start({ traceparent: sampled(LOW) }));
  expect(request.attempt(attempt).traceparent).toBeNull();
  request.settled(ending);
  expect(await sent(silent)).toHaveLength(2);
  bodies = {};
  const off = telemetryOf({ tracesUrl: null, logsUrl: null });
  const unseen = off.request(start({ traceparent: sampled(LOW) }));
  expect(unseen.attempt(attempt).traceparent).toBeNull();
  unseen.settled(ending);
  unseen.log({ level: "info", event: "x" });
  await off.flush();
  expect(bodies).toEqual({});
});

test.each<[string, Partial<SpanEnding>, number, number, string | undefined]>([
  ["an answer", {}, 0, 0, undefined],
  ["a provider's 500", { outcome: "provider_error", status: 500, errorCode: "server_error" }, 2, 2, "server_error"],
  [
    "a client's own fault",
    { outcome: "provider_error", status: 400, errorCode: "invalid_request" },
    0,
    2,
    "invalid_request",
  ],
  ["a stream that broke off", { outcome: "stream_error", errorCode: "upstream_error" }, 2, 2, "upstream_error"],
  ["silence", { outcome: "timeout", status: 504, errorCode: "upstream_timeout" }, 2, 2, "upstream_timeout"],
  ["a client that left", { outcome: "client_gone", status: 499, errorCode: null }, 0, 2, "client_gone"],
  [
    "a code that is a sentence",
    { outcome: "provider_error", status: 500, errorCode: "you said: hello" },
    2,
    2,
    "_OTHER",
  ],
])("%s", async (_, how, requestStatus, attemptStatus, errorType) => {
  const telemetry = telemetryOf();
  const request = telemetry.request(start());
  request.attempt(attempt);
  request.settled({ ...ending, ...how });
  const [inner, outer] = await sent(telemetry);
  expect([outer?.status.code, inner?.status.code]).toEqual([requestStatus, attemptStatus]);
  expect([attributesOf(outer)["error.type"], attributesOf(inner)["error.type"]]).toEqual([errorType, errorType]);
});

test("an attempt that failed ends then; the next one has the answer", async () => {
  const telemetry = telemetryOf();
  const request = telemetry.request(start());
  const first = request.attempt(attempt);
  now += 100;
  first.failed("503", 503);
  first.failed("504", 504);
  const second = request.attempt({
    ...attempt,
    provider: "google",
    dialect: "google-generate-content",
    model: "gemini",
  });
  second.responded(200);
  request.settled({ ...ending, attempts: 2 });
  second.failed("upstream_error", null);
  request.settled(ending);
  request.refused(500, "internal_error");
  const spans = await sent(telemetry);
  expect(spans.map(({ name }) => name)).toEqual([
    "chat claude",
    "generate_content gemini",
    "POST /v1/chat/completions",
  ]);
  expect(spans[0]).toMatchObject({ status: { code: 2 }, endTimeUnixNano: "1700000000223000000" });
  expect(attributesOf(spans[0])).toMatchObject({ "error.type": "503", "http.response.status_code": 503 });
  expect(attributesOf(spans[0])).not.toHaveProperty("gen_ai.usage.input_tokens");
  expect(attributesOf(spans[1])).toMatchObject({ "gaia.attempt.number": 2, "gen_ai.provider.name": "gcp.gemini" });
  expect(attributesOf(spans[2])).toMatchObject({ "gaia.attempts": 2, "gaia.outcome": "ok" });
});

test("what was sent beside an admission that was refused is cancelled", async () => {
  const telemetry = telemetryOf();
  const request = telemetry.request(start());
  request.attempt(attempt);
  request.refused(429, "rate_limit_exceeded");
  const [inner, outer] = await sent(telemetry);
  expect(attributesOf(inner)).toMatchObject({ "error.type": "cancelled" });
  expect(attributesOf(outer)).toMatchObject({ "gaia.outcome": "refused", "http.response.status_code": 429 });
});

test("of several under way, the last tells the figures of all", async () => {
  const telemetry = telemetryOf();
  const request = telemetry.request(start());
  request.attempt(attempt);
  request.attempt(attempt);
  request.settled(ending);
  const [one, other] = await sent(telemetry);
  expect(attributesOf(one)).not.toHaveProperty("gen_ai.usage.input_tokens");
  expect(attributesOf(other)).toMatchObject({ "gen_ai.usage.input_tokens": 16 });
});

test("a line of the log is sent as well, in the trace of its request", async () => {
  const telemetry = telemetryOf();
  const request = telemetry.request(start({ traceparent: sampled(TRACE) }));
  request.log({ level: "error", event: "request.failed", message: "key sk-abcdefghijkl", bytes: 3 });
  telemetry.log({ level: "warn", event: "ledger.hold_expired" });
  await telemetry.flush();
  expect(bodies["http://receiver.test/v1/logs"]).toMatchObject([
    {
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  ...{ timeUnixNano: "1700000000123000000", severityNumber: 17, severityText: "ERROR" },
                  ...{ eventName: "request.failed", body: { stringValue: "request.failed" }, traceId: TRACE },
                  attributes: [
                    { key: "message", value: { stringValue: "key [redacted]" } },
                    { key: "bytes", value: { intValue: 3 } },
                  ],
                },
                { severityNumber: 13, eventName: "ledger.hold_expired" },
              ],
            },
          ],
        },
      ],
    },
  ]);
});
