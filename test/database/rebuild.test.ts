import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { compareDays } from "../../worker/usage/compare-days.ts";
import { compareLabels } from "../../worker/usage/compare-labels.ts";
import { compareRollups } from "../../worker/usage/compare-rollups.ts";
import { rebuildRollups } from "../../worker/usage/rebuild.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { WHOLE } from "../../worker/usage/stats/horizon.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { makePastPartition } from "../support/past-partition.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const OTHER = "org_tenant01";
const HOUR = 3_600_000;
const START = Math.floor(Date.now() / HOUR) * HOUR - 4 * HOUR;
const hour = (hours: number) => new Date(START + hours * HOUR);

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  await makePastPartition(db);
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
});

const event = (hours: number, changes: Partial<UsageEvent> = {}) =>
  usageEvent({ startedAt: START + hours * HOUR + 1, ...changes });
const record = (events: UsageEvent[], rootId = ROOT) => recordEvents(db.database, rootId, events);
const rebuild = (from: Date, to: Date) => rebuildRollups(db.database, ROOT, from, to);
const differences = async (rootId = ROOT) => (await compareRollups(db.database, rootId, null)).differences;

test.each([
  ["figures that are wrong", "update usage_rollups set cost_nano = 5, requests = requests + 3, errors = 9"],
  ["sums that are missing", "delete from usage_rollups"],
  ["sums of nothing", "update usage_rollups set key_id = 'key_nobody'"],
])("makes %s right, in its hours and for its root only", async (_name, damage) => {
  const events = [0, 1, 2].flatMap((hours) => [event(hours), event(hours, { status: 429, outcome: "provider_error" })]);
  await record([...events, { ...(events[0] as UsageEvent), rev: 1, costNano: -34 }]);
  await record([event(1, { rootId: OTHER })], OTHER);
  await db.sql.query(damage);

  await rebuild(hour(1), hour(2));
  expect((await differences()).map((difference) => difference.hour)).not.toContain(
    hour(1).toISOString().replace(".000", ""),
  );
  expect(new Set((await differences()).map((difference) => difference.hour)).size).toBe(2);
  expect(await differences(OTHER)).not.toEqual([]);

  await rebuild(hour(0), hour(3));
  expect(await differences()).toEqual([]);
});

test("makes daily sums right as well", async () => {
  await record([event(0), event(1, { tags: { team: "a" }, endUser: "ada", sessionId: "s" })]);
  const all = [
    "usage_quarters",
    "usage_day_totals",
    "usage_days",
    "usage_day_models",
    "usage_hour_organizations",
    "usage_hours",
    "usage_hour_requests",
  ];
  const tables = [...all, "usage_day_labels", "usage_hour_labels"];
  const read = () => Promise.all(tables.map((table) => db.sql.query(`select * from ${table} order by 1, 2, 3, 4`)));
  const before = await read();
  for (const table of tables) await db.sql.query(`update ${table} set output = output + 1`);
  const wrong = (await compareDays(db.database, ROOT, null, WHOLE)).differences;
  expect(new Set(wrong.map(({ sums, figure }) => `${sums} ${figure}`))).toEqual(
    new Set(all.map((table) => `${table} output`)),
  );
  await db.sql`update usage_sessions set cost_most = 1`;
  const labels = async () => (await compareLabels(db.database, ROOT, null, WHOLE)).differences;
  expect(new Set((await labels()).map(({ sums, label, figure }) => [sums, label, figure].join(" ")))).toEqual(
    new Set([
      ...["usage_day_labels", "usage_day_models", "usage_hour_labels"].flatMap((table) =>
        ["end_user", "session", "tag:team"].map((label) => `${table} ${label} output`),
      ),
      "usage_sessions  cost_most",
    ]),
  );
  await rebuild(hour(0), hour(2));
  expect(await read()).toEqual(before);
  expect((await compareDays(db.database, ROOT, null, WHOLE)).differences).toEqual([]);
  expect(await labels()).toEqual([]);
});

test("takes each hour that is touched for a whole one", async () => {
  await record([event(0), event(1), event(2)]);
  await db.sql`update usage_rollups set output = output + 1`;
  await rebuild(hour(1 + 1 / 6), hour(1 + 5 / 6));
  const wrong = new Set((await differences()).map((difference) => difference.hour));
  expect(wrong).toEqual(new Set([0, 2].map((hours) => hour(hours).toISOString().replace(".000", ""))));
});

test("counts a request of midnight, whose id was made the day before", async () => {
  const midnight = Math.floor(START / (24 * HOUR)) * 24 * HOUR;
  await record([{ ...usageEvent({ startedAt: midnight - 1 }), startedAt: midnight }]);
  await db.sql`update usage_rollups set output = output + 1`;
  await rebuild(new Date(midnight), new Date(midnight + 1));
  expect(await differences()).toEqual([]);
});

test("changes nothing where all is right", async () => {
  await record([event(0), event(1), event(1, { keyId: "key_b" })]);
  const before = await db.sql`select * from usage_rollups order by hour, key_id`;
  await rebuild(hour(0), hour(4));
  expect(await db.sql`select * from usage_rollups order by hour, key_id`).toEqual(before);
});

test("while others write, no event is lost and none counts twice", async () => {
  const events = Array.from({ length: 200 }, (_, index) => event(index % 3, { keyId: `key_${index % 7}` }));
  const writers = [0, 1, 2, 3].map(async (writer) => {
    for (let from = writer * 50; from < writer * 50 + 50; from += 5) await record(events.slice(from, from + 5));
  });
  const repairs = [0, 1].map(async () => {
    for (let times = 0; times < 8; times++) await rebuild(hour(0), hour(3));
  });
  await Promise.all([...writers, ...repairs]);
  expect(await differences()).toEqual([]);
  const [row] = await db.sql`select sum(requests)::int as requests from usage_rollups`;
  expect(row?.requests).toBe(200);
});

test("a database that is away is a StorageError", async () => {
  db.faults.next.push("503");
  await expect(rebuild(hour(0), hour(1))).rejects.toMatchObject({ name: "StorageError", transient: true });
});
