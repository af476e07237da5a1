import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, manageGateway, requestRow, startGateway } from "../../support/gateway.ts";

/** Models of an organization's own, and which it allows, as clients meet them: the production bundle in workerd. */

const GPT = "openai/gpt-6.1-sol";
const CLAUDE = "anthropic/claude-opus-5-5";
const GEMINI = "google/gemini-3.6-flash";
const EMBEDDING = "openai/text-embedding-3-small";

let gateway: Gateway;
let team: string;
let teamKey: string;
beforeAll(async () => {
  gateway = await startGateway();
  team = String((await manage("POST", "/api/organizations", { name: "Team" })).id);
  teamKey = String((await manage("POST", "/api/keys", { name: "Key", organization_id: team })).key);
});
afterAll(() => gateway?.stop());

const manage = (method: string, path: string, body?: object) => manageGateway(gateway, method, path, body);

const pathOf = (model: string) => `/api/models/${encodeURIComponent(model)}`;
const turn = (action: "enable" | "disable", models: string[], organization_id = team) =>
  manage("POST", "/api/models/bulk", { action, models, organization_id });

const openai = (apiKey = teamKey, headers: Record<string, string> = {}) =>
  new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0, defaultHeaders: headers });
const anthropic = () => new Anthropic({ apiKey: teamKey, authToken: null, baseURL: gateway.url, maxRetries: 0 });
const google = () => new GoogleGenAI({ apiKey: teamKey, httpOptions: { baseUrl: gateway.url } });

const messages = [{ role: "user" as const, content: "hi" }];
const chat = (model: string, headers: Record<string, string> = {}) =>
  openai(teamKey, headers).chat.completions.create({ model, messages });

/** Everything that a model can be asked for, each by its vendor's SDK. */
const CALLS: [what: string, model: string, call: (model: string) => Promise<unknown>][] = [
  ["Chat Completions", GPT, (model) => chat(model)],
  ["Responses", GPT, (model) => openai().responses.create({ model, input: "hi" })],
  ["Responses' counter", GPT, (model) => openai().responses.inputTokens.count({ model, input: "hi" })],
  ["embeddings", EMBEDDING, (model) => openai().embeddings.create({ model, input: "hi" })],
  ["Messages", CLAUDE, (model) => anthropic().messages.create({ model, max_tokens: 16, messages })],
  ["Messages' counter", CLAUDE, (model) => anthropic().messages.countTokens({ model, messages })],
  ["generateContent", GEMINI, (model) => google().models.generateContent({ model, contents: "hi" })],
  ["countTokens", GEMINI, (model) => google().models.countTokens({ model, contents: "hi" })],
  ["another vendor's dialect", CLAUDE, (model) => chat(model)],
  ["a bare name", GPT, (model) => chat(model.slice("openai/".length))],
];

