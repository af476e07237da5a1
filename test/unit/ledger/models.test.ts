import { afterEach, describe, expect, test } from "vitest";
import type { ModelAccess } from "../../../worker/canonical/model-access.ts";
import { type ModelRecord, NO_SETTINGS, type RouteRecord } from "../../../worker/canonical/tenant.ts";
import type { AdmitRequest, NamedModel } from "../../../worker/ledger/contract.ts";
import { limit, push, ROOT_KEY, SQUAD_KEY, start, TEAM_KEY, world } from "./limit-world.ts";
import { ShardWorld } from "./shard-world.ts";
import { organization, presented, ROOT, SQUAD, TEAM, tenant } from "./world.ts";

/** Requests of the world are planned for this. */
const GPT = "openai/gpt-6";
const named = (name: string, meaning: string | null, param = "model"): NamedModel => ({ name, meaning, param });
const ASKED = [named("gpt-6", GPT)];

const access = (more: Partial<ModelAccess>): ModelAccess => ({ mode: "all", enabled: [], disabled: [], ...more });
const ruled = (id: string, parentId: string | null, rule: ModelAccess | null) =>
  organization(id, parentId, id, { settings: { ...NO_SETTINGS, modelAccess: rule } });
const tree = (rules: { [id: string]: ModelAccess }) => ({
  organizations: [
    ruled(ROOT, null, rules[ROOT] ?? null),
    ruled(TEAM, ROOT, rules[TEAM] ?? null),
    ruled(SQUAD, TEAM, rules[SQUAD] ?? null),
  ],
});

const ROUTE: RouteRecord = {
  ...{ id: "rte_root", organizationId: ROOT, name: "gpt-6", strategy: "ordered", version: 1, removed: false },
  ...{ targets: [], timeouts: { headers: null, firstToken: null, idle: null, total: null } },
};
const record = (more: Partial<ModelRecord> = {}): ModelRecord => {
  return { id: "mdl_1", model: GPT, facts: { contextWindow: 5 }, version: 1, removed: false, ...more };
};

const ask = async (key: string, more: Partial<AdmitRequest> = {}): Promise<string> => {
  const answer = await world.core.admit({ ...world.request(key), named: ASKED, ...more });
  return answer.ok ? "ok" : answer.code;
};

describe("what organizations allow", () => {
  afterEach(() => world.storage.close());
  const none = access({ disabled: [GPT] });

  test.each<[string, { [id: string]: ModelAccess }, string[]]>([
    ["nothing is said", {}, ["ok", "ok", "ok"]],
    ["the root disables it", { [ROOT]: none }, ["model_not_enabled", "model_not_enabled", "model_not_enabled"]],
    ["a team does, below it too", { [TEAM]: none }, ["ok", "model_not_enabled", "model_not_enabled"]],
    [
      "one below enables what one above disables",
      { [TEAM]: none, [SQUAD]: access({ enabled: [GPT] }) },
      ["ok", "model_not_enabled", "model_not_enabled"],
    ],
    [
      "the root lists others",
      { [ROOT]: access({ mode: "listed", enabled: ["google/*"] }) },
      ["model_not_enabled", "model_not_enabled", "model_not_enabled"],
    ],
  ])("holds for keys where %s", async (_, rules, said) => {
    start([], tree(rules));
    expect([await ask(ROOT_KEY), await ask(TEAM_KEY), await ask(SQUAD_KEY)]).toEqual(said);
    expect(world.core.health().open).toBe(said.filter((one) => one === "ok").length);
  });

  test("is told with the organization, the model, and where it is named", async () => {
    start([], tree({ [TEAM]: access({ disabled: ["google/*"] }) }));
    const fallback = named("google/b", "google/b", "x-gaia-fallbacks");
    expect(await world.core.admit({ ...world.request(SQUAD_KEY), named: [...ASKED, fallback] })).toEqual({
      ...{ ok: false, code: "model_not_enabled", model: "google/b", param: "x-gaia-fallbacks", organization: TEAM },
    });
  });

  test("is asked of what a route leads to, which is passed over, and not of the route's name", async () => {
    start([], { ...tree({ [ROOT]: none }), routes: [ROUTE] });
    const route = { id: "rte_root", version: 1 };
    const answer = await world.core.admit({ ...world.request(TEAM_KEY), named: [named("gpt-6", null)], route });
    expect(answer).toEqual({
      ...{ ok: false, code: "use_access", access: [{ organizationId: ROOT, name: ROOT, access: none }] },
    });
    expect(await ask(TEAM_KEY, { route, draft: { ...world.request(TEAM_KEY).draft, upstreamModel: "gpt-7" } })).toBe(
      "ok",
    );
  });

  test("holds from the next request on", async () => {
    start([], tree({}));
    expect(await ask(TEAM_KEY)).toBe("ok");
    await push({ organizations: [ruled(ROOT, null, none)] });
    expect(await ask(TEAM_KEY)).toBe("model_not_enabled");
  });

  test("is never got around by a limit's cheaper model", async () => {
    const fallback = { percent: 0, model: "google/b" };
    start([{ ...limit(TEAM, "cost", "day", 1_000_000), fallback }], tree({}));
    expect(await ask(TEAM_KEY)).toBe("use_model");
    await push({ organizations: [ruled(ROOT, null, access({ disabled: ["google/*"] }))] });
    expect(await ask(TEAM_KEY)).toBe("ok");
  });

  test("is told to who lists models, and makes a key wait for the Ledger", async () => {
    start([], tree({ [TEAM]: none }));
    const [free, bound] = [await world.core.routes(presented(ROOT_KEY)), await world.core.routes(presented(TEAM_KEY))];
    expect([free, bound]).toMatchObject([
      { access: [], principal: { restricted: false } },
      { access: [{ organizationId: TEAM }], principal: { restricted: true } },
    ]);
  });
});

