import { afterAll, beforeAll, expect, it } from "vitest";
import { recordEvents } from "../../../worker/usage/record.ts";
import { makePastPartition } from "../../support/past-partition.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { limitStatus } from "./limit-statuses.ts";
import { LIMIT } from "./routes.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
/** Root > Team; it is 20 November, noon in UTC. */
let tenant: Tenant;
let team: string;
/** Keys of the team by name, and what limits they have. */
const keys: Record<string, string> = {};

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });
async function made(path: string, body: object): Promise<string> {
  const answer = await call("POST", path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}

beforeAll(async () => {
  world = await startAdminWorld();
  await makePastPartition(world.database);
  tenant = await world.tenant("Root");
  team = await made("/api/organizations", { name: "Team" });
  for (const name of ["calm", "close", "full", "warned", "rated", "free"]) {
    keys[name] = await made("/api/keys", { name, organization_id: team });
    if (name !== "free") await made("/api/limits", { ...LIMIT, key_id: keys[name] });
  }
  const used: [name: string, startedAt: string, costNano: number, status?: number][] = [
    ["calm", "2026-11-20T11:59:59.999Z", 1],
    ["calm", "2026-10-21T12:00:00Z", 10, 500],
    ["calm", "2026-10-21T11:59:59.999Z", 100],
    ["close", "2026-11-01T00:00:00Z", 5],
    ["full", "2026-11-10T10:10:10Z", 900],
  ];
  await recordEvents(
    world.database.database,
    tenant.rootId,
    used.map(([name, startedAt, costNano, status = 200]) =>
      usageEvent({
        ...{ rootId: tenant.rootId, organizationId: team, keyId: keys[name] ?? "" },
        ...{ startedAt: Date.parse(startedAt), costNano, status },
        outcome: status === 200 ? "ok" : "provider_error",
      }),
    ),
  );
  const [calm = "", close = "", full = "", warned = "", rated = ""] = Object.values(keys);
  world.ledger(tenant.rootId).statuses = [
    limitStatus({ nodeId: tenant.rootId, window: "month" }, { settled: 70 }),
    limitStatus({ nodeId: team, metric: "requests" }, { settled: 60 }),
    limitStatus({ nodeId: calm }, { amount: 1000, settled: 899, held: 0 }),
    limitStatus({ nodeId: close, metric: "total_tokens", window: "total" }, { amount: 1000, settled: 898, held: 2 }),
    limitStatus({ nodeId: close, window: "day" }, { settled: 20 }),
    limitStatus({ nodeId: full }, { settled: 100 }),
    limitStatus({ nodeId: warned, mode: "warn" }, { settled: 95 }),
    limitStatus({ nodeId: warned, mode: "block", window: "month" }, { settled: 5 }),
    limitStatus({ nodeId: rated, metric: "requests", window: "minute" }, { settled: 100 }),
    limitStatus({ nodeId: rated, metric: "concurrent_requests", window: "now" }, { held: 3 }),
  ];
});
afterAll(() => world.close());

interface Row {
  id: string;
  name: string;
  figures: Record<string, never>;
}
const listed = async (search: string): Promise<Row[]> => {
  const { status, body } = await call("GET", `/api/keys?${search}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data;
};
const names = async (search: string) => (await listed(search)).map(({ name }) => name).sort();

it("adds up 30 days, from the hour on in which they began", async () => {
  const rows = await listed(`organization=${team}&figures=true`);
  const spent = rows.map(({ name, figures: { requests, errors, cost_nano, since } }) => {
    expect(since).toBe("2026-10-21T12:00:00.000Z");
    return [name, [requests, errors, cost_nano]];
  });
  expect(Object.fromEntries(spent)).toEqual({
    ...{ calm: [2, 1, 11], close: [1, 0, 5], full: [1, 0, 900] },
    ...{ warned: [0, 0, 0], rated: [0, 0, 0], free: [0, 0, 0] },
  });
});

it("tells how its own limits stand, and which inherited one is nearest", async () => {
  const rows = await listed(`organization=${team}&figures=true`);
  const told = rows.map(({ name, figures: { limit, rates, inherited_limit } }) => {
    const [own, above, flows] = [limit, inherited_limit, rates] as unknown as [
      { metric: string; percent_used: number; node: { id: string } } | null,
      { node: { name: string }; percent_used: number } | null,
      { window: string }[],
    ];
    expect(above && [above.node.name, above.percent_used]).toEqual(["Root", 70]);
    expect(own === null || own.node.id === keys[name]).toBe(true);
    return [name, [own?.metric, own?.percent_used, flows.map(({ window }) => window)]];
  });
  expect(Object.fromEntries(told)).toEqual({
    calm: ["cost", 89.9, []],
    close: ["total_tokens", 90, []],
    full: ["cost", 100, []],
    warned: ["cost", 5, []],
    rated: [undefined, undefined, ["minute", "now"]],
    free: [undefined, undefined, []],
  });
});

it("finds those near a limit and over it", async () => {
  expect(await names("near_limit=true")).toEqual(["close"]);
  expect(await names("over_limit=true")).toEqual(["full"]);
  expect(await names("near_limit=true&over_limit=true")).toEqual(["close", "full"]);
  expect(await names(`near_limit=true&over_limit=true&limit=1&sort=name`)).toEqual(["close"]);
  expect((await names("near_limit=false")).length).toBeGreaterThan(5);
  // Whose limits are looked at does not depend on what else is asked for.
  expect(await names("near_limit=true&state=disabled")).toEqual([]);
});

it("comes in the order of cost", async () => {
  const rows = await listed(`organization=${team}&sort=-cost&limit=3&figures=true`);
  expect(rows.map(({ name }) => name)).toEqual(["full", "calm", "close"]);
});

it("says the same of one", async () => {
  const [row] = await listed(`organization=${team}&q=close&figures=true`);
  const { body } = await call("GET", `/api/keys/${keys.close}?figures=true`);
  expect(body.figures).toEqual(row?.figures);
  expect((await call("GET", `/api/keys/${keys.close}`)).body.figures).toBeNull();
});

it("shows what it can while the Ledger cannot be reached, and does not guess who is near a limit", async () => {
  const cookie = await world.signIn(tenant);
  world.ledger(tenant.rootId).down = true;
  const shown = await world.call("GET", `/api/keys?figures=true&q=calm`, { cookie });
  const guessed = await world.call("GET", "/api/keys?near_limit=true", { cookie });
  world.ledger(tenant.rootId).down = false;
  expect(shown.body.data[0].figures).toMatchObject({ cost_nano: 11, limit: null, limits_known: false });
  expect(guessed).toMatchObject({ status: 503, body: { error: { code: "ledger_unavailable" } } });
  world.reports.splice(0);
});
