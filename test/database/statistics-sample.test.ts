import { afterAll, beforeAll, expect, test } from "vitest";
import { newUlid } from "../../worker/lib/ulid.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { readSummary } from "../../worker/usage/stats/summary.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const HOUR = 3_600_000;
const START = Math.floor(Date.now() / HOUR) * HOUR;
const MANY = 50_001;

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  const event = usageEvent({ eventId: newUlid(START, (length) => new Uint8Array(length)), startedAt: START });
  await recordEvents(db.database, ROOT, [event]);
  // Copies with ids that end in each character equally often, and with durations of their own.
  await db.sql`alter table usage_events disable trigger usage_events_summed`;
  for (let first = 1; first < MANY; first += 10_000) {
    await db.sql`
    insert into usage_events
    select (jsonb_populate_record(e, jsonb_build_object(
      'event_id', left(e.event_id, 10) || lpad(i::text, 15, '0') || substr('123456789ABCDEFGHJKMNPQRSTVWXYZ0', i % 32 + 1, 1),
      'started_at', e.started_at + i * interval '1 millisecond', 'duration_ms', i, 'ttft_ms', i / 2))).*
    from usage_events e, generate_series(${first}::int, ${Math.min(first + 9_999, MANY - 1)}::int) i
    where e.event_id = ${event.eventId}`;
  }
  await db.sql`select gaia_resum_usage(${ROOT}, ${new Date(START).toISOString().slice(0, 10)}::date)`;
  await db.sql`update usage_rollups set requests = ${MANY}::bigint`;
});
afterAll(() => db?.close());

const summary = async (period: { from: number; to: number }) =>
  (await readSummary(db.database, { rootId: ROOT, filter: {}, period, previous: null }, [])).current;

test.each([
  ["hourly sums", { from: START, to: START + HOUR }],
  ["events", { from: START, to: START + HOUR - 1 }],
])("more than fifty thousand requests by %s: one in 32 is sorted, and the answer says so", async (_name, period) => {
  const { figures, latency } = await summary(period);
  expect(figures.requests).toBe(String(MANY));
  const sample = Array.from({ length: MANY }, (_, index) => index).filter((index) => index % 32 === 31 || index === 0);
  // The first has the id of zeros and the duration of `usageEvent`.
  const durations = sample.map((index) => (index === 0 ? 900 : index)).sort((a, b) => a - b);
  const at = (part: number) => durations[Math.ceil(part * durations.length) - 1];
  expect(latency).toMatchObject({
    ...{ sampled: true, requests: sample.length },
    duration: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
  });
});

test("of millions one in 128 is", async () => {
  await db.sql`update usage_rollups set requests = 2000000`;
  const { latency } = await summary({ from: START, to: START + HOUR });
  await db.sql`update usage_rollups set requests = ${MANY}::bigint`;
  const sample = Array.from({ length: MANY }, (_, index) => index).filter(
    (index) => index % 32 === 31 && index % 10 < 8,
  );
  const durations = [...sample, 900].sort((a, b) => a - b);
  const at = (part: number) => durations[Math.ceil(part * durations.length) - 1];
  expect(latency).toMatchObject({
    ...{ sampled: true, requests: durations.length },
    duration: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
  });
});

test("up to fifty thousand all are", async () => {
  const { latency } = await summary({ from: START + 1, to: START + HOUR });
  expect(latency).toMatchObject({ sampled: false, requests: MANY - 1, duration: { p50: 25_000, p99: 49_500 } });
});
