import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminApi, createAdminApi } from "../../../worker/api/admin/api.ts";
import { ROLES, type Role } from "../../../worker/canonical/role.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type Makes, PERMISSION_ROWS, type PermissionRow } from "./permission-rows.ts";
import { LIMIT, PRICE, ROUTE, VIEW, WEBHOOK } from "./routes.ts";
import { type AdminWorld, BROWSER, type CallOptions, callApi, startAdminWorld, type Tenant } from "./support.ts";

const PRINCIPALS = ["anonymous", ...ROLES, "admin key", "read key"] as const;
type Principal = (typeof PRINCIPALS)[number];
const SCOPES = ["own branch", "sibling branch", "other tenant"] as const;
type Scope = (typeof SCOPES)[number];

let world: AdminWorld;
let api: AdminApi;
let tenant: Tenant;
let own: string;
let made = 0;
const credentials = new Map<Principal, CallOptions>();
/** Cookies of the tenants' owners. */
const ownersOf = new Map<string, string>();
/** What the cells of other scopes are about: nothing may happen to it, so one of each is enough. */
const strange = new Map<Scope, Makes>();

/** Makes things in an organization with its tenant's admin key, each time another one. */
function makesOf(of: Tenant, organization: string): Makes {
  const { rootId, adminKey } = of;
  const make = async (method: string, path: string, body: object): Promise<string> => {
    const answer = await callApi(api, method, path, {
      key: adminKey,
      body: { ...body, organization_id: organization },
    });
    if (answer.status !== 201) throw new Error(`${method} ${path} answered ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  };
  const key = () => make("POST", "/api/keys", { name: "Some" });
  const byOwner = async () => {
    const cookie = ownersOf.get(rootId) ?? (await world.signIn(of));
    ownersOf.set(rootId, cookie);
    return { cookie, headers: BROWSER };
  };
  return {
    organization,
    key,
    async child() {
      const body = { name: "Child", parent_id: organization };
      return (await callApi(api, "POST", "/api/organizations", { key: adminKey, body })).body.id;
    },
    async limit() {
      const body = { ...LIMIT, key_id: await key() };
      return (await callApi(api, "POST", "/api/limits", { key: adminKey, body })).body.id;
    },
    price: () => make("POST", "/api/prices", { ...PRICE, model: `openai/own-${++made}` }),
    route: () => make("PUT", "/api/routes", { ...ROUTE, name: `route ${++made}` }),
    webhook: () => make("POST", "/api/webhooks", WEBHOOK),
    async request() {
      const event = usageEvent({ rootId, organizationId: organization });
      await recordEvents(world.database.database, rootId, [event]);
      return event.eventId;
    },
    member: async () => (await world.member(of, organization, "member")).userId,
    async view() {
      const body = { ...VIEW, organization_id: organization };
      return (await callApi(api, "POST", "/api/views", { ...(await byOwner()), body })).body.id;
    },
    async invite() {
      const body = { organization_id: organization, role: "viewer", emails: [`guest${++made}@example.com`] };
      return (await callApi(api, "POST", "/api/invites", { ...(await byOwner()), body })).body.data[0].id;
    },
  };
}

/** The same thing at every call. */
function onlyOnce(makes: Makes): Makes {
  const known = new Map<string, Promise<string>>();
  const once = ([name, make]: [string, string | (() => Promise<string>)]) => {
    if (typeof make === "string") return [name, make];
    const only = () => {
      const thing = known.get(name) ?? make();
      known.set(name, thing);
      return thing;
    };
    return [name, only];
  };
  return Object.fromEntries(Object.entries(makes).map(once));
}

beforeAll(async () => {
  world = await startAdminWorld();
  api = createAdminApi({ ...world.dependencies, dryRun: async () => [] });
  tenant = await world.tenant("Ours");
  const other = await world.tenant("Theirs");
  const branch = (name: string) =>
    world.call("POST", "/api/organizations", { key: tenant.adminKey, body: { name } }).then(({ body }) => body.id);
  own = await branch("Own");
  strange.set("sibling branch", onlyOnce(makesOf(tenant, await branch("Sibling"))));
  strange.set("other tenant", onlyOnce(makesOf(other, other.rootId)));
  credentials.set("anonymous", {});
  for (const role of ROLES) {
    const member = await world.member(tenant, own, role);
    credentials.set(role, { cookie: await world.signIn(member), headers: BROWSER });
  }
  const key = async (permissions: string[]) => {
    const body = { name: "Key", organization_id: own, permissions };
    return { key: (await world.call("POST", "/api/keys", { key: tenant.adminKey, body })).body.key };
  };
  credentials.set("admin key", await key(["admin"]));
  credentials.set("read key", await key(["read"]));
});
afterAll(() => world?.close());

const passes = ({ least, adminKey }: PermissionRow, principal: Principal): boolean =>
  principal === "admin key"
    ? adminKey
    : least !== "open" && ROLES.includes(principal as Role) && ROLES.indexOf(principal as Role) >= ROLES.indexOf(least);

/** What a cell answers: a refusal's status, or `ok`. */
function declared(row: PermissionRow, principal: Principal, scope: Scope): number | "ok" {
  if (principal === "anonymous") return 401;
  if (!passes(row, principal) || row.atRoot) return 403;
  if (scope !== "own branch") return 404;
  if (row.ownSeen === principal) return 404;
  return [row.ownOnly].flat().includes(principal as Role) ? 403 : "ok";
}

const CODES: Record<number, readonly string[]> = {
  401: ["missing_api_key"],
  403: ["permission_denied"],
  404: ["not_found"],
};

it("every route has its row here", () => {
  const served = api.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(served)].sort()).toEqual(Object.keys(PERMISSION_ROWS).sort());
});

const closed = Object.entries(PERMISSION_ROWS).filter(([, { least }]) => least !== "open");

describe.each(closed)("%s", (name, row) => {
  const [method = ""] = name.split(" ");

  it.each(SCOPES.filter((scope) => row.of !== undefined || scope === "own branch"))("%s", async (scope) => {
    const cells: Record<string, number | string> = {};
    const expected: Record<string, number | string> = {};
    for (const principal of PRINCIPALS) {
      const cell = declared(row, principal, scope);
      const fresh = cell === "ok" ? makesOf(tenant, own) : ownOnce();
      const target = await row.of?.(scope === "own branch" ? fresh : (strange.get(scope) ?? fresh));
      const { path, body } = target ?? row.call ?? { path: "" };
      const answer = await callApi(api, method, path, { ...credentials.get(principal), body });
      const refused = answer.status >= 400;
      cells[principal] = refused ? `${answer.status} ${answer.body.error.code}` : "ok";
      expected[principal] = cell === "ok" ? (row.allowed ?? "ok") : `${cell} ${CODES[cell]?.[0]}`;
    }
    expect(cells).toEqual(expected);
  });
});

let shared: Makes | undefined;
/** What nothing may happen to in one's own branch. */
function ownOnce(): Makes {
  shared ??= onlyOnce(makesOf(tenant, own));
  return shared;
}

describe("a member's own keys", () => {
  const call = (principal: Principal, method: string, path: string, body?: object) =>
    callApi(api, method, path, { ...credentials.get(principal), body });

  it("are made for inference and revoked by themselves", async () => {
    const mine = await call("member", "POST", "/api/keys", { name: "Mine" });
    expect(mine).toMatchObject({ status: 201, body: { organization_id: own, permissions: ["read", "write"] } });
    expect(await call("member", "POST", `/api/keys/${mine.body.id}/revoke`)).toMatchObject({
      status: 200,
      body: { status: "revoked" },
    });
  });

  it("may not be admin keys, which an administrator makes", async () => {
    const body = { name: "More", permissions: ["read", "admin"] };
    expect(await call("member", "POST", "/api/keys", body)).toMatchObject({
      status: 403,
      body: { error: { code: "permission_denied", param: "permissions" } },
    });
    expect((await call("admin", "POST", "/api/keys", body)).status).toBe(201);
  });
});

it("a URL of no route is unknown to whoever is signed in, and closed to everybody else", async () => {
  const get = (principal: Principal) => callApi(api, "GET", "/api/nothing", credentials.get(principal));
  expect(await get("viewer")).toMatchObject({ status: 404, body: { error: { code: "unknown_url" } } });
  expect(await get("anonymous")).toMatchObject({ status: 401, body: { error: { code: "missing_api_key" } } });
});
