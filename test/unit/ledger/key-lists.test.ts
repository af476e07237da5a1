import { afterEach, describe, expect, test } from "vitest";
import { type KeyRecord, NO_SETTINGS, type RouteRecord } from "../../../worker/canonical/tenant.ts";
import type { AdmitRequest, Admitted, NamedModel, Whence } from "../../../worker/ledger/contract.ts";
import { BOUND, limit, ShardWorld } from "./shard-world.ts";
import { KEYS, keyRecord, organization, presented, ROOT, SQUAD, TEAM, tenant, World } from "./world.ts";

const [, , KEY] = KEYS as [string, string, string];
const HOME: Whence = { address: "203.0.113.7", origin: null };
const NO_ROUTE_TIMEOUTS = { headers: null, firstToken: null, idle: null, total: null };

/** Named as requests of the world name their model. */
const ROUTE: RouteRecord = {
  ...{ id: "rte_000000000000", organizationId: ROOT, name: "gpt-6", strategy: "ordered", version: 1, removed: false },
  ...{ targets: [{ model: "anthropic/claude", credential: null, weight: 1 }], timeouts: NO_ROUTE_TIMEOUTS },
};

const named = (name: string, meaning: string | null, param = "model"): NamedModel => ({ name, meaning, param });
const GPT = named("gpt-6", "openai/gpt-6");

let close = () => {};
afterEach(() => close());

function start(key: Partial<KeyRecord>, more: Partial<ReturnType<typeof tenant>> = {}): World {
  const keys = [keyRecord(KEY, key)];
  const world = new World({ configuration: { ...tenant(), keys, ...more } });
  close = () => world.storage.close();
  return world;
}

async function ask(world: World, more: Partial<AdmitRequest>): Promise<string> {
  const answer = await world.core.admit({ ...world.request(KEY), from: HOME, named: [GPT], ...more });
  return answer.ok ? "ok" : answer.code;
}

describe("the models a key may ask for", () => {
  test.each<[string, string[] | null, NamedModel[], string]>([
    ["all, without a list", null, [GPT], "ok"],
    ["by the name it is asked for", ["gpt-6"], [GPT], "ok"],
    ["by what the name means", ["openai/gpt-6"], [GPT], "ok"],
    ["by its provider", ["openai/*"], [GPT], "ok"],
    ["another of its provider", ["openai/gpt-6-mini"], [GPT], "model_not_allowed"],
    ["one whose name only begins so", ["openai/gpt"], [GPT], "model_not_allowed"],
    ["all of another provider", ["anthropic/*"], [GPT], "model_not_allowed"],
    ["a name that means nothing", ["openai/*"], [named("smart", null)], "model_not_allowed"],
    ["a listed one with fallbacks", ["openai/*"], [GPT, named("openai/b", "openai/b", "x")], "ok"],
    ["one with a fallback that is not", ["openai/*"], [GPT, named("google/b", "google/b", "x")], "model_not_allowed"],
    ["one whose request names nothing", ["openai/*"], [], "model_not_allowed"],
  ])("%s", async (_, models, asked, said) => {
    const world = start({ models });
    expect(await ask(world, { named: asked })).toBe(said);
    expect(world.core.health().open).toBe(said === "ok" ? 1 : 0);
  });

  test("a denial says which name, where it stands, and what is allowed", async () => {
    const world = start({ models: ["openai/*"] });
    const fallback = named("google/b", "google/b", "x-gaia-fallbacks");
    expect(await world.core.admit({ ...world.request(KEY), named: [GPT, fallback] })).toEqual({
      ...{ ok: false, code: "model_not_allowed", name: "google/b", param: "x-gaia-fallbacks" },
      allowed: ["openai/*"],
    });
  });

  test.each<[string, string[], string]>([
    ["by its name, wherever it leads", ["gpt-6"], "use_route"],
    ["not by a model that its name would mean elsewhere", ["openai/gpt-6"], "model_not_allowed"],
    ["not by the provider of that", ["openai/*"], "model_not_allowed"],
    ["not by its target", ["anthropic/claude"], "model_not_allowed"],
  ])("a route is allowed %s", async (_, models, said) => {
    const world = start({ models }, { routes: [ROUTE] });
    expect(await ask(world, {})).toBe(said);
  });

  test("the lists of a key's models are told to who lists them", async () => {
    const world = start({ models: ["openai/*"] });
    expect(await world.core.routes(presented(KEY))).toMatchObject({ ok: true, models: ["openai/*"] });
  });
});

