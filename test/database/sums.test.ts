import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { loadEventSums } from "../../worker/usage/event-sums.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { type Boundary, loadSums, rollUp, type Sums } from "../../worker/usage/sums.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { makePastPartition } from "../support/past-partition.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const CHILD = "org_child000";
const HOUR = 3_600_000;
/** The start of an hour two days ago. */
const START = Math.floor(Date.now() / HOUR) * HOUR - 48 * HOUR;
const at = (hours: number) => START + hours * HOUR;

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  await makePastPartition(db);
  const event = (hours: number, changes: object) => usageEvent({ startedAt: at(hours), ...figures(hours), ...changes });
  const corrected = event(12, { organizationId: CHILD, keyId: "key_b" });
  await recordEvents(db.database, ROOT, [
    event(0, { keyId: "key_a" }),
    event(6, { organizationId: CHILD, keyId: "key_b" }),
    corrected,
    { ...corrected, rev: 1, ...figures(-5) },
    event(24, { keyId: "key_a" }),
  ]);
  await recordEvents(db.database, "org_tenant01", [
    event(1, { rootId: "org_tenant01", organizationId: "org_tenant01" }),
  ]);
});
afterAll(() => db?.close());

/** Figures by which every event can be told from every sum. */
const figures = (n: number) => ({
  inputUncached: n,
  cacheRead: 10 * n,
  cacheWrite: 0,
  output: 7 * n,
  costNano: 1000 * n,
});
const sums = (requests: number, n: number): Sums => [requests, 11 * n, 7 * n, 1000 * n];

const load = async (boundaries: Record<string, number>) => {
  const given = Object.entries(boundaries).map(([window, hours]) => ({ window, from: new Date(at(hours)) }));
  const found = await loadSums(db.database, ROOT, given);
  return Object.fromEntries(found.map((row) => [`${row.window} ${row.organizationId} ${row.keyId}`, row.settled]));
};

describe("loadSums", () => {
  const totals = {
    [`total ${ROOT} key_a`]: sums(2, 24),
    [`total ${CHILD} key_b`]: sums(2, 13),
  };

  test("of no window gives what there is since ever", async () => {
    expect(await load({})).toEqual(totals);
  });

  test("counts for each window what began in it, in whatever order they are given", async () => {
    expect(await load({ late: 24, all: 0, same: 6, middle: 6, never: 25 })).toEqual({
      ...totals,
      [`all ${ROOT} key_a`]: sums(2, 24),
      [`all ${CHILD} key_b`]: sums(2, 13),
      [`middle ${ROOT} key_a`]: sums(1, 24),
      [`middle ${CHILD} key_b`]: sums(2, 13),
      [`same ${ROOT} key_a`]: sums(1, 24),
      [`same ${CHILD} key_b`]: sums(2, 13),
      [`late ${ROOT} key_a`]: sums(1, 24),
    });
  });

  test("a window begins to the millisecond, within an hour too", async () => {
    const after = await load({ half: 5.5, exact: 6, late: 6 + 1 / HOUR });
    expect(after[`half ${CHILD} key_b`]).toEqual(sums(2, 13));
    expect(after[`exact ${CHILD} key_b`]).toEqual(sums(2, 13));
    expect(after[`late ${CHILD} key_b`]).toEqual(sums(1, 7));
  });

  test("stops at the edge of the safe integers, as a Ledger does", async () => {
    const rootId = "org_rich0000";
    const rich = () => usageEvent({ rootId, costNano: Number.MAX_SAFE_INTEGER });
    await recordEvents(db.database, rootId, [rich(), rich()]);
    const [total] = await loadSums(db.database, rootId, []);
    expect(total?.settled[3]).toBe(Number.MAX_SAFE_INTEGER);
  });
});

const DAY = 24 * HOUR;
/** How far clocks are ahead of UTC: whole, half and quarter hours. */
const OFFSETS = [0, 1, -5, 5.5, -3.5, 5.75, 12.75].map((hours) => hours * HOUR);
const TODAY = Math.floor(Date.now() / DAY) * DAY;
const someday = fc.integer({ min: TODAY - 40 * DAY, max: TODAY - 1 });
/** Midnights of a zone, and any moment. */
const boundary = fc.oneof(
  fc
    .tuple(someday, fc.constantFrom(...OFFSETS))
    .map(([moment, offset]) => Math.floor((moment + offset) / DAY) * DAY - offset),
  someday,
);
/** Many just before or after a boundary. */
const charged = fc.record({
  moment: fc.oneof(
    someday,
    fc.tuple(boundary, fc.constantFrom(-1, 0, 1)).map(([moment, off]) => moment + off),
  ),
  ...{ key: fc.nat(2), team: fc.nat(1), tokens: fc.nat(1_000_000), cost: fc.nat(2_000_000_000) },
  correction: fc.option(fc.integer({ min: -1_000_000, max: 1_000_000 }), { nil: null }),
});

