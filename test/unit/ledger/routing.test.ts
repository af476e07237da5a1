import { afterEach, describe, expect, test } from "vitest";
import { NO_SETTINGS, type RouteRecord } from "../../../worker/canonical/tenant.ts";
import type { AdmitRequest } from "../../../worker/ledger/contract.ts";
import { limit, push, ROOT_KEY, SQUAD_KEY, start, TEAM_KEY, world } from "./limit-world.ts";
import { ShardWorld } from "./shard-world.ts";
import { presented, ROOT, SQUAD, TEAM, tenant } from "./world.ts";

const TARGETS = [{ model: "openai/gpt-6", credential: null, weight: 1 }];
const TIMEOUTS = { headers: null, firstToken: null, idle: null, total: null };

/** Named as requests of the world name their model, unless told otherwise. */
const route = (id: string, organizationId: string, more: Partial<RouteRecord> = {}): RouteRecord => ({
  ...{ id, organizationId, name: "gpt-6", strategy: "ordered", targets: TARGETS, timeouts: TIMEOUTS },
  ...{ version: 1, removed: false, ...more },
});

/** An admission's answer: the id and version of the route it must be planned by, "none" for none, or its code. */
const said = (answer: { ok: boolean; code?: string; route?: RouteRecord | null }): string => {
  if (answer.ok) return "ok";
  if (answer.code !== "use_route") return String(answer.code);
  return answer.route ? `${answer.route.id}/${answer.route.version}` : "none";
};

const ask = async (key: string, planned: AdmitRequest["route"], more: Partial<AdmitRequest> = {}) =>
  said(await world.core.admit({ ...world.request(key), route: planned, ...more }));

const routesOf = async (key: string) => {
  const answer = await world.core.routes(presented(key));
  if (!answer.ok) return answer.code;
  expect(answer.principal.routed).toBe(answer.routes.length > 0);
  return answer.routes.map(({ id }) => id).sort();
};

describe("the route in force", () => {
  afterEach(() => world.storage.close());
  const ROUTES = [route("rte_root", ROOT), route("rte_team", TEAM), route("rte_other", TEAM, { name: "other" })];

  test("is the nearest above the key", async () => {
    start([], { routes: ROUTES });
    expect(await ask(ROOT_KEY, null)).toBe("rte_root/1");
    expect(await ask(TEAM_KEY, null)).toBe("rte_team/1");
    expect(await ask(SQUAD_KEY, null)).toBe("rte_team/1");
    expect(await ask(SQUAD_KEY, { id: "rte_team", version: 1 })).toBe("ok");
    expect(world.core.health().open).toBe(1);
  });

  test.each<[string, AdmitRequest["route"], string]>([
    ["that one", { id: "rte_team", version: 1 }, "ok"],
    ["an older version of it", { id: "rte_team", version: 0 }, "rte_team/1"],
    ["a later version of it", { id: "rte_team", version: 2 }, "rte_team/1"],
    ["another of the same version", { id: "rte_root", version: 1 }, "rte_team/1"],
    ["none", null, "rte_team/1"],
  ])("where the request is planned by %s", async (_, planned, answer) => {
    start([], { routes: ROUTES });
    expect(await ask(SQUAD_KEY, planned)).toBe(answer);
  });

  test("is none for another name, in other capitals, and for a route that was removed", async () => {
    const others = [route("rte_a", ROOT, { name: "GPT-6" }), route("rte_b", ROOT, { removed: true })];
    start([], { routes: [...others, route("rte_c", SQUAD)] });
    expect(await ask(TEAM_KEY, null)).toBe("ok");
    expect(await ask(TEAM_KEY, { id: "rte_b", version: 1 })).toBe("none");
  });

  test("is asked for before limits are", async () => {
    start([limit(ROOT, "requests", "day", 0)], { routes: ROUTES });
    expect(await ask(ROOT_KEY, null)).toBe("rte_root/1");
    expect(await ask(ROOT_KEY, { id: "rte_root", version: 1 })).toBe("limit");
    expect(world.core.counters.of(ROOT).held.requests).toBe(0);
  });

  test("does not matter to what goes to a limit's cheaper model, nor to what is admitted already", async () => {
    start([], { routes: ROUTES });
    expect(await ask(SQUAD_KEY, null, { substituted: true })).toBe("ok");
    const request = { ...world.request(SQUAD_KEY), route: { id: "rte_team", version: 1 } };
    const first = await world.core.admit(request);
    await push({ routes: [route("rte_team", TEAM, { version: 2 })] });
    expect(await world.core.admit(request)).toMatchObject({ ok: true, handle: first.ok && first.handle });
    expect(await ask(SQUAD_KEY, request.route)).toBe("rte_team/2");
  });

  test("changes with the next request after a push, and after a restart it is the same", async () => {
    start([]);
    expect(await ask(SQUAD_KEY, null)).toBe("ok");
    expect(await routesOf(SQUAD_KEY)).toEqual([]);
    await push({ routes: [route("rte_root", ROOT)] });
    world.postgres.weather = "down";
    for (let restarts = 0; restarts < 2; restarts++) {
      expect(await ask(SQUAD_KEY, null)).toBe("rte_root/1");
      expect(await routesOf(SQUAD_KEY)).toEqual(["rte_root"]);
      world.evict();
    }
    await push({ routes: [route("rte_root", ROOT, { removed: true, version: 2 })] });
    expect(await ask(SQUAD_KEY, { id: "rte_root", version: 1 })).toBe("none");
    expect(await routesOf(SQUAD_KEY)).toEqual([]);
  });
});

