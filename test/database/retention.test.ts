import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { forRoot } from "../../drizzle/tenant.ts";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { compareDays } from "../../worker/usage/compare-days.ts";
import { compareRollups } from "../../worker/usage/compare-rollups.ts";
import { rebuildRollups } from "../../worker/usage/rebuild.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { listRequests } from "../../worker/usage/requests.ts";
import { backfillUsage, expireUsage } from "../../worker/usage/retention.ts";
import { readBreakdown } from "../../worker/usage/stats/breakdown.ts";
import { dimension } from "../../worker/usage/stats/dimension.ts";
import { readHorizon } from "../../worker/usage/stats/horizon.ts";
import { readSeries } from "../../worker/usage/stats/series.ts";
import { readSessions } from "../../worker/usage/stats/sessions.ts";
import { readSummary } from "../../worker/usage/stats/summary.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const OTHER = "org_tenant01";
const DAY = 86_400_000;
const TODAY = Math.floor(Date.now() / DAY) * DAY;
const day = (days: number) => TODAY + days * DAY;
const isoDay = (days: number) => new Date(day(days)).toISOString().slice(0, 10);

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  const month = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth())).toISOString().slice(0, 10);
  await db.sql.query(
    `create table usage_events_past partition of usage_events for values from ('2024-02-01') to ('${month}')`,
  );
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models,
    usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions, usage_horizons`;
});

const event = (startedAt: number, changes: Partial<UsageEvent> = {}) =>
  usageEvent({ startedAt, sessionId: "one", endUser: "ada", tags: { team: "blue" }, costNano: 7, ...changes });
const record = (events: UsageEvent[], rootId = ROOT) => recordEvents(db.database, rootId, events);
const period = (from: number, to: number) => ({ rootId: ROOT, filter: {}, period: { from, to }, previous: null });
async function requests(from: number, to: number, raw = false) {
  const horizon = await readHorizon(db.database, ROOT);
  const { current, rounded } = await readSummary(db.database, { ...period(from, to), horizon, raw }, []);
  return { requests: Number(current.figures.requests), rounded };
}
const keep = (days: number) =>
  forRoot(db.database, ROOT).batch([db.database.execute(sql`select gaia_keep_usage(${days})`)]);
const expire = () => expireUsage(db.database, 13, () => {});
const differences = async () => {
  const horizon = await readHorizon(db.database, ROOT);
  const since = new Date(horizon.eventsFrom);
  const found = [await compareRollups(db.database, ROOT, since), await compareDays(db.database, ROOT, since, horizon)];
  return found.flatMap((one) => one.differences);
};

test("days of before daily sums are read from hours and events until they are summed", async () => {
  await db.sql`alter table usage_events disable trigger usage_events_summed`;
  await record([event(day(-5) + 1), event(day(-3) + 1), event(day(-1) + 1)]);
  await db.sql`alter table usage_events enable trigger usage_events_summed`;
  await db.sql`insert into usage_horizons (root_id, summed_from) values ('*', ${isoDay(1)})`;
  // What is written meanwhile is summed already, and again with its day.
  await record([event(day(-3) + 2), event(day(0) + 1)]);

  expect(await requests(day(-6), day(1))).toEqual({ requests: 5, rounded: false });
  const [{ rows }] = await forRoot(db.database, ROOT).batch([
    db.database.execute(sql`select gaia_backfill_usage(2) as left`),
  ]);
  expect(Number(rows[0]?.left)).toBe(4);
  expect(await requests(day(-6), day(1))).toEqual({ requests: 5, rounded: false });
  await backfillUsage(db.database);
  expect(await readHorizon(db.database, ROOT)).toMatchObject({ summedFrom: 0 });
  expect(await requests(day(-6), day(1))).toEqual({ requests: 5, rounded: false });
  expect(await differences()).toEqual([]);
});

test("days of before the fewer sums are read from finer ones until they are summed", async () => {
  await db.sql`alter table usage_events disable trigger usage_events_summed`;
  const events = [-5, -3, -3].map((at, index) =>
    event(day(at) + index, { sessionId: `${index}`, costNano: 5 + index }),
  );
  await record(events);
  for (const at of [-5, -3]) await db.sql`select gaia_resum_usage(null, ${isoDay(at)}::date)`;
  await db.sql`truncate usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
  await db.sql`alter table usage_events enable trigger usage_events_summed`;
  await db.sql`insert into usage_horizons (root_id, models_from) values ('*', ${isoDay(1)})`;
  // What is written meanwhile is in them already, and again with its day.
  await record([event(day(-3) + 5, { sessionId: "1", costNano: 1 })]);
  const answers = async () => {
    const scope = { ...period(day(-6) + 1, day(1)), horizon: await readHorizon(db.database, ROOT) };
    const groups = { group: dimension("session"), sub: null, measure: "cost" as const, top: 2 };
    const series = { ...scope, bucket: "day" as const, timeZone: "Asia/Kolkata" };
    const page = { order: "cost" as const, limit: 2, after: null };
    return [
      ...[
        (await readSummary(db.database, scope, [])).current.figures,
        await readBreakdown(db.database, { ...scope, ...groups }),
      ],
      ...[await readSeries(db.database, series, false), await readSessions(db.database, scope, page)],
    ];
  };
  const before = await answers();
  expect(before).toMatchObject([
    { requests: "4" },
    { total: { current: { cost_nano: "19" } } },
    {},
    { next: { id: "1" } },
  ]);
  const backfill = async () => Number((await db.sql`select gaia_backfill_usage(2) as left`)[0]?.left);
  expect(await backfill()).toBe(4);
  expect(await answers()).toEqual(before);
  await backfillUsage(db.database);
  expect(await readHorizon(db.database, ROOT)).toMatchObject({ modelsFrom: 0 });
  expect(await answers()).toEqual(before);
  expect(await differences()).toEqual([]);
  expect(await db.sql`select session_id, cost_most from usage_sessions order by 1`).toEqual([
    { session_id: "0", cost_most: "5" },
    { session_id: "1", cost_most: "7" },
    { session_id: "2", cost_most: "7" },
  ]);
});