describe("what a tenant knows of a model", () => {
  afterEach(() => world.storage.close());
  test.each<[string, ModelRecord[], AdmitRequest["facts"], string]>([
    ["nothing, planned by nothing", [], null, "ok"],
    ["something, planned by it", [record()], { id: "mdl_1", version: 1 }, "ok"],
    ["something, planned by nothing", [record()], null, "use_facts"],
    ["something, planned by an older version", [record({ version: 2 })], { id: "mdl_1", version: 1 }, "use_facts"],
    ["nothing any more", [record({ removed: true })], { id: "mdl_1", version: 1 }, "use_facts"],
    ["something of another model", [record({ model: "openai/gpt-7" })], null, "ok"],
  ])("%s", async (_, models, facts, said) => {
    start([], { models });
    expect(await ask(TEAM_KEY, { facts })).toBe(said);
  });

  test("is told with the answer, and kept where Postgres is away", async () => {
    start([], { models: [record()] });
    const answer = { ok: false, code: "use_facts", model: GPT, record: record() };
    expect(await world.core.admit(world.request(TEAM_KEY))).toEqual(answer);
    expect(await world.core.routes(presented(TEAM_KEY))).toMatchObject({
      facts: [record()],
      principal: { routed: true },
    });
    world.evict();
    expect(await world.core.admit(world.request(TEAM_KEY))).toEqual(answer);
  });
});

describe("a shard", () => {
  test("decides both as the Ledger does", async () => {
    const limits = [limit(TEAM, "cost", "month", 10 ** 6)];
    const rules = tree({ [TEAM]: access({ disabled: ["google/*"] }) });
    const shards = new ShardWorld({ ...tenant(), ...rules, limits, models: [record()] });
    const facts = { id: "mdl_1", version: 1 };
    const request = (more: Partial<AdmitRequest>) => {
      return shards.request(
        SQUAD_KEY,
        { inputTokens: 100, outputTokens: 50, costNano: 1_000 },
        { named: ASKED, ...more },
      );
    };
    await shards.shard.prepare(request({ facts }));
    const atShard = async (more: Partial<AdmitRequest>) => {
      const answer = await shards.shard.admit(request(more));
      return answer.ok ? "ok" : answer.code;
    };
    const other = { named: [...ASKED, named("google/b", "google/b")] };
    const said = [await atShard({}), await atShard({ facts }), await atShard({ facts, ...other })];
    shards.close();
    expect(said).toEqual(["use_facts", "ok", "model_not_enabled"]);
  });
});
