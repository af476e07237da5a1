import { afterEach, describe, expect, test } from "vitest";
import type { LimitMetric, LimitWindow } from "../../../worker/canonical/tenant.ts";
import {
  admitted,
  ask,
  bound,
  DAY,
  HOUR,
  limit,
  NEED,
  push,
  ROOT_KEY,
  refusal,
  SQUAD_KEY,
  start,
  TEAM_KEY,
  use,
  world,
} from "./limit-world.ts";
import { BEGINNING, organization, ROOT, SQUAD, TEAM } from "./world.ts";

afterEach(() => world.storage.close());

describe("every metric, in every window, on every node above the key", () => {
  const metrics: LimitMetric[] = ["requests", "input_tokens", "output_tokens", "total_tokens", "cost"];
  const windows: LimitWindow[] = ["minute", "hour", "day", "week", "month", "total"];
  const rows = metrics.flatMap((metric) => windows.map((window) => [metric, window] as const));
  test.each([...rows, ["concurrent_requests", "now"] as const])("%s a %s", async (metric, window) => {
    for (const node of [SQUAD_KEY, SQUAD, TEAM, ROOT]) {
      start([limit(node, metric, window, 3 * NEED[metric])]);
      for (let i = 0; i < 3; i++) await admitted(SQUAD_KEY);
      expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: node, metric, window, held: 3 * NEED[metric] });
      world.storage.close();
    }
    start([limit(SQUAD, metric, window, 3 * NEED[metric])]);
    for (let i = 0; i < 4; i++) await admitted(TEAM_KEY);
  });
});

describe("the edge", () => {
  test("a limit of N allows N, not N - 1: the original's off by one", async () => {
    start([limit(ROOT, "requests", "month", 3)]);
    await use(ROOT_KEY, { requests: 3 });
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ settled: 3, held: 0, needed: 1, reason: "exhausted" });
  });

  test("0 means none, no row means no limit", async () => {
    start([limit(SQUAD, "requests", "total", 0)]);
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ amount: 0, reason: "exhausted" });
    await admitted(TEAM_KEY);
  });

  test("a stream counts like any other: the original's streams bypassed every limit", async () => {
    start([limit(ROOT, "requests", "total", 1)]);
    const request = world.request(ROOT_KEY, { bound: bound() });
    const answer = await world.core.admit({ ...request, draft: { ...request.draft, streamed: true } });
    expect(answer.ok).toBe(true);
    expect((await ask(ROOT_KEY)).ok).toBe(false);
  });

  test("nothing is written, held or told upstream for a request that an ancestor refuses", async () => {
    start([limit(SQUAD, "cost", "day", 10_000), limit(ROOT, "cost", "total", 500)]);
    await world.core.authenticate({ rootId: ROOT, keyId: SQUAD_KEY, mac: SQUAD_KEY.padEnd(64, "f") });
    const { statements } = world.storage;
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: ROOT, nodeName: "Root" });
    expect(world.storage.statements).toBe(statements);
    expect(world.core.counters.of(SQUAD).held.requests).toBe(0);
  });

  test("a request at the month's end is charged to the month it began in", async () => {
    start([limit(ROOT, "requests", "month", 1)]);
    world.now = Date.UTC(2126, 10, 30, 23, 59, 59);
    const one = await admitted(ROOT_KEY);
    world.now += 2_000;
    const other = await admitted(ROOT_KEY);
    world.settle(one);
    world.settle(other);
    const { counters } = world.core;
    expect(counters.of(ROOT, "month/2126-11").settled.requests).toBe(1);
    expect(counters.of(ROOT, "month/2126-12").settled.requests).toBe(1);
  });

  test("days begin at midnight of the limit's own node", async () => {
    const organizations = [
      organization(ROOT, null, "Root"),
      organization(TEAM, ROOT, "Team", { timeZone: "Asia/Tokyo" }),
    ];
    start([limit(TEAM, "requests", "day", 1)], { organizations });
    world.now = Date.UTC(2126, 10, 24, 14, 59);
    await use(TEAM_KEY, {});
    expect(refusal(await ask(TEAM_KEY))).toMatchObject({ resetsAt: Date.UTC(2126, 10, 24, 15) });
    world.now += 60_000;
    await admitted(TEAM_KEY);
  });
});