const statusOf = async (call: Promise<unknown>): Promise<number> => {
  try {
    await call;
    return 200;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

const raw = (path: string, body: object) =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${teamKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

const listed = async (key = teamKey): Promise<string[]> => (await openai(key).models.list()).data.map(({ id }) => id);

describe("a model that an organization disables", () => {
  test("is refused from the next request on, whoever's SDK asks, and allowed again when it is enabled", async () => {
    const outcomes = () => Promise.all(CALLS.map(async ([what, model, call]) => [what, await statusOf(call(model))]));
    const all = (status: number) => CALLS.map(([what]) => [what, status]);
    expect(await outcomes()).toEqual(all(200));
    await turn("disable", [GPT, CLAUDE, GEMINI, EMBEDDING]);
    expect(await outcomes()).toEqual(all(403));
    await expect(chat(GPT)).rejects.toMatchObject({
      ...{ code: "model_not_allowed", param: "model" },
      message: expect.stringContaining(`The organization 'Team' does not allow '${GPT}'.`),
    });
    await turn("enable", [GPT, CLAUDE, GEMINI, EMBEDDING]);
    expect(await outcomes()).toEqual(all(200));
  });

  test("is no fallback either, and in no list", async () => {
    await turn("disable", [CLAUDE]);
    expect(await statusOf(chat(GPT, { "x-gaia-fallbacks": CLAUDE }))).toBe(403);
    expect(await listed()).not.toContain(CLAUDE);
    expect(await listed(gateway.apiKey)).toContain(CLAUDE);
    expect(await statusOf(openai().models.retrieve(CLAUDE))).toBe(403);
    await turn("enable", [CLAUDE]);
    expect(await listed()).toContain(CLAUDE);
  });

  test("is passed over by a route, which is refused where nothing else is left", async () => {
    const targets = [{ model: CLAUDE }, { model: GPT }];
    await manage("PUT", "/api/routes", { name: "clever", strategy: "ordered", targets });
    const served = async () => (await chat("clever").withResponse()).response.headers.get("x-gaia-model");
    expect(await served()).toBe("claude-opus-5-5");
    await turn("disable", [CLAUDE]);
    expect(await served()).toBe("gpt-6.1-sol");
    const thought = await manage("POST", "/api/routes/dry-run", { model: "clever", organization_id: team });
    expect(thought.targets).toMatchObject([
      { model: "claude-opus-5-5", outcome: "skipped", reason: "model_not_allowed" },
      { model: "gpt-6.1-sol", outcome: "first" },
    ]);
    await turn("disable", [GPT]);
    await expect(chat("clever")).rejects.toMatchObject({ status: 403, code: "model_not_allowed" });
    expect(await listed()).not.toContain("clever");
    await turn("enable", [CLAUDE, GPT]);
  });

  test("stays so above, whatever is enabled below, and while Postgres is away", async () => {
    await manage("PATCH", `/api/organizations/${gateway.rootId}`, {
      settings: { model_access: { mode: "listed", enabled: ["openai/*"] } },
    });
    await turn("enable", [GPT]);
    gateway.database.faults.mode = "reset";
    const outcomes = [await statusOf(chat(GPT)), await statusOf(chat(CLAUDE))];
    gateway.database.faults.mode = "ok";
    expect(outcomes).toEqual([200, 403]);
    await manage("PATCH", `/api/organizations/${gateway.rootId}`, { settings: { model_access: null } });
  });
});

describe("a model of the tenant's own", () => {
  const OWN = "openai/house-1";

  test("has its limits, its flags and its price from the first request on", async () => {
    await manage("POST", "/api/models", {
      ...{ model: OWN, display_name: "House 1", kind: "chat", context_window: 32_000, max_output_tokens: 2_000 },
      capabilities: { tools: true, sampling_params: false },
    });
    await manage("POST", "/api/prices", { model: OWN, price: { rates: { input: "1", output: "2" } } });
    await manage("POST", "/api/limits", {
      ...{ organization_id: team, metric: "cost", window: "total", amount: 10 ** 12 },
    });
    const body = { model: OWN, messages, temperature: 0.5 };
    const { response } = await openai().chat.completions.create(body).withResponse();
    expect(response.headers.get("x-gaia-model")).toBe("house-1");
    const sent = await raw("/v1/messages", { ...body, max_tokens: 16 });
    await sent.body?.cancel();
    expect(sent.headers.get("x-gaia-warnings")).toContain("param_dropped@temperature");
    const row = await requestRow(gateway, response.headers.get("x-request-id") ?? "");
    expect(row.cost_nano).toBeGreaterThan(0);
    const shown = (await openai().models.list()).data.find(({ id }) => id === OWN);
    expect(shown).toMatchObject({ id: OWN, owned_by: "openai" });
    expect((await anthropic().models.retrieve(OWN)).max_tokens).toBe(2_000);
  });
});

describe("a model that will end", () => {
  const ENDS = { deprecation: "@1896048000", sunset: "Thu, 31 Jan 2030 00:00:00 GMT" };
  test("says so in each answer's headers, whole and streamed, in each dialect", async () => {
    for (const model of [GPT, CLAUDE, GEMINI, EMBEDDING])
      await manage("PATCH", pathOf(model), { deprecation_date: "2030-01-31" });
    const said = { model: GPT, messages };
    const contents = [{ role: "user", parts: [{ text: "hi" }] }];
    const calls: [string, object][] = [
      ...[false, true].flatMap((stream): [string, object][] => [
        ["/v1/chat/completions", { ...said, stream }],
        ["/v1/responses", { model: GPT, input: "hi", stream }],
        ["/v1/messages", { model: CLAUDE, max_tokens: 16, messages, stream }],
        ["/v1/messages", { ...said, max_tokens: 16, stream }],
      ]),
      ["/v1/embeddings", { model: EMBEDDING, input: "hi" }],
      ["/v1/messages/count_tokens", { model: CLAUDE, messages }],
      [`/v1beta/models/${GEMINI}:generateContent`, { contents }],
      [`/v1beta/models/${GEMINI}:streamGenerateContent?alt=sse`, { contents }],
      [`/v1beta/models/${GPT}:generateContent`, { contents }],
    ];
    for (const [path, body] of calls) {
      const { status, headers, body: answer } = await raw(path, body);
      await answer?.cancel();
      const told = { deprecation: headers.get("deprecation"), sunset: headers.get("sunset") };
      expect([path, status, told]).toEqual([path, 200, ENDS]);
    }
    expect(await openai().models.retrieve(GPT)).toMatchObject({ shutdown_date: "2030-01-31" });
    await manage("PATCH", pathOf(GPT), { deprecation_date: null });
    const { headers } = await raw("/v1/chat/completions", said);
    expect([headers.get("deprecation"), headers.get("sunset")]).toEqual([null, null]);
  });
});

describe("the providers' lists", () => {
  test("are read from whatever is set up, and what is accepted of them is used", async () => {
    const { done, total, providers } = await manage("POST", "/api/models/sync");
    expect([done, total]).toEqual([5, 5]);
    expect(providers).toContainEqual({
      ...{ provider: "openrouter", outcome: "read", failure: null, models: 5, simulated: true },
    });
    const { data } = (await manage("GET", "/api/models/changes?kind=new&provider=openrouter")) as {
      data: { id: string; model: string }[];
    };
    const [first] = data;
    expect(await listed(gateway.apiKey)).not.toContain(first?.model);
    await manage("POST", "/api/models/changes/accept", { ids: [first?.id] });
    expect(await listed(gateway.apiKey)).toContain(first?.model);
    expect(await manage("GET", pathOf(first?.model ?? ""))).toMatchObject({
      ...{ source: "synced", context_window: 1_000_000, price: { source: "synced" } },
      ...{ capabilities: { tools: true, structured_output: true }, sources: { context_window: "synced" } },
    });
  });
});
