import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { newUlid } from "../../worker/lib/ulid.ts";
import type { RequestFilter } from "../../worker/usage/log/matching.ts";
import { countRequests } from "../../worker/usage/log/overview.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { listRequests } from "../../worker/usage/requests.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { makePastPartition } from "../support/past-partition.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const [HOUR, DAY] = [3_600_000, 86_400_000];
const MIDNIGHT = Math.floor(Date.now() / DAY) * DAY;
const RUNS = 40;

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  await makePastPartition(db);
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
});

/** A request of the last days, often about midnight, and how it was corrected. */
const life = fc.record({
  hours: fc.oneof(
    fc.integer({ min: 1, max: 400 }),
    fc.nat(16).map((day) => 24 * day + 0.01),
  ),
  key: fc.nat(2),
  model: fc.nat(2),
  status: fc.constantFrom(200, 404, 503),
  tag: fc.option(fc.constantFrom("a", "b")),
  corrected: fc.option(fc.constantFrom(200, 504)),
});

/** A filter, and the same in JavaScript of a request's latest row. */
const FILTERS: [RequestFilter, (row: UsageEvent) => boolean][] = [
  [{ models: [{ provider: "openai", upstreamModel: "model-1" }] }, (row) => row.upstreamModel === "model-1"],
  [{ statusClasses: [5] }, (row) => row.status >= 500],
  [{ statusClasses: [2], providers: ["openai"] }, (row) => row.status < 300],
  [{ tags: [{ name: "team", value: "a" }] }, (row) => row.tags.team === "a"],
  [{ tags: [{ name: "team", value: "nobody" }] }, () => false],
  [{ outcomes: ["provider_error"] }, (row) => row.outcome === "provider_error"],
  [{ clients: ["nobody"] }, () => false],
  [
    { providers: ["openai"], from: MIDNIGHT - 5 * DAY, to: MIDNIGHT - DAY },
    (row) => row.startedAt >= MIDNIGHT - 5 * DAY && row.startedAt < MIDNIGHT - DAY,
  ],
];

test(`pages of what daily sums help to find are those of all requests, ${RUNS} runs`, async () => {
  const scenario = fc.record({
    lives: fc.array(life, { minLength: 1, maxLength: 30 }),
    filter: fc.constantFrom(...FILTERS),
    limit: fc.integer({ min: 1, max: 5 }),
    oldestFirst: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lives, filter: [filter, matches], limit, oldestFirst }) => {
      await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
      const requests = lives.map((one, index) => {
        const startedAt = MIDNIGHT - Math.round(one.hours * HOUR);
        const first = usageEvent({
          // Some ids are made the day before.
          eventId: newUlid(startedAt - (index % 2) * 20 * 60_000, (length) =>
            new Uint8Array(length).map((_, at) => index >> (5 * (length - 1 - at))),
          ),
          ...{ startedAt, keyId: `key_${one.key}`, upstreamModel: `model-${one.model}`, status: one.status },
          ...{ tags: one.tag === null ? {} : { team: one.tag }, outcome: one.status === 200 ? "ok" : "provider_error" },
        });
        if (one.corrected === null) return [first];
        const outcome = one.corrected === 200 ? ("ok" as const) : ("provider_error" as const);
        return [first, { ...first, rev: 1, costNano: -1, status: one.corrected, outcome }];
      });
      await recordEvents(db.database, ROOT, requests.flat());
      const expected = requests
        .map((rows) => rows.at(-1) as UsageEvent)
        .filter(matches)
        .map(({ eventId }) => eventId)
        .sort();
      if (!oldestFirst) expected.reverse();
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listRequests(db.database, ROOT, filter, { limit, cursor, oldestFirst });
        seen.push(...page.requests.map(({ eventId }) => eventId));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(expected);
      expect(await countRequests(db.database, ROOT, filter)).toEqual({ count: expected.length, capped: false });
    }),
    { numRuns: RUNS },
  );
}, 120_000);
