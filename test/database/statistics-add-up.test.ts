import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import { newUlid } from "../../worker/lib/ulid.ts";
import { compareDays } from "../../worker/usage/compare-days.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { readBreakdown } from "../../worker/usage/stats/breakdown.ts";
import { type DimensionName, dimension, tagDimension } from "../../worker/usage/stats/dimension.ts";
import type { Figures } from "../../worker/usage/stats/figures.ts";
import type { UsageFilter } from "../../worker/usage/stats/filter.ts";
import { WHOLE } from "../../worker/usage/stats/horizon.ts";
import { readSeries } from "../../worker/usage/stats/series.ts";
import { readSessions } from "../../worker/usage/stats/sessions.ts";
import { readSummary } from "../../worker/usage/stats/summary.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { makePastPartition } from "../support/past-partition.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const MEMBER = "usr_000000000001";
const [MINUTE, DAY] = [60_000, 86_400_000];
const RUNS = 120;

/** Clocks are set at these moments; somewhere by half an hour. */
const CHANGES: Record<string, number[]> = {
  "Europe/Berlin": [Date.UTC(2025, 2, 30, 1), Date.UTC(2025, 9, 26, 1)],
  "America/New_York": [Date.UTC(2025, 2, 9, 7), Date.UTC(2025, 10, 2, 6)],
  "Asia/Kolkata": [Date.UTC(2025, 9, 26, 1)],
  // Of quarters of an hour, one with daylight saving.
  "Asia/Kathmandu": [Date.UTC(2025, 9, 26, 1)],
  "Pacific/Chatham": [Date.UTC(2025, 3, 5, 14), Date.UTC(2025, 8, 27, 14)],
  // Clocks strike midnight twice, or not at all.
  "America/Havana": [Date.UTC(2025, 2, 9, 5), Date.UTC(2025, 10, 2, 5)],
  "Australia/Lord_Howe": [Date.UTC(2025, 3, 5, 15), Date.UTC(2025, 9, 4, 15, 30)],
  UTC: [Date.UTC(2025, 9, 26, 1)],
};

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  await makePastPartition(db);
  await db.sql`insert into organizations (id, root_id, name) values (${ROOT}, ${ROOT}, 'Root')`;
  for (const [index, owner] of [`user:${MEMBER}`, "service", "service"].entries()) {
    await db.sql`insert into api_keys (id, root_id, organization_id, name, mac, hint, permissions, created_by, owner)
      values (${`key_${index}`}, ${ROOT}, ${ROOT}, 'Key', ${`mac ${index}`}, 'hint', '{}', 'setup', ${owner})`;
  }
});
afterAll(() => db?.close());

/** A request near a change of clocks, and what was corrected of it. */
const life = fc.record({
  /** Often within minutes of the change, and on the edges of hours. */
  minutes: fc.oneof(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -4_000, max: 4_000 })),
  milliseconds: fc.constantFrom(0, 0, 1, 59_999),
  key: fc.nat(3),
  team: fc.nat(2),
  model: fc.nat(2),
  provider: fc.nat(1),
  status: fc.constantFrom(200, 200, 404, 499, 503),
  session: fc.option(fc.nat(2)),
  client: fc.option(fc.nat(1)),
  team_tag: fc.option(fc.constantFrom("a", "b", "c d", "")),
  tokens: fc.nat(1_000_000),
  // Some sums are beyond 2^53.
  cost: fc.oneof(fc.nat(2_000_000_000), fc.constant(Number.MAX_SAFE_INTEGER)),
  list: fc.option(fc.nat(2_000_000_000)),
  end_user: fc.option(fc.nat(1)),
  dialect: fc.constantFrom("openai-chat", "anthropic-messages"),
  duration: fc.nat(100_000),
  ttft: fc.option(fc.nat(10_000)),
  read: fc.nat(2),
  attempts: fc.integer({ min: 1, max: 2 }),
  correction: fc.option(
    fc.record({
      read: fc.integer({ min: -1, max: 1 }),
      tokens: fc.integer({ min: -1000, max: 1000 }),
      cost: fc.nat(1000),
    }),
  ),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

