import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { makePastPartition } from "../../support/past-partition.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
/** Root > Team, by clocks that are five and a half hours ahead of UTC. */
let tenant: Tenant;
let team: string;
let key: string;
let events: UsageEvent[];

const call = (body: object, by = tenant.adminKey) => world.call("POST", "/api/limits/simulate", { key: by, body });
const HOUR_MS = 3_600_000;
const AHEAD_MS = 5.5 * HOUR_MS;
/** October by the team's clocks. */
const [FROM, UNTIL] = [Date.UTC(2026, 9, 1) - AHEAD_MS, Date.UTC(2026, 10, 1) - AHEAD_MS];

beforeAll(async () => {
  world = await startAdminWorld();
  await makePastPartition(world.database);
  tenant = await world.tenant("Root");
  const made = async (path: string, body: object) =>
    (await world.call("POST", path, { key: tenant.adminKey, body })).body.id;
  team = await made("/api/organizations", { name: "Team" });
  key = await made("/api/keys", { name: "CI", organization_id: team });
  const zone = { time_zone: "Asia/Kolkata" };
  await world.call("PATCH", `/api/organizations/${team}`, { key: tenant.adminKey, body: zone });
  // Every 97 minutes from before the month until after it: some within hours in which days begin.
  events = Array.from({ length: 560 }, (_, index) =>
    usageEvent({
      ...{ rootId: tenant.rootId, organizationId: team, keyId: index % 3 === 0 ? key : "key_000000000000" },
      ...{ startedAt: FROM - 5 * 24 * HOUR_MS + index * 97 * 60_000, costNano: (index % 7) * 10, output: index % 11 },
    }),
  );
  await recordEvents(world.database.database, tenant.rootId, events);
});
afterAll(() => world.close());

/** The day or Monday that a moment is of by the team's clocks, as a number. */
const WINDOWS = {
  day: (at: number) => Math.floor((at + AHEAD_MS) / (24 * HOUR_MS)),
  // The epoch was a Thursday.
  week: (at: number) => Math.floor(((at + AHEAD_MS) / (24 * HOUR_MS) + 3) / 7),
  month: (at: number) => (at < FROM ? 0 : at < UNTIL ? 1 : 2),
};
const USED: Record<string, (event: UsageEvent) => number> = {
  requests: () => 1,
  cost: ({ costNano }) => costNano,
  output_tokens: ({ output }) => output,
  total_tokens: ({ output }) => 19 + output,
};

/** The same, request by request. */
function refusedOf(counted: UsageEvent[], metric: string, window: keyof typeof WINDOWS, amount: number) {
  const used = new Map<number, number>();
  let [refused, cost] = [0, 0];
  for (const event of counted) {
    const name = WINDOWS[window](event.startedAt);
    const before = used.get(name) ?? 0;
    if (before >= amount && event.startedAt >= FROM && event.startedAt < UNTIL) {
      refused++;
      cost += event.costNano;
    }
    used.set(name, before + (USED[metric]?.(event) ?? 0));
  }
  return [refused, cost];
}

describe("a limit that was not there", () => {
  it.each<[string, keyof typeof WINDOWS, number]>([
    ["requests", "day", 5],
    ["requests", "week", 60],
    ["requests", "month", 300],
    ["cost", "day", 200],
    ["cost", "week", 2_001],
    ["output_tokens", "day", 40],
    ["total_tokens", "month", 9_999],
    ["cost", "month", 0],
    ["cost", "month", 1_000_000],
  ])("would have refused so many by %s a %s of %d", async (metric, window, amount) => {
    for (const [node, counted] of [
      [{ organization_id: team }, events],
      [{ key_id: key }, events.filter(({ keyId }) => keyId === key)],
    ] as const) {
      const { status, body } = await call({ ...node, metric, window, amount });
      expect(status, JSON.stringify(body)).toBe(200);
      expect([body.refused, body.refused_cost_nano]).toEqual(refusedOf([...counted], metric, window, amount));
      const ofMonth = counted.filter(({ startedAt }) => startedAt >= FROM && startedAt < UNTIL);
      expect(body).toMatchObject({ requests: ofMonth.length, exact: true, time_zone: "Asia/Kolkata" });
      expect([body.from, body.to]).toEqual([FROM, UNTIL].map((at) => new Date(at).toISOString()));
    }
  });

  it("counts windows, and those in which its amount was reached", async () => {
    const { body } = await call({ organization_id: team, metric: "cost", window: "day", amount_usd: "0" });
    expect(body).toMatchObject({ windows: 31, windows_reached: 31, amount: 0, amount_usd: "0" });
    const { body: week } = await call({ organization_id: team, metric: "requests", window: "week", amount: 1e6 });
    expect(week).toMatchObject({ windows: 5, windows_reached: 0, refused: 0, amount_usd: null });
  });

  it("takes hours in which it was reached for sent where their requests are deleted", async () => {
    await world.database.sql`insert into usage_horizons (root_id, events_from) values (${tenant.rootId}, '2026-11-01')`;
    const { body } = await call({ organization_id: team, metric: "requests", window: "month", amount: 300 });
    await world.database.sql`delete from usage_horizons where root_id = ${tenant.rootId}`;
    const [refused = 0] = refusedOf(events, "requests", "month", 300);
    expect(body.exact).toBe(false);
    expect(body.refused).toBeLessThanOrEqual(refused);
    expect(body.refused).toBeGreaterThanOrEqual(refused - 1);
  });

  it.each<[object, string]>([
    [{ metric: "concurrent_requests" }, "metric"],
    [{ window: "minute" }, "window"],
    [{ amount: undefined }, "amount"],
    [{ amount: 1, amount_usd: "1" }, "amount_usd"],
    [{ month: "2026-13" }, "month"],
    [{ month: "2026-12" }, "month"],
    [{ organization_id: undefined }, "organization_id"],
    [{ key_id: "key_000000000000" }, "key_id"],
  ])("is refused with %j", async (more, param) => {
    const body = { organization_id: team, metric: "cost", window: "day", amount: 1, ...more };
    expect(await call(body)).toMatchObject({ status: 400, body: { error: { param } } });
  });
});
