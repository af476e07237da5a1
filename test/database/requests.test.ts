import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AttemptRecord, UsageEvent } from "../../worker/canonical/usage-event.ts";
import { newUlid } from "../../worker/lib/ulid.ts";
import type { RequestFilter } from "../../worker/usage/log/matching.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { getRequest, listRequests } from "../../worker/usage/requests.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const OTHER_ROOT = "org_tenant01";
const CHILD = "org_child000";

let db: TestDatabase;
/** Oldest first: 0–9 of the root, 10–14 of its child, 7 corrected; the other tenant has 3. */
let events: UsageEvent[];

beforeAll(async () => {
  db = await startTestDatabase();
  const startOfHour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const at = (index: number) => ({
    startedAt: startOfHour + index,
    eventId: newUlid(startOfHour + index, (length) => new Uint8Array(length).fill(index)),
  });
  events = Array.from({ length: 15 }, (_, index) =>
    usageEvent({
      ...at(index),
      organizationId: index < 10 ? ROOT : CHILD,
      keyId: index % 2 ? "key_odd000000000" : "key_even00000000",
    }),
  );
  const corrected = events[7];
  if (corrected === undefined) throw new Error("unreachable");
  events[7] = { ...corrected, inputUncached: 1000, costNano: 5000, outcome: "expired", status: 504, exact: false };
  const correction = { ...corrected, rev: 1, inputUncached: -900, costNano: -4500, cacheRead: 0, output: 0 };
  await recordEvents(db.database, ROOT, [correction]);
  await recordEvents(db.database, ROOT, events);
  const others = [20, 21, 22].map((index) => usageEvent({ ...at(index), rootId: OTHER_ROOT }));
  await recordEvents(db.database, OTHER_ROOT, others);
});
afterAll(() => db?.close());

const ids = (indices: number[]) => indices.map((index) => events[index]?.eventId);

describe("listRequests", () => {
  test.each<[string, RequestFilter & { limit: number }, number[]]>([
    ["newest first", { limit: 3 }, [14, 13, 12]],
    ["of one organization", { limit: 2, organizationIds: [ROOT] }, [9, 8]],
    ["of several", { limit: 7, organizationIds: [ROOT, CHILD] }, [14, 13, 12, 11, 10, 9, 8]],
    ["of none", { limit: 5, organizationIds: [] }, []],
    ["of a key", { limit: 3, keyIds: ["key_odd000000000"] }, [13, 11, 9]],
    ["of a key in an organization", { limit: 9, keyIds: ["key_odd000000000"], organizationIds: [CHILD] }, [13, 11]],
  ])("%s", async (_name, { limit, ...filter }, expected) => {
    const { requests } = await listRequests(db.database, ROOT, filter, { limit });
    expect(requests.map((request) => request.eventId)).toEqual(ids(expected));
  });

  test.each([1, 2, 4, 5, 14, 15, 16])(
    "pages of %i show every request once, and the last has no cursor",
    async (limit) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await listRequests(db.database, ROOT, {}, { limit, cursor });
        seen.push(...page.requests.map((request) => request.eventId));
        cursor = page.nextCursor ?? undefined;
        pages += 1;
      } while (cursor !== undefined);
      expect(seen).toEqual(ids(events.map((_, index) => 14 - index)));
      expect(pages).toBe(Math.ceil(15 / limit));
    },
  );

  test("sums revisions, in whatever order they came, into one request", async () => {
    const { requests } = await listRequests(db.database, ROOT, {}, { limit: 15 });
    expect(requests).toHaveLength(15);
    expect(requests[7]).toMatchObject({
      eventId: events[7]?.eventId,
      corrected: true,
      outcome: "ok",
      status: 200,
      exact: true,
      inputUncached: 100,
      costNano: 500,
    });
    expect(requests.filter((request) => request.corrected)).toHaveLength(1);
  });
});

