import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { prices } from "../../../drizzle/schema/index.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import { priceBookOf } from "../../../worker/api/rerate/price-book.ts";
import { rerate } from "../../../worker/api/rerate/rerate.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { Adjustment } from "../../../worker/ledger/contract.ts";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { compareRollups } from "../../../worker/usage/compare-rollups.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

const HOUR = 3_600_000;
/** The events lie in the hour after it. */
const START = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString();
const PERIOD = { from: iso(START), to: iso(START + HOUR) };

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let teamKey: string;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant();
  const post = (path: string, body: unknown) => world.call("POST", path, { key: tenant.adminKey, body });
  team = (await post("/api/organizations", { name: "Team" })).body.id;
  teamKey = (await post("/api/keys", { name: "Team", organization_id: team, permissions: ["admin"] })).body.key;
  // 1 USD per million tokens in and 2 out: 19 tokens in and 50 out of `usageEvent` cost 119,000 nano-USD.
  await forRoot(world.database.database, tenant.rootId).batch([
    world.database.database.insert(prices).values({
      ...{ id: "prc_000000000000", rootId: tenant.rootId, organizationId: tenant.rootId, createdBy: "setup" },
      ...{ model: "openai/gpt-6-mini", validFrom: new Date(START - HOUR), price: PRICE },
    }),
  ]);
});
afterAll(() => world?.close());
beforeEach(async () => {
  await world.database
    .sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions`;
  const ledger = world.ledger(tenant.rootId);
  ledger.adjusted = [];
  ledger.down = false;
});

const PRICE = { rates: { input: "1", output: "2" } };
const RATED = 119_000;

const event = (changes: Partial<UsageEvent> = {}) =>
  usageEvent({
    rootId: tenant.rootId,
    organizationId: tenant.rootId,
    startedAt: START + 1_000,
    rawUsage: null,
    ...changes,
  });
const record = (events: UsageEvent[]) => recordEvents(world.database.database, tenant.rootId, events);
const call = (body: object, key = tenant.adminKey) =>
  world.call("POST", "/api/prices/rerate", { key, body: { ...PERIOD, ...body } });
const write = (body: object = {}) => call({ dry_run: false, ...body });
const rows = async () =>
  world.database.sql`select rev, cost_nano::int as cost, price_version from usage_events order by event_id, rev`;
const differences = async () => (await compareRollups(world.database.database, tenant.rootId, null)).differences;

describe("POST /api/prices/rerate", () => {
  it("previews by default: every sum and the arithmetic, and writes nothing", async () => {
    const cheap = event({ costNano: 19_000, listCostNano: 19_000 });
    const dear = event({ upstreamModel: "o3", costNano: 999_999, listCostNano: 999_999, rawUsage: null });
    await record([cheap, dear, event({ costNano: RATED, listCostNano: RATED })]);
    const { status, body } = await call({});
    expect(status).toBe(200);
    // o3: 2, 8 and cached 0.5 USD per million: 12 + 4 written at the input's rate, 3 cached, 50 out.
    const o3 = 16 * 2_000 + 3 * 500 + 50 * 8_000;
    expect(body).toMatchObject({
      ...{ dry_run: true, ...PERIOD, next_from: null, events: 3, changed: 2, ledger_told: null },
      ...{ before_nano: 19_000 + 999_999 + RATED, after_nano: 2 * RATED + o3 },
      difference_nano: RATED - 19_000 + (o3 - 999_999),
      difference_usd: "-0.000466499",
      kept: { expired: 0, unpriced: 0 },
    });
    expect(body.models).toEqual([
      expect.objectContaining({ model: "openai/o3", events: 1, changed: 1, before_nano: 999_999, after_nano: o3 }),
      expect.objectContaining({ model: "openai/gpt-6-mini", events: 2, changed: 1, difference_nano: 100_000 }),
    ]);
    expect(body.sample).toContainEqual({
      ...{ id: cheap.eventId, model: "openai/gpt-6-mini" },
      ...{ price_version_before: "2026-11-01", price_version: "prc_000000000000" },
      tokens: { input_uncached: 12, cache_read: 3, cache_write: 4, output: 50 },
      arithmetic: [
        { name: "input", count: "12", pico_usd_each: "1000000" },
        { name: "cacheRead", count: "3", pico_usd_each: "1000000" },
        { name: "cacheWrite", count: "4", pico_usd_each: "1000000" },
        { name: "output", count: "50", pico_usd_each: "2000000" },
      ],
      ...{ list_cost_before_nano: 19_000, list_cost_nano: RATED, provider_cost_nano: null },
      ...{ before_nano: 19_000, after_nano: RATED, failed_cost_nano: 0 },
    });
    expect(await rows()).toHaveLength(3);
    expect(world.ledger(tenant.rootId).adjusted).toEqual([]);
  });

  it("writes what it previewed, once, and tells the Ledger and the audit log", async () => {
    const cheap = event({ costNano: 19_000, listCostNano: 19_000 });
    await record([cheap, event({ costNano: RATED, listCostNano: RATED })]);
    const preview = (await call({})).body;
    const written = (await write()).body;
    expect(written).toEqual({ ...preview, dry_run: false, ledger_told: true });
    expect(await rows()).toEqual(
      expect.arrayContaining([
        { rev: 0, cost: 19_000, price_version: "2026-11-01" },
        { rev: 1, cost: 100_000, price_version: "prc_000000000000" },
      ]),
    );
    expect(await differences()).toEqual([]);
    expect(world.ledger(tenant.rootId).adjusted).toEqual([
      {
        id: `${cheap.eventId}/1`,
        keyId: cheap.keyId,
        organizationId: tenant.rootId,
        startedAt: cheap.startedAt,
        costNano: 100_000,
      },
    ]);

    const request = await world.call("GET", `/api/requests/${cheap.eventId}`, { key: tenant.adminKey });
    expect(request.body).toMatchObject({
      ...{ cost_nano: RATED, list_cost_nano: RATED, price_version: "prc_000000000000", corrected: true },
      ...{ tokens: { input_uncached: 12, output: 50 }, held_nano: 5_678, attempts: 1, duration_ms: 900 },
    });

    const again = (await write()).body;
    expect(again).toMatchObject({ events: 2, changed: 0, difference_nano: 0, sample: [], ledger_told: null });
    expect(await rows()).toHaveLength(3);

    const [audit] = await world.database.sql`
      select actor, action, target, after from audit_log where action = 'prices.rerate' order by id limit 1`;
    expect(audit).toEqual({
      ...{ actor: `key_${tenant.adminKey.slice(19, 31)}`, action: "prices.rerate", target: tenant.rootId },
      after: { ...PERIOD, model: null },
    });
  });

  it("counts each correction once, whoever writes at the same time", async () => {
    await record(Array.from({ length: 40 }, (_, index) => event({ costNano: index, listCostNano: index })));
    const answers = await Promise.all([write(), write(), write(), write()]);
    const changed = answers.map(({ body }) => body.changed);
    expect(changed.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect((await rows()).filter(({ rev }) => rev > 0)).toHaveLength(40);
    const told = world.ledger(tenant.rootId).adjusted.reduce((sum, { costNano }) => sum + costNano, 0);
    expect(told).toBe(40 * RATED - (39 * 40) / 2);
    expect(await differences()).toEqual([]);
  });

  it("keeps what providers charged, what has expired, and what has no price", async () => {
    await record([
      event({ costNano: 7, listCostNano: RATED, providerCostNano: 7 }),
      event({ costNano: 8, listCostNano: 8, outcome: "expired", status: 504 }),
      event({ costNano: 9, listCostNano: 9, upstreamModel: "gone", servedModel: null }),
      event({ costNano: 0, listCostNano: null, operation: "count_tokens" }),
    ]);
    expect((await write()).body).toMatchObject({ events: 1, changed: 0, kept: { expired: 1, unpriced: 1 } });
  });

  it("corrects a list cost beside a provider's charge, which no counter is told of", async () => {
    await record([event({ costNano: 7, listCostNano: 11, providerCostNano: 7 })]);
    expect((await write()).body).toMatchObject({ changed: 1, difference_nano: 0, ledger_told: null });
    expect((await write()).body).toMatchObject({ changed: 0 });
    const [row] = await world.database.sql`select sum(list_cost_nano)::int as list from usage_events`;
    expect(row?.list).toBe(RATED);
  });

  it("narrows to a time, a model and a branch", async () => {
    await record([
      event({ startedAt: START }),
      event({ startedAt: START + HOUR - 1, upstreamModel: "o3" }),
      event({ organizationId: team }),
    ]);
    const events = async (body: object, key?: string) => (await call(body, key)).body.events;
    expect(await events({})).toBe(3);
    expect(await events({ from: iso(START + 1) })).toBe(2);
    expect(await events({ to: iso(START + HOUR - 1) })).toBe(2);
    expect(await events({ model: "openai/o3" })).toBe(1);
    expect(await events({ model: "google/o3" })).toBe(0);
    expect(await events({ organization_id: team })).toBe(1);
    expect(await events({ organization_id: tenant.rootId })).toBe(3);
    expect(await events({}, teamKey)).toBe(1);
    expect((await call({ organization_id: tenant.rootId }, teamKey)).body.error.code).toBe("not_found");
    const other = await world.tenant("Other");
    expect(await events({}, other.adminKey)).toBe(0);
  });

  it("says when the Ledger could not be told; what is written stays", async () => {
    await record([event({ costNano: 19_000, listCostNano: 19_000 })]);
    world.ledger(tenant.rootId).down = true;
    const cookie = await world.signIn(tenant);
    const { status, body } = await world.call("POST", "/api/prices/rerate", {
      ...{ cookie, headers: { origin: "https://gaia.example", "sec-fetch-site": "same-origin", "x-gaia-csrf": "1" } },
      body: { ...PERIOD, dry_run: false },
    });
    expect({ status, body }).toMatchObject({ status: 200, body: { changed: 1, ledger_told: false } });
    expect(await rows()).toHaveLength(2);
    expect(world.reports.filter(({ what }) => what.startsWith("corrections for the Ledger"))).toHaveLength(3);
  });

  it.each([true, false])(
    "goes on in the next call where it stopped; no request counts twice (preview: %s)",
    async (dryRun) => {
      // Two start in each millisecond, some of them later than their id was made.
      const events = Array.from({ length: 23 }, (_, index) => {
        const made = event({ startedAt: START + Math.floor(index / 2), costNano: index });
        return { ...made, startedAt: made.startedAt + (index % 3) };
      });
      await record(events);
      const configuration = await loadConfiguration(world.database.database, tenant.rootId);
      if (configuration === null) throw new Error("there is no such tenant");
      const told: Adjustment[] = [];
      const inParts = async () => {
        const sum = { calls: 0, events: 0, changed: 0 };
        let from: number | null = START;
        while (from !== null) {
          const { report, nextFrom } = await rerate({
            ...{ database: world.database.database, rootId: tenant.rootId, dryRun },
            ...{
              book: priceBookOf(configuration),
              period: { from, to: START + HOUR, filter: {} },
              limits: { page: 5, events: 10 },
            },
            ledger: { adjust: async (adjustments) => void told.push(...adjustments) },
            report: () => {},
          });
          expect(nextFrom ?? START + HOUR).toBeGreaterThan(from);
          const body = report.body();
          sum.calls++;
          sum.events += body.events;
          sum.changed += body.changed;
          from = nextFrom;
        }
        expect(sum.calls).toBeGreaterThan(2);
        return sum;
      };
      expect(await inParts()).toMatchObject({ events: 23, changed: 23 });
      expect(await inParts()).toMatchObject({ events: 23, changed: dryRun ? 23 : 0 });
      expect(told).toHaveLength(dryRun ? 0 : 23);
      expect(await differences()).toEqual([]);
    },
  );

  it("leaves an event alone whose first row is still to come", async () => {
    await record([event({ rev: 1, costNano: -5 })]);
    expect((await write()).body).toMatchObject({ events: 0, changed: 0 });
  });

  it.each<[string, object, string, string | null]>([
    ["no beginning", { from: undefined }, "missing_required_parameter", "from"],
    ["a time that is none", { from: "yesterday" }, "invalid_value", "from"],
    ["a time without a zone", { to: "2026-11-01T00:00:00" }, "invalid_value", "to"],
    ["an end before the beginning", { to: PERIOD.from }, "invalid_value", "to"],
    ["more than 31 days", { to: iso(START + 31 * 24 * HOUR + 1) }, "invalid_value", "to"],
    ["a model without its provider", { model: "o3" }, "invalid_value", "model"],
    ["a branch that is none", { organization_id: "org_1" }, "invalid_value", "organization_id"],
    ["a branch of nobody", { organization_id: "org_00000000" }, "not_found", null],
    ["a preview that is no yes or no", { dry_run: "false" }, "invalid_type", "dry_run"],
    ["a field that is not known", { dryrun: false }, "unsupported_parameter", "dryrun"],
  ])("refuses %s", async (_name, body, code, param) => {
    expect((await call(body)).body.error).toMatchObject({ code, param });
  });

  it("writes for administrators of the root alone; one of a branch has a preview", async () => {
    await record([event({ organizationId: team, costNano: 19_000, listCostNano: 19_000 })]);
    const refused = { status: 403, body: { error: { code: "permission_denied" } } };
    expect(await call({ dry_run: false }, teamKey)).toMatchObject(refused);
    expect(await call({ dry_run: false, organization_id: team }, teamKey)).toMatchObject(refused);
    expect((await call({}, teamKey)).body).toMatchObject({ events: 1, changed: 1 });
    expect(await rows()).toHaveLength(1);
    const acts = await world.database.sql`
      select from audit_log where action = 'prices.rerate' and actor = ${`key_${teamKey.slice(19, 31)}`}`;
    expect(acts).toHaveLength(0);
  });

  it("is for administrators", async () => {
    expect((await call({}, tenant.apiKey)).body.error.code).toBe("permission_denied");
  });
});