describe("changing a limit holds at the next request", () => {
  test("raised, lowered, removed, overridden for a while", async () => {
    const month = limit(ROOT, "requests", "month", 1);
    start([month]);
    await use(ROOT_KEY, {});
    expect((await ask(ROOT_KEY)).ok).toBe(false);
    await push({ limits: [{ ...month, amount: 3 }] });
    await use(ROOT_KEY, {});
    await push({ limits: [{ ...month, amount: 2 }] });
    expect((await ask(ROOT_KEY)).ok).toBe(false);
    await push({ limits: [{ ...month, amount: 2, override: { amount: 9, until: world.now + HOUR } }] });
    await use(ROOT_KEY, {});
    world.now += HOUR;
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ amount: 2, settled: 3 });
    await push({ limits: [{ ...month, removed: true }] });
    expect((await admitted(ROOT_KEY)).answer.principal.limited).toBe(false);
  });

  test("one that is made in the middle of the month finds what was used in it", async () => {
    start([]);
    await use(SQUAD_KEY, { cost: 700 });
    await push({ limits: [limit(TEAM, "cost", "month", 1_500)] });
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ settled: 700, needed: 1_000 });
  });

  test("an archived organization spends nothing, nor do those below it: the original's deleted ones did", async () => {
    start([]);
    await admitted(SQUAD_KEY);
    await push({ organizations: [organization(TEAM, ROOT, "Team", { archived: true })] });
    expect(await ask(SQUAD_KEY)).toEqual({ ok: false, code: "organization_archived" });
    await admitted(ROOT_KEY);
    await push({ organizations: [organization(TEAM, ROOT, "Team")] });
    await admitted(SQUAD_KEY);
  });

  test("whoever waits goes when the limit is raised", async () => {
    const total = limit(ROOT, "requests", "total", 1);
    start([total]);
    await admitted(ROOT_KEY);
    const waiting = ask(ROOT_KEY, { patience: 2_000 });
    await push({ limits: [{ ...total, amount: 2 }] });
    expect((await waiting).ok).toBe(true);
  });

  test("whoever waits goes when a drain brings the raised limit whose push was lost", async () => {
    const total = limit(ROOT, "requests", "total", 2);
    start([total]);
    await use(ROOT_KEY, {});
    await admitted(ROOT_KEY);
    const waiting = ask(ROOT_KEY, { patience: 2_000 });
    const { configuration } = world.postgres;
    world.postgres.configuration = { ...configuration, version: 2, limits: [{ ...total, amount: 3 }] };
    await world.pass(1_000);
    expect(world.core.counters.of(ROOT).held.requests).toBe(2);
    expect((await waiting).ok).toBe(true);
  });
});

describe("mode warn", () => {
  test("lets everything pass and says what is exceeded", async () => {
    start([limit(ROOT, "requests", "day", 1, { mode: "warn" })]);
    expect((await admitted(ROOT_KEY)).answer).toMatchObject({ exceeded: [], principal: { limited: false } });
    expect((await admitted(ROOT_KEY)).answer.exceeded).toEqual(["requests/day"]);
  });
});

describe("what has no bound or no price", () => {
  test.each([
    ["an unpriced model", { priced: false }, { ok: false, code: "model_not_priced" }],
    ["an unbounded request", { unboundedBy: "tools[0]" }, { ok: false, code: "unbounded_request", param: "tools[0]" }],
  ])("%s is refused under a hard limit on cost, and under no other", async (_, more, denial) => {
    start([limit(TEAM, "cost", "month", 10 ** 9), limit(ROOT, "requests", "day", 9)]);
    expect(await ask(TEAM_KEY, more)).toEqual(denial);
    await admitted(ROOT_KEY, more);
    start([limit(TEAM, "cost", "month", 10 ** 9, { mode: "warn" })]);
    await admitted(TEAM_KEY, more);
  });

  test("a price of the tenant's own must be the one it is bounded by", async () => {
    const price = {
      ...{ id: "prc_000000000001", organizationId: TEAM, model: "openai/gpt-6", from: 0, until: null },
      ...{ price: { rates: { input: "1" } }, removed: false },
    };
    start([], { prices: [price] });
    expect(await ask(SQUAD_KEY)).toEqual({ ok: false, code: "use_price", price });
    const request = world.request(SQUAD_KEY, { bound: bound() });
    const priced = { ...request, draft: { ...request.draft, priceVersion: price.id } };
    expect((await world.core.admit(priced)).ok).toBe(true);
    const elsewhere = { ...world.request(ROOT_KEY, { bound: bound() }) };
    expect(await world.core.admit({ ...elsewhere, draft: { ...elsewhere.draft, priceVersion: price.id } })).toEqual({
      ok: false,
      code: "use_price",
      price: null,
    });
  });
});

describe("a cheaper model", () => {
  const fallback = { percent: 80, model: "openai/gpt-6-mini" };

  test("is used from the threshold on, and instead of a refusal", async () => {
    const budget = limit(ROOT, "cost", "month", 10_000, { fallback });
    start([budget]);
    await use(ROOT_KEY, { cost: 7_900 });
    await admitted(ROOT_KEY);
    const tight = bound({ costNano: 5_000 });
    expect(await ask(ROOT_KEY, { bound: tight })).toEqual({
      ...{ ok: false, code: "use_model", model: fallback.model, limitId: budget.id },
    });
    await use(ROOT_KEY, { cost: 100 });
    expect(await ask(ROOT_KEY)).toMatchObject({ code: "use_model" });
    await admitted(ROOT_KEY, { substituted: true });
    expect(refusal(await ask(ROOT_KEY, { substituted: true, bound: tight }))).toMatchObject({ limitId: budget.id });
  });
});

