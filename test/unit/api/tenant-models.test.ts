import { describe, expect, test } from "vitest";
import type { ModelAccess } from "../../../worker/canonical/model-access.ts";
import type { ModelRecord, RouteRecord } from "../../../worker/canonical/tenant.ts";
import { type Answer, eachTest, ROOT, type World } from "./world.ts";

/** What a request is planned by where the tenant knows something of its model, or does not allow it. */

let world: World;
eachTest((fresh) => {
  world = fresh;
});

const GPT = "openai/gpt-6.1-sol";
const CLAUDE = "anthropic/claude-haiku-4-5";

const record = (facts: object, more: Partial<ModelRecord> = {}): ModelRecord => {
  return { id: "mdl_1", model: GPT, facts: { ...facts }, version: 1, removed: false, ...more };
};
const known = (facts: object, more: Partial<ModelRecord> = {}): Answer => {
  return { ok: false, code: "use_facts", model: more.model ?? GPT, record: record(facts, more) };
};

describe("facts of the tenant's own", () => {
  test("plan the request anew before it is held, and are remembered", async () => {
    world.answers = [known({ maxOutputTokens: 777 })];
    const response = await world.chat(GPT);
    expect(response.status).toBe(200);
    expect(world.asked.map(({ facts, bound }) => [facts?.version ?? null, bound.outputTokens])).toEqual([
      [null, 128_000],
      [1, 777],
    ]);
    await world.chat(GPT);
    expect(world.asked.slice(2).map(({ facts }) => facts)).toEqual([{ id: "mdl_1", version: 1 }]);
    world.answers = [{ ok: false, code: "use_facts", model: GPT, record: null }];
    await world.chat(GPT);
    expect(world.asked.slice(3).map(({ facts }) => facts?.version ?? null)).toEqual([1, null]);
  });

  test("are what the translator writes by", async () => {
    world.answers = [known({ capabilities: { samplingParams: false } }, { model: CLAUDE })];
    world.provider = async () => Response.json({}, { status: 500 });
    await world.chat(CLAUDE, { temperature: 0.5 });
    expect(world.sent[0]?.body).not.toHaveProperty("temperature");
  });

  test("say when the model ends", async () => {
    world.answers = [known({ deprecationDate: "2030-01-31" })];
    const { headers } = await world.chat(GPT);
    expect(["deprecation", "sunset", "x-gaia-warnings"].map((name) => headers.get(name))).toEqual([
      ...["@1896048000", "Thu, 31 Jan 2030 00:00:00 GMT", null],
    ]);
  });

  test("end what was sent before they were known", async () => {
    world.limited = false;
    await world.chat(GPT);
    world.answers = [known({ maxOutputTokens: 777 })];
    const { status, headers } = await world.chat(GPT);
    expect([status, headers.get("x-gaia-attempts")]).toEqual([200, "2"]);
    expect(world.sent.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
  });

  test("that change without end are a 503", async () => {
    world.answers = Array.from({ length: 20 }, (_, at) => known({}, { version: at + 2 }));
    expect((await world.chat(GPT)).status).toBe(503);
    expect(world.asked).toHaveLength(13);
  });
});

describe("a target that an organization does not allow", () => {
  const target = (model: string) => ({ model, credential: null, weight: 1 });
  const ROUTE: RouteRecord = {
    ...{ id: "rte_1", organizationId: ROOT, name: "fast", strategy: "ordered", version: 1, removed: false },
    ...{
      targets: [target(CLAUDE), target(GPT)],
      timeouts: { headers: null, firstToken: null, idle: null, total: null },
    },
  };
  const told = (access: Partial<ModelAccess>): Answer => {
    const rule = { mode: "all" as const, enabled: [], disabled: [], ...access };
    return { ok: false, code: "use_access", access: [{ organizationId: ROOT, name: "House", access: rule }] };
  };

  test("is passed over by a route, and its row says so", async () => {
    world.routes = [ROUTE];
    world.answers = [told({ disabled: ["anthropic/*"] })];
    const response = await world.chat("fast");
    expect([response.status, response.headers.get("x-gaia-model")]).toEqual([200, "gpt-6.1-sol"]);
    expect(world.settled[0]?.result.tries).toMatchObject([
      ...[{ model: "claude-haiku-4-5", outcome: "skipped", reason: "model_not_allowed" }, { outcome: "answered" }],
    ]);
  });

  test("is refused where the route has no other", async () => {
    world.routes = [ROUTE];
    world.answers = [told({ mode: "listed" })];
    const response = await world.chat("fast");
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { error: { code: "model_not_allowed", message: expect.stringContaining(`'House' does not allow '${CLAUDE}'`) } },
    ]);
    expect(world.sent).toEqual([]);
  });

  test.each<[string, string, string]>([
    ["Chat", "/v1/chat/completions", "code"],
    ["Messages", "/v1/messages", "type"],
    ["generateContent", `/v1beta/models/${GPT}:generateContent`, "status"],
  ])("is told in the words of %s", async (_, path, field) => {
    world.answers = [{ ok: false, code: "model_not_enabled", model: GPT, param: "model", organization: "House" }];
    const turn = { messages: [{ role: "user", content: "hi" }], contents: [{ parts: [{ text: "hi" }] }] };
    const response = await world.post(path, { model: GPT, max_tokens: 5, ...turn });
    const { error } = (await response.json()) as { error: Record<string, string> };
    const words = { code: "model_not_allowed", type: "permission_error", status: "PERMISSION_DENIED" };
    expect([response.status, error[field]]).toEqual([403, words[field as keyof typeof words]]);
    expect(error.message).toMatch(/^The organization 'House' does not allow/);
  });
});
