import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RefusedRequest, RefusedRow } from "../../../worker/canonical/refused-request.ts";
import { RefusalLog } from "../../../worker/usage/refusal-log.ts";

const ROOT = "org_tenant00";

const refusedRequest = (more: Partial<RefusedRequest> = {}): RefusedRequest => ({
  id: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  keyId: "key_1",
  at: 0,
  dialect: "openai-chat",
  operation: "generate",
  requestedModel: "openai/gpt-6-mini",
  client: null,
  status: 403,
  errorCode: "model_not_allowed",
  param: "model",
  message: "No.",
  limitId: null,
  ...more,
});

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function start({ late = 0 } = {}) {
  const written: { rootId: string; at: number; rows: RefusedRow[] }[] = [];
  const logged: object[] = [];
  const ends: boolean[] = [];
  const log = new RefusalLog({
    now: () => Date.now(),
    // A request whose isolate forgets it: its timer never rings.
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        if (!ends.pop()) setTimeout(resolve, milliseconds + late);
      }),
    record: async (rootId, rows) => void written.push({ rootId, at: Date.now() - 1_000_000, rows: [...rows] }),
    log: (entry) => void logged.push(entry),
  });
  return { log, written, logged, forgetNext: () => void ends.push(true) };
}

test("what comes within half a second is written at once, each root's by itself", async () => {
  const { log, written } = start();
  log.add(ROOT, refusedRequest({ id: "1" }));
  log.add("org_other000", refusedRequest({ id: "2" }));
  await vi.advanceTimersByTimeAsync(400);
  log.add(ROOT, refusedRequest({ id: "3" }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written.map(({ rootId, at, rows }) => [rootId, at, rows.map(({ id }) => id)])).toEqual([
    [ROOT, 500, ["1", "3"]],
    ["org_other000", 500, ["2"]],
  ]);
});

test("of many alike five have a row, and the last tells of the others; the next come after ten seconds", async () => {
  const { log, written } = start();
  const send = (id: string) => void log.add(ROOT, refusedRequest({ id }));
  for (let index = 0; index < 100; index++) send(String(index));
  log.add(ROOT, refusedRequest({ id: "other", errorCode: "limit" }));
  await vi.advanceTimersByTimeAsync(600);
  expect(written.map(({ rows }) => rows.map(({ id, repeated }) => [id, repeated]))).toEqual([
    [
      ["0", 0],
      ["1", 0],
      ["2", 0],
      ["3", 0],
      ["4", 95],
      ["other", 0],
    ],
  ]);
  send("next");
  await vi.advanceTimersByTimeAsync(9_000);
  expect(written).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written.at(-1)?.rows.map(({ id }) => id)).toEqual(["next"]);
  // The flood is over.
  send("calm");
  await vi.advanceTimersByTimeAsync(500);
  expect(written.at(-1)?.rows.map(({ id }) => id)).toEqual(["calm"]);
});

test("a gathering whose request has ended is written by a later one", async () => {
  const { log, written, forgetNext } = start();
  forgetNext();
  log.add(ROOT, refusedRequest({ id: "1" }));
  await vi.advanceTimersByTimeAsync(1_400);
  log.add(ROOT, refusedRequest({ id: "2" }));
  await vi.advanceTimersByTimeAsync(100);
  expect(written).toEqual([]);
  log.add(ROOT, refusedRequest({ id: "3" }));
  await vi.advanceTimersByTimeAsync(0);
  expect(written.map(({ rows }) => rows.map(({ id }) => id))).toEqual([["1", "2", "3"]]);
});

test("an opener that comes late writes nothing again", async () => {
  const { log, written } = start({ late: 2_000 });
  log.add(ROOT, refusedRequest({ id: "1" }));
  await vi.advanceTimersByTimeAsync(1_600);
  log.add(ROOT, refusedRequest({ id: "2" }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written.map(({ rows }) => rows.map(({ id }) => id))).toEqual([["1", "2"]]);
});

test("of many kinds twenty-five have a row, and the next are gathered for longer", async () => {
  const { log, written } = start();
  for (let index = 0; index < 40; index++) log.add(ROOT, refusedRequest({ id: String(index), param: `p${index}` }));
  await vi.advanceTimersByTimeAsync(600);
  expect(written.map(({ rows }) => rows.length)).toEqual([25]);
  log.add(ROOT, refusedRequest({ id: "next" }));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(written).toHaveLength(1);
});

test("what cannot be written is told to the log, and nobody waits for it", async () => {
  const logged: object[] = [];
  const log = new RefusalLog({
    now: () => Date.now(),
    sleep: async () => {},
    record: () => Promise.reject(new Error("away")),
    log: (entry) => void logged.push(entry),
  });
  await log.add(ROOT, refusedRequest());
  expect(logged).toEqual([{ level: "error", event: "refusals.not_recorded", rows: 1, message: "Error: away" }]);
});

test("whatever comes, few rows are written, in order, and those with a row alike are counted", async () => {
  const kinds = fc.array(
    fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), fc.integer({ min: 0, max: 300 })),
    {
      maxLength: 400,
    },
  );
  await fc.assert(
    fc.asyncProperty(kinds, async (arrivals) => {
      const { log, written } = start();
      for (const [index, [param, wait]] of arrivals.entries()) {
        log.add(ROOT, refusedRequest({ id: String(index), param }));
        await vi.advanceTimersByTimeAsync(wait);
      }
      await vi.advanceTimersByTimeAsync(20_000);
      const rows = written.flatMap((one) => one.rows);
      const ids = rows.map(({ id }) => Number(id));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(rows.reduce((sum, { repeated }) => sum + 1 + repeated, 0)).toBeLessThanOrEqual(arrivals.length);
      for (const one of written) {
        expect(one.rows.length).toBeLessThanOrEqual(25);
        for (const { param } of one.rows)
          expect(one.rows.filter((row) => row.param === param).length).toBeLessThanOrEqual(5);
      }
    }),
    { numRuns: 50 },
  );
});
