import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fault } from "../../support/database-faults.ts";
import { setWeather, type Weather } from "../../support/ledger-weather.ts";
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

/**
 * Kill -9 of workerd and of the database at each step of a request's way to the books, with several requests at that step.
 * After the next start every one that was admitted has its row, once, and whatever was held is free again.
 */

const MANY = 4;

let world: KillWorld;
beforeAll(async () => {
  world = await startKillWorld();
});
afterAll(async () => {
  await world?.gateway.stop();
});

/** Where requests are when the kill comes, and what becomes of them. */
interface Step {
  name: string;
  /** What becomes of calls of the Ledger, */
  calls?: Weather["calls"];
  /** and of the database's, so that the requests stay there. */
  database?: Fault;
  slowly?: boolean;
  /** Resolves when they are there. */
  reached(burst: Burst): Promise<void>;
  /** The rows after a kill of workerd: it had not been admitted, its hold is charged, or all of it was known. */
  left: "nothing" | "expired" | "ok";
  /** Whether the provider was asked. */
  sent: boolean;
}

const waiting = (method: "admit" | "settle", count: number) => () =>
  untilObjects(world, `${count} calls that wait`, (objects) => (objects.waiting[method] ?? 0) >= count);
const inDatabase = async (one: Burst) =>
  until("rows", async () => new Set((await rowsOf(world, one)).map(({ event_id }) => event_id)).size === MANY);

const STEPS: Step[] = [
  {
    name: "0: it has its id, and is on its way to the Ledger",
    calls: { admit: "unsent" },
    reached: waiting("admit", MANY),
    left: "nothing",
    sent: false,
  },
  {
    name: "1: it is admitted, and nothing is sent",
    calls: { admit: "unanswered" },
    reached: waiting("admit", MANY),
    left: "expired",
    sent: false,
  },
  {
    name: "2: the provider is at it",
    slowly: true,
    reached: (one) => until("calls", async () => (await callsOf(world, one)).length === MANY),
    left: "expired",
    sent: true,
  },
  {
    name: "2: the answer is on its way to the client",
    slowly: true,
    reached: (one) => until("chunks", async () => (await callsOf(world, one)).some((call) => call.chunksSent > 3)),
    left: "expired",
    sent: true,
  },
  {
    name: "3: its settlement is on its way to the Ledger",
    calls: { settle: "unsent" },
    reached: async (one) => {
      await one.answers;
      await waiting("settle", 1)();
    },
    left: "expired",
    sent: true,
  },
  {
    name: "3: it is settled, and nobody knows",
    calls: { settle: "unanswered" },
    database: "hang",
    reached: () => untilObjects(world, "settled", ({ ledger }) => ledger.open === 0 && ledger.waiting === MANY),
    left: "ok",
    sent: true,
  },
  {
    name: "4: it is on its way to the database",
    database: "hang",
    reached: async (one) => {
      const { seen } = world.database.faults;
      await one.answers;
      await until("a statement", () => world.database.faults.seen > seen);
      await untilObjects(world, "all settled", ({ ledger }) => ledger.open === 0);
    },
    left: "ok",
    sent: true,
  },
  {
    name: "4: it is in the database, and the Ledger does not know",
    database: "ack-held",
    reached: async (one) => {
      const { held } = world.database.faults;
      await until("an answer held back", () => world.database.faults.held > held);
      await one.answers;
      await untilObjects(world, "all settled", ({ ledger }) => ledger.open === 0 && ledger.waiting > 0);
    },
    left: "ok",
    sent: true,
  },
  {
    name: "5: the Ledger knows, and its journal still has it",
    reached: async (one) => {
      await one.answers;
      await inDatabase(one);
      await untilObjects(world, "nothing waits", ({ ledger }) => ledger.open === 0 && ledger.waiting === 0);
    },
    left: "ok",
    sent: true,
  },
];

/**
 * Sends the requests of a step. All of them are the Ledger's: a slice that was lent meanwhile would let a late one pass it by
 * (`kill-away.test.ts` has those).
 */
async function begin({ calls, database = "ok", slowly }: Step): Promise<Burst> {
  await setWeather(world.gateway, { calls: { ...calls, lease: "unsent" } });
  world.database.faults.mode = database;
  return burst(world, MANY, slowly);
}

/** Lets everything go its way again. */
async function calm(): Promise<void> {
  world.database.faults.mode = "ok";
  await setWeather(world.gateway, {});
}

/** Every request of a burst has one row, which says what became of it. */
async function expectRows(one: Burst, left: Step["left"], sent: boolean): Promise<void> {
  const rows = await rowsOf(world, one);
  const outcomes = rows.filter(({ rev }) => rev === 0).map(({ outcome }) => outcome);
  const calls = await callsOf(world, one);
  expect(calls).toHaveLength(sent ? MANY : 0);
  if (left === "nothing") return expect(rows).toEqual([]);
  expect(outcomes).toHaveLength(MANY);
  // A whole answer may have come to its end while its neighbours' streams had not.
  if (left === "expired") expect(outcomes).toContain("expired");
  else expect(outcomes).toEqual(outcomes.map(() => "ok"));
  for (const { outcome, exact, cost_nano, held_nano } of rows) {
    expect(Number(cost_nano)).toBeLessThanOrEqual(Number(held_nano));
    if (outcome === "expired") expect([exact, cost_nano]).toEqual([false, held_nano]);
  }
}

describe("kill -9 of workerd", () => {
  test.each(STEPS)("at $name", async (step) => {
    const one = await begin(step);
    await step.reached(one);
    const restarted = world.gateway.restart({ cold: false });
    world.database.faults.mode = "ok";
    await restarted;
    await one.answers;
    await expectEverythingAddsUp(world);
    await expectRows(one, step.left, step.sent);
  });
});

describe("kill -9 of the database", () => {
  test.each(STEPS)("at $name", async (step) => {
    const one = await begin(step);
    await step.reached(one);
    await world.database.kill();
    await calm();
    // No client notices.
    expect(await one.answers).toEqual(Array.from({ length: MANY }, () => ({ status: 200, whole: true })));
    await world.database.start();
    await expectEverythingAddsUp(world);
    await expectRows(one, "ok", true);
  });
});

describe("kill -9 of both", () => {
  test.each(STEPS.filter(({ left }) => left === "ok"))("at $name", async (step) => {
    const one = await begin(step);
    await step.reached(one);
    const restarted = world.gateway.restart({ cold: false });
    await Promise.all([restarted, world.database.kill()]);
    world.database.faults.mode = "ok";
    await world.database.start();
    await expectEverythingAddsUp(world);
    await expectRows(one, "ok", true);
  });
});