test("a root's own retention deletes its events, and sums tell what they came to", async () => {
  const old = day(-70) + DAY / 2;
  await record([event(old), event(old + 60_000, { sessionId: null }), event(day(-10))]);
  await record([event(old, { rootId: OTHER })], OTHER);
  await expect(keep(61)).rejects.toThrow();
  await keep(62);
  // Said first, deleted the next time: nobody who is reading misses a row.
  await expire();
  expect((await db.sql`select count(*)::int as n from usage_events`)[0]?.n).toBe(4);
  await expire();
  expect(await db.sql`select root_id, count(*)::int as n from usage_events group by 1 order by 1`).toEqual([
    { root_id: ROOT, n: 1 },
    { root_id: OTHER, n: 1 },
  ]);

  const horizon = await readHorizon(db.database, ROOT);
  expect(horizon).toEqual({ eventsFrom: day(-61), summedFrom: 0, modelsFrom: 0, retentionDays: 62 });
  expect(await requests(day(-90), day(1))).toEqual({ requests: 3, rounded: false });
  // A bound within an hour is that hour's nearest end.
  expect(await requests(old + 1_000, day(1))).toEqual({ requests: 3, rounded: true });
  expect(await requests(old + 50 * 60_000, day(1))).toEqual({ requests: 1, rounded: true });
  const bySession = { ...period(day(-90), day(1)), horizon, group: dimension("session"), sub: null };
  await expect(readBreakdown(db.database, { ...bySession, measure: "cost", top: 3 })).rejects.toMatchObject({
    code: "invalid_value",
    param: "from",
  });
  const lately = { ...bySession, period: { from: day(-30), to: day(1) } };
  expect((await readBreakdown(db.database, { ...lately, measure: "cost", top: 3 })).groups).toMatchObject([
    { kind: "value", value: "one", current: { requests: "1" } },
  ]);
  expect(await differences()).toEqual([]);
  await rebuildRollups(db.database, ROOT, new Date(day(-90)), new Date(day(1)));
  expect(await requests(day(-90), day(1))).toEqual({ requests: 3, rounded: false });
  const rare = { models: [{ provider: "openai", upstreamModel: "gpt-6-mini" }] };
  expect((await listRequests(db.database, ROOT, rare, { limit: 5, horizon })).requests.length).toBe(1);
});