describe("where a key may be used from", () => {
  const PAGE = "https://app.example.com";
  test.each<[string, Partial<KeyRecord>, Whence, string]>([
    ["anywhere, without lists", {}, { address: null, origin: null }, "ok"],
    ["a listed network", { ipRanges: ["203.0.113.0/24"] }, HOME, "ok"],
    ["another network", { ipRanges: ["198.51.100.0/24"] }, HOME, "ip_not_allowed"],
    ["an unknown address", { ipRanges: ["0.0.0.0/0", "::/0"] }, { address: null, origin: null }, "ip_not_allowed"],
    ["a listed page", { origins: [PAGE] }, { ...HOME, origin: PAGE }, "ok"],
    ["no page, with pages listed", { origins: [PAGE] }, HOME, "ok"],
    ["another page", { origins: [PAGE] }, { ...HOME, origin: `${PAGE}:8443` }, "origin_not_allowed"],
    ["a page without an origin", { origins: [PAGE] }, { ...HOME, origin: "null" }, "origin_not_allowed"],
    ["a page, with none listed", {}, { ...HOME, origin: PAGE }, "origin_not_allowed"],
    [
      "a listed page in another network",
      { origins: [PAGE], ipRanges: ["10.0.0.0/8"] },
      { ...HOME, origin: PAGE },
      "ip_not_allowed",
    ],
  ])("%s", async (_, key, from, said) => {
    const world = start(key);
    expect(await ask(world, { from })).toBe(said);
    const others = [world.core.authenticate, world.core.routes, world.core.ownKey];
    for (const other of others) {
      const answer = await other.call(world.core, presented(KEY), from);
      expect(answer.ok ? "ok" : answer.code).toBe(said);
    }
  });

  test("whoever does not say where it comes from comes from nowhere", async () => {
    const world = start({ ipRanges: ["0.0.0.0/0"] });
    expect(await world.core.authenticate(presented(KEY))).toMatchObject({ code: "ip_not_allowed" });
  });
});

describe("a key that was rotated", () => {
  const OLD = "0".repeat(64);
  const old = { ...presented(KEY), mac: OLD };

  test("opens by both texts while they overlap, and then by the new one", async () => {
    const world = start({});
    const { mac } = presented(KEY);
    const previous = { mac: OLD, expiresAt: world.now + 60_000 };
    await world.admitted(KEY);
    await world.core.configure(world.postgres.change(KEY, { mac, previous }));
    expect(await world.core.authenticate(old)).toMatchObject({ ok: true, principal: { keyId: KEY } });
    expect(await world.core.ownKey(old)).toMatchObject({ key: { presentedUntil: previous.expiresAt } });
    expect(await world.core.ownKey(presented(KEY))).toMatchObject({ key: { presentedUntil: null } });
    world.now += 60_000;
    expect(await world.core.authenticate(old)).toEqual({ ok: false, code: "key_expired" });
    expect(await world.core.authenticate(presented(KEY))).toMatchObject({ ok: true });
  });

  test("has one budget, whichever text is used", async () => {
    const previous = { mac: OLD, expiresAt: Number.MAX_SAFE_INTEGER };
    const world = start({ previous }, { limits: [limit(KEY, "requests", "total", 2)] });
    expect(await ask(world, {})).toBe("ok");
    expect(await ask(world, old)).toBe("ok");
    expect([await ask(world, {}), await ask(world, old)]).toEqual(["limit", "limit"]);
  });

  test.each<[Partial<KeyRecord>, string]>([
    [{ revoked: true }, "invalid_api_key"],
    [{ disabled: true }, "key_disabled"],
  ])("that is %j opens by neither", async (state, code) => {
    const world = start({ ...state, previous: { mac: OLD, expiresAt: Number.MAX_SAFE_INTEGER } });
    expect(await world.core.authenticate(old)).toEqual({ ok: false, code });
    expect(await world.core.authenticate(presented(KEY))).toEqual({ ok: false, code });
  });
});

describe("what a key may know of itself", () => {
  test("its terms, every limit up to the root, and what it has used", async () => {
    const limits = [
      limit(ROOT, "cost", "month", 10 ** 6),
      limit(TEAM, "requests", "day", 9),
      limit(KEY, "cost", "day", 10 ** 6),
    ];
    const world = start({ models: ["openai/*"], expiresAt: 8e12 }, { limits });
    const request = { ...world.request(KEY), named: [GPT] };
    const admitted = await world.core.admit(request);
    expect(await ask(world, {})).toBe("ok");
    const one = { handle: (admitted as Admitted).handle, eventId: request.draft.eventId };
    world.settle(one, { inputUncached: 7, cacheRead: 0, cacheWrite: 0, output: 3, costNano: 50 });
    const answer = await world.core.ownKey(presented(KEY));
    if (!answer.ok) throw new Error(answer.code);
    const { key } = answer;
    expect(key).toMatchObject({ name: `Key ${KEY}`, organization: "Squad", models: ["openai/*"], expiresAt: 8e12 });
    expect(key.limits.map((status) => status.limit.nodeId)).toEqual([KEY, TEAM, ROOT]);
    const settled = { requests: 1, inputTokens: 7, outputTokens: 3, costNano: 50 };
    const held = { requests: 1, inputTokens: 1_000, outputTokens: 500, costNano: 70_000 };
    const at = (text: string) => Date.parse(`${text}T00:00:00Z`);
    expect(key.usage).toEqual([
      { window: "day", startedAt: at("2126-11-24"), resetsAt: at("2126-11-25"), settled, held },
      { window: "month", startedAt: at("2126-11-01"), resetsAt: at("2126-12-01"), settled, held },
    ]);
  });
});

