import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prices } from "../../../drizzle/schema/index.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { makePastPartition } from "../../support/past-partition.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

const HOUR = 3_600_000;
const START = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString();
const PERIOD = `from=${iso(START)}&to=${iso(START + HOUR)}`;

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let teamKey: { id: string; key: string };

beforeAll(async () => {
  world = await startAdminWorld();
  await makePastPartition(world.database);
  world.clock.now = START + HOUR / 2;
  tenant = await world.tenant();
  const post = (path: string, body: unknown) => world.call("POST", path, { key: tenant.adminKey, body });
  team = (await post("/api/organizations", { name: "Team" })).body.id;
  teamKey = (await post("/api/keys", { name: "Team", organization_id: team, permissions: ["admin"] })).body;
  await forRoot(world.database.database, tenant.rootId).batch([
    world.database.database.insert(prices).values({
      ...{ id: "prc_000000000000", rootId: tenant.rootId, organizationId: tenant.rootId, createdBy: "setup" },
      ...{ model: "openai/gpt-6-mini", validFrom: new Date(START - HOUR) },
      price: { rates: { input: "10", output: "20", cacheRead: "1", cacheWrite5m: "12", cacheWrite1h: "20" } },
    }),
  ]);
  const event = (changes: Partial<UsageEvent>) =>
    usageEvent({ rootId: tenant.rootId, organizationId: tenant.rootId, startedAt: START + 1_000, ...changes });
  await recordEvents(world.database.database, tenant.rootId, [
    event({
      costNano: Number.MAX_SAFE_INTEGER,
      sessionId: "s1",
      tags: { team: "search" },
      durationMs: 100,
      ttftMs: 10,
    }),
    event({ costNano: 1, sessionId: "s1", durationMs: 200, ttftMs: 20 }),
    event({ costNano: 3, outcome: "provider_error", status: 503, durationMs: 400, ttftMs: null }),
    event({ costNano: 5, organizationId: team, keyId: teamKey.id, provider: "nobody", upstreamModel: "own" }),
    event({ costNano: 7, startedAt: START - HOUR, organizationId: team, keyId: teamKey.id }),
  ]);
});
afterAll(() => world?.close());

const get = (path: string, key = tenant.adminKey) => world.call("GET", `/api/stats/${path}`, { key });

describe("GET /api/stats/summary", () => {
  it("shows sums, ratios and percentiles, exactly beyond 2^53, and the period before", async () => {
    const { status, body } = await get(`summary?${PERIOD}&compare=previous&tz=Europe/Berlin`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ from: iso(START), to: iso(START + HOUR), tz: "Europe/Berlin", source: "rollups" },
      previous_period: { from: iso(START - HOUR), to: iso(START) },
      ...{ requests: 4, errors: 1, error_rate: 0.25, estimated: 0 },
      tokens: { input_uncached: 48, cache_read: 12, cache_write: 16, output: 200, reasoning: 80, total: 276 },
      ...{ cost_nano: "9007199254741000", cost_usd: "9007199.254741", list_cost_nano: 4 * 1234 },
      ...{ cache_share: 12 / 76, duration_ms_average: 400 },
      latency: {
        duration_ms: { p50: 200, p95: 900, p99: 900 },
        ttft_ms: { p50: 20, p95: 200, p99: 200 },
        ...{ requests: 4, sampled: false },
      },
      previous: { requests: 1, cost_nano: 7, latency: { requests: 1 } },
    });
  });

  it("tells what prompt caching saved, by the price in force", async () => {
    const { body } = await get(`summary?${PERIOD}`);
    // Nine read at 1 in place of 10 USD per million, twelve written at 20; seven are of a model without a price.
    expect(body.cache_savings).toEqual({
      ...{ saved_nano: 9 * 9_000 - 12 * 10_000, saved_usd: "-0.000039" },
      ...{ reads_saved_nano: 81_000, reads_saved_usd: "0.000081" },
      ...{ writes_cost_nano: 120_000, writes_cost_usd: "0.00012", unpriced_tokens: 7 },
    });
  });

  it("answers from events what hourly sums do not tell", async () => {
    expect((await get(`summary?${PERIOD}&session=s1`)).body).toMatchObject({ source: "events", requests: 2 });
    expect((await get(`summary?${PERIOD}&tag=team:search`)).body).toMatchObject({ requests: 1 });
    const within = `from=${iso(START + 1)}&to=${iso(START + 2_000)}`;
    expect((await get(`summary?${within}`)).body).toMatchObject({ source: "events", requests: 4 });
  });

  it("narrows by several values of a field and by several fields", async () => {
    const requests = async (search: string, key?: string) =>
      (await get(`summary?${PERIOD}&${search}`, key)).body.requests;
    expect(await requests("status=2xx&status=5xx")).toBe(4);
    expect(await requests("status=5xx")).toBe(1);
    expect(await requests("status=5xx&provider=nobody")).toBe(0);
    expect(await requests("model=openai/gpt-6-mini")).toBe(3);
    expect(await requests(`key=${teamKey.id}`)).toBe(1);
    expect(await requests(`organization=${team}`)).toBe(1);
    expect(await requests("", teamKey.key)).toBe(1);
  });

  it("has nothing to divide by where nothing was used", async () => {
    const { body } = await get("summary?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
    expect(body).toMatchObject({ requests: 0, error_rate: null, cache_share: null, duration_ms_average: null });
    expect(body.latency.duration_ms).toEqual({ p50: null, p95: null, p99: null });
  });

  it("takes its period from now where none is named, and one before now", async () => {
    const { body } = await get("summary?tz=UTC");
    expect(body).toMatchObject({ from: iso(world.clock.now - 30 * 24 * HOUR), to: iso(world.clock.now), requests: 5 });
    expect((await get("summary?from=-1h")).body).toMatchObject({ from: iso(world.clock.now - HOUR), requests: 4 });
  });

  it("says when Postgres was stopped, and what to do", async () => {
    world.database.faults.next.push({ sqlstate: "57014" });
    expect(await get("series")).toMatchObject({ status: 504, body: { error: { code: "query_timeout" } } });
    world.database.faults.next.push("503");
    expect(await get("series")).toMatchObject({ status: 503, body: { error: { code: "database_unavailable" } } });
  });

  it("shows another tenant nothing of it", async () => {
    const other = await world.tenant("Other");
    expect((await get(`summary?${PERIOD}`, other.adminKey)).body.requests).toBe(0);
    const foreign = `key_${other.apiKey.slice(19, 31)}`;
    expect((await get(`summary?key=${foreign}`)).body.error).toMatchObject({ code: "not_found" });
    expect((await get(`summary?key=key_${tenant.apiKey.slice(19, 31).slice(4)}`)).status).toBe(400);
    expect((await get(`summary?organization=${tenant.rootId}`, teamKey.key)).status).toBe(404);
  });
});