test("partitions of all are dropped after the months that the operator keeps", async () => {
  await db.sql.query(
    "create table usage_events_old partition of usage_events for values from ('2000-01-01') to ('2024-02-01')",
  );
  const old = Date.UTC(2024, 0, 15);
  await record([event(old), event(day(-1))]);
  await expire();
  expect((await db.sql`select to_regclass('public.usage_events_old') as name`)[0]?.name).not.toBeNull();
  await expire();
  expect((await db.sql`select to_regclass('public.usage_events_old') as name`)[0]?.name).toBeNull();
  expect(await requests(old - DAY, day(1))).toMatchObject({ requests: 2 });
  expect((await db.sql`select count(*)::int as n from usage_day_labels where day < '2024-02-01'`)[0]?.n).toBe(0);
  expect(await db.sql`select distinct label from usage_day_models where day < '2024-02-01'`).toEqual([{ label: "" }]);
  for (const table of ["usage_hours", "usage_hour_labels", "usage_hour_requests"]) {
    expect(await db.sql.query(`select hour from ${table} where hour < '2024-02-01'`), table).toEqual([]);
  }
  expect(await differences()).toEqual([]);
});

test("an end user is forgotten, and nothing of what they used", async () => {
  await record([event(day(-3)), event(day(-2)), event(day(-2), { endUser: "bob", sessionId: "two" })]);
  const before = await requests(day(-4), day(1));
  const erase = async () => {
    const [{ rows }] = await forRoot(db.database, ROOT).batch([
      db.database.execute(sql`select gaia_erase_end_user('ada', 1) as left`),
    ]);
    return Number(rows[0]?.left);
  };
  expect([await erase(), await erase()]).toEqual([1, 0]);
  expect(await requests(day(-4), day(1))).toEqual(before);
  expect(await db.sql`select distinct label, value from usage_day_labels order by 1`).toEqual([
    { label: "end_user", value: "bob" },
    { label: "session", value: "two" },
    { label: "tag:team", value: "blue" },
  ]);
  expect(await db.sql`select session_id, cost_most from usage_sessions`).toEqual([
    { session_id: "two", cost_most: "7" },
  ]);
  expect(await db.sql`select label, value, requests from usage_hour_labels order by 1`).toEqual([
    { label: "end_user", value: null, requests: "1" },
    { label: "session", value: null, requests: "1" },
    { label: "tag:team", value: "blue", requests: "1" },
  ]);
  expect(await db.sql`select label, requests from usage_day_models where day = ${isoDay(-3)} order by 1`).toEqual([
    { label: "", requests: "1" },
  ]);
  expect(await db.sql`select end_user, session_id from usage_events where end_user is distinct from 'bob'`).toEqual([
    { end_user: null, session_id: null },
    { end_user: null, session_id: null },
  ]);
  expect(await differences()).toEqual([]);
});

test("a tenant's usage is deleted for good, by the owner only", async () => {
  await record([event(day(-3)), event(day(-2)), event(day(-1))]);
  await record([event(day(-1), { rootId: OTHER })], OTHER);
  const asApplication = forRoot(db.database, ROOT).batch([
    db.database.execute(sql`select gaia_delete_usage(${ROOT}, 2)`),
  ]);
  await expect(asApplication).rejects.toThrow();
  expect((await db.sql`select gaia_delete_usage(${ROOT}, 2) as left`)[0]?.left).toBe("2");
  expect((await db.sql`select gaia_delete_usage(${ROOT}, 2) as left`)[0]?.left).toBe("0");
  for (const table of [
    "usage_events",
    "usage_rollups",
    "usage_quarters",
    "usage_day_totals",
    "usage_days",
    "usage_day_labels",
    "usage_day_models",
    "usage_hour_organizations",
    "usage_hours",
    "usage_hour_labels",
    "usage_hour_requests",
    "usage_sessions",
  ]) {
    expect(await db.sql.query(`select distinct root_id from ${table}`), table).toEqual([{ root_id: OTHER }]);
  }
});
