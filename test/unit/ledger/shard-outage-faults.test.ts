import { afterEach, expect, test, vi } from "vitest";
import { NO_SETTINGS } from "../../../worker/canonical/tenant.ts";
import { BOUND, limit, type Running, ShardWorld } from "./shard-world.ts";
import { KEYS, organization, ROOT, SQUAD, TEAM, tenant } from "./world.ts";

/** What went wrong between Ledger and shards while one of them, or Postgres, could not be reached. */

const [ROOT_KEY, TEAM_KEY, SQUAD_KEY] = KEYS as [string, string, string];
const HOUR_MS = 3_600_000;

const allowing = (costNano: number) => [
  organization(ROOT, null, "Root"),
  organization(TEAM, ROOT, "Team", { settings: { ...NO_SETTINGS, onLedgerDown: { costNano, seconds: 600 } } }),
  organization(SQUAD, TEAM, "Squad"),
];

let world: ShardWorld;
afterEach(() => world.close());

function begin(allowed = 10 ** 6): void {
  const limits = [limit(TEAM, "cost", "total", 10 ** 6)];
  world = new ShardWorld({ ...tenant(), limits, organizations: allowing(allowed) }, 4);
}

/** A slice for the key is there: as an isolate does that hears of the limits for the first time. */
async function borrowed(key = SQUAD_KEY): Promise<void> {
  await world.admit(world.request(key, BOUND));
  await world.shard.prepare(world.request(key, BOUND));
  await world.settled();
}

async function near(): Promise<Running> {
  const one = await world.admit(world.request(SQUAD_KEY, BOUND));
  expect(one?.at).toBe("shard");
  return one as Running;
}

const away = (costNano = BOUND.costNano, key = SQUAD_KEY) =>
  world.shard.admitAway(world.request(key, { ...BOUND, costNano }));

const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };

/** A shard gives back what it does not know to have been lent. */
const givenBack = (id: string) => ({
  ...{ id, number: 1, used: NOTHING, slice: NOTHING, concurrent: 0, extend: null, end: "final" as const, away: null },
});

const leaseRows = () => world.ledger.storage.inspect("SELECT id FROM lease").length;

test("a key's question that was not answered is given back before the Ledger is asked again", async () => {
  begin();
  world.way = "cut";
  for (let i = 0; i < 10; i++) {
    await world.shard.prepare(world.request(SQUAD_KEY, BOUND));
    await world.pass(3_000);
  }
  expect(world.shard.health().leases).toBe(1);
  expect(world.calls.lease).toBe(1);
  world.way = "open";
  await world.pass(60_000);
  expect(world.shard.health().leases).toBe(0);
  await borrowed();
  await near();
});

test("a question that was not answered does not hasten the next report", async () => {
  begin();
  world.way = "cut";
  await world.shard.prepare(world.request(SQUAD_KEY, BOUND));
  await world.pass(30_000);
  const before = world.calls.report;
  await world.shard.prepare(world.request(TEAM_KEY, BOUND));
  await world.pass(100);
  expect([world.calls.lease, world.calls.report]).toEqual([2, before]);
});

test("what was never lent is remembered for two days, outside the snapshot", async () => {
  begin();
  const { draft: _draft, ...presented } = world.request(SQUAD_KEY, BOUND);
  await borrowed();
  await world.pass(400_000);
  const ids = Array.from({ length: 50 }, (_, i) => `weur-1/never${i}`);
  for (let i = 0; i < 2; i++) {
    expect((await world.ledger.core.report(ROOT, ids.map(givenBack))).unknown).toEqual(ids);
    world.ledger.evict();
  }
  const [header] = world.ledger.storage.inspect<{ body: string }>("SELECT body FROM snapshot WHERE part = -1");
  expect(JSON.parse(header?.body ?? "{}")).toMatchObject({ leases: [] });
  const question = { shard: "weur-1", need: { requests: 1, ...BOUND }, burn: NOTHING, running: 0 };
  const late = { ...presented, ...question, id: ids[7] as string };
  expect(await world.ledger.core.lease(late)).toMatchObject({ ok: false });
  await world.pass(50 * HOUR_MS);
  expect(leaseRows()).toBe(50);
  // Enough to be worth a snapshot.
  await world.ledger.core.report(ROOT, ["a", "b", "c", "d"].map(givenBack));
  expect(leaseRows()).toBe(4);
});