describe("GET /api/stats/series", () => {
  it("has every bucket, empty ones too, and says which is not complete", async () => {
    const { body } = await get(`series?bucket=hour&from=${iso(START - 3 * HOUR)}&to=${iso(START + HOUR)}&latency=true`);
    expect(body.source).toBe("rollups");
    expect(body.data.map((point: Record<string, unknown>) => [point.from, point.requests, point.complete])).toEqual([
      [iso(START - 3 * HOUR), 0, true],
      [iso(START - 2 * HOUR), 0, true],
      [iso(START - HOUR), 1, true],
      [iso(START), 4, false],
    ]);
    expect(body.data[3]).toMatchObject({ latency: { duration_ms: { p50: 200 }, requests: 4 } });
  });

  it("says that a bucket of which the period has a part is not complete", async () => {
    const { body } = await get(`series?bucket=hour&from=${iso(START - 2 * HOUR + 1)}&to=${iso(START)}`);
    expect(body.data.map((point: { complete: boolean }) => point.complete)).toEqual([false, true]);
    expect(body.previous).toBeNull();
  });

  it("answers at most 400 buckets", async () => {
    const refused = await get("series?bucket=hour&from=-17d");
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param: "bucket" } } });
    expect((await get("series?bucket=hour&from=-16d")).body.data).toHaveLength(385);
  });
});

