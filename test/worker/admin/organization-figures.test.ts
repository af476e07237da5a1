import { afterAll, beforeAll, expect, it } from "vitest";
import { recordEvents } from "../../../worker/usage/record.ts";
import { makePastPartition } from "../../support/past-partition.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { limitStatus } from "./limit-statuses.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
/** Root > Acme > Team > Squad, and Root > Other; it is 20 November, noon in UTC. */
let tenant: Tenant;
const ids: Record<string, string> = {};

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });
async function made(path: string, body: object): Promise<string> {
  const answer = await call("POST", path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}
const at = (text: string) => Date.parse(text);

beforeAll(async () => {
  world = await startAdminWorld();
  await makePastPartition(world.database);
  tenant = await world.tenant("Root");
  ids.Root = tenant.rootId;
  for (const [name, above] of Object.entries({ Acme: "Root", Team: "Acme", Squad: "Team", Other: "Root" })) {
    ids[name] = await made("/api/organizations", { name, parent_id: ids[above] });
  }
  // By its clocks the month began 11 hours before it did in UTC.
  const zone = { time_zone: "Pacific/Auckland" };
  expect((await call("PATCH", `/api/organizations/${ids.Squad}`, zone)).status).toBe(200);
  for (const name of ["Acme", "Squad", "Squad", "Other"]) {
    await made("/api/keys", { name, organization_id: ids[name] });
  }
  const gone = await made("/api/keys", { name: "Gone", organization_id: ids.Team });
  await call("POST", `/api/keys/${gone}/revoke`);
  const lead = await world.member(tenant, ids.Acme ?? "", "admin");
  await world.database.sql`insert into memberships (user_id, organization_id, root_id, role)
    values (${lead.userId}, ${ids.Squad}, ${tenant.rootId}, 'viewer')`;
  await world.member(tenant, ids.Team ?? "", "viewer");
  const used: [name: string, startedAt: string, costNano: number][] = [
    ["Acme", "2026-11-01T00:00:00.000Z", 1],
    ["Acme", "2026-10-31T23:59:59.999Z", 10],
    ["Team", "2026-11-20T11:59:00Z", 100],
    ["Squad", "2026-10-31T11:00:00Z", 1000],
    ["Squad", "2026-10-31T10:59:59.999Z", 10_000],
    ["Squad", "2026-11-19T03:17:00Z", 100_000],
    ["Other", "2026-11-05T00:00:00Z", 1_000_000],
  ];
  const events = used.map(([name, startedAt, costNano]) =>
    usageEvent({ rootId: tenant.rootId, organizationId: ids[name] ?? "", startedAt: at(startedAt), costNano }),
  );
  await recordEvents(world.database.database, tenant.rootId, events);
  world.ledger(tenant.rootId).statuses = [
    limitStatus({ nodeId: tenant.rootId, window: "month" }, { amount: 1000, settled: 400 }),
    limitStatus({ nodeId: ids.Acme ?? "", window: "month" }, { amount: 1000, settled: 500, held: 1 }),
    limitStatus({ nodeId: ids.Acme ?? "", window: "day", mode: "warn" }, { amount: 1000, settled: 2000 }),
    limitStatus({ nodeId: ids.Acme ?? "", metric: "requests" }, { amount: 1000, settled: 999 }),
    limitStatus({ nodeId: ids.Team ?? "", window: "minute" }, { amount: 1000, settled: 999 }),
    limitStatus({ nodeId: ids.Squad ?? "", window: "total" }, { amount: 10, settled: 9 }),
  ];
});
afterAll(() => world.close());

type Row = {
  name: string;
  children: number;
  figures: {
    month: { since: string; requests: number; cost_nano: number };
    keys: number;
    members: number;
    limit: { node: { id: string }; percent_used: number } | null;
    limit_known: boolean;
  };
};
const listed = async (search: string, key?: string): Promise<{ data: Row[]; ancestors: Row[] }> =>
  (await call("GET", `/api/organizations?figures=true&${search}`, undefined, key)).body;
const namedIn = ({ data, ancestors }: { data: Row[]; ancestors: Row[] }) =>
  Object.fromEntries([...data, ...ancestors].map((row) => [row.name, row]));

it("adds up each branch, months by its own clocks", async () => {
  const rows = namedIn(await listed(""));
  const told = Object.entries(rows).map(([name, { figures, children }]) => [
    name,
    [figures.month.cost_nano, figures.month.requests, figures.keys, figures.members, children],
  ]);
  expect(Object.fromEntries(told)).toEqual({
    // Two keys and a person come with the set-up.
    Root: [1_100_101, 4, 6, 3, 2],
    Acme: [100_101, 3, 3, 2, 1],
    Team: [100_100, 2, 2, 2, 1],
    Squad: [101_000, 2, 2, 1, 0],
    Other: [1_000_000, 1, 1, 0, 0],
  });
  expect(rows.Squad?.figures.month.since).toBe("2026-10-31T11:00:00.000Z");
  expect(rows.Team?.figures.month.since).toBe("2026-11-01T00:00:00.000Z");
});

it("names the limit of money that is used up furthest, and where it stands", async () => {
  const rows = namedIn(await listed(`q=Squad`));
  const limits = Object.fromEntries(
    Object.entries(rows).map(([name, { figures }]) => [
      name,
      figures.limit && [figures.limit.node.id, figures.limit.percent_used],
    ]),
  );
  expect(limits).toEqual({
    Root: [ids.Root, 40],
    Acme: [ids.Acme, 50.1],
    Team: [ids.Acme, 50.1],
    Squad: [ids.Squad, 90],
  });
});

it("says the same of one", async () => {
  const [row] = (await listed(`q=${ids.Team}`)).data;
  const { body } = await call("GET", `/api/organizations/${ids.Team}?figures=true`);
  expect(body.figures).toEqual(row?.figures);
  expect((await call("GET", `/api/organizations/${ids.Team}`)).body.figures).toBeNull();
  expect((await call("GET", "/api/organizations")).body.data[0].figures).toBeNull();
});

it("shows nothing of what is above the caller", async () => {
  const { body } = await call("POST", "/api/keys", {
    ...{ name: "Lead", organization_id: ids.Team, permissions: ["admin"] },
  });
  const rows = namedIn(await listed("", body.key));
  expect(Object.keys(rows).sort()).toEqual(["Squad", "Team"]);
  expect(rows.Team?.figures.limit).toBeNull();
  expect(rows.Team?.figures.month.cost_nano).toBe(100_100);
  expect(world.ledger(tenant.rootId).askedNodes.at(-1)?.sort()).toEqual([ids.Squad, ids.Team].sort());
});

it("is answered without limits while the Ledger cannot be reached, and says so", async () => {
  // A key is checked by the Ledger, a session is not.
  const cookie = await world.signIn(tenant);
  world.ledger(tenant.rootId).down = true;
  const rows = namedIn((await world.call("GET", "/api/organizations?figures=true", { cookie })).body);
  world.ledger(tenant.rootId).down = false;
  expect(rows.Squad?.figures).toMatchObject({ limit: null, limit_known: false, month: { cost_nano: 101_000 } });
  expect(world.reports.splice(0)).toMatchObject([{ what: "ledger_unavailable" }]);
});