test("leases that were used stand in the snapshot, and others do not", async () => {
  begin();
  await borrowed();
  await borrowed(TEAM_KEY);
  world.settle(await near(), { costNano: 300 });
  await world.pass(1_000);
  await world.ledger.core.report(ROOT, ["a", "b", "c", "d"].map(givenBack));
  const [header] = world.ledger.storage.inspect<{ body: string }>("SELECT body FROM snapshot WHERE part = -1");
  expect(JSON.parse(header?.body ?? "{}").leases).toMatchObject([[expect.any(String), { costNano: 300 }]]);
});

test("thousands of leases are told of in several calls", async () => {
  begin();
  await borrowed();
  for (let i = 0; i < 2_500; i++) {
    const body = {
      id: `weur-1/many${i}`,
      keyId: SQUAD_KEY,
      slice: NOTHING,
      concurrent: 0,
      metrics: [],
      from: 0,
      until: 0,
    };
    const rest = { rates: [], exceeded: [], away: null, expiredAt: null, usedAt: 0 };
    const text = JSON.stringify({ ...body, ...rest });
    world.storage.sql.exec("INSERT INTO borrowed (id, body) VALUES (?, ?)", body.id, text);
  }
  world.evictShard();
  const report = vi.spyOn(world.ledger.core, "report");
  await world.pass(10);
  const told = report.mock.calls.map(([, reports]) => reports.length);
  expect(Math.max(...told)).toBe(1_000);
  expect(told.slice(0, 3).reduce((sum, one) => sum + one, 0)).toBe(2_501);
  expect(world.shard.health().leases).toBe(1);
});

test("a request above what an outage allows does not begin one that never ends", async () => {
  begin(1_000);
  expect(await away(5_000)).toMatchObject({ code: "ledger_unavailable" });
  await world.pass(700_000);
  expect(await away(1_000)).toMatchObject({ ok: true });
});

test("an outage in which nothing was allowed is over with a restart", async () => {
  begin(1_000);
  await borrowed();
  const ended = world.now - 1;
  world.storage.sql.exec("INSERT INTO outage (organization, until, cost_nano) VALUES (?, ?, ?)", TEAM, ended, 1_000);
  world.evictShard();
  expect(await away(1_000)).toMatchObject({ ok: true });
});

test.each([true, false])(
  "a revoked key is refused where a shard decides, after a gap in versions with Postgres away; recall arrives: %s",
  async (arrives) => {
    begin();
    await borrowed();
    await near();
    if (!arrives) world.ledger.recall = async () => {};
    const { postgres } = world.ledger;
    postgres.change(TEAM_KEY, { disabled: true });
    const change = postgres.change(SQUAD_KEY, { revoked: true });
    postgres.weather = "down";
    await expect(world.ledger.core.configure(change)).rejects.toThrow("connection refused");
    // Where the shard could not be told, its lease is at least not extended.
    if (!arrives) await world.pass(31_000);
    expect(await world.admit(world.request(SQUAD_KEY, BOUND))).toBeNull();
  },
);

test("what a Ledger has lent under an unfinished configuration is recalled once it has the whole", async () => {
  begin();
  await borrowed();
  const versions: number[] = [];
  world.ledger.recall = async (_shards, version) => void versions.push(version);
  const { postgres } = world.ledger;
  postgres.change(TEAM_KEY, { disabled: true });
  const change = postgres.change(ROOT_KEY, { revoked: true });
  postgres.weather = "down";
  await world.ledger.core.configure(change).catch(() => {});
  postgres.weather = "fine";
  await world.pass(10_000);
  expect(versions).toEqual([3, 3]);
});