const named = (found: Awaited<ReturnType<typeof loadSums>>) =>
  Object.fromEntries(found.map((row) => [`${row.window} ${row.organizationId} ${row.keyId}`, row.settled]));

/** The same by the host's own arithmetic. */
function expectedSums(events: readonly UsageEvent[], boundaries: readonly Boundary[]): Record<string, Sums> {
  const found: Record<string, Sums> = {};
  for (const { window, from } of [...boundaries, { window: "total", from: new Date(0) }]) {
    for (const event of events.filter(({ startedAt }) => startedAt >= from.getTime())) {
      const name = `${window} ${event.organizationId} ${event.keyId}`;
      const [requests, input, output, cost] = found[name] ?? [0, 0, 0, 0];
      const more = event.inputUncached + event.cacheRead + event.cacheWrite;
      found[name] = [
        ...[requests + (event.rev === 0 ? 1 : 0), input + more],
        ...[output + event.output, cost + event.costNano],
      ] as Sums;
    }
  }
  return found;
}

test("of any events since any moments gives their sum, also while days are not summed, and when events are deleted", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(charged, { minLength: 1, maxLength: 30 }),
      fc.array(boundary, { maxLength: 8 }),
      fc.option(someday, { nil: null }),
      async (lives, moments, summedFrom) => {
        const rootId = `org_run${run++}`;
        const events = lives.flatMap(({ moment, key, team, tokens, cost, correction }) => {
          const whose = { rootId, keyId: `key_${key}`, organizationId: `${rootId}_${team}` };
          const first = usageEvent({ ...whose, startedAt: moment, inputUncached: tokens, costNano: cost });
          const none = { cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
          const more = { ...first, ...none, rev: 1, inputUncached: correction ?? 0, costNano: correction ?? 0 };
          return correction === null ? [first] : [first, more];
        });
        await recordEvents(db.database, rootId, events);
        const boundaries = moments.map((moment, index) => ({ window: `w${index}`, from: new Date(moment) }));
        const expected = expectedSums(events, boundaries);
        expect(named(await loadEventSums(db.database, rootId, boundaries))).toEqual(expected);
        if (summedFrom !== null) {
          const day = new Date(summedFrom).toISOString().slice(0, 10);
          await db.sql`insert into usage_horizons (root_id, summed_from) values (${rootId}, ${day})`;
          await db.sql`delete from usage_day_totals where root_id = ${rootId} and day < ${day}::date`;
        }
        expect(named(await loadSums(db.database, rootId, boundaries))).toEqual(expected);
        await db.sql`delete from usage_events where root_id = ${rootId}`;
        const whole = boundaries.filter(({ from }) => from.getTime() % HOUR === 0);
        expect(named(await loadSums(db.database, rootId, whole))).toEqual(expectedSums(events, whole));
      },
    ),
    { numRuns: 25 },
  );
});

describe("rollUp", () => {
  const key = (window: string, organizationId: string, keyId: string, n: number) => ({
    ...{ window, organizationId, keyId },
    settled: sums(1, n),
  });
  const paths: Record<string, string[]> = { top: ["top"], mid: ["mid", "top"], low: ["low", "mid", "top"] };

  test("adds keys up to all that stand above them, each window for itself", () => {
    const nodes = rollUp(
      [
        key("total", "low", "k1", 1),
        key("total", "mid", "k2", 2),
        key("day", "low", "k1", 4),
        key("total", "low", "k2", 8),
      ],
      (organizationId) => paths[organizationId] ?? [],
    );
    expect(Object.fromEntries(nodes.map((node) => [`${node.window} ${node.nodeId}`, node.settled]))).toEqual({
      "total k1": sums(1, 1),
      // It has moved: its own sum is of both places.
      "total k2": sums(2, 10),
      "total low": sums(2, 9),
      "total mid": sums(3, 11),
      "total top": sums(3, 11),
      "day k1": sums(1, 4),
      "day low": sums(1, 4),
      "day mid": sums(1, 4),
      "day top": sums(1, 4),
    });
  });
});
