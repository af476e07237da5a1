import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { organizations, usageRollups } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { StorageError } from "../../worker/errors.ts";
import { ensurePartitions, recordEvents } from "../../worker/usage/record.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { usageEvent } from "../support/usage-event.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  for (const rootId of ["org_tenant00", "org_tenant01"]) {
    await forRoot(db.database, rootId).batch([
      db.database.insert(organizations).values({ id: rootId, rootId, name: rootId, configVersion: 7 }),
    ]);
  }
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
});

const ROOT = "org_tenant00";
const record = (events: UsageEvent[], rootId = ROOT) => recordEvents(db.database, rootId, events);

const rollups = async (rootId = ROOT) => {
  const [rows] = await forRoot(db.database, rootId).batch([db.database.select().from(usageRollups)]);
  return rows;
};

/** E3: the hourly sums are what one gets by summing the events, whatever was sent how often. */
const expectRollupsToMatchEvents = async () => {
  const difference = await db.sql`
    select root_id, date_trunc('hour', started_at, 'UTC') as hour, organization_id, key_id, upstream_model, provider,
      status / 100, count(*) filter (where rev = 0), sum(input_uncached), sum(cache_read), sum(cache_write),
      sum(output), sum(reasoning), sum(cost_nano), coalesce(sum(list_cost_nano), 0), coalesce(sum(duration_ms) filter (where rev = 0), 0),
      count(*) filter (where rev = 0 and outcome not in ('ok', 'client_gone')),
      count(*) filter (where rev = 0 and not exact)
    from usage_events group by 1, 2, 3, 4, 5, 6, 7
    except select root_id, hour, organization_id, key_id, model, provider, status_class, requests, input_uncached,
      cache_read, cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated from usage_rollups`;
  expect(difference).toEqual([]);
  const [groups] = await db.sql`
    select (select count(*) from usage_rollups)::int as rollups, (select count(distinct (root_id,
      date_trunc('hour', started_at, 'UTC'), organization_id, key_id, upstream_model, provider, status / 100))
      from usage_events)::int as groups`;
  expect(groups?.rollups).toBe(groups?.groups);
};

const countEvents = async () => {
  const [row] = await db.sql`select count(*)::int as count from usage_events`;
  return row?.count;
};