function rowsOf(one: Life, index: number, change: number): UsageEvent[] {
  const startedAt = change + one.minutes * MINUTE + one.milliseconds;
  const first = usageEvent({
    // Some ids are made a while before their request starts.
    eventId: newUlid(startedAt - (index % 3) * MINUTE, (length) =>
      new Uint8Array(length).map((_, at) => index >> (5 * (length - 1 - at))),
    ),
    ...{ startedAt, settledAt: startedAt + one.duration, keyId: `key_${one.key}`, organizationId: `org_${one.team}` },
    ...{ upstreamModel: `model-${one.model}`, provider: `provider-${one.provider}`, status: one.status },
    ...{ outcome: one.status === 200 ? "ok" : one.status === 499 ? "client_gone" : "provider_error" },
    ...{ sessionId: one.session === null ? null : `session ${one.session}` },
    ...{ client: one.client === null ? null : `client/${one.client}` },
    tags: one.team_tag === null ? {} : { team: one.team_tag },
    ...{ endUser: one.end_user === null ? null : `user ${one.end_user}`, dialect: one.dialect },
    ...{ agentId: one.session === 1 ? "agent" : null, routeId: one.model === 1 ? "rte_1" : null },
    errorCode: one.status === 503 ? "upstream_error" : null,
    ...{ inputUncached: one.tokens, costNano: one.cost, listCostNano: one.list },
    ...{ durationMs: one.duration, ttftMs: one.ttft, exact: index % 2 === 0 },
    ...{ cacheRead: one.read, attempts: one.attempts },
  });
  if (one.correction === null) return [first];
  const nothing = { cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, heldNano: 0, attempts: 0 };
  const { tokens, cost, read: cacheRead } = one.correction;
  // It ended otherwise than was first known, and so counts for another status.
  const changes = { inputUncached: tokens, costNano: -cost, listCostNano: cost, durationMs: -5, status: 200 };
  return [first, { ...first, ...nothing, ...changes, cacheRead, outcome: "ok", rev: 1 }];
}

/** What the rows of a group come to, summed without any SQL. */
function naive(rows: readonly UsageEvent[]): Figures {
  const sum = (of: (row: UsageEvent) => number) => String(rows.reduce((total, row) => total + BigInt(of(row)), 0n));
  const first = (of: (row: UsageEvent) => number | boolean) => sum((row) => (row.rev === 0 ? Number(of(row)) : 0));
  return {
    requests: first(() => 1),
    input_uncached: sum((row) => row.inputUncached),
    cache_read: sum((row) => row.cacheRead),
    cache_write: sum((row) => row.cacheWrite),
    output: sum((row) => row.output),
    reasoning: sum((row) => row.reasoning),
    cost_nano: sum((row) => row.costNano),
    list_cost_nano: sum((row) => row.listCostNano ?? 0),
    duration_ms: first((row) => row.durationMs),
    errors: first((row) => row.outcome !== "ok" && row.outcome !== "client_gone"),
    estimated: first((row) => !row.exact),
  };
}

const percentiles = (values: readonly (number | null)[]) => {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
};
const latency = (rows: readonly UsageEvent[]) => {
  const requests = rows.filter(({ rev }) => rev === 0);
  return {
    duration: percentiles(requests.map(({ durationMs }) => durationMs)),
    ttft: percentiles(requests.map(({ ttftMs }) => ttftMs)),
    ...{ requests: requests.length, sampled: false },
  };
};

type Groups = DimensionName | "team";
const VALUES: Partial<Record<Groups, (row: UsageEvent) => string | null>> = {
  organization: (row) => row.organizationId,
  key: (row) => row.keyId,
  member: (row) => (row.keyId === "key_0" ? MEMBER : null),
  model: (row) => `${row.provider}/${row.upstreamModel}`,
  provider: (row) => row.provider,
  status: (row) => `${Math.floor(row.status / 100)}xx`,
  session: (row) => row.sessionId,
  client: (row) => row.client,
  outcome: (row) => row.outcome,
  agent: (row) => row.agentId,
  end_user: (row) => row.endUser,
  dialect: (row) => row.dialect,
  route: (row) => row.routeId,
  error_code: (row) => row.errorCode,
  team: (row) => row.tags.team ?? null,
};
const groups = fc.constantFrom(...(Object.keys(VALUES) as Groups[]));
const dimensionOf = (name: Groups) => (name === "team" ? tagDimension("team") : dimension(name));

/** What a row's request comes to. */
const whole = (row: UsageEvent, all: readonly UsageEvent[], of: (row: UsageEvent) => number) =>
  all.filter(({ eventId }) => eventId === row.eventId).reduce((sum, one) => sum + of(one), 0);