test("a request that is asked for again in an outage is not refused for what it holds itself", async () => {
  begin(1_000);
  const request = world.request(SQUAD_KEY, BOUND);
  const first = await world.shard.admitAway(request);
  expect(first).toMatchObject({ ok: true });
  expect(await world.shard.admitAway(request)).toEqual(first);
});

test("the requests of an outage are forgotten once they cannot be corrected any more", async () => {
  begin();
  await away();
  await world.pass(400_000);
  await world.pass(26 * HOUR_MS);
  expect(world.shard.health().leases).toBe(0);
  expect(world.storage.inspect("SELECT * FROM away")).toEqual([]);
});

/** The nodes of leases and outages that the shard's snapshot counts. */
const countedNodes = (): string[] => {
  const parts = world.storage.inspect<{ body: string }>("SELECT body FROM snapshot WHERE part >= 0");
  const nodes = parts.flatMap(({ body }) => (JSON.parse(body) as [string][]).map(([node]) => node));
  return nodes.filter((node) => node.startsWith("lease/") || node.startsWith("away/"));
};

test("a lease that has ended is not counted again after a restart", async () => {
  begin();
  await borrowed();
  for (let i = 0; i < 4; i++) world.settle(await near(), { costNano: 1 });
  const [ended] = countedNodes();
  expect(ended).toBeDefined();
  await world.pass(400_000);
  expect(world.shard.health().leases).toBe(0);
  world.evictShard();
  await borrowed();
  for (let i = 0; i < 4; i++) world.settle(await near(), { costNano: 1 });
  expect(countedNodes()).not.toContain(ended);
});

test("a lease that was given up is not counted again by what is still under way in it", async () => {
  begin();
  await borrowed();
  const running = await near();
  const { core } = world.ledger;
  const report = vi.spyOn(core, "report").mockImplementation(async (_root, reports) => ({
    ...{ unknown: reports.map(({ id }) => id), stale: [], extended: [], cooling: [] },
  }));
  await world.pass(1_000);
  await world.pass(40_000);
  report.mockRestore();
  expect(world.shard.health().leases).toBe(0);
  const given = world.storage.inspect<{ admission: string }>("SELECT admission FROM journal");
  const [lease] = (JSON.parse(given[0]?.admission ?? "{}") as { path: string[] }).path;
  world.settle(running, { costNano: 1 });
  await borrowed();
  for (let i = 0; i < 4; i++) world.settle(await near(), { costNano: 1 });
  expect(countedNodes()).not.toContain(lease);
});

test("requests that nothing is allowed to do not each ask Postgres for the configuration", async () => {
  begin();
  await away(BOUND.costNano, ROOT_KEY);
  const before = world.ledger.postgres.loads;
  for (let i = 0; i < 20; i++) await away(BOUND.costNano, ROOT_KEY);
  await Promise.all(Array.from({ length: 20 }, () => away(BOUND.costNano, ROOT_KEY)));
  expect(world.ledger.postgres.loads).toBe(before);
  await world.pass(5_000);
  await away(BOUND.costNano, ROOT_KEY);
  expect(world.ledger.postgres.loads).toBe(before + 1);
});

test.each(["block" as const, { costNano: 10 ** 6, seconds: 600 }, null])(
  "the shard for outages is told what is allowed in one before it comes: %j",
  async (onLedgerDown) => {
    begin(onLedgerDown === "block" || onLedgerDown === null ? 10 ** 6 : 0);
    await world.admit(world.request(SQUAD_KEY, BOUND));
    // An outage that has just been over: it need not ask Postgres again for five seconds.
    await away(BOUND.costNano, ROOT_KEY);
    const told = organization(TEAM, ROOT, "Team", { settings: { ...NO_SETTINGS, onLedgerDown } });
    await world.ledger.core.configure(world.ledger.postgres.commit({ organizations: [told] }));
    world.ledger.postgres.weather = "down";
    expect((await away()).ok).toBe(typeof onLedgerDown === "object" && onLedgerDown !== null);
  },
);