describe("what is told", () => {
  test("rate limits: of each metric the one with the least left", async () => {
    start([
      limit(ROOT, "requests", "day", 1_000),
      limit(TEAM, "requests", "minute", 60),
      limit(SQUAD_KEY, "total_tokens", "month", 10_000),
    ]);
    const { answer } = await admitted(SQUAD_KEY);
    expect(answer.rates).toEqual([
      { metric: "requests", limit: 60, remaining: 59, resetsAt: BEGINNING },
      { metric: "total_tokens", limit: 10_000, remaining: 9_850, resetsAt: Date.UTC(2126, 11, 1) },
    ]);
  });

  test("notices at 50, 80 and 100 percent and at a refusal, each with one name", async () => {
    const budget = limit(TEAM, "cost", "month", 1_000);
    start([budget, limit(ROOT, "requests", "minute", 100)]);
    const told = () => [...world.notices.keys()].map((key) => key.split("/").slice(3).join("/"));
    await use(SQUAD_KEY, { cost: 499 });
    expect(told()).toEqual([]);
    await use(SQUAD_KEY, { cost: 1 });
    await use(SQUAD_KEY, { cost: 0 });
    expect(told()).toEqual(["50/1000"]);
    await use(SQUAD_KEY, { cost: 500 });
    expect(told()).toEqual(["50/1000", "80/1000", "100/1000"]);
    await ask(SQUAD_KEY);
    expect(told()).toEqual(["50/1000", "80/1000", "100/1000", "exhausted/1000"]);
    expect([...world.notices.values()][0]).toMatchObject({ organizationPath: [TEAM, ROOT], event: "limit.threshold" });
  });

  test("how limits stand", async () => {
    start([limit(TEAM, "cost", "month", 1_000), limit(TEAM, "concurrent_requests", "now", 5)]);
    await use(SQUAD_KEY, { cost: 900 });
    await admitted(SQUAD_KEY, { bound: bound({ costNano: 60 }) });
    expect(world.core.limits([TEAM, ROOT])).toMatchObject([
      { amount: 1_000, settled: 900, held: 60, state: "warned", resetsAt: Date.UTC(2126, 11, 1) },
      { amount: 5, settled: 0, held: 1, state: "ok", resetsAt: null },
    ]);
  });
});

describe("a Ledger that begins without its storage", () => {
  test("finds what Postgres has counted, in the windows of each node's own zone", async () => {
    const organizations = [
      ...[organization(ROOT, null, "Root"), organization(TEAM, ROOT, "Team", { timeZone: "Asia/Tokyo" })],
      organization(SQUAD, TEAM, "Squad"),
    ];
    start([limit(ROOT, "cost", "total", 5_000), limit(TEAM, "cost", "day", 3_000)], { organizations });
    world.sums = (boundaries) =>
      boundaries.map((boundary, index) => ({
        ...{ boundary: index, keyId: SQUAD_KEY, organizationId: SQUAD },
        settled: [1, 10, 20, boundary.window === "total" ? 4_500 : 2_500] as [number, number, number, number],
      }));
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: TEAM, settled: 2_500 });
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ nodeId: ROOT, settled: 4_500 });
    world.evict();
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: TEAM, settled: 2_500 });
    expect(world.core.sums().nodes.find(({ nodeId, window }) => nodeId === TEAM && window === "total")).toMatchObject({
      settled: [1, 10, 20, 4_500],
    });
  });

  test("is not to be had while Postgres is away", async () => {
    start([]);
    world.sums = () => {
      throw new Error("connection refused");
    };
    await expect(ask(ROOT_KEY)).rejects.toThrow("connection refused");
    world.sums = () => [];
    expect((await ask(ROOT_KEY)).ok).toBe(true);
  });
});

describe("corrections that Postgres has already", () => {
  test("are counted in the windows of their requests, durably", async () => {
    start([limit(ROOT, "cost", "month", 10_000)]);
    await use(SQUAD_KEY, { cost: 9_500 });
    const one = { id: "a/1", keyId: SQUAD_KEY, organizationId: SQUAD, startedAt: world.now, costNano: -9_000 };
    world.core.adjust([one, { ...one, id: "b/1", startedAt: world.now - 60 * DAY, costNano: -1 }]);
    world.core.adjust([one]);
    world.evict();
    expect(world.core.counters.of(ROOT).settled.costNano).toBe(499);
    expect(world.core.limits([ROOT])[0]).toMatchObject({ settled: 500 });
    await admitted(SQUAD_KEY);
  });

  test("are refused where they cannot be stored, and counted once when they are told again", async () => {
    start([limit(ROOT, "cost", "month", 10_000)]);
    await use(SQUAD_KEY, { cost: 9_500 });
    const one = { id: "a/1", keyId: SQUAD_KEY, organizationId: SQUAD, startedAt: world.now, costNano: -9_000 };
    world.storage.failWrites = true;
    expect(() => world.core.adjust([one])).toThrow("could not be stored");
    expect(world.core.counters.of(ROOT).settled.costNano).toBe(9_500);
    world.storage.failWrites = false;
    world.core.adjust([one]);
    world.evict();
    expect(world.core.counters.of(ROOT).settled.costNano).toBe(500);
  });
});
