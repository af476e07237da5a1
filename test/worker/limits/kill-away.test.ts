import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { objectsOf, setWeather, type Weather } from "../../support/ledger-weather.ts";
import {
  type Burst,
  burst,
  callsOf,
  expectEverythingAddsUp,
  type KillWorld,
  rowsOf,
  startKillWorld,
  until,
  untilObjects,
} from "./kill-world.ts";
import { admin } from "./storm-tree.ts";

/**
 * Where others than the Ledger decide: regional shards while it is far, and what an organization allows while it cannot be
 * reached at all. They are killed, too, and everything is counted once.
 */

let world: KillWorld;
beforeAll(async () => {
  world = await startKillWorld();
});
afterAll(async () => {
  await world?.gateway.stop();
});

const weather = (calls: Weather) => setWeather(world.gateway, calls);

/** Kill -9 of workerd, and its next start; the weather is good then. */
const killed = () => world.gateway.restart({ cold: false });

const firstOutcomes = async (one: Burst) =>
  (await rowsOf(world, one)).filter(({ rev }) => rev === 0).map(({ outcome }) => outcome);

const cost = async (bursts: Burst[]) => {
  const rows = await Promise.all(bursts.map((one) => rowsOf(world, one)));
  return rows.flat().reduce((sum, { cost_nano }) => sum + Number(cost_nano), 0);
};

describe("a shard that has borrowed", () => {
  beforeEach(async () => {
    await weather({ distance: 80 });
    await until("a shard that admits", async () => {
      await burst(world, 1).answers;
      return (await objectsOf(world.gateway)).nearby > 0;
    });
  });

  /** Requests that the shard holds, with their answers on the way. */
  async function underWay(): Promise<Burst> {
    const { nearby } = await objectsOf(world.gateway);
    const one = burst(world, 4, true);
    await until("calls", async () => (await callsOf(world, one)).length === 4);
    expect((await objectsOf(world.gateway)).nearby).toBeGreaterThan(nearby);
    return one;
  }

  test("is killed with its requests", async () => {
    const one = await underWay();
    await killed();
    await expectEverythingAddsUp(world);
    expect(await firstOutcomes(one)).toEqual(Array.from({ length: 4 }, () => "expired"));
  });

  test("is killed when it has settled, and neither Ledger nor database knows", async () => {
    world.database.faults.mode = "hang";
    await weather({ distance: 80, calls: { report: "away" } });
    const one = await underWay();
    await one.answers;
    await untilObjects(world, "settled", ({ ledger, shards }) =>
      [ledger, ...Object.values(shards)].every(({ open }) => open === 0),
    );
    const restarted = killed();
    world.database.faults.mode = "ok";
    await restarted;
    await expectEverythingAddsUp(world);
    expect(await firstOutcomes(one)).toEqual(Array.from({ length: 4 }, () => "ok"));
  });

  test("loses the database for a while", async () => {
    const one = await underWay();
    await world.database.kill();
    expect((await one.answers).every(({ status, whole }) => status === 200 && whole)).toBe(true);
    await world.database.start();
    await expectEverythingAddsUp(world);
    expect(await firstOutcomes(one)).toEqual(Array.from({ length: 4 }, () => "ok"));
  });
});

/** A hundredth of a dollar. */
const ALLOWED = 10_000_000;

const allow = (on_ledger_down: object | "block" | null) =>
  admin(world.gateway, "PATCH", `organizations/${world.teamId}`, { settings: { on_ledger_down } });

/** Asks one by one until it is refused while nothing is held; the requests that were not refused. */
async function untilRefused(): Promise<Burst[]> {
  const admitted: Burst[] = [];
  for (let refused = 0; refused < 2; ) {
    if (refused > 0) await untilObjects(world, "nothing held", ({ shards }) => shards.away?.open === 0);
    const one = burst(world, 1);
    const [answer] = await one.answers;
    if (answer?.status === 503) {
      refused++;
      continue;
    }
    expect(answer).toEqual({ status: 200, whole: true });
    admitted.push(one);
    refused = 0;
  }
  return admitted;
}

describe("a Ledger that cannot be reached", () => {
  beforeEach(() => weather({}));

  test("is waited for where nothing else is said: 503, and nothing is sent", async () => {
    await weather({ calls: { "*": "away" } });
    const one = burst(world, 4);
    expect((await one.answers).map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(await callsOf(world, one)).toEqual([]);
    await weather({});
    await expectEverythingAddsUp(world);
    expect(await rowsOf(world, one)).toEqual([]);
  });

  test("is done without up to the amount that is allowed, also by many at once, and not beyond", async () => {
    await allow({ cost_usd: "0.01", seconds: 60 });
    await weather({ calls: { "*": "away" } });
    const many = burst(world, 20);
    const statuses = (await many.answers).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    const singles = await untilRefused();
    const last = burst(world, 1);
    expect((await last.answers).map(({ status }) => status)).toEqual([503]);
    await weather({});
    await expectEverythingAddsUp(world);
    expect(await firstOutcomes(many)).toHaveLength(statuses.filter((status) => status === 200).length);
    const spent = await cost([many, ...singles]);
    expect(spent).toBeLessThanOrEqual(ALLOWED);
    const [row] = await rowsOf(world, singles[0] as Burst);
    // What was left was less than another could have cost.
    expect(spent + Number(row?.held_nano)).toBeGreaterThan(ALLOWED);
  });

  test("a kill in between does not begin another outage, and everything is counted once", async () => {
    await allow({ cost_usd: "0.01", seconds: 60 });
    await weather({ calls: { "*": "away" } });
    const running = burst(world, 4, true);
    await until("calls", async () => (await callsOf(world, running)).length === 4);
    await killed();
    await weather({ calls: { "*": "away" } });
    const singles = await untilRefused();
    await killed();
    await expectEverythingAddsUp(world);
    expect(await firstOutcomes(running)).toEqual(Array.from({ length: 4 }, () => "expired"));
    expect(await cost([running, ...singles])).toBeLessThanOrEqual(ALLOWED);
  });

  test.each(["no kill", "a kill"])(
    "that has admitted, and its answer was lost: counted once, with %s in between",
    async (kill) => {
      await allow({ cost_usd: "0.01", seconds: 60 });
      await weather({ calls: { admit: "lost", report: "away" } });
      const one = burst(world, 4, true);
      await untilObjects(world, "both hold it", ({ ledger, shards }) => ledger.open === 4 && shards.away?.open === 4);
      await until("calls", async () => (await callsOf(world, one)).length === 4);
      if (kill === "a kill") await killed();
      else await weather({});
      await one.answers;
      await expectEverythingAddsUp(world);
      expect(await firstOutcomes(one)).toEqual(Array.from({ length: 4 }, () => (kill === "a kill" ? "expired" : "ok")));
    },
  );
});
