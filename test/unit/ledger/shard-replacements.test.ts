import { afterEach, describe, expect, test } from "vitest";
import { type LimitRecord, NO_SETTINGS, type TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import type { AdmitRequest, Bound } from "../../../worker/ledger/contract.ts";
import { BOUND, limit, type Running, ShardWorld } from "./shard-world.ts";
import { KEYS, organization, ROOT, SQUAD, TEAM, tenant } from "./world.ts";

const SQUAD_KEY = KEYS[2] as string;
/** So long after its last request nothing is lent for a key any more, and nothing may be corrected. */
const COLD = 25 * 3_600_000;
const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
const TARGET = "anthropic/claude-opus-5-5@";

let world: ShardWorld;
const start = (limits: LimitRecord[], more: Partial<TenantConfiguration> = {}) => {
  world = new ShardWorld({ ...tenant(), limits, ...more });
};
afterEach(() => world.close());

/** A request that the shard holds. */
async function near(): Promise<Running> {
  for (let tries = 0; tries < 4; tries++) {
    const running = await world.admit(world.request(SQUAD_KEY, BOUND));
    if (running?.at === "shard") return running;
    world.settle(running as Running, {});
    await world.shard.prepare(world.request(SQUAD_KEY, BOUND));
    await world.settled();
  }
  throw new Error("the shard has admitted nothing");
}

/** A further attempt of it. */
const further = ({ request, handle }: Running, more: Partial<Bound>): AdmitRequest => ({
  ...{ ...request, bound: { ...BOUND, ...more }, target: TARGET, replaces: handle },
});

const settledAt = (node: string) => world.ledger.core.counters.of(node).settled;
const heldAt = (node: string) => world.ledger.core.counters.of(node).held;
/** Everything has ended, and is counted by what was used. */
async function expectAtRest(settled: object) {
  await world.pass(COLD);
  expect(settledAt(TEAM)).toMatchObject(settled);
  expect(heldAt(TEAM)).toEqual(NOTHING);
  expect(world.shard.health()).toMatchObject({ open: 0, waiting: 0, leases: 0 });
}

describe("a further attempt of what a shard holds", () => {
  test("takes the place of the one before in its slice, which is counted once", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6), limit(TEAM, "requests", "day", 1_000)]);
    const one = await near();
    const lent = heldAt(TEAM);
    const answer = await world.shard.admit(further(one, { costNano: 3_000 }));
    expect(answer).toMatchObject({ ok: true, handle: one.handle });
    expect(world.shard.health().open).toBe(1);
    expect(heldAt(TEAM)).toEqual(lent);
    world.settle(one, { costNano: 2_500 });
    await expectAtRest({ costNano: 2_500 });
    const events = [...world.ledger.postgres.events.values()];
    expect(events.filter(({ eventId }) => eventId === one.request.draft.eventId)).toMatchObject([{ heldNano: 3_000 }]);
  });

  test("is still the one that is held after the shard has begun anew, and then answered alike", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const one = await near();
    await world.shard.admit(further(one, { costNano: 3_000 }));
    world.evictShard();
    expect(await world.shard.admit(further(one, { costNano: 3_000 }))).toMatchObject({ ok: true, handle: one.handle });
    expect(world.shard.health().open).toBe(1);
    await expectAtRest({ costNano: 3_000 });
  });

  test.each(["cost", "input_tokens", "output_tokens"] as const)(
    "goes elsewhere where the slice has no room for it, and what is held stands: %s",
    async (metric) => {
      start([limit(TEAM, metric, "total", 10 ** 6)]);
      const one = await near();
      const field = ({ cost: "costNano", input_tokens: "inputTokens", output_tokens: "outputTokens" } as const)[metric];
      const lent = heldAt(TEAM)[field];
      const more = { [field]: lent + 1 };
      expect(await world.shard.admit(further(one, more))).toEqual({ ok: false, code: "elsewhere" });
      // The Ledger admits it as a first one, then it is taken back here.
      const first = { ...further(one, more), replaces: null };
      const answer = await world.ledger.core.admit(first);
      world.shard.withdraw([one.request.draft.eventId]);
      if (!answer.ok) throw new Error(answer.code);
      world.settle({ at: "ledger", handle: answer.handle, request: first }, { [field]: 7 });
      await expectAtRest({ [field]: 7 });
    },
  );

  test("fits where exactly its own hold makes room", async () => {
    start([limit(TEAM, "cost", "total", 10 ** 6)]);
    const one = await near();
    const lent = heldAt(TEAM).costNano;
    expect(await world.shard.admit(further(one, { costNano: lent }))).toMatchObject({ ok: true, handle: one.handle });
    expect(await world.shard.admit(world.request(SQUAD_KEY, BOUND))).toEqual({ ok: false, code: "elsewhere" });
    expect(await world.shard.admit(further(one, { costNano: lent + 1 }))).toEqual({ ok: false, code: "elsewhere" });
  });

  test("leaves a lease that admits no more for another", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const one = await near();
    const changed = limit(TEAM, "cost", "month", 900_000);
    await world.ledger.core.configure(world.ledger.postgres.commit({ limits: [changed] }));
    expect(await world.shard.admit(further(one, { costNano: 1_500 }))).toEqual({ ok: false, code: "elsewhere" });
    await world.pass(3_000);
    await world.shard.prepare(world.request(SQUAD_KEY, BOUND));
    await world.settled();
    const answer = await world.shard.admit(further(one, { costNano: 1_600 }));
    expect(answer).toMatchObject({ ok: true, handle: one.handle });
    await world.pass(1_000);
    // All that is lent and not used is the new lease's slice; the old one is over.
    expect(world.shard.health()).toMatchObject({ open: 1, leases: 1 });
    world.settle(one, { costNano: 1_200 });
    await expectAtRest({ costNano: 1_200 });
  });

  test("that expired there is corrected by its late settlement", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const one = await near();
    await world.pass(100_000);
    expect(await world.shard.admit(further(one, { costNano: 1_600 }))).toMatchObject({ ok: true, handle: one.handle });
    expect(world.settle(one, { costNano: 40 })).toBe("corrected");
    await expectAtRest({ costNano: 40 });
  });
});