describe("a change of a key holds at the next request", () => {
  const CHANGES: [string, Partial<KeyRecord>, string][] = [
    ["revoked", { revoked: true }, "invalid_api_key"],
    ["disabled", { disabled: true }, "key_disabled"],
    ["its models", { models: ["google/*"] }, "model_not_allowed"],
    ["its networks", { ipRanges: ["10.0.0.0/8"] }, "ip_not_allowed"],
    ["its text", { mac: "1".repeat(64), previous: null }, "invalid_api_key"],
  ];

  test.each(CHANGES)("at the Ledger: %s", async (_, change, code) => {
    const world = start({});
    expect(await ask(world, {})).toBe("ok");
    await world.core.configure(world.postgres.change(KEY, change));
    expect(await ask(world, {})).toBe(code);
  });

  test.each(CHANGES)("where a shard admits: %s", async (_, change, code) => {
    const world = new ShardWorld({ ...tenant(), limits: [limit(TEAM, "cost", "month", 10 ** 6)] });
    close = () => world.close();
    const request = () => world.request(KEY, BOUND, { from: HOME, named: [GPT] });
    await world.admit(request());
    await world.shard.prepare(request());
    await world.settled();
    expect(await world.shard.admit(request())).toMatchObject({ ok: true });
    await world.ledger.core.configure(world.ledger.postgres.change(KEY, change));
    const next = request();
    expect(await world.shard.admit(next)).toEqual({ ok: false, code: "elsewhere" });
    expect(await world.ledger.core.admit(next)).toMatchObject({ ok: false, code });
  });

  test.each(CHANGES)("at what stands in for a Ledger that a caller cannot reach: %s", async (_, change, code) => {
    const settings = { ...NO_SETTINGS, onLedgerDown: { costNano: 10 ** 6, seconds: 60 } };
    const organizations = [
      organization(ROOT, null, "Root", { settings }),
      organization(TEAM, ROOT, "Team"),
      organization(SQUAD, TEAM, "Squad"),
    ];
    const world = new ShardWorld({ ...tenant(), organizations });
    close = () => world.close();
    const request = () => world.request(KEY, BOUND, { from: HOME, named: [GPT] });
    expect(await world.shard.admitAway(request())).toMatchObject({ ok: true });
    await world.ledger.core.authenticate(presented(KEY));
    await world.ledger.core.configure(world.ledger.postgres.change(KEY, change));
    expect(await world.shard.admitAway(request())).toMatchObject({ ok: false, code });
  });

  test("a shard admits by the lists it knows, and asks the Ledger about what is not on them", async () => {
    const keys = [keyRecord(KEY, { models: ["openai/*"] })];
    const world = new ShardWorld({ ...tenant(), keys, limits: [limit(TEAM, "cost", "month", 10 ** 6)] });
    close = () => world.close();
    const request = (model: string) => world.request(KEY, BOUND, { from: HOME, named: [named(model, model)] });
    await world.admit(request("openai/a"));
    await world.shard.prepare(request("openai/a"));
    await world.settled();
    expect(await world.shard.admit(request("openai/a"))).toMatchObject({ ok: true, principal: { restricted: true } });
    expect(await world.shard.admit(request("google/a"))).toEqual({ ok: false, code: "elsewhere" });
  });
});

test("a key that was stored before keys had lists may be used as before", async () => {
  const world = start({});
  await world.admitted(KEY);
  const [row] = world.storage.inspect<{ body: string }>("SELECT body FROM record WHERE kind = 'key'");
  const { models, ipRanges, origins, previous, name, ...before } = JSON.parse(row?.body ?? "{}");
  expect([models, ipRanges, origins, previous, name]).toEqual([null, null, null, null, `Key ${KEY}`]);
  world.storage.inspect("UPDATE record SET body = ? WHERE kind = 'key'", JSON.stringify(before));
  world.evict();
  expect(await ask(world, {})).toBe("ok");
  expect(await world.core.ownKey(presented(KEY))).toMatchObject({
    key: { models: null, ipRanges: null, origins: null },
  });
});