/** A filter, and the same in JavaScript. */
const FILTERS: [UsageFilter, (row: UsageEvent, all: readonly UsageEvent[]) => boolean][] = [
  [{}, () => true],
  [{}, () => true],
  [{ organizationIds: ["org_1", "org_2"] }, (row) => row.organizationId !== "org_0"],
  [{ organizationIds: [] }, () => false],
  [{ keyIds: ["key_1"] }, (row) => row.keyId === "key_1"],
  [{ memberIds: [MEMBER] }, (row) => row.keyId === "key_0"],
  [
    {
      models: [
        { provider: "provider-1", upstreamModel: "model-0" },
        { provider: "provider-0", upstreamModel: "model-1" },
      ],
    },
    (row) => ["provider-1/model-0", "provider-0/model-1"].includes(`${row.provider}/${row.upstreamModel}`),
  ],
  [{ providers: ["provider-0"], statusClasses: [2, 4] }, (row) => row.provider === "provider-0" && row.status < 500],
  [{ sessionIds: ["session 1"] }, (row) => row.sessionId === "session 1"],
  [{ clients: ["client/0", "client/1"], streamed: true }, (row) => row.client !== null],
  [
    {
      tags: [
        { name: "team", value: "c d" },
        { name: "team", value: "" },
      ],
    },
    (row) => ["c d", ""].includes(row.tags.team ?? "x"),
  ],
  [
    { endUsers: ["user 1"], organizationIds: ["org_1"] },
    (row) => row.endUser === "user 1" && row.organizationId === "org_1",
  ],
  // No sums know both.
  [
    { endUsers: ["user 1"], sessionIds: ["session 0"] },
    (row) => row.endUser === "user 1" && row.sessionId === "session 0",
  ],
  [
    { dialects: ["openai-chat"], errorCodes: ["upstream_error"] },
    (row) => row.dialect === "openai-chat" && row.errorCode !== null,
  ],
  [{ outcomes: ["provider_error"] }, (row) => row.outcome === "provider_error"],
  [{ routeIds: ["rte_1", "rte_2"] }, (row) => row.routeId !== null],
  [{ agentIds: ["agent"], statusClasses: [2] }, (row) => row.agentId !== null && row.status < 300],
  // Of both rows of a request, or of none.
  [{ cached: true }, (row, all) => whole(row, all, ({ cacheRead }) => cacheRead) > 0],
  [
    { cached: false, retried: true },
    (row, all) => whole(row, all, ({ cacheRead }) => cacheRead) <= 0 && whole(row, all, ({ attempts }) => attempts) > 1,
  ],
];

/** What a zone's clocks show, by another way than the gateway's. */
function clockOf(timeZone: string, at: number) {
  const [date = "", time = ""] = new Date(at).toLocaleString("sv-SE", { timeZone }).split(" ");
  return { date, minutes: Number(time.slice(3, 5)) };
}

/** What names the bucket of a moment. */
const BUCKET_NAMES: Record<string, (timeZone: string, at: number) => string> = {
  hour: (timeZone, at) => String(Math.floor(at / MINUTE) * MINUTE - clockOf(timeZone, at).minutes * MINUTE),
  day: (timeZone, at) => clockOf(timeZone, at).date,
  week(timeZone, at) {
    const date = Date.parse(clockOf(timeZone, at).date);
    return new Date(date - ((new Date(date).getUTCDay() + 6) % 7) * DAY).toISOString();
  },
  month: (timeZone, at) => clockOf(timeZone, at).date.slice(0, 7),
};

const sources = new Map<string, number>();

