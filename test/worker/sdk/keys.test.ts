import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, manageGateway, requestRow, startGateway } from "../../support/gateway.ts";

/** What a key may be used for, as the official SDKs meet it: the production bundle in workerd, its Ledger and a database. */

const PAGE = "https://app.example.com";
const GPT = "openai/gpt-6.1-sol";
const CLAUDE = "anthropic/claude-opus-5-5";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

interface Made {
  id: string;
  key: string;
}

const manage = (method: string, path: string, body?: object) => manageGateway(gateway, method, path, body);

const make = async (terms: object = {}) =>
  (await manage("POST", "/api/keys", { name: "Key", ...terms })) as unknown as Made;
const change = (id: string, terms: object) => manage("PATCH", `/api/keys/${id}`, terms);

type Headers = Record<string, string>;
const openai = (apiKey: string, defaultHeaders: Headers = {}) =>
  new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0, defaultHeaders });
const anthropic = (apiKey: string) => new Anthropic({ apiKey, authToken: null, baseURL: gateway.url, maxRetries: 0 });
const google = (apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } });

const chat = (key: string, model = GPT, headers: Headers = {}) =>
  openai(key, headers).chat.completions.create({ model, messages: [{ role: "user", content: "hi" }] });
const message = (key: string, model = CLAUDE) =>
  anthropic(key).messages.create({ model, max_tokens: 16, messages: [{ role: "user", content: "hi" }] });

