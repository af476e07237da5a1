import { afterEach, expect, test } from "vitest";
import { type LimitRecord, NO_SETTINGS, type TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import { ShardWorld } from "./shard-world.ts";
import { KEYS, organization, ROOT, SQUAD, TEAM, tenant } from "./world.ts";

/** What the model test found between Ledger and shards, each in the fewest steps. */

const SQUAD_KEY = KEYS[2] as string;
const BOUND = { inputTokens: 100, outputTokens: 50, costNano: 1_000 };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const budget: LimitRecord = {
  ...{ id: "lim_team", nodeId: TEAM, metric: "cost", window: "total", amount: 10 ** 6, mode: "block" },
  ...{ thresholds: [], override: null, fallback: null, removed: false },
};

const allowing = [
  organization(ROOT, null, "Root"),
  organization(TEAM, ROOT, "Team", { settings: { ...NO_SETTINGS, onLedgerDown: { costNano: 10 ** 6, seconds: 600 } } }),
  organization(SQUAD, TEAM, "Squad"),
];

let world: ShardWorld;
afterEach(() => world.close());

function begin(more: Partial<TenantConfiguration> = {}): void {
  world = new ShardWorld({ ...tenant(), limits: [budget], ...more }, 4);
}

const settled = () => world.ledger.core.counters.of(TEAM).settled;
const held = () => world.ledger.core.counters.of(TEAM).held;

async function admit(at: "shard" | "ledger" | null, costNano = BOUND.costNano) {
  const one = await world.admit(world.request(SQUAD_KEY, { ...BOUND, costNano }));
  // As an isolate does that hears of the limits for the first time.
  if (one?.at === "ledger") await world.shard.prepare(world.request(SQUAD_KEY, { ...BOUND, costNano }));
  await world.settled();
  expect(one?.at ?? null).toBe(at);
  return one as NonNullable<typeof one>;
}

async function admitAway() {
  const request = world.request(SQUAD_KEY, BOUND);
  const answer = await world.shard.admitAway(request);
  if (!answer.ok) throw new Error(answer.code);
  return { at: "away" as const, handle: answer.handle, request };
}

/** Settles so many at the Ledger that it takes a snapshot. */
async function snapshot(): Promise<void> {
  for (let i = 0; i < 4; i++) {
    const { handle, eventId } = await world.ledger.admitted(KEYS[0]);
    world.ledger.settle({ handle, eventId }, { costNano: 0 });
  }
}

test("a lease that was taken for lost is kept for a day from when it was heard of last", async () => {
  begin();
  await admit("ledger");
  const one = await admit("shard");
  world.way = "cut";
  for (let i = 0; i < 62; i++) {
    world.shard.touch([one.handle]);
    await world.pass(60_000);
    if (i === 2) world.way = "open";
  }
  await world.pass(23.5 * HOUR_MS);
  await snapshot();
  const before = settled().costNano;
  expect(world.settle(one, { costNano: 300 })).toBe("corrected");
  await world.pass(5_000);
  expect(settled().costNano).toBe(before - 700);
});

test("a correction made within its day is counted, though the shard then cannot tell of it for most of another", async () => {
  begin();
  await admit("ledger");
  const one = await admit("shard");
  await world.pass(400_000);
  await world.pass(14 * HOUR_MS);
  world.way = "cut";
  expect(world.settle(one, { costNano: 300 })).toBe("corrected");
  await world.pass(17 * HOUR_MS);
  await snapshot();
  world.way = "open";
  const counted = settled().costNano;
  await world.pass(400_000);
  expect(counted - settled().costNano).toBe(700);
});

test("a request that expired more than a day ago is not corrected, however late Postgres had it", async () => {
  begin();
  await admit("ledger");
  const one = await admit("shard");
  world.ledger.postgres.weather = "down";
  await world.pass(DAY_MS + 200_000);
  expect(world.settle(one, { costNano: 300 })).toBe("unknown");
  world.ledger.postgres.weather = "fine";
  await world.pass(300_000);
  expect(settled().costNano).toBe(2_000);
});

test("what was allowed in an outage is counted once, also when the answer to its last report was lost", async () => {
  begin({ organizations: allowing });
  world.settle(await admitAway(), { costNano: 700 });
  world.way = "deaf";
  await world.pass(700);
  await snapshot();
  world.way = "open";
  await world.pass(60_000);
  expect(settled().costNano).toBe(700);
});

test("what is allowed while a last report is on its way is told by the next", async () => {
  begin({ organizations: allowing });
  world.settle(await admitAway(), { costNano: 700 });
  const passing = world.pass(0);
  const another = await admitAway();
  await passing;
  await world.settled();
  world.settle(another, { costNano: 200 });
  await world.pass(60_000);
  expect(settled()).toMatchObject({ requests: 2, costNano: 900 });
});

test("what is corrected late of one outage is not to be spent in the next", async () => {
  begin({
    organizations: allowing.map((one) =>
      one.id === TEAM ? { ...one, settings: { ...NO_SETTINGS, onLedgerDown: { costNano: 1_000, seconds: 600 } } } : one,
    ),
  });
  const first = await admitAway();
  await world.pass(100_000);
  world.way = "cut";
  await admitAway();
  expect(world.settle(first, { costNano: 0 })).toBe("corrected");
  await expect(admitAway()).rejects.toThrow("ledger_unavailable");
});

test("a lease with a request of a whole day is told of now and then, not without end", async () => {
  begin();
  await admit("ledger");
  await admit("shard");
  const long = await admit("shard");
  for (let minute = 0; minute < 25 * 60; minute++) {
    world.shard.touch([long.handle]);
    await world.pass(60_000);
  }
  const before = world.calls.report;
  world.shard.touch([long.handle]);
  await world.pass(60_000);
  expect(world.calls.report - before).toBeLessThanOrEqual(3);
});

test("a request that is taken back gives its lease back", async () => {
  begin();
  await admit("ledger");
  const one = await admit("shard");
  await world.pass(40_000);
  world.shard.withdraw([one.request.draft.eventId]);
  // Its lease is extended as long as its key was in use a moment ago.
  await world.pass(300_000);
  expect(world.shard.health().leases).toBe(0);
  expect(settled().costNano).toBe(1_000);
  expect(held().costNano).toBe(0);
});

test.each(["", "evicted"])(
  "what a shard has given up is not lent by its question that comes late, Ledger %s",
  async (evicted) => {
    begin();
    const { draft: _draft, ...presented } = world.request(SQUAD_KEY, BOUND);
    const nothing = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
    const lease = { id: "weur-1/late", shard: "weur-1", need: { requests: 1, ...BOUND }, burn: nothing, running: 0 };
    const report = {
      number: 1,
      used: nothing,
      slice: nothing,
      concurrent: 0,
      extend: null,
      end: "final",
      away: null,
    } as const;
    const { core } = world.ledger;
    await admit("ledger");
    await world.pass(400_000);
    expect(await core.report(ROOT, [{ id: lease.id, ...report }])).toMatchObject({ unknown: [lease.id] });
    if (evicted !== "") world.ledger.evict();
    expect(await world.ledger.core.lease({ ...presented, ...lease })).toMatchObject({ ok: false });
    expect(held().requests).toBe(0);
  },
);

test("nothing is lent beyond the end of an override", async () => {
  begin();
  const override = { amount: 10 ** 6, until: world.now + 5_000 };
  world.ledger.postgres.configuration.limits = [{ ...budget, amount: 1_000, override }];
  await admit("ledger");
  await admit("shard");
  await world.pass(5_000);
  await admit(null);
});
