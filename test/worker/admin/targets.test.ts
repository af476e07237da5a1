import { afterAll, beforeAll, expect, it } from "vitest";
import type { AttemptRecord, UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, type CallOptions, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
/** Root > Team, Other; it is 20 November, noon in UTC. */
let tenant: Tenant;
let team: string;
let other: string;
let cookie: string;

const MINUTE = 60_000;
const call = (method: string, path: string, body?: unknown) => world.call(method, path, { key: tenant.adminKey, body });
const made = async (name: string): Promise<string> => (await call("POST", "/api/organizations", { name })).body.id;

interface Target {
  id: string;
  state: string;
  routes: string[];
  cooling: object | null;
  last_failure: object | null;
  recent: Record<string, unknown> & { series: [number, number][] };
  figures: (Record<string, unknown> & { series: [number, number][] }) | null;
}
const targets = async (search = "", by: CallOptions = { key: tenant.adminKey }) => {
  const { status, body } = await world.call("GET", `/api/targets?${search}`, by);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as { data: Target[]; total: number; cooling_known: boolean };
};
const target = async (id: string, search = "") => (await targets(search)).data.find((one) => one.id === id);

const attempt = (changes: Partial<AttemptRecord>): AttemptRecord => ({
  ...{ provider: "openai", model: "first", credential: null, outcome: "answered", reason: null, status: 200 },
  ...{ startMs: 0, durationMs: 100, costNano: 0, ...changes },
});
/** Requests one after another, the last a minute ago. */
async function asked(model: string, ends: Partial<UsageEvent>[]) {
  const events = ends.map((end, index) =>
    usageEvent({
      ...{ rootId: tenant.rootId, organizationId: team, provider: "openai", upstreamModel: model },
      ...{ startedAt: world.clock.now - MINUTE - (ends.length - 1 - index) * 1_000, ...end },
    }),
  );
  await recordEvents(world.database.database, tenant.rootId, events);
}
const FAILED: Partial<UsageEvent> = { outcome: "provider_error", status: 500, errorCode: "server_error" };
const REFUSED: Partial<UsageEvent> = { outcome: "provider_error", status: 400, errorCode: "invalid_value" };
const LIMITED: Partial<UsageEvent> = { outcome: "provider_error", status: 429, errorCode: "rate_limit_exceeded" };
const LEFT: Partial<UsageEvent> = { outcome: "client_gone", status: 499 };
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Root");
  [team, other] = [await made("Team"), await made("Other")];
  cookie = await world.signIn(tenant);
  async function put(organization_id: string, name: string, models: { model: string; credential?: string }[]) {
    const body = { organization_id, name, strategy: "ordered", targets: models };
    expect((await call("PUT", "/api/routes", body)).status).toBe(201);
  }
  await put(tenant.rootId, "inherited", [{ model: "openai/never" }]);
  await put(team, "smart", [{ model: "openai/first" }, { model: "openai/first", credential: "eu" }]);
  await put(other, "theirs", [{ model: "google/theirs" }]);
});
afterAll(() => world.close());

it.each<[state: string, what: string, ends: Partial<UsageEvent>[]]>([
  ["ok", "it answers", [{}]],
  ["ok", "a request was refused for what it is", [{}, ...times(6, REFUSED)]],
  ["ok", "clients left", [{}, ...times(6, LEFT)]],
  ["ok", "few of many fail, and not the last", [FAILED, FAILED, ...times(20, {})]],
  ["degraded", "the newest attempt failed", [{}, {}, FAILED]],
  ["degraded", "a tenth of the last minutes' fail", [FAILED, FAILED, ...times(16, {})]],
  ["degraded", "it failed four times in a row", times(4, FAILED)],
  ["failing", "it failed five times in a row", times(5, FAILED)],
  ["failing", "it refuses for its rate five times in a row", times(5, LIMITED)],
  ["failing", "half fail, the newest too", [...times(10, [{}, FAILED]).flat()]],
  ["degraded", "half fail, and the newest answered", [...times(10, [FAILED, {}]).flat()]],
  ["degraded", "it is well again", [...times(5, FAILED), {}]],
])("is %s where %s", async (state, what, ends) => {
  await asked(what, ends);
  expect(await target(`openai/${what}@`)).toMatchObject({ state });
});