test(`any total of any filter, grouping and zone is the sum of events, ${RUNS} runs`, async () => {
  const scenario = fc.record({
    lives: fc.array(life, { minLength: 1, maxLength: 25 }),
    timeZone: fc.constantFrom(...Object.keys(CHANGES)),
    change: fc.nat(1),
    bucket: fc.constantFrom("hour", "day", "week", "month"),
    filter: fc.constantFrom(...FILTERS),
    group: groups,
    sub: fc.option(groups),
    top: fc.integer({ min: 1, max: 3 }),
    /** Minutes from the change to the period's bounds; aligned to hours or not. */
    from: fc.oneof(fc.constantFrom(-4_020, -60, 0), fc.integer({ min: -4_000, max: 0 })),
    to: fc.oneof(fc.constantFrom(4_020, 120), fc.integer({ min: 1, max: 4_000 })),
    beyond: fc.constantFrom(0, 0, 1, 30_000),
    /** How far the dearest sessions are looked for. */
    look: fc.constantFrom({}, { look: { walked: 2, taken: 1 } }, { look: { walked: 2, taken: 2 } }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lives, timeZone, bucket, group, sub, top, ...given }) => {
      await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models,
        usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
      const change = CHANGES[timeZone]?.[given.change] ?? CHANGES[timeZone]?.[0] ?? 0;
      const all = lives.flatMap((one, index) => rowsOf(one, index, change));
      await recordEvents(db.database, ROOT, all);
      const period = { from: change + given.from * MINUTE, to: change + given.to * MINUTE + given.beyond };
      const previous = { from: period.from - 90 * MINUTE, to: period.from };
      const [filter, matches] = given.filter;
      const within = ({ from, to }: typeof period) =>
        all.filter((row) => row.startedAt >= from && row.startedAt < to && matches(row, all));
      const [rows, before] = [within(period), within(previous)];
      const scope = { rootId: ROOT, filter, period, previous, ...given.look };

      expect((await compareDays(db.database, ROOT, null, WHOLE)).differences).toEqual([]);
      const summary = await readSummary(db.database, scope, [change]);
      expect(summary.current.figures).toEqual(naive(rows));
      expect(summary.previous?.figures).toEqual(naive(before));
      expect(summary.current.latency).toEqual(latency(rows));
      expect(summary.previous?.latency).toEqual(latency(before));
      const read = summary.current.cached.reduce((sum, row) => sum + BigInt(row.cache_read), 0n);
      expect(String(read)).toBe(naive(rows).cache_read);
      const written = summary.current.cached.reduce((sum, row) => sum + BigInt(row.cache_write), 0n);
      expect(String(written)).toBe(naive(rows).cache_write);

      const width = period.to - period.from > 3 * DAY && bucket === "hour" ? "day" : bucket;
      const name = BUCKET_NAMES[width] as (timeZone: string, at: number) => string;
      const inGroups = { group: dimensionOf(group), measure: "cost", top } as const;
      const asked = { ...scope, timeZone, bucket: width as "hour", groups: inGroups };
      const series = await readSeries(db.database, asked, true);
      for (const [points, ofPeriod, bounds] of [
        [series.current, rows, period],
        [series.previous ?? [], before, previous],
      ] as const) {
        expect(points.length).toBeGreaterThan(0);
        expect(points[0]?.from).toBeLessThanOrEqual(bounds.from);
        expect(points.at(-1)?.to).toBeGreaterThanOrEqual(bounds.to);
        const expected = Map.groupBy(ofPeriod, (row) => name(timeZone, row.startedAt));
        for (const point of points) {
          // Of a bucket's begin where clocks were just put back by half an hour, the name is that of the hour it is part of.
          const here = expected.get(width === "hour" ? String(point.from) : name(timeZone, point.from)) ?? [];
          expect(point.figures).toEqual(naive(here));
          expect(point.latency).toEqual(latency(here));
        }
        const total = points.reduce((sum, { figures }) => sum + BigInt(figures.cost_nano), 0n);
        expect(String(total)).toBe(naive(ofPeriod).cost_nano);
      }
      // What sums tell, in any zone, is what the events themselves do.
      const raw = { ...scope, raw: true };
      const { source: _, ...fromSums } = series;
      const fromEvents = await readSeries(db.database, { ...asked, raw: true }, true);
      expect(fromEvents).toEqual({ ...fromSums, source: "events" });
      // Without groups it is the same series, by another statement.
      const alone = await readSeries(db.database, { ...asked, groups: null }, false);
      const figuresOf = ({ figures }: { figures: Figures }) => figures;
      expect(alone.groups).toBeNull();
      expect(alone.current.map(figuresOf)).toEqual(series.current.map(figuresOf));
      expect(alone.previous?.map(figuresOf)).toEqual(series.previous?.map(figuresOf));

      const parts = await readBreakdown(db.database, {
        ...{ ...scope, top, measure: "cost" },
        ...{ group: dimensionOf(group), sub: sub === null ? null : dimensionOf(sub) },
      });
      expect(parts.total).toEqual({ current: naive(rows), previous: naive(before) });
      const rawParts = await readBreakdown(db.database, {
        ...{ ...raw, top, measure: "cost" },
        ...{ group: dimensionOf(group), sub: sub === null ? null : dimensionOf(sub) },
      });
      expect(rawParts).toEqual({ ...parts, source: "events" });
      const sessions = async (of: typeof scope) =>
        (await readSessions(db.database, of, { order: "cost", limit: 5, after: null })).sessions;
      expect(await sessions(raw)).toEqual(await sessions(scope));
      const groupOf = VALUES[group] as (row: UsageEvent) => string | null;
      const values = [...Map.groupBy(rows, groupOf)]
        .filter(([value]) => value !== null)
        .map(([value, of]) => ({ value, cost: BigInt(naive(of).cost_nano) }))
        .sort((a, b) => (a.cost === b.cost ? (String(a.value) < String(b.value) ? -1 : 1) : a.cost < b.cost ? 1 : -1))
        .slice(0, top)
        .map(({ value }) => value);
      expect(parts.groups.flatMap(({ kind, value }) => (kind === "value" ? value : []))).toEqual(values);
      const kindOf = (row: UsageEvent) => {
        const value = groupOf(row);
        return value === null ? "unattributed" : values.includes(value) ? `value ${value}` : "other";
      };
      // Its buckets are in the same parts: what each has is the sum of that group's events, and together they are the bucket.
      expect(series.groups).toEqual(parts.groups.map(({ kind, value }) => ({ kind, value })));
      for (const [points, ofPeriod] of [
        [series.current, rows],
        [series.previous ?? [], before],
      ] as const) {
        const expected = Map.groupBy(ofPeriod, (row) => name(timeZone, row.startedAt));
        for (const point of points) {
          const here = expected.get(width === "hour" ? String(point.from) : name(timeZone, point.from)) ?? [];
          const inParts = parts.groups.map(({ kind, value }) =>
            naive(here.filter((row) => kindOf(row) === (kind === "value" ? `value ${value}` : kind))),
          );
          expect(point.parts).toEqual(inParts);
          for (const figure of Object.keys(point.figures) as (keyof Figures)[]) {
            const sum = inParts.reduce((total, one) => total + BigInt(one[figure]), 0n);
            expect(String(sum)).toBe(point.figures[figure]);
          }
        }
      }
      for (const part of parts.groups) {
        const mine = (row: UsageEvent) => kindOf(row) === (part.kind === "value" ? `value ${part.value}` : part.kind);
        expect(part.current).toEqual(naive(rows.filter(mine)));
        expect(part.previous).toEqual(naive(before.filter(mine)));
        if (sub === null) expect(part.sub).toBeNull();
        else {
          for (const { kind, value, current } of part.sub ?? []) {
            const ofSub = VALUES[sub] as (row: UsageEvent) => string | null;
            if (kind === "value")
              expect(current).toEqual(naive(rows.filter((row) => mine(row) && ofSub(row) === value)));
            if (kind === "unattributed") {
              expect(current).toEqual(naive(rows.filter((row) => mine(row) && ofSub(row) === null)));
            }
          }
          for (const figure of ["requests", "cost_nano", "input_uncached", "errors"] as const) {
            const sum = (part.sub ?? []).reduce((total, one) => total + BigInt(one.current[figure]), 0n);
            expect(String(sum)).toBe(part.current[figure]);
          }
        }
      }
      for (const figure of ["requests", "cost_nano", "output", "duration_ms"] as const) {
        const sum = parts.groups.reduce((total, one) => total + BigInt(one.current[figure]), 0n);
        expect(String(sum)).toBe(parts.total.current[figure]);
      }
      for (const { source } of [summary, series, parts]) sources.set(source, (sources.get(source) ?? 0) + 1);
    }),
    {
      numRuns: RUNS,
      examples: [
        [
          // Grouped twice by one label.
          {
            lives: [
              {
                minutes: 0,
                milliseconds: 0,
                key: 0,
                team: 0,
                model: 0,
                provider: 0,
                status: 200,
                session: null,
                client: null,
                team_tag: "a",
                tokens: 0,
                cost: Number.MAX_SAFE_INTEGER,
                list: null,
                end_user: null,
                dialect: "openai-chat",
                duration: 0,
                ttft: null,
                read: 0,
                attempts: 1,
                correction: null,
              },
            ],
            timeZone: "Europe/Berlin",
            change: 0,
            bucket: "hour",
            filter: [{}, () => true],
            group: "team",
            sub: "team",
            top: 1,
            from: -4_020,
            to: 661,
            beyond: 0,
            look: {},
          },
        ],
      ],
    },
  );
  // Both have answered often: what agrees with the events one by one agrees with each other.
  expect(Math.min(sources.get("rollups") ?? 0, sources.get("events") ?? 0)).toBeGreaterThan(RUNS / 4);
}, 300_000);