describe("recordEvents", () => {
  test("writes every field of an event and answers the configuration's version", async () => {
    const event = usageEvent({
      ...{ tags: { team: "search" }, uses: ["tools"] },
      rawUsage: { prompt_tokens: 3, nested: [1, null, "x"] },
      costNano: Number.MAX_SAFE_INTEGER,
      ttftMs: 12.6,
      durationMs: 99.4,
    });
    expect(await record([event])).toEqual({ configVersion: 7 });
    const [row] = await db.sql`select *, day::text as day from usage_events`;
    expect(row).toMatchObject({
      event_id: event.eventId,
      rev: 0,
      day: new Date(event.startedAt).toISOString().slice(0, 10),
      root_id: ROOT,
      ...{ tags: { team: "search" }, uses: ["tools"] },
      raw_usage: { prompt_tokens: 3, nested: [1, null, "x"] },
      cost_nano: String(Number.MAX_SAFE_INTEGER),
      session_id: null,
      ttft_ms: 13,
      duration_ms: 99,
      exact: true,
    });
    expect(new Date(row?.started_at).getTime()).toBe(event.startedAt);
  });

  test("an empty batch only asks for the version", async () => {
    expect(await record([])).toEqual({ configVersion: 7 });
  });

  test("an unknown root has version 0 and keeps its events all the same", async () => {
    expect(await record([usageEvent({ rootId: "org_unknown0" })], "org_unknown0")).toEqual({ configVersion: 0 });
    expect(await countEvents()).toBe(1);
  });

  test("sums by hour, key, model, provider and status class", async () => {
    await record([
      usageEvent({ inputUncached: 10, output: 1, costNano: 100 }),
      usageEvent({ inputUncached: 20, output: 2, costNano: 200, outcome: "client_gone", status: 499, exact: false }),
      usageEvent({ inputUncached: 30, output: 3, costNano: 300, outcome: "provider_error", status: 429 }),
      usageEvent({ inputUncached: 40, output: 4, costNano: 400 }),
    ]);
    const rows = (await rollups()).toSorted((a, b) => a.statusClass - b.statusClass);
    expect(rows).toMatchObject([
      { statusClass: 2, requests: 2, inputUncached: 50, output: 5, costNano: 500, errors: 0, estimated: 0 },
      { statusClass: 4, requests: 2, inputUncached: 50, output: 5, costNano: 500, errors: 1, estimated: 1 },
    ]);
  });

  test("a correction adds signed tokens and cost, and no request", async () => {
    const expired = usageEvent({ inputUncached: 1000, costNano: 5000, outcome: "expired", status: 504, exact: false });
    await record([expired]);
    await record([{ ...expired, rev: 1, inputUncached: -900, costNano: -4500, exact: true }]);
    expect(await rollups()).toMatchObject([
      { requests: 1, inputUncached: 100, costNano: 500, errors: 1, estimated: 1 },
    ]);
    await expectRollupsToMatchEvents();
  });

  test("the same event twice in one batch counts once", async () => {
    const event = usageEvent({});
    await record([event, event, event]);
    expect(await countEvents()).toBe(1);
    await expectRollupsToMatchEvents();
  });

  test("shuffled and repeated by parallel writers, every event counts once", async () => {
    const events = Array.from({ length: 240 }, (_, index) =>
      usageEvent({ keyId: `key_${index % 5}`, provider: index % 2 ? "openai" : "google", costNano: index }),
    );
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      const mine = events.toSorted((a, b) => (digest(a.eventId, writer) < digest(b.eventId, writer) ? -1 : 1));
      for (let from = 0; from < mine.length; from += 40) await record(mine.slice(from, from + 40));
    });
    await Promise.all(writers);
    expect(await countEvents()).toBe(240);
    await expectRollupsToMatchEvents();
    const total = (await rollups()).reduce((sum, row) => sum + row.costNano, 0);
    expect(total).toBe((240 * 239) / 2);
  });

  test("a lost acknowledgement is a transient error, and the repeat changes nothing", async () => {
    const event = usageEvent({});
    db.faults.next.push("ack-lost");
    await expect(record([event])).rejects.toMatchObject({ name: "StorageError", sqlstate: null, transient: true });
    expect(await countEvents()).toBe(1);
    await record([event]);
    expect(await rollups()).toMatchObject([{ requests: 1 }]);
  });

  test.each(["503", "reset"] as const)("%s is transient and writes nothing", async (fault) => {
    db.faults.next.push(fault);
    await expect(record([usageEvent({})])).rejects.toMatchObject({ sqlstate: null, transient: true });
    expect(await countEvents()).toBe(0);
  });

  test("a database that never answers is given up", async () => {
    db.faults.next.push("hang");
    await expect(record([usageEvent({})])).rejects.toMatchObject({ sqlstate: null, transient: true });
  });

  test.each([
    ["40001", true],
    ["57P01", true],
    ["42P01", false],
  ])("SQLSTATE %s: transient %s", async (sqlstate, transient) => {
    db.faults.next.push({ sqlstate });
    await expect(record([usageEvent({})])).rejects.toMatchObject({ sqlstate, transient });
  });

  test("what Postgres takes in no text is replaced, and nothing else", async () => {
    await record([usageEvent({ client: "a\u0000b\ud800c\\u0000 \u{1f30d}" })]);
    expect(await db.sql`select client from usage_events`).toEqual([{ client: "a\ufffdb\ufffdc\\u0000 \u{1f30d}" }]);
  });

  test.each<[string, Partial<UsageEvent>, string]>([
    ["a fraction of a token", { output: 1.5 }, "22P02"],
    ["another tenant's event", { rootId: "org_tenant01" }, "42501"],
    ["no ULID", { eventId: "hello" }, "23514"],
    ["a time no partition will ever hold", { eventId: "00000000010000000000000000" }, "23514"],
  ])("%s spoils its batch with a SQLSTATE, and nothing of it stays", async (_name, poison, sqlstate) => {
    const failure = record([usageEvent({}), { ...usageEvent({}), ...poison }]);
    await expect(failure).rejects.toBeInstanceOf(StorageError);
    await expect(failure).rejects.toMatchObject({ sqlstate, transient: false });
    expect(await countEvents()).toBe(0);
    expect(await rollups()).toEqual([]);
  });
});

describe("partitions", () => {
  const months = async () => {
    const rows = await db.sql`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'usage_events'::regclass order by 1`;
    return rows.map((row) => row.name);
  };

  test("exist for this month and three more, with row-level security and no DEFAULT", async () => {
    const expected = await db.sql`
      select 'usage_events_' || to_char(month, 'YYYY_MM') as name from generate_series(date_trunc('month', now() at time
      zone 'UTC'), date_trunc('month', now() at time zone 'UTC') + interval '3 months', '1 month') as month order by 1`;
    expect(await months()).toEqual(expected.map((row) => row.name));
    const open = await db.sql`
      select relname from pg_class where relname like 'usage\\_events\\_2%' and relkind = 'r'
      and not (relrowsecurity and relforcerowsecurity)`;
    expect(open).toEqual([]);
  });

  test("the application's role makes more, once, and no absurd number", async () => {
    const before = await months();
    const made = async (count: number) => {
      const result = await db.database.execute(sql`select gaia_ensure_partitions(${count}) as made`);
      return result.rows[0]?.made;
    };
    expect(await made(5)).toBe(2);
    expect(await made(5)).toBe(0);
    await ensurePartitions(db.database);
    expect(await months()).toHaveLength(before.length + 2);
    await expect(made(25)).rejects.toMatchObject({ cause: { code: "22023" } });
    await expect(made(-1)).rejects.toMatchObject({ cause: { code: "22023" } });
  });

  test("a missing month is made when its first event comes", async () => {
    const [month] = await db.sql`select 'usage_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM') as name`;
    await db.sql.query(`drop table ${month?.name}`);
    await record([usageEvent({})]);
    expect(await countEvents()).toBe(1);
    expect(await months()).toContain(month?.name);
  });
});

/** An order of its own for each writer, the same in every run. */
function digest(text: string, seed: number): number {
  let hash = seed + 1;
  for (const character of text) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  return hash;
}
