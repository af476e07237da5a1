import { afterAll, beforeAll, expect, it } from "vitest";
import type { LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { LimitStatus } from "../../../worker/ledger/contract.ts";
import { limitStatus } from "./limit-statuses.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let key: string;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Watched");
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
  key = (await call("POST", "/api/keys", { name: "CI", organization_id: team })).body.id;
});
afterAll(() => world.close());

const call = (method: string, path: string, body?: unknown) => world.call(method, path, { key: tenant.adminKey, body });

const status = (limit: Partial<LimitRecord>, figures: Partial<LimitStatus>): LimitStatus =>
  limitStatus({ nodeId: tenant.rootId, ...limit }, figures);

async function read(search: string, statuses: LimitStatus[]) {
  world.ledger(tenant.rootId).statuses = statuses;
  const { status: code, body } = await call("GET", `/api/limits/status?${search}`);
  expect(code).toBe(200);
  return body;
}

it("asks for the key and everything above it, and shows the nearest first", async () => {
  const body = await read(`key=${key}`, [
    status({ id: "lim_00000000000r", window: "month" }, { settled: 30, held: 20, resetsAt: Date.UTC(2026, 11, 1) }),
    status(
      { id: "lim_00000000000k", nodeId: key },
      {
        amount: 12_500_000_000,
        settled: 11_000_000_001,
        held: 500_000_000,
        startedAt: Date.UTC(2026, 10, 20),
        resetsAt: Date.UTC(2026, 10, 21),
        state: "warned",
      },
    ),
    status({ id: "lim_00000000000t", nodeId: team, metric: "requests", mode: "warn" }, { settled: 150 }),
  ]);
  expect(world.ledger(tenant.rootId).askedNodes.at(-1)).toEqual([key, team, tenant.rootId]);
  expect(body).toMatchObject({ next_cursor: null, as_of: new Date(world.clock.now).toISOString() });
  expect(body.data[0]).toEqual({
    limit_id: "lim_00000000000k",
    node: { id: key, kind: "key", name: "CI" },
    metric: "cost",
    window: "day",
    mode: "block",
    amount: 12_500_000_000,
    settled: 11_000_000_001,
    held: 500_000_000,
    remaining: 999_999_999,
    amount_usd: "12.5",
    settled_usd: "11.000000001",
    held_usd: "0.5",
    remaining_usd: "0.999999999",
    percent_used: 92,
    state: "warned",
    window_started_at: "2026-11-20T00:00:00.000Z",
    resets_at: "2026-11-21T00:00:00.000Z",
    next_to_bind: true,
  });
  expect(body.data.slice(1)).toMatchObject([
    {
      node: { id: team, kind: "organization", name: "Team" },
      remaining: 0,
      remaining_usd: null,
      percent_used: 150,
      // It only warns: it does not bind.
      next_to_bind: false,
    },
    { node: { id: tenant.rootId, name: "Watched" }, percent_used: 50, remaining: 50, next_to_bind: false },
  ]);
});

it("is that of the caller's own organization when nothing is named", async () => {
  await read("", []);
  expect(world.ledger(tenant.rootId).askedNodes.at(-1)).toEqual([tenant.rootId]);
  await read(`organization=${team}`, []);
  expect(world.ledger(tenant.rootId).askedNodes.at(-1)).toEqual([team, tenant.rootId]);
  await read(`organization=${team}&key=${key}`, []);
  expect(world.ledger(tenant.rootId).askedNodes.at(-1)).toEqual([key, team, tenant.rootId]);
});

it("has a full limit at exactly 100 percent and one that allows nothing as well", async () => {
  const { data } = await read("", [
    status({ id: "lim_000000000001" }, { amount: 9_007_199_254_740_991, settled: 9_007_199_254_740_991 }),
    status({ id: "lim_000000000002" }, { amount: 9_007_199_254_740_991, settled: 9_007_199_254_740_990 }),
    status({ id: "lim_000000000003" }, { amount: 0 }),
    status({ id: "lim_000000000004" }, { amount: 100, settled: 29 }),
  ]);
  expect(data.map(({ percent_used }: { percent_used: number }) => percent_used)).toEqual([100, 99.9, 100, 29]);
  expect(data.map(({ next_to_bind }: { next_to_bind: boolean }) => next_to_bind)).toEqual([true, false, false, false]);
});

it("leaves out what was not asked for", async () => {
  expect((await read("", [status({ nodeId: team }, {})])).data).toEqual([]);
});

it("refuses a key beside an organization that is not its own", async () => {
  expect(await call("GET", `/api/limits/status?key=${key}&organization=${tenant.rootId}`)).toMatchObject({
    status: 400,
    body: { error: { code: "invalid_value", param: "organization" } },
  });
});

it("cannot be read while the Ledger is away", async () => {
  const cookie = await world.signIn(tenant);
  world.ledger(tenant.rootId).down = true;
  const answer = await world.call("GET", "/api/limits/status", { cookie });
  world.ledger(tenant.rootId).down = false;
  expect(answer).toMatchObject({ status: 503, body: { error: { code: "ledger_unavailable" } } });
  expect(answer.headers.get("retry-after")).toBe("1");
});
