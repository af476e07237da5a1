import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { type JsonUpstream, startJsonUpstream } from "../../support/json-upstream.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "../../support/otlp-receiver.ts";

/** What a receiver of OTLP is sent of requests, and what a provider is told of their traces. */

const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

let receiver: OtlpReceiver;
let upstream: JsonUpstream<unknown>;
let gateway: Gateway;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  upstream = await startJsonUpstream(() => ({ status: 500, body: { error: { message: "no", type: "server_error" } } }));
  gateway = await startGateway({
    bindings: {
      ...{ COMPATIBLE_API_KEY: "k", COMPATIBLE_BASE_URL: `${upstream.url}/v1` },
      OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: "x-receiver-key=se%2Ccret",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=a%20test",
    },
  });
});
afterAll(() => Promise.all([gateway?.stop(), receiver?.close(), upstream?.close()]));

async function ask(body: object, headers: Record<string, string> = {}, path = "/v1/chat/completions") {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  await response.text();
  return { status: response.status, id: response.headers.get("x-request-id") ?? "" };
}

const chat = (model: string, content: string, stream = false) => ({
  ...{ model, stream, messages: [{ role: "user", content }] },
});

interface Trace {
  request: ReceivedSpan;
  attempts: ReceivedSpan[];
}

/** The spans of a request, once that of the request itself has come: those of its attempts are before it. */
const traceOf = (id: string): Promise<Trace> =>
  receiver.until(() => {
    const spans = receiver.spans();
    const request = spans.find(({ attributes }) => attributes["gaia.request.id"] === id);
    if (request === undefined) return undefined;
    return { request, attempts: spans.filter(({ parentSpanId }) => parentSpanId === request.spanId) };
  });

/** What the simulator was told with the prompt. */
async function toldWith(marker: string): Promise<BookEntry["headers"]> {
  const query = new URLSearchParams({ contains: marker, ended: "true", wait: "10000", count: "1" });
  const response = await fetch(`${gateway.simulator.url}/_simulator/requests?${query}`);
  const { data } = (await response.json()) as { data: BookEntry[] };
  return data[0]?.headers ?? {};
}

const MODELS = ["openai/gpt-4.1", "anthropic/claude-haiku-4-5", "google/gemini-3.6-flash"];

test.concurrent.each(MODELS.flatMap((model) => [true, false].map((stream) => [model, stream] as const)))(
  "an answer of %s, stream: %s, is a span of the caller's trace with one of its attempt",
  async (model, stream) => {
    const marker = `spans of ${model} ${stream}`;
    const headers = { traceparent: `00-${TRACE}-${CALLER}-01`, tracestate: "vendor=of-the-client" };
    const { status, id } = await ask(chat(model, marker, stream), headers);
    expect(status).toBe(200);
    const { request, attempts } = await traceOf(id);
    const row = await requestRow(gateway, id);
    expect(request).toMatchObject({
      ...{ traceId: TRACE, parentSpanId: CALLER, kind: SERVER, name: "POST /v1/chat/completions" },
      attributes: {
        ...{ "http.request.method": "POST", "http.route": "/v1/chat/completions", "http.response.status_code": 200 },
        ...{ "gen_ai.operation.name": "chat", "gen_ai.request.model": model, "gen_ai.request.stream": stream },
        ...{ "gaia.organization.id": gateway.rootId, "gaia.root.id": gateway.rootId, "gaia.dialect": "openai-chat" },
        ...{ "gaia.outcome": "ok", "gaia.attempts": 1, "gaia.cost_nano_usd": row.cost_nano },
      },
    });
    expect(request.attributes["gaia.key.id"]).toMatch(/./);
    expect(attempts).toHaveLength(1);
    const [provider, upstreamModel] = model.split("/");
    const name = provider === "google" ? "gcp.gemini" : provider;
    const operation = provider === "google" ? "generate_content" : "chat";
    const { tokens } = row;
    expect(attempts[0]).toMatchObject({
      ...{ traceId: TRACE, kind: CLIENT, name: `${operation} ${upstreamModel}`, status: { code: 0 } },
      attributes: {
        ...{ "gen_ai.operation.name": operation, "gen_ai.provider.name": name, "gen_ai.request.model": upstreamModel },
        "gen_ai.usage.input_tokens": tokens.input_uncached + tokens.cache_read + tokens.cache_write,
        ...{ "gen_ai.usage.output_tokens": tokens.output, "gen_ai.usage.cache_read.input_tokens": tokens.cache_read },
        ...{ "gen_ai.response.finish_reasons": [row.stop_reason], "http.response.status_code": 200 },
        ...{ "server.address": "127.0.0.1", "server.port": Number(new URL(gateway.simulator.url).port) },
        ...{ "gaia.attempt.number": 1, "gaia.simulated": true },
      },
    });
    expect(request.attributes).not.toHaveProperty("gen_ai.usage.input_tokens");
    expect(BigInt(attempts[0]?.startTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(request.startTimeUnixNano));
    expect(BigInt(attempts[0]?.endTimeUnixNano ?? 0)).toBeLessThanOrEqual(BigInt(request.endTimeUnixNano));
    const told = await toldWith(marker);
    expect(told.traceparent).toBe(`00-${TRACE}-${attempts[0]?.spanId}-01`);
    expect(told).not.toHaveProperty("tracestate");
  },
);

test.concurrent.each([
  undefined,
  "",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
  `00-${"0".repeat(32)}-${CALLER}-01`,
  `ff-${TRACE}-${CALLER}-01`,
  "00-a canary that is no trace",
])("traceparent %j begins a trace of its own", async (traceparent) => {
  const { id } = await ask(chat("openai/gpt-4.1", "hi"), traceparent === undefined ? {} : { traceparent });
  const { request, attempts } = await traceOf(id);
  expect(request.traceId).toMatch(/^(?!0{32})[\da-f]{32}$/);
  expect(request.traceId).not.toBe(TRACE);
  expect(request.parentSpanId).toBeUndefined();
  expect(attempts[0]?.traceId).toBe(request.traceId);
});

test.concurrent("a trace that its caller does not sample is handed on, and not recorded", async () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const marker = "spans that nobody samples";
  await ask(chat("openai/gpt-4.1", marker), { traceparent: `00-${trace}-${CALLER}-00` });
  expect((await toldWith(marker)).traceparent).toMatch(new RegExp(`^00-${trace}-[\\da-f]{16}-00$`));
  await traceOf((await ask(chat("openai/gpt-4.1", "another"))).id);
  expect(receiver.spans().filter(({ traceId }) => traceId === trace)).toEqual([]);
});