describe("the routes of a key", () => {
  afterEach(() => world.storage.close());

  test("are those above it, each name once, and say so in its principal", async () => {
    start([], {
      routes: [
        ...[route("rte_root", ROOT), route("rte_team", TEAM), route("rte_deep", SQUAD, { name: "deep" })],
        ...[route("rte_all", ROOT, { name: "all" }), route("rte_gone", TEAM, { name: "gone", removed: true })],
      ],
    });
    expect(await routesOf(ROOT_KEY)).toEqual(["rte_all", "rte_root"]);
    expect(await routesOf(TEAM_KEY)).toEqual(["rte_all", "rte_team"]);
    expect(await routesOf(SQUAD_KEY)).toEqual(["rte_all", "rte_deep", "rte_team"]);
    expect(await world.core.authenticate(presented(SQUAD_KEY))).toMatchObject({ principal: { routed: true } });
  });

  test("are told to nobody else", async () => {
    start([], { routes: [route("rte_root", ROOT)] });
    expect(await world.core.routes({ ...presented(SQUAD_KEY), mac: "0".repeat(64) })).toEqual({
      ...{ ok: false, code: "invalid_api_key" },
    });
    expect(await routesOf("key_nobody000000")).toBe("invalid_api_key");
    await expect(world.core.routes({ ...presented(SQUAD_KEY), rootId: "org_other000" })).rejects.toThrow(
      "org_other000",
    );
  });

  test("are none where there is no such root", async () => {
    start([]);
    const key = { ...presented(SQUAD_KEY), rootId: "org_other000" };
    expect(await world.core.routes(key)).toEqual({ ok: false, code: "invalid_api_key" });
  });
});

describe("a shard", () => {
  const BOUND = { inputTokens: 100, outputTokens: 50, costNano: 1_000 };
  const V1 = { id: "rte_team", version: 1 };
  let shards: ShardWorld;
  const begin = (more: Partial<ReturnType<typeof tenant>> = {}) => {
    const limits = [limit(TEAM, "cost", "month", 10 ** 6)];
    shards = new ShardWorld({ ...tenant(), limits, routes: [route("rte_team", TEAM)], ...more });
  };
  const request = (planned: AdmitRequest["route"]) => ({ ...shards.request(SQUAD_KEY, BOUND), route: planned });
  const atShard = async (planned: AdmitRequest["route"]) => said(await shards.shard.admit(request(planned)));
  afterEach(() => shards.close());

  test("with a slice says which route, as the Ledger does", async () => {
    begin();
    await shards.shard.prepare(request(V1));
    expect(await atShard(null)).toBe("rte_team/1");
    expect(await atShard(V1)).toBe("ok");
  });

  test("without a slice leaves it to the Ledger, for it may be behind", async () => {
    begin();
    await shards.shard.prepare(shards.request(ROOT_KEY, BOUND));
    expect(await atShard(null)).toBe("elsewhere");
  });

  test("learns a changed route with the end of its slices", async () => {
    begin();
    await shards.shard.prepare(request(V1));
    expect(await atShard(V1)).toBe("ok");
    const { postgres, core } = shards.ledger;
    const routes = [route("rte_team", TEAM, { version: 2 })];
    postgres.configuration = { ...postgres.configuration, version: 2, routes };
    const none = { organizations: [], keys: [], limits: [], prices: [], webhooks: [], models: [] };
    await core.configure({ rootId: ROOT, previous: 1, version: 2, ...none, routes });
    expect(await atShard(V1)).toBe("elsewhere");
    await shards.shard.prepare(request(V1));
    expect(await atShard(V1)).toBe("rte_team/2");
  });

  test("says it also while the Ledger is away", async () => {
    const settings = { ...NO_SETTINGS, onLedgerDown: { costNano: 10_000, seconds: 60 } };
    begin({ organizations: tenant().organizations.map((one) => ({ ...one, settings })) });
    expect(said(await shards.shard.admitAway(request(null)))).toBe("rte_team/1");
    const planned = request(V1);
    const first = await shards.shard.admitAway(planned);
    expect(said(first)).toBe("ok");
    expect(await shards.shard.admitAway({ ...planned, route: null })).toMatchObject({ ok: true });
  });
});