test("a further attempt while the Ledger is away has its bound counted in the place of the one before", async () => {
  const settings = { ...NO_SETTINGS, onLedgerDown: { costNano: 2_500, seconds: 600 } };
  start([limit(TEAM, "cost", "month", 10 ** 6)], {
    organizations: [
      organization(ROOT, null, "Root"),
      organization(TEAM, ROOT, "Team", { settings }),
      organization(SQUAD, TEAM, "Squad"),
    ],
  });
  world.way = "cut";
  const request = world.request(SQUAD_KEY, BOUND);
  const answer = await world.shard.admitAway(request);
  if (!answer.ok) throw new Error(answer.code);
  const one: Running = { at: "away", handle: answer.handle, request };
  const away = (costNano: number) => world.shard.admitAway(further(one, { costNano }));
  expect(await away(2_500)).toMatchObject({ ok: true, handle: one.handle });
  expect(await away(2_501)).toEqual({ ok: false, code: "ledger_unavailable" });
  expect(await world.shard.admitAway(world.request(SQUAD_KEY, BOUND))).toMatchObject({ ok: false });
  world.evictShard();
  expect(await away(1_500)).toMatchObject({ ok: true, handle: one.handle });
  expect(await world.shard.admitAway(world.request(SQUAD_KEY, BOUND))).toMatchObject({ ok: true });
  world.settle(one, { costNano: 700 });
  world.way = "open";
  await expectAtRest({ requests: 2, costNano: 1_700 });
  expect(world.ledger.postgres.events.size).toBe(2);
});

describe("a shard hears what is cooling", () => {
  const until = () => world.now + 60_000;
  const alternatives = { target: TARGET, alternatives: true };
  const asked = () => world.shard.admit(world.request(SQUAD_KEY, BOUND, alternatives));

  test("with what it borrows", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const cooling = [{ target: TARGET, until: until() }];
    world.ledger.core.cool(cooling);
    const one = await near();
    expect(await asked()).toEqual({ ok: false, code: "cooling", cooling });
    expect(await world.shard.admit({ ...further(one, {}), alternatives: true })).toMatchObject({ code: "cooling" });
    expect(await world.shard.admit(world.request(SQUAD_KEY, BOUND, { target: TARGET }))).toMatchObject({ ok: true });
  });

  test("with the answer to what it reports", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)]);
    const one = await near();
    world.ledger.core.cool([{ target: TARGET, until: until() }]);
    expect(await asked()).toMatchObject({ ok: true });
    world.settle(one, {});
    await world.pass(1_000);
    expect(await asked()).toMatchObject({ code: "cooling" });
  });
});
