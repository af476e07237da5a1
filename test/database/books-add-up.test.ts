import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { newUlid } from "../../worker/lib/ulid.ts";
import { recordCorrections, recordEvents } from "../../worker/usage/record.ts";
import { loadSums } from "../../worker/usage/sums.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { makePastPartition } from "../support/past-partition.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const HOUR = 3_600_000;
const NOW = Date.now();
const RUNS = 60;

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  await makePastPartition(db);
});
afterAll(() => db?.close());

/** One request's life: how it ended, what a late settlement corrected, and how often it was rated anew. */
const life = fc.record({
  key: fc.nat(2),
  team: fc.nat(2),
  model: fc.nat(1),
  provider: fc.nat(1),
  status: fc.constantFrom(200, 429, 499, 504),
  hoursAgo: fc.nat(3),
  tokens: fc.nat(1_000_000),
  cost: fc.nat(2_000_000_000),
  late: fc.option(fc.record({ tokens: fc.nat(1_000_000), cost: fc.nat(2_000_000_000) })),
  ratings: fc.array(fc.nat(2_000_000_000), { maxLength: 2 }),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** Its rows, and what they must add up to. */
function rowsOf(one: Life, index: number): { rows: UsageEvent[]; final: { tokens: number; cost: number } } {
  const startedAt = NOW - one.hoursAgo * HOUR;
  const first = usageEvent({
    eventId: newUlid(startedAt, (length) => new Uint8Array(length).map((_, at) => index >> (5 * (length - 1 - at)))),
    ...{ startedAt, keyId: `key_${one.key}`, organizationId: `org_team000${one.team}` },
    ...{ upstreamModel: `model-${one.model}`, provider: `provider-${one.provider}` },
    ...{ inputUncached: one.tokens, costNano: one.cost, listCostNano: one.cost },
    ...(one.late ? { outcome: "expired" as const, status: 504, exact: false } : { status: one.status }),
  });
  const rows = [first];
  const final = { tokens: one.tokens, cost: one.cost };
  const correct = (changes: Partial<UsageEvent>, tokens: number, cost: number) => {
    const latest = rows.at(-1) as UsageEvent;
    const nothing = { cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, heldNano: 0, attempts: 0, durationMs: 0 };
    const difference = { inputUncached: tokens - final.tokens, costNano: cost - final.cost };
    rows.push({ ...latest, ...nothing, ...difference, ...changes, rev: rows.length });
    Object.assign(final, { tokens, cost });
  };
  if (one.late) correct({ outcome: "ok", status: 200, exact: true }, one.late.tokens, one.late.cost);
  for (const [rating, cost] of one.ratings.entries()) correct({ priceVersion: `prc_${rating}` }, final.tokens, cost);
  return { rows, final };
}

const DIMENSIONS: [rollup: string, event: string][] = [
  ["organization_id", "organization_id"],
  ["key_id", "key_id"],
  ["model", "upstream_model"],
  ["provider", "provider"],
  ["status_class", "status / 100"],
  ["hour", "date_trunc('hour', started_at, 'UTC')"],
  ["root_id", "root_id"],
];

/** Summed without any of the gateway's own SQL. */
const totals = (column: string, table: string, requests: string) =>
  db.sql.query(`select (${column})::text as name, sum(${requests})::text as requests, sum(input_uncached)::text as input,
    sum(output)::text as output, sum(cost_nano)::text as cost from ${table} group by 1 order by 1`);

test(`in any order, by any number of writers, however often: rollups are the sum of events, ${RUNS} runs`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.boolean()), { minLength: 30, maxLength: 80 }),
      async (lives, deliveries) => {
        await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
        const requests = lives.map(rowsOf);
        const rows = requests.flatMap((request) => request.rows);
        // Everything at least once, then what chance repeats; four writers at the same time, each in an order of its own.
        const repeats = deliveries.map(([which]) => rows[which % rows.length] as UsageEvent);
        const writers = [0, 1, 2, 3].map((writer) => [
          ...rows.filter((_, index) => index % 4 === writer),
          ...repeats.filter((_, index) => (deliveries[index] ?? [])[1] === writer),
        ]);
        const isNew: string[] = [];
        await Promise.all(
          writers.map(async (mine, writer) => {
            const shuffled = mine.toSorted(
              (a, b) => (deliveries[(a.costNano + writer) % 30]?.[0] ?? 0) - (b.costNano % 97),
            );
            for (let from = 0; from < shuffled.length; from += 5) {
              const batch = shuffled.slice(from, from + 5);
              if (deliveries[from]?.[2]) {
                const distinct = [...new Map(batch.map((row) => [`${row.eventId}/${row.rev}`, row])).values()];
                const written = await recordCorrections(db.database, ROOT, distinct);
                isNew.push(...written.map(({ eventId, rev }) => `${eventId}/${rev}`));
              } else await recordEvents(db.database, ROOT, batch);
            }
          }),
        );

        // E2: one row a revision, and together they are the final figures. A writer is told of what is new once.
        expect(new Set(isNew).size).toBe(isNew.length);
        const stored = await db.sql`select event_id, count(*)::int as rows, sum(input_uncached)::text as tokens,
          sum(cost_nano)::text as cost from usage_events group by 1 order by 1`;
        const expected = requests.map(({ rows: [first, ...more], final }) => ({
          ...{ event_id: first?.eventId, rows: 1 + more.length },
          ...{ tokens: String(final.tokens), cost: String(final.cost) },
        }));
        expect(stored).toEqual(expected.toSorted((a, b) => ((a.event_id ?? "") < (b.event_id ?? "") ? -1 : 1)));

        for (const [column, expression] of DIMENSIONS) {
          expect(await totals(column, "usage_rollups", "requests"), column).toEqual(
            await totals(expression, "usage_events", "(rev = 0)::int"),
          );
        }
        const everything = await loadSums(db.database, ROOT, [{ window: "all", from: new Date(NOW - 4 * HOUR) }]);
        const named = (window: string) =>
          everything
            .filter((sum) => sum.window === window)
            .map(({ window: _window, ...sum }) => JSON.stringify(sum))
            .sort();
        expect(named("all")).toEqual(named("total"));
        expect(named("all").length).toBeGreaterThan(0);
      },
    ),
    { numRuns: RUNS },
  );
});