test.concurrent("a provider's failure is one of the attempt, and of the request", async () => {
  const { status, id } = await ask(chat("compatible/any", "hi"));
  expect(status).toBe(500);
  const { request, attempts } = await traceOf(id);
  expect(request).toMatchObject({
    ...{ status: { code: ERROR } },
    attributes: { "http.response.status_code": 500, "gaia.outcome": "provider_error", "error.type": "server_error" },
  });
  expect(attempts).toHaveLength(1);
  expect(attempts[0]).toMatchObject({
    ...{ status: { code: ERROR } },
    attributes: { "http.response.status_code": 500, "error.type": "500" },
  });
});

async function put(name: string, targets: string[]): Promise<string> {
  const response = await fetch(`${gateway.url}/api/routes`, {
    method: "PUT",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name, strategy: "ordered", targets: targets.map((model) => ({ model })) }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

/** Whether one had ended when the other began. */
const isBefore = (one: ReceivedSpan | undefined, other: ReceivedSpan | undefined): boolean =>
  BigInt(one?.endTimeUnixNano ?? 0) <= BigInt(other?.startTimeUnixNano ?? 0);

test.concurrent.each([true, false])(
  "a route's second target has a span beside the first's, stream: %s",
  async (stream) => {
    const marker = `spans of a route, ${stream}`;
    const route = await put(`fails first ${stream}`, [`compatible/first-${stream}`, "openai/gpt-4.1"]);
    const { status, id } = await ask(chat(`fails first ${stream}`, marker, stream), {
      traceparent: `00-${TRACE}-${CALLER}-01`,
    });
    expect(status).toBe(200);
    const { request, attempts } = await traceOf(id);
    expect(request).toMatchObject({
      ...{ traceId: TRACE, parentSpanId: CALLER, kind: SERVER, status: { code: 0 } },
      attributes: {
        ...{ "gaia.route.id": route, "gaia.attempts": 2, "gaia.outcome": "ok", "http.response.status_code": 200 },
        "gaia.cost_nano_usd": (await requestRow(gateway, id)).cost_nano,
      },
    });
    expect(request.attributes).not.toHaveProperty("error.type");
    const [first, second] = attempts.sort((one, other) => (isBefore(one, other) ? -1 : 1));
    expect(attempts).toHaveLength(2);
    expect(isBefore(first, second)).toBe(true);
    expect(first).toMatchObject({
      ...{ name: `chat first-${stream}`, kind: CLIENT, status: { code: ERROR } },
      attributes: {
        ...{ "gen_ai.provider.name": "compatible", "gaia.attempt.number": 1, "gaia.simulated": false },
        ...{ "http.response.status_code": 500, "error.type": "500" },
      },
    });
    expect(first?.attributes).not.toHaveProperty("gen_ai.usage.input_tokens");
    expect(second).toMatchObject({
      ...{ name: "chat gpt-4.1", kind: CLIENT, status: { code: 0 } },
      attributes: {
        ...{ "gen_ai.provider.name": "openai", "gaia.attempt.number": 2, "http.response.status_code": 200 },
        "gen_ai.usage.output_tokens": expect.any(Number),
      },
    });
    expect(second?.attributes).not.toHaveProperty("error.type");
    // Each provider is told of its own attempt.
    const call = upstream.calls.find(({ body }) => JSON.stringify(body).includes(marker));
    expect(call?.headers.traceparent).toBe(`00-${TRACE}-${first?.spanId}-01`);
    expect((await toldWith(marker)).traceparent).toBe(`00-${TRACE}-${second?.spanId}-01`);
  },
);

test.concurrent("a stream that begins with an error is an attempt that failed, and not the request", async () => {
  await put("begins with an error", ["openai/gpt-4.1+error-0+status-529", "anthropic/claude-haiku-4-5"]);
  const { status, id } = await ask(chat("begins with an error", "hi", true));
  expect(status).toBe(200);
  const { request, attempts } = await traceOf(id);
  expect(request).toMatchObject({ status: { code: 0 }, attributes: { "gaia.outcome": "ok", "gaia.attempts": 2 } });
  expect(attempts.map(({ attributes, status }) => [attributes["http.response.status_code"], status?.code])).toEqual([
    [200, ERROR],
    [200, 0],
  ]);
  expect(attempts[0]?.attributes["error.type"]).toMatch(/^[\w-]+$/);
});

test.concurrent("a route none of whose targets answers is an error as a whole, with a span for each call", async () => {
  const route = await put("fails always", ["compatible/always", "openai/gpt-4.1+status-503"]);
  const { status, id } = await ask(chat("fails always", "hi"));
  const { request, attempts } = await traceOf(id);
  expect(status).toBeGreaterThanOrEqual(500);
  expect(request).toMatchObject({
    ...{ status: { code: ERROR } },
    attributes: {
      ...{ "gaia.route.id": route, "gaia.attempts": 4, "gaia.outcome": "provider_error" },
      ...{ "http.response.status_code": status, "error.type": expect.any(String) },
    },
  });
  expect(attempts.map(({ attributes }) => attributes["gaia.attempt.number"]).sort()).toEqual([1, 2, 3, 4]);
  expect(attempts.every(({ status }) => status?.code === ERROR)).toBe(true);
});

const REFUSALS: [what: string, status: number, code: string, body: object, headers: Record<string, string>][] = [
  ["an unknown model", 404, "model_not_found", chat("no-such-model", "hi"), {}],
  ["no model", 400, "missing_required_parameter", {}, {}],
  ["a wrong key", 401, "invalid_api_key", chat("openai/gpt-4.1", "hi"), { authorization: "Bearer wrong" }],
];

test.concurrent.each(REFUSALS)(
  "a request that is refused, for %s, is a span without attempts",
  async (_, ...refusal) => {
    const [status, code, body, headers] = refusal;
    const { id } = await ask(body, headers);
    const { request, attempts } = await traceOf(id);
    expect(request).toMatchObject({
      ...{ kind: SERVER, status: { code: 0 } },
      attributes: { "http.response.status_code": status, "error.type": code, "gaia.outcome": "refused" },
    });
    expect(attempts).toEqual([]);
  },
);

test.concurrent("a line of the log is in the trace of its request", async () => {
  const { id } = await ask(chat("no-such-model", "hi"));
  const { request } = await traceOf(id);
  const line = await receiver.until(() => receiver.logs().find(({ attributes }) => attributes.requestId === id));
  expect(line).toMatchObject({
    ...{ traceId: request.traceId, spanId: request.spanId, eventName: "request.denied", severityNumber: 9 },
    attributes: { code: "model_not_found", status: 404, param: "model" },
  });
});

test.concurrent("token counts and embeddings have their spans", async () => {
  const counted = await ask(
    { model: "anthropic/claude-haiku-4-5", messages: [{ role: "user", content: "count" }] },
    {},
    "/v1/messages/count_tokens",
  );
  const embedded = await ask({ model: "google/gemini-embedding-001", input: ["one"] }, {}, "/v1/embeddings");
  const [count, embedding] = await Promise.all([traceOf(counted.id), traceOf(embedded.id)]);
  expect(count.attempts.map(({ attributes }) => attributes["gen_ai.operation.name"])).toEqual(["count_tokens"]);
  expect(embedding.attempts.map(({ attributes }) => attributes["gen_ai.operation.name"])).toEqual(["embeddings"]);
});

test("the Ledger's lines of the log are sent as well", async () => {
  gateway.database.faults.mode = "503";
  await ask(chat("openai/gpt-4.1", "hi"));
  const find = () => receiver.logs().find(({ eventName }) => eventName === "ledger.drain_failed");
  const line = await receiver.until(find).finally(() => {
    gateway.database.faults.mode = "ok";
  });
  expect(line).toMatchObject({ severityNumber: 13, attributes: { waiting: expect.any(Number), failures: 1 } });
  expect(line).not.toHaveProperty("traceId");
});

test("every export says who sends it, with the receiver's headers", async () => {
  await traceOf((await ask(chat("openai/gpt-4.1", "hi"))).id);
  expect(new Set(receiver.exports.map(({ path }) => path))).toEqual(new Set(["/v1/traces", "/v1/logs"]));
  for (const { headers, text } of receiver.exports) {
    expect(headers).toMatchObject({ "x-receiver-key": "se,cret", "content-type": "application/json" });
    const [{ resource }] = Object.values(JSON.parse(text))[0] as [{ resource: { attributes: unknown } }];
    expect(resource.attributes).toEqual([
      { key: "deployment.environment.name", value: { stringValue: "a test" } },
      { key: "service.name", value: { stringValue: "gaiarouter" } },
    ]);
  }
  expect(gateway.output()).not.toContain("se,cret");
});