const attempt = (outcome: AttemptRecord["outcome"]): AttemptRecord => ({
  ...{ provider: "openai", model: "gpt-6", credential: null, outcome, reason: null, status: 200 },
  ...{ startMs: 3, durationMs: 5, costNano: 7 },
});

/** Rows of one event, in the part that changes from one to the next. */
type Revision = Partial<UsageEvent>;

describe("revisions", () => {
  test.each<[string, Revision[], object]>([
    [
      "attempts and duration are summed, as an expired request's correction holds differences",
      [
        { outcome: "expired", attempts: 1, durationMs: 90_000 },
        { attempts: 1, durationMs: -85_000 },
      ],
      { attempts: 2, durationMs: 5_000, outcome: "ok" },
    ],
    [
      "unknown costs stay unknown",
      [
        { listCostNano: null, providerCostNano: null },
        { listCostNano: null, providerCostNano: null },
      ],
      { listCostNano: null, providerCostNano: null },
    ],
    [
      "known costs are summed, unknown ones left out",
      [
        { listCostNano: 500, providerCostNano: null },
        { listCostNano: null, providerCostNano: 70 },
        { listCostNano: -100, providerCostNano: null },
      ],
      { listCostNano: 400, providerCostNano: 70 },
    ],
    [
      "what failed attempts cost is summed, and the attempts are those that were told last",
      [
        { outcome: "expired", tries: null, failedCostNano: 0 },
        { tries: [attempt("failed"), attempt("answered")], failedCostNano: 300 },
        { tries: null, failedCostNano: 0 },
      ],
      { tries: [attempt("failed"), attempt("answered")], failedCostNano: 300 },
    ],
    ["a cost within what was held is not above it", [{ costNano: 700, heldNano: 700 }], { overBoundNano: 0 }],
    ["a cost above it is shown", [{ costNano: 701, heldNano: 700 }], { overBoundNano: 1 }],
    [
      "what counts is the corrected cost",
      [
        { costNano: 900, heldNano: 700 },
        { costNano: -300, heldNano: 0 },
      ],
      { heldNano: 700, costNano: 600, overBoundNano: 0 },
    ],
    [
      "a provider's charge for a model without a price is above a bound of nothing",
      [{ costNano: 70, listCostNano: null, providerCostNano: 70, heldNano: 0 }],
      { overBoundNano: 70 },
    ],
    [
      "a row of before holds were recorded is above no bound",
      [{ costNano: 70, listCostNano: null, providerCostNano: null, heldNano: 0 }],
      { overBoundNano: 0 },
    ],
  ])("%s", async (_name, revisions, expected) => {
    const rootId = "org_revised0";
    const event = usageEvent({ rootId });
    await recordEvents(
      db.database,
      rootId,
      revisions.map((revision, rev) => ({ ...event, ...revision, rev })),
    );
    expect((await getRequest(db.database, rootId, event.eventId))?.request).toMatchObject(expected);
  });
});

describe("getRequest", () => {
  test("gives numbers, dates and the revisions", async () => {
    const found = await getRequest(db.database, ROOT, events[7]?.eventId ?? "");
    expect(found?.revisions.map((row) => [row.rev, row.inputUncached, row.outcome])).toEqual([
      [0, 1000, "expired"],
      [1, -900, "ok"],
    ]);
    expect(found?.request).toMatchObject({ inputUncached: 100, costNano: 500, corrected: true });
    expect(found?.request.startedAt).toEqual(new Date(events[7]?.startedAt ?? 0));
  });

  test("knows nothing of another tenant's request", async () => {
    expect(await getRequest(db.database, OTHER_ROOT, events[3]?.eventId ?? "")).toBeNull();
  });

  test("a database that is away is a StorageError", async () => {
    db.faults.next.push("503");
    await expect(getRequest(db.database, ROOT, events[3]?.eventId ?? "")).rejects.toMatchObject({
      name: "StorageError",
      transient: true,
    });
  });
});
