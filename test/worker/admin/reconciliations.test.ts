import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordEvents } from "../../../worker/usage/record.ts";
import type { NodeSums } from "../../../worker/usage/sums.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let teamKey: string;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant();
  const post = (path: string, body: unknown) => world.call("POST", path, { key: tenant.adminKey, body });
  const team = (await post("/api/organizations", { name: "Team" })).body.id;
  teamKey = (await post("/api/keys", { name: "Team", organization_id: team, permissions: ["admin"] })).body.key;
  const event = usageEvent({ rootId: tenant.rootId, organizationId: tenant.rootId, costNano: 100 });
  await recordEvents(world.database.database, tenant.rootId, [event]);
});
afterAll(() => world?.close());

const call = (method: string, path = "/api/reconciliations", key = tenant.adminKey) =>
  world.call(method, path, { key });

/** What the tenant's Ledger says it has counted: the total of one request. */
const counted = (costNano: number): NodeSums[] =>
  ["key_000000000000", tenant.rootId].map((nodeId) => ({ window: "total", nodeId, settled: [1, 19, 50, costNano] }));

describe("/api/reconciliations", () => {
  it("compares when asked, and lists what was found, newest first", async () => {
    const ledger = world.ledger(tenant.rootId);
    ledger.sums = async () => ({ unsettled: 0, nodes: counted(100) });
    const agreed = await call("POST");
    // One hour and the Ledger, and the day in seven tables of sums.
    const compared = 19 + 7 * 11;
    expect(agreed).toMatchObject({ status: 201, body: { outcome: "agree", compared, differences: [] } });
    world.clock.now += 1;
    ledger.sums = async () => ({ unsettled: 0, nodes: counted(90) });
    const differed = await call("POST");
    const difference = { books: "ledger", window: "total", figure: "cost_nano", events: "100", ledger: "90" };
    expect(differed.body).toMatchObject({
      outcome: "differ",
      differences: [
        { ...difference, node_id: "key_000000000000" },
        { ...difference, node_id: tenant.rootId },
      ],
    });

    const first = await call("GET", "/api/reconciliations?limit=1");
    expect(first.body).toEqual({
      ...{ data: [differed.body], next_cursor: differed.body.id, as_of: new Date(world.clock.now).toISOString() },
    });
    const second = await call("GET", `/api/reconciliations?limit=1&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [agreed.body], next_cursor: null });
  });

  it("is for administrators of the root alone", async () => {
    for (const method of ["GET", "POST"]) {
      for (const key of [teamKey, tenant.apiKey]) {
        expect(await call(method, undefined, key)).toMatchObject({
          status: 403,
          body: { error: { code: "permission_denied" } },
        });
      }
    }
    const other = await world.tenant("Other");
    expect((await call("GET", undefined, other.adminKey)).body.data).toEqual([]);
  });

  it("makes hourly sums anew from the events, and says who wanted it", async () => {
    const ledger = world.ledger(tenant.rootId);
    ledger.sums = async () => ({ unsettled: 0, nodes: counted(100) });
    await world.database.sql`update usage_rollups set output = 7 where root_id = ${tenant.rootId}`;
    expect((await call("POST")).body.differences).toContainEqual(
      expect.objectContaining({ books: "rollups", figure: "output", events: "50", rollups: "7" }),
    );
    const period = { from: new Date(Date.now() - 7_200_000).toISOString(), to: new Date().toISOString() };
    const repair = (key: string, body: object) => world.call("POST", "/api/reconciliations/repair", { key, body });
    expect((await repair(teamKey, period)).status).toBe(403);
    expect((await repair(tenant.adminKey, { ...period, to: period.from })).body.error.param).toBe("to");
    expect(await repair(tenant.adminKey, period)).toMatchObject({ status: 200, body: period });
    expect((await call("POST")).body.outcome).toBe("agree");
    const [audit] = await world.database.sql`
      select actor, target, after from audit_log where action = 'rollups.rebuild' and root_id = ${tenant.rootId}`;
    expect(audit).toEqual({
      ...{ actor: `key_${tenant.adminKey.slice(19, 31)}`, target: tenant.rootId, after: period },
    });
  });

  it("a repair that fails has said who wanted it", async () => {
    const acts = async () => {
      const [row] = await world.database.sql`
        select count(*)::int as acts from audit_log where action = 'rollups.rebuild' and root_id = ${tenant.rootId}`;
      return row?.acts;
    };
    const before = await acts();
    world.database.faults.next.push("ok", "503", "503");
    const body = { from: "2026-11-01T00:00:00Z", to: "2026-11-01T01:00:00Z" };
    const answer = await world.call("POST", "/api/reconciliations/repair", { key: tenant.adminKey, body });
    world.database.faults.next.length = 0;
    expect(answer.status).toBe(503);
    expect(await acts()).toBe(before + 1);
  });

  it.each(["cursor=nonsense", "limit=0"])("refuses ?%s", async (search) => {
    expect(await call("GET", `/api/reconciliations?${search}`)).toMatchObject({ status: 400 });
  });

  it("says that the database is away", async () => {
    world.database.faults.next.push("503", "503");
    expect(await call("POST")).toMatchObject({ status: 503, body: { error: { code: "database_unavailable" } } });
    world.database.faults.next.length = 0;
  });
});
