import { afterAll, beforeAll, expect, test } from "vitest";
import type { Fault } from "../../support/database-faults.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { type JsonUpstream, startJsonUpstream, type UpstreamAnswer } from "../../support/json-upstream.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../../support/otlp-receiver.ts";

/** Nothing that a client says, or a provider answers, is seen from outside: neither in spans, nor in any line of the log. */

const CANARY = "canary-7f3a";
const PROVIDER_KEY = "provider-key-of-a-canary";

interface Body {
  model: string;
}

const words = (body: Body): string => `you said ${JSON.stringify(body)}`;

const errorOf = (body: Body) => ({ error: { message: words(body), type: words(body), code: null, param: null } });

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** A provider that repeats what it was sent in everything it says, by the beginning of the model's name. */
const ECHOES: Record<string, (body: Body) => UpstreamAnswer> = {
  "fails-500": (body) => ({ status: 500, body: errorOf(body) }),
  "fails-400": (body) => ({ status: 400, body: errorOf(body) }),
  "fails-401": (body) => ({ status: 401, body: errorOf(body) }),
  "fails-429": (body) => ({ status: 429, body: errorOf(body) }),
  redirects: () => ({ status: 302, headers: { location: `http://127.0.0.1:1/${CANARY}` }, body: "" }),
  "is-no-json": (body) => ({ body: words(body) }),
  "is-a-page": (body) => ({ headers: { "content-type": "text/html" }, body: `<html>${words(body)}</html>` }),
  "streams-an-error": (body) => ({
    headers: { "content-type": "text/event-stream" },
    body: `${chunk({ content: words(body) })}data: ${JSON.stringify(errorOf(body))}\n\ndata: [DONE]\n\n`,
  }),
  "streams-nonsense": (body) => ({
    headers: { "content-type": "text/event-stream" },
    body: `data: ${words(body)}\n\n`,
  }),
  "breaks-off": (body) => ({ headers: { "content-type": "text/event-stream" }, body: chunk({ content: words(body) }) }),
  answers: (body) => ({
    body: {
      ...{ id: "c", object: "chat.completion", model: "m", usage: { prompt_tokens: 1, completion_tokens: 1 } },
      choices: [{ index: 0, message: { role: "assistant", content: words(body) }, finish_reason: "stop" }],
    },
  }),
};

let receiver: OtlpReceiver;
let upstream: JsonUpstream<Body>;
let gateway: Gateway;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  upstream = await startJsonUpstream<Body>(
    ({ body }) => ECHOES[body.model.split("+")[0] ?? ""]?.(body) ?? { status: 404, body: errorOf(body) },
  );
  gateway = await startGateway({
    bindings: {
      ...{ COMPATIBLE_API_KEY: PROVIDER_KEY, COMPATIBLE_BASE_URL: `${upstream.url}/v1` },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, UPSTREAM_RETRY_FLOOR: "1000" },
    },
  });
});
afterAll(() => Promise.all([gateway?.stop(), receiver?.close(), upstream?.close()]));

const told = {
  "x-gaia-session": CANARY,
  "x-gaia-agent": CANARY,
  "x-gaia-tags": `who=${CANARY}`,
  "user-agent": CANARY,
  "idempotency-key": CANARY,
  baggage: `who=${CANARY}`,
  tracestate: `vendor=${CANARY}`,
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

const call = { id: `call_${CANARY}`, type: "function", function: { name: "look", arguments: `{"q":"${CANARY}"}` } };
const parameters = { type: "object", properties: { q: { type: "string", description: CANARY } } };

const chat = (model: string, stream: boolean) => ({
  ...{ model, stream, user: CANARY, metadata: { who: CANARY } },
  messages: [
    { role: "system", content: CANARY },
    { role: "user", content: CANARY },
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: call.id, content: CANARY },
  ],
  tools: [{ type: "function", function: { name: "look", description: CANARY, parameters } }],
});

const messages = (model: string, stream: boolean) => ({
  ...{ model, stream, max_tokens: 100, system: CANARY, metadata: { user_id: CANARY } },
  messages: [
    { role: "user", content: CANARY },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "look", input: { q: CANARY } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: CANARY }] },
  ],
  tools: [{ name: "look", description: CANARY, input_schema: parameters }],
});

async function send(path: string, body: unknown): Promise<string> {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json", ...told },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  await response.text();
  return response.headers.get("x-request-id") ?? "";
}

