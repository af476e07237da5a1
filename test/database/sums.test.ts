import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordEvents } from "../../worker/usage/record.ts";
import { loadSums, rollUp, type Sums } from "../../worker/usage/sums.ts";
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
