import { afterEach, describe, expect, test } from "vitest";
import type { EventResult } from "../../../worker/canonical/usage-event.ts";
import { KEYS, ROOT, result, SQUAD, TEAM, World } from "./world.ts";

const SQUAD_KEY = KEYS[2] as string;
const DAY_MS = 86_400_000;
const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };

let world: World;
const start = (options?: ConstructorParameters<typeof World>[0]): World => {
  world = new World(options);
  return world;
};
afterEach(() => world.storage.close());

const stored = (eventId: string, rev: number) => world.postgres.events.get(`${eventId}/${rev}`);

/** A request whose Worker died: its hold has run out. */
async function expired(): Promise<{ handle: number; eventId: string }> {
  const request = await world.admitted();
  await world.pass(90_000);
  return request;
}

describe("settling", () => {
  test("releases the hold and counts what was used, up to the root", async () => {
    start();
    world.settle(await world.admitted());
    for (const node of [SQUAD_KEY, SQUAD, TEAM, ROOT]) {
      expect(world.core.counters.of(node)).toEqual({
        settled: { requests: 1, inputTokens: 123, outputTokens: 40, costNano: 5_000 },
        held: NOTHING,
      });
    }
  });

  test("the event is the draft and the result, revision 0", async () => {
    start();
    const request = await world.admitted();
    const settledAt = world.now;
    world.settle(request);
    await world.pass(2_000);
    const { draft } = world.request(SQUAD_KEY, request);
    expect(stored(request.eventId, 0)).toEqual({
      ...draft,
      organizationId: SQUAD,
      startedAt: settledAt,
      ...result(settledAt),
      rev: 0,
      heldNano: 70_000,
    });
  });

  test("fifty settlements of one request at once have one effect", async () => {
    start();
    const request = await world.admitted();
    const settlement = { ...request, result: result(world.now) };
    const calls = Array.from({ length: 50 }, async () => world.core.settle([settlement])[0]);
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer === "settled")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "repeat")).toHaveLength(49);
    expect(world.core.counters.of(ROOT).settled.requests).toBe(1);
  });

  test("a repeat after the row is long gone is still a repeat", async () => {
    start({ snapshotEvery: 1 });
    const request = await world.admitted();
    world.settle(request);
    await world.pass(1_000);
    expect(world.storage.inspect("SELECT * FROM journal")).toEqual([]);
    world.evict();
    expect(world.settle(request)).toBe("repeat");
    expect(world.core.counters.of(ROOT).settled.requests).toBe(1);
  });

  test.each<[string, Partial<EventResult>]>([
    ["negative tokens", { output: -1 }],
    ["a fraction", { inputUncached: 0.5 }],
    ["not a number", { costNano: Number.NaN }],
    ["beyond what a number can count", { cacheRead: 2 ** 53 }],
  ])("%s: answered `unknown`, logged, and the others of the call are settled", async (_, impossible) => {
    start();
    const [bad, good] = [await world.admitted(), await world.admitted()];
    const answers = world.core.settle([
      { ...bad, result: result(world.now, impossible) },
      { ...good, result: result(world.now) },
    ]);
    expect(answers).toEqual(["unknown", "settled"]);
    expect(world.logged("ledger.settle_failed")).toMatchObject([{ event_id: bad.eventId }]);
    expect(world.core.health().open).toBe(1);
  });

  test.each(["open", "settled"])("the handle of another request that is %s settles nothing", async (state) => {
    start();
    const [mine, other] = [await world.admitted(), await world.admitted()];
    if (state === "settled") world.settle(other);
    const before = world.core.counters.of(ROOT);
    expect(world.settle({ handle: other.handle, eventId: mine.eventId })).toBe("unknown");
    expect(world.core.counters.of(ROOT)).toEqual(before);
  });

  test("a handle that was never given is unknown, also to a cold Ledger", async () => {
    start();
    expect(world.settle({ handle: 7, eventId: "01KAV" })).toBe("unknown");
    await world.admitted();
    expect(world.settle({ handle: 7, eventId: "01KAV" })).toBe("unknown");
  });

  test("when the disk is full nothing has changed, and the retry settles", async () => {
    start();
    const request = await world.admitted();
    const before = world.core.counters.of(ROOT);
    world.storage.failWrites = true;
    expect(() => world.settle(request)).toThrow("full");
    expect(world.core.counters.of(ROOT)).toEqual(before);
    world.storage.failWrites = false;
    expect(world.settle(request)).toBe("settled");
  });

  test("a provider's usage object beyond all measure is not kept, its figures are", async () => {
    start();
    const request = await world.admitted();
    world.settle(request, { rawUsage: { noise: "x".repeat(100_000) } });
    await world.pass(1_000);
    expect(stored(request.eventId, 0)).toMatchObject({ rawUsage: null, inputUncached: 100, costNano: 5_000 });
  });

  test("a counter at the edge of the safe integers stays there and says so; events go on", async () => {
    start();
    const most = { costNano: Number.MAX_SAFE_INTEGER };
    world.settle(await world.admitted(), most);
    const request = await world.admitted();
    expect(world.settle(request, most)).toBe("settled");
    expect(world.core.counters.of(ROOT).settled.costNano).toBe(Number.MAX_SAFE_INTEGER);
    expect(world.logged("ledger.counter_at_its_edge")).toHaveLength(1);
    await world.pass(1_000);
    expect(stored(request.eventId, 0)?.costNano).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("expiry", () => {
  test("charges the whole hold and says so in the row", async () => {
    start();
    const { eventId } = await expired();
    await world.pass(1_000);
    expect(stored(eventId, 0)).toMatchObject({
      outcome: "expired",
      status: 504,
      exact: false,
      attempts: 1,
      inputUncached: 1_000,
      output: 500,
      costNano: 70_000,
      durationMs: 90_000,
      rawUsage: null,
    });
    expect(world.core.counters.of(ROOT)).toEqual({
      settled: { requests: 1, inputTokens: 1_000, outputTokens: 500, costNano: 70_000 },
      held: NOTHING,
    });
  });

  test("a touched hold lives ninety seconds more", async () => {
    start();
    const request = await world.admitted();
    await world.pass(89_999);
    world.core.touch([request.handle, 999]);
    await world.pass(89_999);
    expect(world.core.health().open).toBe(1);
    await world.pass(1);
    expect(world.core.health().open).toBe(0);
  });

  test("after a restart every hold has its full time again", async () => {
    start();
    await world.admitted();
    await world.pass(60_000);
    world.evict();
    await world.pass(89_999);
    expect(world.core.health().open).toBe(1);
    await world.pass(1);
    expect(world.core.health().open).toBe(0);
  });

  test.each(["before its drain", "after its drain"])("a late settlement %s is a signed correction", async (when) => {
    start();
    const request = await expired();
    if (when === "after its drain") await world.pass(10_000);
    const durationMs = world.now;
    expect(world.settle(request, { durationMs, attempts: 2 })).toBe("corrected");
    expect(world.settle(request)).toBe("repeat");
    await world.pass(10_000);
    const [charged, correction] = [stored(request.eventId, 0), stored(request.eventId, 1)];
    expect(correction).toMatchObject({
      ...{ rev: 1, outcome: "ok", status: 200, stopReason: "stop", exact: true, ttftMs: 12 },
      ...{ inputUncached: -900, cacheRead: 20, cacheWrite: 3, output: -460, reasoning: 10, costNano: -65_000 },
      ...{ attempts: 1, durationMs: durationMs - 90_000 },
    });
    expect((charged?.costNano ?? 0) + (correction?.costNano ?? 0)).toBe(5_000);
    expect(world.core.counters.of(SQUAD_KEY).settled).toEqual({
      ...{ requests: 1, inputTokens: 123, outputTokens: 40, costNano: 5_000 },
    });
  });

  test.each([
    [DAY_MS - 20_000, "corrected", 5_000],
    [DAY_MS, "unknown", 70_000],
  ])("%i ms after the drain it is %s", async (later, answer, costNano) => {
    start();
    const request = await expired();
    await world.pass(10_000);
    world.now += later;
    expect(world.settle(request)).toBe(answer);
    await world.pass(10_000);
    expect(world.core.counters.of(ROOT).settled.costNano).toBe(costNano);
    expect(world.logged("ledger.settled_too_late")).toHaveLength(answer === "unknown" ? 1 : 0);
  });

  test("the row goes with the first snapshot after its day, and no alarm is set for that", async () => {
    start({ snapshotEvery: 2 });
    await expired();
    await world.pass(DAY_MS + 10_000);
    expect(world.armedAt).toBeNull();
    expect(world.storage.inspect("SELECT seq FROM journal")).toEqual([{ seq: 1 }]);
    for (const request of [await world.admitted(), await world.admitted()]) world.settle(request);
    await world.pass(1_000);
    expect(world.storage.inspect("SELECT seq FROM journal")).toEqual([]);
  });
});

describe("what it costs", () => {
  test("at most 3.1 rows a request, alarms apart", async () => {
    start();
    await world.core.authenticate({ rootId: ROOT, keyId: SQUAD_KEY, mac: "" });
    const before = world.core.health();
    const requests = 2_048;
    for (let i = 0; i < requests; i++) {
      const request = await world.admitted(KEYS[i % 3]);
      await world.pass(20);
      world.settle(request);
    }
    await world.pass(10_000);
    const after = world.core.health();
    const rows = (after.rowsWritten - before.rowsWritten) / requests;
    console.info(`rows a request: ${rows}, alarms: ${(after.alarmsSet - before.alarmsSet) / requests}`);
    expect(rows).toBeGreaterThan(2.9);
    expect(rows).toBeLessThanOrEqual(3.1);
    expect(world.postgres.events.size).toBe(requests);
    // What is left is too little to be worth a snapshot: sent once more after a restart, and absorbed.
    expect(world.storage.inspect("SELECT * FROM journal").length).toBeLessThan(32);
  });
});