const DATABASE_FAULTS: [Fault, event: string][] = [
  ["503", "ledger.drain_failed"],
  [{ sqlstate: "22003" }, "ledger.event_buried"],
];

const MODELS = [
  ...Object.keys(ECHOES).map((model) => `compatible/${model}`),
  ...["openai/gpt-4.1", "anthropic/claude-haiku-4-5", "google/gemini-3.6-flash"],
];

/** Where a secret stands, with what is around it; null where it does not. */
function around(text: string, secret: string): string | null {
  const at = text.indexOf(secret);
  return at < 0 ? null : text.slice(Math.max(0, at - 200), at + 200);
}

/** The management API is asked something that holds canaries, too. */
async function manage(method: string, path: string, body: object): Promise<void> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.text()).toBeLessThan(300);
}

test("canaries are in no span and in no line of the log", async () => {
  const ids: string[] = [];
  for (const model of MODELS) {
    for (const stream of [false, true]) {
      ids.push(await send(`/v1/chat/completions?trace=${CANARY}`, chat(model, stream)));
      ids.push(await send("/v1/messages", messages(model, stream)));
    }
  }
  // The same at routes whose names are canaries, and whose second target answers where the first does not.
  for (const first of Object.keys(ECHOES)) {
    const name = `${CANARY} ${first}`;
    const targets = [`compatible/${first}+routed`, "anthropic/claude-haiku-4-5"].map((model) => ({ model }));
    await manage("PUT", "/api/routes", { name, strategy: "ordered", targets });
    for (const stream of [false, true]) {
      ids.push(await send("/v1/chat/completions", chat(name, stream)));
      ids.push(await send("/v1/messages", messages(name, stream)));
    }
  }
  ids.push(await send("/v1/chat/completions", { ...chat("compatible/fails-500", true), models: ["openai/gpt-4.1"] }));
  ids.push(await send("/v1/chat/completions", { ...chat("openai/gpt-4.1", false), models: [`no-${CANARY}`] }));
  await manage("POST", "/api/routes/dry-run", { model: "openai/gpt-4.1", session: CANARY, request: chat("m", false) });
  ids.push(await send("/v1/messages/count_tokens", messages("anthropic/claude-haiku-4-5", false)));
  // Refused: what is wrong is told to the client in its own words, and to nobody else.
  ids.push(await send("/v1/chat/completions", `{"model": "${CANARY}", "messages": [`));
  ids.push(await send("/v1/chat/completions", chat(`no-${CANARY}`, false)));
  ids.push(await send("/v1/chat/completions", chat(gateway.apiKey, false)));
  ids.push(await send("/v1/chat/completions", chat(`openai/${gateway.apiKey}`, false)));
  ids.push(
    await send("/v1/messages", { ...messages("openai/gpt-4.1", false), messages: [{ role: CANARY, content: CANARY }] }),
  );
  ids.push(await send(`/v1beta/models/${CANARY}:generateContent?key=${gateway.apiKey}`, { contents: CANARY }));

  // Rows that hold what the client said of itself, at a database that is away and then refuses them.
  for (const [fault, event] of DATABASE_FAULTS) {
    gateway.database.faults.mode = fault;
    ids.push(await send("/v1/chat/completions", chat("openai/gpt-4.1", false)));
    await receiver.until(() => receiver.logs().find(({ eventName }) => eventName === event));
  }
  gateway.database.faults.mode = "ok";

  // All of it has come: what is looked for below could be there.
  for (const id of ids) {
    await receiver.until(() => receiver.spans().find(({ attributes }) => attributes["gaia.request.id"] === id));
  }
  expect(receiver.logs().length).toBeGreaterThan(0);
  expect(upstream.calls.length).toBeGreaterThan(2 * Object.keys(ECHOES).length);
  expect(upstream.calls.every(({ body }) => JSON.stringify(body).includes(CANARY))).toBe(true);
  expect(gateway.output()).toContain("request.failed");
  expect(receiver.spans().filter(({ attributes }) => attributes["gaia.attempts"] === 2).length).toBeGreaterThan(20);

  const seen = receiver.exports.map(({ text }) => text).join("\n");
  for (const secret of [CANARY, gateway.apiKey, gateway.apiKey.slice(-16), PROVIDER_KEY, "?trace"]) {
    expect(around(seen, secret), "what the receiver got").toBeNull();
    expect(around(gateway.output(), secret), "the console").toBeNull();
  }
});
