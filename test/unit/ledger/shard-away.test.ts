import { afterEach, describe, expect, test } from "vitest";
import { type LimitRecord, NO_SETTINGS, type TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import { BOUND, limit, type Running, ShardWorld } from "./shard-world.ts";
import { KEYS, organization, ROOT, SQUAD, TEAM, tenant } from "./world.ts";

const [ROOT_KEY, , SQUAD_KEY] = KEYS as [string, string, string];

let world: ShardWorld;
const start = (limits: LimitRecord[], more: Partial<TenantConfiguration> = {}) => {
  world = new ShardWorld({ ...tenant(), limits, ...more });
};
afterEach(() => world.close());

const settledAt = (node: string) => world.ledger.core.counters.of(node).settled;
const heldAt = (node: string) => world.ledger.core.counters.of(node).held;

describe("while the Ledger is away", () => {
  const allowing = (costNano: number, seconds: number) => [
    organization(ROOT, null, "Root"),
    organization(TEAM, ROOT, "Team", { settings: { ...NO_SETTINGS, onLedgerDown: { costNano, seconds } } }),
    organization(SQUAD, TEAM, "Squad"),
  ];
  const away = (key = SQUAD_KEY, more = {}) => world.shard.admitAway(world.request(key, BOUND, more));

  test("nothing is allowed unless an organization says so", async () => {
    start([], { organizations: allowing(10 ** 6, 60) });
    expect(await away(ROOT_KEY)).toEqual({ ok: false, code: "ledger_unavailable" });
    expect(await away()).toMatchObject({ ok: true });
  });

  test("the stated amount for the stated time, and no more until the Ledger has counted it", async () => {
    start([limit(TEAM, "cost", "month", 10 ** 6)], { organizations: allowing(2_500, 60) });
    world.way = "cut";
    const running: Running[] = [];
    for (let i = 0; i < 2; i++) {
      const request = world.request(SQUAD_KEY, BOUND);
      const answer = await world.shard.admitAway(request);
      if (answer.ok) running.push({ at: "away", handle: answer.handle, request });
    }
    expect(await away()).toEqual({ ok: false, code: "ledger_unavailable" });
    world.settle(running[0] as Running, { costNano: 300 });
    world.evictShard();
    expect(await away()).toMatchObject({ ok: true });
    await world.pass(60_000);
    expect(await away()).toEqual({ ok: false, code: "ledger_unavailable" });
    world.settle(running[1] as Running, { costNano: 300 });
    world.way = "open";
    await world.pass(200_000);
    // The third was never settled: it is charged in full.
    expect(settledAt(TEAM)).toMatchObject({ requests: 3, costNano: 1_600 });
    expect(settledAt(SQUAD_KEY)).toMatchObject({ requests: 3, costNano: 1_600 });
    expect(world.ledger.postgres.events.size).toBe(3);
    expect(await away()).toMatchObject({ ok: true });
  });

  test.each([
    ["a model without a price", { priced: false }, "model_not_priced"],
    ["a request without a bound", { unboundedBy: "tools[0]" }, "unbounded_request"],
  ])("%s is refused", async (_, more, code) => {
    start([], { organizations: allowing(10 ** 6, 60) });
    expect(await away(SQUAD_KEY, more)).toMatchObject({ ok: false, code });
  });

  test.each(["", ", also when the shard was restarted meanwhile"])(
    "a request the Ledger had admitted before its answer was lost is counted once%s",
    async (restarted) => {
      start([limit(TEAM, "cost", "month", 10 ** 6)], { organizations: allowing(10 ** 6, 60) });
      const request = world.request(SQUAD_KEY, BOUND);
      await world.ledger.core.admit(request);
      const answer = await world.shard.admitAway(request);
      if (!answer.ok) throw new Error("refused");
      if (restarted !== "") world.evictShard();
      world.settle({ at: "away", handle: answer.handle, request }, { costNano: 70 });
      await world.pass(200_000);
      expect(settledAt(TEAM)).toMatchObject({ requests: 1, costNano: 70 });
      expect(heldAt(TEAM).requests).toBe(0);
      expect([...world.ledger.postgres.events.values()].map(({ outcome }) => outcome)).toEqual(["ok"]);
    },
  );
});