describe("GET /api/stats/breakdown", () => {
  const parts = (data: Record<string, unknown>[]) =>
    data.map(({ kind, value, cost_nano: cost }) => [kind, value, cost]);

  it("has parts that add up to the total: the first, the rest, and what belongs to none", async () => {
    const { body } = await get(`breakdown?${PERIOD}&group=tag:team&sub=status&compare=previous`);
    expect(parts(body.data)).toEqual([
      ["value", "search", Number.MAX_SAFE_INTEGER],
      ["unattributed", null, 9],
    ]);
    expect(parts(body.data[1].sub)).toEqual([
      ["value", "2xx", 6],
      ["value", "5xx", 3],
    ]);
    expect(body).toMatchObject({ total: { cost_nano: "9007199254741000", previous: { cost_nano: 7 } } });
    const top = (await get(`breakdown?${PERIOD}&group=model&by=requests&top=1`)).body;
    expect(top.source).toBe("rollups");
    expect(top.data.map(({ kind, value, requests }: Record<string, unknown>) => [kind, value, requests])).toEqual([
      ["value", "openai/gpt-6-mini", 3],
      ["other", null, 1],
    ]);
  });

  it("groups by whoever made the key", async () => {
    const cookie = await world.signIn(tenant);
    const headers = { origin: "https://gaia.example", "sec-fetch-site": "same-origin", "x-gaia-csrf": "1" };
    const made = await world.call("POST", "/api/keys", { cookie, headers, body: { name: "Own" } });
    const mine = usageEvent({ rootId: tenant.rootId, keyId: made.body.id, startedAt: START + 2_000, costNano: 2 });
    await recordEvents(world.database.database, tenant.rootId, [mine]);
    const { body } = await get(`breakdown?${PERIOD}&group=member&by=requests`);
    expect(parts(body.data)).toEqual([
      ["value", tenant.userId, 2],
      ["unattributed", null, "9007199254741000"],
    ]);
    expect((await get(`summary?${PERIOD}&member=${tenant.userId}`)).body.requests).toBe(1);
  });
});

describe("GET /api/stats/sessions", () => {
  const sessions = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id);

  it("shows what each cost, by model, the last first; pages stay at their period", async () => {
    const { rootId } = tenant;
    const one = { rootId, startedAt: START + 3_000, costNano: 10, cacheRead: 0 };
    await recordEvents(world.database.database, rootId, [
      usageEvent({ ...one, sessionId: "s2" }),
      usageEvent({ ...one, sessionId: "s2", startedAt: START + 5_000, costNano: 20, upstreamModel: "o3" }),
      usageEvent({ ...one, sessionId: "s3", startedAt: START + 4_000 }),
    ]);
    const { body } = await get(`sessions?${PERIOD}`);
    expect(sessions(body)).toEqual(["s2", "s3", "s1"]);
    expect(body.data[0]).toMatchObject({
      ...{ first_request_at: iso(START + 3_000), last_request_at: iso(START + 5_000) },
      ...{ requests: 2, cost_nano: 30, cost_usd: "0.00000003", cache_share: 0 },
      models: [
        { model: "openai/o3", requests: 1, cost_nano: 20 },
        { model: "openai/gpt-6-mini", requests: 1, cost_nano: 10 },
      ],
    });
    const first = (await get(`sessions?${PERIOD}&sort=cost&limit=2`)).body;
    expect(sessions(first)).toEqual(["s1", "s2"]);
    const rest = (await get(`sessions?sort=cost&limit=2&cursor=${first.next_cursor}`)).body;
    expect(sessions(rest)).toEqual(["s3"]);
    expect(rest.next_cursor).toBeNull();
    expect(sessions((await get(`sessions?${PERIOD}&model=openai/o3`)).body)).toEqual(["s2"]);
    expect((await get(`sessions?sort=recent&cursor=${first.next_cursor}`)).body.error).toMatchObject({
      param: "cursor",
    });
  });
});

it.each([
  ["sessions?from=-33d", "from"],
  ["sessions?cursor=nonsense", "cursor"],
  ["sessions?cursor=W10", "cursor"],
  ["sessions?sort=name", "sort"],
  ["summary?session=a%00b", "session[0]"],
  ["breakdown?group=tag:%00", "group"],
  ["summary?from=yesterday", "from"],
  ["summary?from=-30y", "from"],
  ["summary?to=-31d", "to"],
  ["summary?tz=Middle/Earth", "tz"],
  ["summary?tz=%2B02:00", "tz"],
  ["summary?compare=week", "compare"],
  ["summary?status=200", "status[0]"],
  ["summary?model=o3", "model[0]"],
  ["summary?key=key_'; drop table x", "key[0]"],
  ["summary?tag=team", "tag[0]"],
  ["summary?outcome=fine", "outcome[0]"],
  [`summary?${"provider=a&".repeat(51)}`, "provider"],
  ["series?bucket=minute", "bucket"],
  ["series?latency=1", "latency"],
  ["breakdown?group=colour", "group"],
  ["breakdown?group=tag:", "group"],
  ["breakdown?group=model&sub=1", "sub"],
  ["breakdown?group=model&top=101", "top"],
  ["breakdown?group=model&by=fame", "by"],
])("GET /api/stats/%s is refused", async (path, param) => {
  expect(await get(path)).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param } } });
});

it("a grouping is required, and nothing unknown is taken", async () => {
  expect((await get("breakdown")).body.error).toMatchObject({ code: "missing_required_parameter", param: "group" });
  expect((await get("summary?colour=1")).body.error).toMatchObject({ code: "unsupported_parameter", param: "colour" });
});
