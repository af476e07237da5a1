import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { LimitRecord, TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import { BOUND, limit, type Running, ShardWorld } from "./shard-world.ts";
import { KEYS, ROOT, TEAM, tenant } from "./world.ts";

const [ROOT_KEY] = KEYS as [string, string, string];

let world: ShardWorld;
const start = (limits: LimitRecord[], more: Partial<TenantConfiguration> = {}) => {
  world = new ShardWorld({ ...tenant(), limits, ...more });
};
afterEach(() => world.close());

type Step =
  | { do: "admit"; key: number; cost: number }
  | { do: "settle"; nth: number; part: number }
  | { do: "pass"; seconds: number }
  | { do: "evict"; which: "ledger" | "shard" }
  | { do: "way"; way: ShardWorld["way"] }
  | { do: "change"; amount: number };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constant("admit" as const), key: fc.nat(2), cost: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ do: fc.constant("admit" as const), key: fc.nat(2), cost: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ do: fc.constant("settle" as const), nth: fc.nat(20), part: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ do: fc.constant("pass" as const), seconds: fc.constantFrom(0.1, 1, 1, 10, 40, 200) }),
    fc.record({ do: fc.constant("evict" as const), which: fc.constantFrom("ledger" as const, "shard" as const) }),
    fc.record({
      do: fc.constant("way" as const),
      way: fc.constantFrom<ShardWorld["way"]>("open", "open", "cut", "deaf"),
    }),
    fc.record({ do: fc.constant("change" as const), amount: fc.integer({ min: 0, max: 60_000 }) }),
  ),
  { maxLength: 60, size: "max" },
);

const AT_ONCE = 17;
const RUNS = Number(process.env.LEDGER_RUNS ?? 1_500);
const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`whatever happens between Ledger and shard, no limit is passed and nothing is lost, ${RUNS} runs, seed ${seed}`, {
  timeout: 600_000,
}, async () => {
  const property = fc.asyncProperty(steps, async (script) => {
    let [amount, lowest] = [30_000, 0];
    const budget = limit(TEAM, "cost", "total", amount);
    const places = limit(TEAM, "concurrent_requests", "now", AT_ONCE);
    start([budget, places, limit(ROOT, "requests", "hour", 500)]);
    // A shard that is silent for too long is charged in full, and its places are given to others.
    const neverSilent = script.every((step) => step.do !== "way" || step.way === "open");
    const running: Running[] = [];
    /** Nobody touched these for as long as a hold lives: charged in full, now or soon. */
    const silent: Running[] = [];
    /** What was truly used and what is truly under way, whoever knows of it. */
    let used = 0;
    const under = () => [...running, ...silent].reduce((sum, { request }) => sum + request.bound.costNano, 0);
    let version = 1;
    try {
      for (const step of script) {
        switch (step.do) {
          case "admit": {
            const key = KEYS[step.key] as string;
            const request = world.request(key, { ...BOUND, costNano: step.cost });
            const one = await world.admit(request);
            await world.settled();
            if (one === null || key === ROOT_KEY) {
              if (one !== null) world.settle(one, {});
              break;
            }
            running.push(one);
            // B1, of what is really under way: expired requests are charged at least what they still hold.
            expect(used + under()).toBeLessThanOrEqual(Math.max(amount, lowest));
            if (neverSilent) expect(running.length).toBeLessThanOrEqual(AT_ONCE);
            break;
          }
          case "settle": {
            const [one] = running.splice(step.nth % Math.max(1, running.length), 1);
            if (one === undefined) break;
            const cost = Math.floor((one.request.bound.costNano * step.part) / 100);
            if (world.settle(one, { costNano: cost }) !== "unknown") used += cost;
            break;
          }
          case "pass":
            await world.pass(step.seconds * 1_000);
            // Nobody touches these holds: what is open for longer has expired, and was charged in full.
            for (let i = running.length - 1; i >= 0; i--) {
              const one = running[i] as Running;
              if (world.now - one.request.draft.startedAt < 89_000) continue;
              silent.push(one);
              running.splice(i, 1);
            }
            break;
          case "evict":
            if (step.which === "ledger") world.ledger.evict();
            else world.evictShard();
            break;
          case "way":
            world.way = step.way;
            break;
          case "change": {
            // A limit that is lowered while the way is cut reaches the shard with the end of its leases.
            if (world.way !== "open") break;
            lowest = used + under();
            amount = step.amount;
            const { postgres } = world.ledger;
            postgres.configuration = {
              ...postgres.configuration,
              version: version + 1,
              limits: [{ ...budget, amount }, places],
            };
            const none = { organizations: [], keys: [], prices: [], webhooks: [], routes: [], models: [] };
            await world.ledger.core.configure({
              ...{
                rootId: ROOT,
                previous: version,
                version: version + 1,
                limits: [{ ...budget, amount }, places],
                ...none,
              },
            });
            version++;
          }
        }
      }
      used += under();
      world.way = "open";
      await world.pass(400_000);
      await world.pass(90_000_000);
      await world.pass(400_000);
      const { core, postgres } = world.ledger;
      const stored = [...postgres.events.values()].filter(({ organizationId }) => organizationId !== ROOT);
      const cost = stored.reduce((sum, { costNano }) => sum + costNano, 0);
      expect(core.counters.of(TEAM).held).toEqual({ requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 });
      expect(core.counters.running(TEAM)).toBe(0);
      expect(core.counters.of(TEAM).settled.costNano).toBe(cost);
      expect(cost).toBe(used);
      expect(core.health()).toMatchObject({ open: 0, waiting: 0 });
      expect(world.shard.health()).toMatchObject({ open: 0, waiting: 0, leases: 0 });
    } finally {
      world.close();
    }
  });
  await fc.assert(property, { seed, numRuns: RUNS });
  start([]);
});