it("counts every attempt where it was made, and by which credential", async () => {
  const tries = [
    attempt({ outcome: "skipped", reason: "cooling", model: "skipped", status: null }),
    attempt({ outcome: "failed", reason: "overloaded_error", status: 529, durationMs: 40 }),
    attempt({ credential: "eu", startMs: 40, durationMs: 300 }),
  ];
  await asked("first", [
    { tries, attempts: 2, durationMs: 340 },
    { tries: [attempt({ credential: "eu", durationMs: 100 })], durationMs: 100 },
  ]);
  // Hours ago, and days.
  await asked("first", [
    { startedAt: world.clock.now - 3 * 60 * MINUTE, durationMs: 700 },
    { startedAt: world.clock.now - 3 * 60 * MINUTE, ...FAILED, durationMs: 1 },
    { startedAt: world.clock.now - 25 * 60 * MINUTE, ...FAILED },
  ]);
  expect(await target("openai/skipped@")).toBeUndefined();
  const first = await target("openai/first@", "figures=true");
  expect(first).toMatchObject({
    ...{ name: "openai/first", provider: "openai", model: "first", credential: null, routes: ["smart"] },
    ...{ state: "degraded", cooling: null, last_attempt_at: "2026-11-20T11:58:59.000Z" },
    last_failure: { at: "2026-11-20T11:58:59.000Z", status: 529, code: "overloaded_error" },
    recent: { attempts: 1, failures: 1, error_rate: 1, duration_ms_p50: null, from: "2026-11-20T11:46:00.000Z" },
    figures: { attempts: 3, failures: 2, duration_ms_p50: 700, duration_ms_p95: 700, from: "2026-11-19T13:00:00.000Z" },
  });
  expect(first?.recent.series).toEqual([...times(12, [0, 0]), [1, 1], [0, 0], [0, 0]]);
  expect(first?.figures?.series).toHaveLength(24);
  expect(first?.figures?.series.slice(-4)).toEqual([
    [2, 1],
    [0, 0],
    [1, 1],
    [0, 0],
  ]);
  const eu = await target("openai/first@eu");
  expect(eu).toMatchObject({ state: "ok", credential: "eu", recent: { attempts: 2, failures: 0 }, figures: null });
  expect(eu?.recent).toMatchObject({ duration_ms_p50: 100, duration_ms_p95: 300 });
});

it("tells what is cooling, by asking the Ledger once, from its first moment to its last", async () => {
  const ledger = world.ledger(tenant.rootId);
  const cools = { organization_id: team, name: "cools", strategy: "ordered", targets: [{ model: "openai/cool" }] };
  await call("PUT", "/api/routes", cools);
  const until = world.clock.now + 5_000;
  ledger.core.cool([
    { target: "openai/cool@", until, reason: "rate_limit" },
    { target: "openai/elsewhere@", until: until + 1, reason: "overloaded" },
  ]);
  const before = ledger.askedCooling;
  expect(await targets("state=cooling")).toMatchObject({
    ...{ total: 2, cooling_known: true },
    data: [
      { id: "openai/cool@", routes: ["cools"], cooling: { until: "2026-11-20T12:00:05.000Z", reason: "rate_limit" } },
      { id: "openai/elsewhere@", state: "cooling" },
    ],
  });
  expect(ledger.askedCooling - before).toBe(1);
  const attention = await call("GET", "/api/attention");
  expect(attention.body.data).toContainEqual({
    ...{ kind: "targets_cooling", severity: "warning", count: 2, page: "routes", query: "health=cooling" },
    worst: [
      { id: "openai/cool@", name: "openai/cool", at: "2026-11-20T12:00:05.000Z", percent: null, requests: null },
      expect.objectContaining({ id: "openai/elsewhere@" }),
    ],
  });
  world.clock.now = until;
  expect(await target("openai/cool@")).toMatchObject({ state: "untested", cooling: null });
  world.clock.now -= 5_000;
});

it("says so where the Ledger cannot be reached, and tells the rest", async () => {
  world.ledger(tenant.rootId).down = true;
  const { data, cooling_known: known } = await targets("", { cookie });
  const { body } = await world.call("GET", "/api/attention", { cookie });
  world.ledger(tenant.rootId).down = false;
  expect([known, body.unknown]).toEqual([false, ["cooling"]]);
  expect(data.length).toBeGreaterThan(10);
  expect(body.data.find(({ kind }: { kind: string }) => kind === "targets_failing")).toMatchObject({
    severity: "warning",
  });
});

it("shows a branch its own requests and the routes it sees, not what others made cool", async () => {
  const { body } = await call("POST", "/api/keys", { name: "lead", organization_id: other, permissions: ["admin"] });
  world.ledger(tenant.rootId).core.cool([{ target: "openai/secret@", until: world.clock.now + 5_000 }]);
  const { data } = await targets("sort=name", { key: body.key });
  expect(data.map(({ id, state }) => [id, state])).toEqual([
    ["google/theirs@", "untested"],
    ["openai/never@", "untested"],
  ]);
  expect((await targets(`organization=${other}`)).data.map(({ id }) => id).sort()).toEqual(data.map(({ id }) => id));
  expect((await targets("provider=google")).data.map(({ id }) => id)).toEqual(["google/theirs@"]);
  expect((await targets("q=FIRST&sort=-attempts")).data.map(({ id }) => id)).toEqual([
    "openai/first@eu",
    "openai/first@",
  ]);
});
