import { afterAll, beforeAll, expect, it } from "vitest";
import { secureRandom } from "../../../worker/lib/random.ts";
import { newUlid } from "../../../worker/lib/ulid.ts";
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

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });
async function made(path: string, body: object): Promise<string> {
  const answer = await call("POST", path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}
type Item = { kind: string; severity: string; count: number; worst: Record<string, unknown>[]; query: string };
const attention = async (search = "", key?: string): Promise<{ data: Item[]; unknown: string[] }> => {
  const { status, body } = await call("GET", `/api/attention${search}`, undefined, key);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};
const itemsOf = async (search = "", key?: string) =>
  Object.fromEntries((await attention(search, key)).data.map((item) => [item.kind, item]));

beforeAll(async () => {
  world = await startAdminWorld();
  await makePastPartition(world.database);
  tenant = await world.tenant("Root");
  team = await made("/api/organizations", { name: "Team" });
});
afterAll(() => world.close());

it("is empty where nothing needs any", async () => {
  expect(await attention()).toMatchObject({ data: [], unknown: [] });
});

it("names what there is, the most severe first", async () => {
  const at = { organization_id: team };
  const { sql } = world.database;
  // Limits.
  const blocking = await made("/api/limits", { ...LIMIT, organization_id: tenant.rootId });
  const warning = await made("/api/limits", { ...LIMIT, ...at, window: "month", mode: "warn" });
  const rate = await made("/api/limits", { ...LIMIT, ...at, metric: "requests", window: "minute" });
  const resets = { resetsAt: Date.UTC(2026, 10, 21) };
  world.ledger(tenant.rootId).statuses = [
    limitStatus({ id: blocking, nodeId: tenant.rootId }, { settled: 100, ...resets }),
    limitStatus({ id: warning, nodeId: team, mode: "warn" }, { settled: 95 }),
    limitStatus({ id: rate, nodeId: team, metric: "requests", window: "minute" }, { settled: 100 }),
  ];
  // Keys.
  const soon = await made("/api/keys", { ...at, name: "soon", expires_at: "2026-12-04T11:59:59Z" });
  await made("/api/keys", { ...at, name: "later", expires_at: "2026-12-04T12:00:00Z" });
  const idle = await made("/api/keys", { ...at, name: "idle" });
  const busy = await made("/api/keys", { ...at, name: "busy" });
  await sql`update api_keys set created_at = '2026-08-01' where id in (${idle}, ${busy})`;
  // A webhook that failed last, and one that failed before.
  const hooks: string[] = [];
  for (const [last, name] of [
    [false, "failing"],
    [true, "well"],
  ]) {
    const id = await made("/api/webhooks", { ...at, url: `https://example.com/${name}` });
    hooks.push(id);
    for (const [attempt, delivered] of [!last, last].entries()) {
      await sql`insert into webhook_deliveries
        (delivery_id, attempt, root_id, webhook_id, event, body, at, duration_ms, delivered)
        values (${`dlv_${id}`}, ${attempt + 1}, ${tenant.rootId}, ${id}, 'limit.threshold', '{}',
          ${new Date(world.clock.now - 60_000 * (2 - attempt)).toISOString()}, 1, ${delivered})`;
    }
  }
  // Books.
  await sql`insert into reconciliations (id, root_id, at, outcome, compared, differences) values
    (${newUlid(world.clock.now, secureRandom)}, ${tenant.rootId}, now(), 'differ', 9, '[{"books":"ledger"},{"books":"ledger"}]'),
    (${newUlid(world.clock.now + 1, secureRandom)}, ${tenant.rootId}, now(), 'skipped', 0, '[]')`;
  // Usage: one provider in ten fails, another was asked too seldom, models without a price and with an end.
  const event = (changes: object, count = 1) =>
    Array.from({ length: count }, () =>
      usageEvent({
        ...{ rootId: tenant.rootId, organizationId: team, keyId: busy, startedAt: world.clock.now - 60_000 },
        ...changes,
      }),
    );
  const failed = { outcome: "provider_error", status: 502 };
  await recordEvents(world.database.database, tenant.rootId, [
    ...event({ provider: "openai", upstreamModel: "gpt-5.1" }, 27),
    ...event({ provider: "openai", upstreamModel: "gpt-5.1", ...failed }, 3),
    ...event({ provider: "google", upstreamModel: "gemini-9", ...failed }, 19),
    ...event({ provider: "anthropic", upstreamModel: "claude-opus-5-5", outcome: "provider_error", status: 400 }, 20),
    // Too long ago for both.
    ...event({ provider: "compatible", upstreamModel: "old", startedAt: Date.UTC(2026, 9, 1) }, 30),
  ]);

  const { data, unknown } = await attention();
  expect(unknown).toEqual([]);
  expect(data).toMatchObject([
    {
      ...{ kind: "limits_over", severity: "critical", count: 1, page: "limits", query: "kind=budget&level=over" },
      worst: [{ id: blocking, name: "Root", percent: 100, at: "2026-11-21T00:00:00.000Z" }],
    },
    { kind: "books_differ", severity: "critical", count: 2 },
    { kind: "limits_near", severity: "warning", count: 1, worst: [{ id: warning, name: "Team", percent: 95 }] },
    {
      ...{ kind: "targets_failing", severity: "warning", count: 1, page: "routes", query: "health=failing" },
      worst: [{ id: "google/gemini-9@", name: "google/gemini-9", at: "2026-11-20T11:59:00.000Z" }],
    },
    {
      ...{ kind: "providers_failing", severity: "warning", count: 1, query: "provider=openai" },
      worst: [{ id: "openai", percent: 10, requests: 30 }],
    },
    { kind: "models_unpriced", severity: "warning", count: 1, worst: [{ id: "google/gemini-9", requests: 19 }] },
    { kind: "keys_expiring", severity: "warning", count: 1, worst: [{ id: soon, at: "2026-12-04T11:59:59.000Z" }] },
    { kind: "webhooks_failing", severity: "warning", count: 1, worst: [{ id: hooks[0] }] },
    {
      ...{ kind: "models_deprecated", severity: "info", count: 1 },
      worst: [{ id: "openai/gpt-5.1", name: "GPT-5.1", at: "2027-04-01T00:00:00.000Z", requests: 30 }],
    },
    { kind: "keys_unused", severity: "info", count: 1, worst: [{ id: idle, name: "idle", at: null }] },
  ]);
});

it("leads to lists that show the same", async () => {
  const items = await itemsOf();
  const paths = { keys_expiring: "keys", keys_unused: "keys", limits_over: "limits/standings" };
  for (const [kind, path] of Object.entries({ ...paths, limits_near: "limits/standings" })) {
    const { body } = await call("GET", `/api/${path}?${items[kind]?.query}`);
    const ids = body.data.map((row: Record<string, string>) => row.id ?? row.limit_id);
    expect(ids, kind).toEqual(items[kind]?.worst.map(({ id }) => id));
  }
});

it("is of one branch where it is asked for, or the caller stands there", async () => {
  const lead = (await call("POST", "/api/keys", { name: "Lead", organization_id: team, permissions: ["admin"] })).body;
  const own = await itemsOf("", lead.key);
  expect(Object.keys(own).sort()).toEqual(Object.keys(await itemsOf(`?organization=${team}`)).sort());
  expect(own).not.toHaveProperty("books_differ");
  expect(own).not.toHaveProperty("limits_over");
  expect(own).toHaveProperty("limits_near");
  expect(own).toHaveProperty("providers_failing");
});

it("says what it could not look at", async () => {
  const cookie = await world.signIn(tenant);
  world.ledger(tenant.rootId).down = true;
  const { body } = await world.call("GET", "/api/attention", { cookie });
  world.ledger(tenant.rootId).down = false;
  expect(body.unknown).toEqual(["limits", "cooling"]);
  expect(body.data.map(({ kind }: Item) => kind)).toContain("keys_expiring");
  world.reports.splice(0);
});
