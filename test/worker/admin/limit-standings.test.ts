import { afterAll, beforeAll, expect, it } from "vitest";
import type { LimitStatus } from "../../../worker/ledger/contract.ts";
import { limitStatus } from "./limit-statuses.ts";
import { LIMIT } from "./routes.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
/** Root > Team; it is 20 November, noon in UTC. */
let tenant: Tenant;
let team: string;
let key: string;
let revoked: string;
const limits: Record<string, string> = {};

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });
async function made(path: string, body: object): Promise<string> {
  const answer = await call("POST", path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}
const [STARTED, RESETS] = [Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 21)];
const DAY = { startedAt: STARTED, resetsAt: RESETS };

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Root");
  team = await made("/api/organizations", { name: "Team" });
  key = await made("/api/keys", { name: "CI", organization_id: team });
  revoked = await made("/api/keys", { name: "Gone", organization_id: team });
  const fallback = { percent: 80, model: "openai/gpt-6-mini" };
  const terms: Record<string, object> = {
    root: { organization_id: tenant.rootId, window: "month" },
    team: { organization_id: team, mode: "warn", fallback },
    rate: { organization_id: team, metric: "requests", window: "minute" },
    key: { key_id: key, metric: "total_tokens" },
    total: { key_id: key, window: "total" },
    gone: { key_id: revoked },
    unknown: { key_id: key, window: "week" },
  };
  for (const [name, more] of Object.entries(terms)) limits[name] = await made("/api/limits", { ...LIMIT, ...more });
  await call("POST", `/api/keys/${revoked}/revoke`);
  const { root = "", team: ofTeam = "", rate = "", key: ofKey = "", total = "", gone = "" } = limits;
  world.ledger(tenant.rootId).statuses = [
    limitStatus({ id: root, nodeId: tenant.rootId, window: "month" }, { settled: 10, ...DAY }),
    // Half the day, and nine tenths: the rest is gone in a ninth of what has passed.
    limitStatus({ id: ofTeam, nodeId: team, mode: "warn" }, { settled: 90, ...DAY, state: "warned" }),
    limitStatus({ id: rate, nodeId: team, metric: "requests", window: "minute" }, { settled: 95 }),
    limitStatus({ id: ofKey, nodeId: key, metric: "total_tokens" }, { settled: 101, ...DAY, state: "exhausted" }),
    limitStatus({ id: total, nodeId: key, window: "total" }, { settled: 50 }),
    limitStatus({ id: gone, nodeId: revoked }, { settled: 100 }),
  ];
});
afterAll(() => world.close());

const listed = async (search: string, by?: string) => {
  const { status, body } = await call("GET", `/api/limits/standings?${search}`, undefined, by);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
const named = async (search: string) => {
  const { data, total } = await listed(search);
  expect(total).toBe(data.length);
  const names = new Map(Object.entries(limits).map(([name, id]) => [id, name]));
  return data.map((row: { limit_id: string }) => names.get(row.limit_id));
};

it("shows every limit that holds, the one that is used up furthest first", async () => {
  // That of a key that was revoked holds nothing, and one that the Ledger does not know cannot be told.
  expect(await named("")).toEqual(["key", "rate", "team", "total", "root"]);
  expect(world.ledger(tenant.rootId).askedNodes.at(-1)?.sort()).toEqual([tenant.rootId, team, key].sort());
  const { data } = await listed("q=TEA&kind=budget");
  expect(data).toEqual([
    expect.objectContaining({
      ...{ limit_id: limits.team, node: { id: team, kind: "organization", name: "Team" }, organization_id: team },
      ...{ organization_name: "Team", time_zone: "UTC", kind: "budget", level: "near", percent_used: 90, mode: "warn" },
      ...{ fallback: { percent: 80, model: "openai/gpt-6-mini" }, override: null, version: 1 },
      ...{ resets_at: "2026-11-21T00:00:00.000Z", reaches_amount_at: "2026-11-20T13:20:00.000Z" },
    }),
  ]);
});

it.each([
  ["level=over", ["key"]],
  ["level=near", ["rate", "team"]],
  ["level=ok", ["total", "root"]],
  ["kind=rate", ["rate"]],
  ["node=key", ["key", "total"]],
  ["metric=cost&window=month", ["root"]],
  ["mode=warn", ["team"]],
  ["q=ci&sort=percent_used", ["total", "key"]],
])("with %s it shows %j", async (search, names) => {
  expect(await named(search)).toEqual(names);
});

it("shows a lead nothing of what stands above", async () => {
  const lead = (await call("POST", "/api/keys", { name: "Lead", organization_id: team, permissions: ["admin"] })).body;
  const { data } = await listed("", lead.key);
  expect(data.map(({ limit_id }: { limit_id: string }) => limit_id)).not.toContain(limits.root);
  expect(data).toHaveLength(4);
});

it.each<[string, Partial<LimitStatus>, string | null]>([
  ["nothing was used", { settled: 0 }, null],
  ["it is used up", { settled: 100 }, null],
  ["the pace is too slow", { settled: 50 }, null],
  ["the pace is just fast enough", { settled: 51 }, "2026-11-20T23:31:45.883Z"],
  ["the window has no beginning", { settled: 90, startedAt: null, resetsAt: null }, null],
  ["the window has begun this moment", { settled: 90, startedAt: Date.UTC(2026, 10, 20, 12) }, null],
])("foretells when it is used up: %s", async (_, figures, reaches) => {
  const { statuses } = world.ledger(tenant.rootId);
  world.ledger(tenant.rootId).statuses = [limitStatus({ id: limits.team ?? "", nodeId: team }, { ...DAY, ...figures })];
  const { data } = await listed("");
  world.ledger(tenant.rootId).statuses = statuses;
  expect(data[0].reaches_amount_at).toBe(reaches);
});