/** Status and code of what is thrown; "ok" where nothing is. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    const { status, code } = error as { status?: number; code?: string };
    return `${status} ${code}`;
  }
}

const raw = (path: string, key: string, headers: Headers = {}) =>
  fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}`, ...headers } });

test("a key that is moved spends from its new branch at the next request, and the old one keeps what was used", async () => {
  const branch = async (name: string) => (await manage("POST", "/api/organizations", { name })).id as string;
  const [from, to] = [await branch("From"), await branch("To")];
  for (const organization_id of [from, to]) {
    await manage("POST", "/api/limits", { organization_id, metric: "requests", window: "day", amount: 1 });
  }
  const { id, key } = await make({ organization_id: from });
  const move = (organization_id: string) => manage("POST", `/api/keys/${id}/move`, { organization_id, dry_run: false });
  const said: string[] = [await outcome(chat(key)), await outcome(chat(key))];
  await move(to);
  said.push(await outcome(chat(key)), await outcome(chat(key)));
  await move(from);
  said.push(await outcome(chat(key)));
  const full = expect.stringMatching(/^429 /);
  expect(said).toEqual(["ok", full, "ok", full, full]);
});

describe("a key with a list of models", () => {
  test("asks for those and no other, in each SDK", async () => {
    const { key } = await make({ models: [GPT, "google/*"] });
    expect(await outcome(chat(key))).toBe("ok");
    expect(await outcome(chat(key, GPT.slice("openai/".length)))).toBe("ok");
    await expect(chat(key, "openai/gpt-4.1")).rejects.toMatchObject({
      ...{ status: 403, code: "model_not_allowed", param: "model" },
      message: expect.stringContaining(`It may ask for: ${GPT}, google/*.`),
    });
    await expect(message(key)).rejects.toMatchObject({
      ...{ status: 403, error: { error: { type: "permission_error" } } },
    });
    const generate = (model: string) => google(key).models.generateContent({ model, contents: "hi" });
    expect((await generate("google/gemini-3.6-flash")).text).toBeTruthy();
    await expect(generate(CLAUDE)).rejects.toMatchObject({ status: 403 });
    const embed = openai(key).embeddings.create({ model: "openai/text-embedding-3-small", input: "hi" });
    expect(await outcome(embed)).toBe("403 model_not_allowed");
  });

  test("falls back only to those", async () => {
    const { key } = await make({ models: [GPT] });
    expect(await outcome(chat(key, GPT, { "x-gaia-fallbacks": GPT }))).toBe("ok");
    await expect(chat(key, GPT, { "x-gaia-fallbacks": `${GPT}, openai/gpt-4.1` })).rejects.toMatchObject({
      ...{ status: 403, code: "model_not_allowed", param: "x-gaia-fallbacks" },
    });
  });

  test("asks for a route by its name, and goes wherever that leads", async () => {
    await manage("PUT", "/api/routes", { name: "clever", strategy: "ordered", targets: [{ model: CLAUDE }] });
    const { key } = await make({ models: ["clever"] });
    expect(await outcome(chat(key, "clever"))).toBe("ok");
    expect(await outcome(message(key))).toBe("403 undefined");
  });

  test("sees those in the list of models", async () => {
    const { key } = await make({ models: [GPT, "clever"] });
    const ids: string[] = [];
    for await (const { id } of openai(key).models.list()) ids.push(id);
    expect(ids).toEqual(["clever", GPT]);
    expect(await outcome(openai(key).models.retrieve(GPT))).toBe("ok");
    expect(await outcome(openai(key).models.retrieve("openai/gpt-4.1"))).toBe("403 model_not_allowed");
  });
});

describe("a key with a list of addresses", () => {
  test("is used from those: the connection's own, whatever a header says of another", async () => {
    const { key: near } = await make({ ip_ranges: ["127.0.0.0/8"] });
    const { key: far } = await make({ ip_ranges: ["203.0.113.0/24"] });
    expect(await outcome(chat(near))).toBe("ok");
    const headers = { "cf-connecting-ip": "203.0.113.7", "x-forwarded-for": "203.0.113.7" };
    for (const call of [() => chat(far), () => chat(far, GPT, headers), () => openai(far).models.list()]) {
      expect(await outcome(call())).toBe("403 ip_not_allowed");
    }
    await expect(chat(far)).rejects.toThrow("127.0.0.1");
  });
});

describe("a web page", () => {
  const preflight = (headers: Headers) =>
    fetch(`${gateway.url}/v1/chat/completions`, { method: "OPTIONS", headers: { origin: PAGE, ...headers } });

  test("is told before it asks that it may ask, without cookies", async () => {
    const asked = {
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,x-stainless-os",
    };
    const response = await preflight(asked);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization,x-stainless-os");
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(response.headers.get("vary")).toMatch(/\borigin\b/);
  });

  test("is told nothing by an OPTIONS that is no preflight, nor at the management API", async () => {
    expect((await preflight({})).status).toBe(405);
    const admin = await fetch(`${gateway.url}/api/keys`, {
      method: "OPTIONS",
      headers: { origin: PAGE, "access-control-request-method": "GET" },
    });
    expect(admin.headers.get("access-control-allow-origin")).toBeNull();
  });

  test.each([
    ["whole", false],
    ["streamed", true],
  ])("of a listed origin gets its answer %s, and may read it", async (_, stream) => {
    const { key } = await make({ origins: [PAGE] });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", origin: PAGE },
      body: JSON.stringify({ model: GPT, stream, messages: [{ role: "user", content: "hi" }] }),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(response.headers.get("access-control-expose-headers")).toBe("*");
    expect(response.headers.get("vary")).toMatch(/\borigin\b/i);
    expect(await response.text()).toContain(stream ? "[DONE]" : "choices");
  });

  test("of another origin, or with a key that lists none, is refused and can read why", async () => {
    const { key: listed } = await make({ origins: [PAGE] });
    for (const [key, origin] of [
      [listed, "https://evil.example"],
      [listed, "null"],
      [gateway.apiKey, PAGE],
    ] as const) {
      for (const path of ["/v1/models", "/v1/key"]) {
        const response = await raw(path, key, { origin });
        expect(response.status).toBe(403);
        expect(response.headers.get("access-control-allow-origin")).toBe(origin);
        expect(await response.json()).toMatchObject({ error: { code: "origin_not_allowed" } });
      }
      expect(await outcome(chat(key, GPT, { origin }))).toBe("403 origin_not_allowed");
    }
    expect(await outcome(chat(listed))).toBe("ok");
  });

  test("of the gateway's own origin is one of ours", async () => {
    expect(await outcome(chat(gateway.apiKey, GPT, { origin: gateway.url }))).toBe("ok");
  });
});

describe("a change holds at the next request, also of a key that does not wait to send", () => {
  const rows: [string, (id: string) => Promise<unknown>, string][] = [
    ["revoked", (id) => manage("POST", `/api/keys/${id}/revoke`), "401 invalid_api_key"],
    ["disabled", (id) => manage("POST", `/api/keys/${id}/disable`), "401 key_disabled"],
    ["rotated", (id) => manage("POST", `/api/keys/${id}/rotate`, { overlap_seconds: 0 }), "401 invalid_api_key"],
    ["other models", (id) => change(id, { models: ["google/*"] }), "403 model_not_allowed"],
    ["other addresses", (id) => change(id, { ip_ranges: ["10.0.0.0/8"] }), "403 ip_not_allowed"],
    ["no permission to write", (id) => change(id, { permissions: ["read"] }), "403 permission_denied"],
  ];
  test.each(rows)("%s", async (_, act, expected) => {
    const { id, key } = await make();
    // The second is sent beside its admission.
    expect([await outcome(chat(key)), await outcome(chat(key))]).toEqual(["ok", "ok"]);
    await act(id);
    expect(await outcome(chat(key))).toBe(expected);
  });

  test("an archived branch, from its top down", async () => {
    const top = await manage("POST", "/api/organizations", { name: "Top" });
    const below = await manage("POST", "/api/organizations", { name: "Below", parent_id: top.id });
    const { key } = await make({ organization_id: below.id });
    expect([await outcome(chat(key)), await outcome(chat(key))]).toEqual(["ok", "ok"]);
    await manage("POST", `/api/organizations/${top.id}/archive`);
    expect([await outcome(chat(key)), await outcome(message(key))]).toEqual([
      "403 organization_archived",
      // Anthropic's errors have no code.
      "403 undefined",
    ]);
    await manage("POST", `/api/organizations/${top.id}/restore`);
    expect(await outcome(chat(key))).toBe("ok");
  });

  test("and is taken back as soon", async () => {
    const { id, key } = await make({ models: ["google/*"] });
    expect(await outcome(chat(key))).toBe("403 model_not_allowed");
    await change(id, { models: null });
    expect(await outcome(chat(key))).toBe("ok");
    await manage("POST", `/api/keys/${id}/disable`);
    expect(await outcome(chat(key))).toBe("401 key_disabled");
    await manage("POST", `/api/keys/${id}/enable`);
    expect(await outcome(chat(key))).toBe("ok");
  });
});

test("a rotated key is one key: both texts for the overlap, one budget, one log", async () => {
  const { id, key: old } = await make();
  await manage("POST", "/api/limits", { key_id: id, metric: "requests", window: "day", amount: 3 });
  expect(await outcome(chat(old))).toBe("ok");
  const { key: fresh } = (await manage("POST", `/api/keys/${id}/rotate`, { overlap_seconds: 600 })) as unknown as Made;
  expect([await outcome(chat(fresh)), await outcome(chat(old))]).toEqual(["ok", "ok"]);
  expect(await outcome(chat(fresh))).toBe("429 insufficient_quota");
  const own = async (key: string) => (await (await raw("/v1/key", key)).json()) as Record<string, unknown>;
  expect(await own(old)).toMatchObject({
    id,
    replaced_expires_at: expect.any(String),
    usage: { today: { requests: 3 } },
  });
  expect(await own(fresh)).toMatchObject({ id, replaced_expires_at: null, usage: { today: { requests: 3 } } });
});

describe("GET /v1/key", () => {
  test("tells a key its terms, what binds it, and what it has used", async () => {
    const team = String((await manage("POST", "/api/organizations", { name: "Team" })).id);
    const squad = String((await manage("POST", "/api/organizations", { name: "Squad", parent_id: team })).id);
    const terms = { models: ["openai/*"], ip_ranges: ["127.0.0.1"], permissions: ["read", "write"] };
    const { id, key } = await make({ ...terms, name: "CI", organization_id: squad });
    const limit = (node: object, amount: number) =>
      manage("POST", "/api/limits", { ...node, metric: "requests", window: "day", amount });
    await limit({ key_id: id }, 5);
    await limit({ organization_id: squad }, 50);
    await manage("POST", "/api/limits", { organization_id: team, metric: "cost", window: "month", amount_usd: "5" });
    await chat(key);
    // Settled beside the answer.
    await expect.poll(async () => (await (await raw("/v1/key", key)).json()).usage.today.requests).toBe(1);
    const response = await raw("/v1/key", key);
    expect(response.status).toBe(200);
    const body = await response.json();
    expect(body).toMatchObject({
      ...{ object: "key", id, name: "CI", organization: { id: squad, name: "Squad" }, ...terms },
      ...{ expires_at: null, origins: null, replaced_expires_at: null },
    });
    expect(body.limits).toMatchObject([
      { of: "key", metric: "requests", window: "day", amount: 5, used: 1, remaining: 4, resets_at: expect.any(String) },
      { of: "organization", amount: 50, used: 1, remaining: 49 },
      { of: "above", metric: "cost", window: "month", amount: 5e9, amount_usd: "5", held: 0 },
    ]);
    const cost = body.usage.today.cost_nano;
    expect(cost).toBeGreaterThan(0);
    expect(body.limits[2]).toMatchObject({ used: cost, remaining: 5e9 - cost });
    expect(body.usage.this_month).toMatchObject({ requests: 1, cost_nano: cost });
    for (const hidden of [team, "Team", "Test"]) expect(JSON.stringify(body)).not.toContain(hidden);
  });

  test.each<[string, object, Headers, number, object]>([
    [
      "without `read`, in OpenAI's words",
      { permissions: ["write"] },
      {},
      403,
      { error: { code: "permission_denied" } },
    ],
    [
      "in Anthropic's",
      { permissions: ["write"] },
      { "anthropic-version": "2023-06-01" },
      403,
      { type: "error", error: { type: "permission_error" } },
    ],
    [
      "in Google's",
      { permissions: ["write"] },
      { "x-goog-api-client": "x" },
      403,
      { error: { status: "PERMISSION_DENIED" } },
    ],
  ])("is refused %s", async (_, terms, headers, status, body) => {
    const { key } = await make(terms);
    for (const path of ["/v1/key", "/v1/requests/01ARZ3NDEKTSV4RRFFQ69G5FAV"]) {
      const response = await raw(path, key, headers);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject(body);
    }
  });

  test("and no other method", async () => {
    const response = await fetch(`${gateway.url}/v1/key`, { method: "POST" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("GET /v1/requests/{id}", () => {
  test("shows a key its own request, and nobody else's", async () => {
    const { key } = await make();
    const { key: other } = await make();
    const { response } = await openai(key)
      .chat.completions.create({ model: GPT, messages: [{ role: "user", content: "hi" }] })
      .withResponse();
    const requestId = response.headers.get("x-request-id") ?? "";
    // What the cost is the sum of tells prices, and names tell of people: both are for administrators.
    const { cost_terms: terms, ...named } = await requestRow(gateway, requestId);
    expect(terms).not.toEqual([]);
    const isName = (field: string) => /^(?:member_id|(?:organization|key|member|route)_name|member_email)$/.test(field);
    expect(Object.keys(named).filter(isName)).toHaveLength(6);
    const shown = Object.fromEntries(Object.entries(named).filter(([field]) => !isName(field)));
    const own = await raw(`/v1/requests/${requestId}`, key);
    expect(own.status).toBe(200);
    expect(await own.json()).toEqual(shown);
    for (const [key, id, status, code] of [
      [other, requestId, 404, "not_found"],
      [gateway.apiKey, requestId, 404, "not_found"],
      [other, "01ARZ3NDEKTSV4RRFFQ69G5FAV", 404, "not_found"],
      [other, "x", 400, "invalid_id"],
    ] as const) {
      const response = await raw(`/v1/requests/${id}`, key);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code } });
    }
  });

  test("says so when the database is away", async () => {
    const { key } = await make();
    await raw("/v1/key", key);
    gateway.database.faults.mode = "503";
    const response = await raw("/v1/requests/01ARZ3NDEKTSV4RRFFQ69G5FAV", key);
    gateway.database.faults.mode = "ok";
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ error: { code: "database_unavailable" } });
  });
});
