import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkApiKey } from "../../../worker/auth/api-key.ts";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { LIMIT, PRICE, ROUTE, WEBHOOK } from "./routes.ts";
import { type AdminWorld, PEPPERS, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
/** A tree of its own for each test: root > A > A1 > A11, root > B. */
let tenant: Tenant;
let [A, A1, A11, B]: string[] = [];

beforeAll(async () => {
  world = await startAdminWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  tenant = await world.tenant("Tree");
  A = await organization("A");
  A1 = await organization("A1", A);
  A11 = await organization("A11", A1);
  B = await organization("B");
});

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });
const ifMatch = (method: string, path: string, etag: string, body?: unknown) =>
  world.call(method, path, { key: tenant.adminKey, body, headers: { "if-match": etag } });

async function organization(name: string, parentId?: string, key?: string): Promise<string> {
  const { status, body } = await call("POST", "/api/organizations", { name, parent_id: parentId }, key);
  expect(status).toBe(201);
  return body.id;
}
async function made(method: string, path: string, body: unknown): Promise<string> {
  const answer = await call(method, path, body);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.id;
}
const adminOf = async (organization_id: string | undefined): Promise<string> =>
  (await call("POST", "/api/keys", { name: "Lead", organization_id, permissions: ["admin"] })).body.key;
const move = (id = "", parent_id = "", key = tenant.adminKey, dry_run = false) =>
  call("POST", `/api/organizations/${id}/move`, { parent_id, dry_run }, key);
const parentOf = async (id = ""): Promise<string> => (await call("GET", `/api/organizations/${id}`)).body.parent_id;
const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id);
const configVersion = async () => (await loadConfiguration(world.database.database, tenant.rootId))?.version;

const refused = (status: number, code: string, param?: string) => ({
  status,
  body: { error: { code, ...(param === undefined ? {} : { param }) } },
});

describe("a move", () => {
  it("takes all below along, and the Ledger counts by the new path from the next request on", async () => {
    expect(await move(A1, B)).toMatchObject({
      status: 200,
      body: { dry_run: false, pending: false, organizations: 2, organization: { id: A1, parent_id: B, version: 2 } },
    });
    expect(await parentOf(A1)).toBe(B);
    expect(await parentOf(A11)).toBe(A1);
    expect(world.ledger(tenant.rootId).pushed.at(-1)?.organizations).toMatchObject([{ id: A1, parentId: B }]);
    const rows = await world.database.sql`select before, after from audit_log where action = 'organization.move'
      and target = ${A1}`;
    expect(rows).toEqual([{ before: { parent_id: A }, after: { parent_id: B } }]);
    const lead = await adminOf(B);
    expect((await call("GET", `/api/organizations/${A11}`, undefined, lead)).status).toBe(200);
  });

  it("is only told of until it is wanted", async () => {
    const before = await configVersion();
    const answer = await call("POST", `/api/organizations/${A1}/move`, { parent_id: B });
    expect(answer).toMatchObject({
      status: 200,
      body: { dry_run: true, pending: false, organization: { parent_id: A } },
    });
    expect([await parentOf(A1), await configVersion()]).toEqual([A, before]);
  });

  it("tells what is gained and lost, with its sources, and that is what holds afterwards", async () => {
    const on = (organization_id: string | undefined) => ({ organization_id });
    const lost = await made("POST", "/api/limits", { ...LIMIT, ...on(A) });
    const gained = await made("POST", "/api/limits", { ...LIMIT, ...on(B) });
    const own = await made("POST", "/api/limits", { ...LIMIT, ...on(A1) });
    const above = await made("POST", "/api/limits", { ...LIMIT, ...on(tenant.rootId) });
    const rootRoute = await made("PUT", "/api/routes", { ...ROUTE, ...on(tenant.rootId) });
    const lostRoute = await made("PUT", "/api/routes", { ...ROUTE, ...on(A) });
    await made("PUT", "/api/routes", { ...ROUTE, ...on(A), name: "mine" });
    const ownRoute = await made("PUT", "/api/routes", { ...ROUTE, ...on(A1), name: "mine" });
    const price = await made("POST", "/api/prices", { ...PRICE, ...on(B) });
    await call("PATCH", `/api/organizations/${A}`, { settings: { max_output_tokens: 10, wait_seconds: 9 } });
    await call("PATCH", `/api/organizations/${B}`, { settings: { wait_seconds: 7 } });
    await call("PATCH", `/api/organizations/${A1}`, { settings: { lower_caps: false } });
    await call("POST", "/api/keys", { name: "Moving", organization_id: A11 });

    const { body: preview } = await move(A1, B, tenant.adminKey, true);
    expect([preview.organizations, preview.keys]).toEqual([2, 1]);
    expect([ids(preview.limits.gained), ids(preview.limits.lost)]).toEqual([[gained], [lost]]);
    expect(preview.limits.gained[0]).toMatchObject({ organization_id: B, metric: "cost", amount: 1 });
    expect([ids(preview.routes.gained), ids(preview.routes.lost)]).toEqual([[rootRoute], [lostRoute]]);
    expect([ids(preview.prices.gained), ids(preview.prices.lost)]).toEqual([[price], []]);
    expect(preview.settings).toEqual([
      {
        setting: "max_output_tokens",
        before: { value: 10, source: A },
        after: { value: null, source: "default" },
      },
      { setting: "wait_seconds", before: { value: 9, source: A }, after: { value: 7, source: B } },
    ]);

    const effective = async () => (await call("GET", `/api/organizations/${A1}/effective`)).body;
    const before = await effective();
    expect([ids(before.limits), ids(before.routes), ids(before.prices)]).toEqual([
      [own, lost, above],
      [lostRoute, ownRoute],
      [],
    ]);
    await move(A1, B);
    const after = await effective();
    expect([ids(after.limits), ids(after.routes), ids(after.prices)]).toEqual([
      [own, gained, above],
      [rootRoute, ownRoute],
      [price],
    ]);
    expect(after.settings).toMatchObject({ wait_seconds: { value: 7, source: B }, lower_caps: { source: A1 } });
  });

  it.each<[string, () => Promise<unknown>, object]>([
    ["below itself", () => move(A1, A1), refused(409, "cycle", "parent_id")],
    ["below what is below it", () => move(A, A11), refused(409, "cycle", "parent_id")],
    ["where it stands", () => move(A1, A), refused(409, "conflict", "parent_id")],
    ["of the root", () => move(tenant.rootId, A), refused(409, "conflict", "parent_id")],
    ["below nothing", () => move(A1, "org_00000000"), refused(404, "not_found")],
    ["of nothing", () => move("org_00000000", A), refused(404, "not_found")],
    ["to what is no id", () => move(A1, "B"), refused(400, "invalid_value", "parent_id")],
    ["to nowhere", () => call("POST", `/api/organizations/${A1}/move`, {}), refused(400, "missing_required_parameter")],
    [
      "of another version",
      () => ifMatch("POST", `/api/organizations/${A1}/move`, '"7"', { parent_id: B }),
      refused(412, "precondition_failed"),
    ],
  ])("%s is refused", async (_, attempt, refusal) => {
    const before = await configVersion();
    expect(await attempt()).toMatchObject(refusal);
    expect(await configVersion()).toBe(before);
  });

  it("below another tenant's organization, or of one, is not found", async () => {
    const other = await world.tenant("Other");
    expect(await move(A1, other.rootId)).toMatchObject(refused(404, "not_found"));
    expect(await move(other.rootId, B)).toMatchObject(refused(404, "not_found"));
    expect(await move(A1, B, other.adminKey)).toMatchObject(refused(404, "not_found"));
  });

  it("that would make the tree deeper than eight is refused, and one that fills it is not", async () => {
    let deep = B ?? "";
    for (let level = 3; level <= 6; level++) deep = await organization(`Level ${level}`, deep);
    expect((await move(A1, deep)).status).toBe(200);
    await move(A1, A);
    const deeper = await organization("Level 7", deep);
    expect(await move(A1, deeper)).toMatchObject(refused(400, "tree_too_deep", "parent_id"));
    // What was deleted takes no room.
    await call("DELETE", `/api/organizations/${A11}`);
    expect((await move(A1, deeper)).status).toBe(200);
  });

  it("is for those above the organization who see where it goes, and whoever may set no price moves to none", async () => {
    const lead = await adminOf(A);
    const twig = await organization("A2", A);
    expect(await move(A1, B, lead)).toMatchObject(refused(404, "not_found"));
    expect(await move(B, A, lead)).toMatchObject(refused(404, "not_found"));
    expect(await move(A, A1, lead)).toMatchObject(refused(403, "permission_denied"));
    expect((await move(A1, twig, lead)).status).toBe(200);
    await call("POST", "/api/prices", { ...PRICE, organization_id: twig });
    expect(await move(A1, A, lead)).toMatchObject(refused(403, "permission_denied"));
    expect((await move(A1, A)).status).toBe(200);
    expect(await move(A1, twig, lead)).toMatchObject(refused(403, "permission_denied"));
  });

  it("of two into each other at the same time is made once", async () => {
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all([move(A, B), move(B, A)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      expect(answers.find(({ status }) => status === 409)?.body.error.code).toBe("cycle");
      await move(answers[0]?.status === 200 ? A : B, tenant.rootId);
    }
  });

  it("never makes a cycle or a tree too deep, whatever is moved at the same time", async () => {
    const own = await world.tenant("Moving");
    const nodes: string[] = [];
    for (let index = 0; index < 9; index++) nodes.push(await organization(`${index}`, nodes[index - 3], own.adminKey));
    const places = [own.rootId, ...nodes];
    const index = fc.nat(nodes.length - 1);
    const waves = fc.array(fc.array(fc.tuple(index, fc.nat(nodes.length)), { minLength: 2, maxLength: 5 }), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(waves, async (moves) => {
        for (const wave of moves) {
          const answers = await Promise.all(wave.map(([from, to]) => move(nodes[from], places[to], own.adminKey)));
          for (const { status } of answers) expect([200, 400, 409]).toContain(status);
          const stored = await loadConfiguration(world.database.database, own.rootId);
          const parents = new Map(stored?.organizations.map(({ id, parentId }) => [id, parentId]));
          for (const node of nodes) {
            let [at, steps]: [string | null, number] = [node, 0];
            for (; at !== null && steps <= 8; steps++) at = parents.get(at) ?? null;
            expect({ node, at, withinEight: steps <= 8 }).toEqual({ node, at: null, withinEight: true });
          }
          const { core } = world.ledger(own.rootId);
          expect(core.health().configVersion).toBe(stored?.version);
        }
      }),
      { numRuns: 12, seed: 20261126 },
    );
  });
});

describe("an archived branch", () => {
  const authenticate = async (key: string) => {
    const { keyId, mac } = (await checkApiKey(key, PEPPERS)) ?? { keyId: "", mac: "" };
    const answer = await world.ledger(tenant.rootId).core.authenticate({ rootId: tenant.rootId, keyId, mac });
    return answer.ok ? "ok" : answer.code;
  };

  it("may spend nothing from the next request on, and again once it is restored", async () => {
    const { body: key } = await call("POST", "/api/keys", { name: "Deep", organization_id: A11 });
    expect(await authenticate(key.key)).toBe("ok");
    expect(await call("POST", `/api/organizations/${A}/archive`)).toMatchObject({
      status: 200,
      body: { id: A, archived_at: new Date(world.clock.now).toISOString(), version: 2, pending: false },
    });
    expect(await authenticate(key.key)).toBe("organization_archived");
    expect((await call("GET", `/api/organizations/${A11}`)).body).toMatchObject({ archived_at: null, archived_by: A });
    expect((await call("GET", `/api/keys/${key.id}`)).body).toMatchObject({
      status: "active",
      organization_archived: true,
    });
    const { data: listed } = (await call("GET", "/api/keys")).body;
    const archived = listed.filter((one: { organization_archived: boolean }) => one.organization_archived);
    expect(ids(archived)).toEqual([key.id]);
    // Its limits are set as ever.
    expect((await call("POST", "/api/limits", { ...LIMIT, organization_id: A11 })).status).toBe(201);
    // Whatever is moved below it stops with it, as the preview says; what is moved out goes on.
    expect((await move(B, A, tenant.adminKey, true)).body.archived_by).toEqual({ before: null, after: A });
    expect((await move(A1, B)).body.archived_by).toEqual({ before: A, after: null });
    expect(await authenticate(key.key)).toBe("ok");
    await move(A1, A);
    expect(await authenticate(key.key)).toBe("organization_archived");
    expect((await call("POST", `/api/organizations/${A}/restore`)).body).toMatchObject({
      archived_at: null,
      version: 3,
    });
    expect(await authenticate(key.key)).toBe("ok");
    const acts = await world.database.sql`select action from audit_log where target = ${A} order by id`;
    expect(acts.map(({ action }) => action)).toEqual([
      "organization.create",
      "organization.archive",
      "organization.restore",
    ]);
  });

  it("is archived and restored from above it alone, and never at the root", async () => {
    const lead = await adminOf(A);
    for (const attempt of [
      () => call("POST", `/api/organizations/${A}/archive`, undefined, lead),
      () => call("PATCH", `/api/organizations/${A}`, { archived: false }, lead),
    ]) {
      expect(await attempt()).toMatchObject(refused(403, "permission_denied"));
    }
    expect((await call("POST", `/api/organizations/${A1}/archive`, undefined, lead)).status).toBe(200);
    expect(await call("POST", `/api/organizations/${tenant.rootId}/archive`)).toMatchObject(refused(409, "conflict"));
  });
});

describe("deleting an organization", () => {
  const remove = (id = "") => call("DELETE", `/api/organizations/${id}`);

  it("is refused while something is in the way, which is told", async () => {
    const { body: key } = await call("POST", "/api/keys", { name: "Here", organization_id: A });
    await call("POST", "/api/keys", { name: "Here too", organization_id: A });
    await world.database.sql`insert into memberships (user_id, organization_id, root_id, role)
      values (${tenant.userId}, ${A}, ${tenant.rootId}, 'viewer')`;
    const { status, body } = await remove(A);
    expect([status, body.error.code, body.error.message]).toEqual([
      409,
      "not_empty",
      "It still has 1 organization below it, 2 keys that are not revoked, 1 member.",
    ]);
    await call("POST", `/api/keys/${key.id}/revoke`);
    expect((await remove(A)).body.error.message).toContain("1 key that is not revoked");
  });

  it("ends it and what stood on it; what is gone cannot be found, and a key that was revoked there still can", async () => {
    const limit = await made("POST", "/api/limits", { ...LIMIT, organization_id: A11 });
    const route = await made("PUT", "/api/routes", { ...ROUTE, organization_id: A11 });
    const price = await made("POST", "/api/prices", { ...PRICE, organization_id: A11 });
    const hook = await made("POST", "/api/webhooks", { ...WEBHOOK, organization_id: A11 });
    const { body: key } = await call("POST", "/api/keys", { name: "Gone", organization_id: A11 });
    await call("POST", `/api/keys/${key.id}/revoke`);
    expect(await remove(A11)).toMatchObject({ status: 200, body: { id: A11, removed: true, pending: false } });
    expect(world.ledger(tenant.rootId).pushed.at(-1)).toMatchObject({
      organizations: [{ id: A11, archived: true }],
      limits: [{ id: limit, removed: true }],
      routes: [{ id: route, removed: true }],
      prices: [{ id: price, removed: true }],
      webhooks: [{ id: hook, removed: true }],
    });
    const stored = await loadConfiguration(world.database.database, tenant.rootId);
    expect([stored?.limits, stored?.routes, stored?.prices, stored?.webhooks]).toEqual([[], [], [], []]);
    expect(stored?.organizations.find(({ id }) => id === A11)).toMatchObject({ archived: true });
    expect(ids((await call("GET", "/api/organizations")).body.data)).not.toContain(A11);
    for (const [method, path, body] of [
      ["GET", `/api/organizations/${A11}`],
      ["PATCH", `/api/organizations/${A11}`, { name: "Back" }],
      ["DELETE", `/api/organizations/${A11}`],
      ["POST", `/api/organizations/${A11}/restore`],
      ["POST", `/api/organizations/${B}/move`, { parent_id: A11 }],
      ["POST", "/api/organizations", { name: "Below", parent_id: A11 }],
      ["POST", "/api/keys", { name: "There", organization_id: A11 }],
      ["GET", `/api/limits/${limit}`],
    ] as const) {
      expect(await call(method, path, body), `${method} ${path}`).toMatchObject(refused(404, "not_found"));
    }
    expect((await call("GET", `/api/keys/${key.id}`)).body).toMatchObject({
      status: "revoked",
      organization_archived: true,
    });
    const [row] = await world.database
      .sql`select before, after from audit_log where action = 'organization.delete' and target = ${A11}`;
    expect(row).toMatchObject({
      before: { name: "A11", parent_id: A1, ended: [limit, route, price, hook] },
      after: null,
    });
  });

  it("is for those above it, and never of the root", async () => {
    const lead = await adminOf(A11);
    expect(await call("DELETE", `/api/organizations/${A11}`, undefined, lead)).toMatchObject(
      refused(403, "permission_denied"),
    );
    expect(await remove(tenant.rootId)).toMatchObject(refused(409, "conflict"));
  });

  it.each<[string, () => Promise<{ status: number }>]>([
    ["a key", () => call("POST", "/api/keys", { name: "Late", organization_id: B })],
    ["an organization", () => call("POST", "/api/organizations", { name: "Late", parent_id: B })],
    ["a branch", () => move(A1, B)],
  ])("and putting %s there at the same time: one of the two happens", async (_, put) => {
    for (let round = 0; round < 4; round++) {
      const [removed, other] = await Promise.all([remove(B), put()]);
      const [row] = await world.database.sql`
        select removed_at, (select count(*)::int from api_keys where organization_id = ${B} and revoked_at is null)
          + (select count(*)::int from organizations where parent_id = ${B} and removed_at is null) as there
        from organizations where id = ${B}`;
      if (removed.status === 200) expect([other.status, row?.there]).toEqual([404, 0]);
      else expect([removed.status, row?.removed_at, row?.there]).toEqual([409, null, expect.any(Number)]);
      if (removed.status === 200) B = await organization("B");
    }
  });
});

describe("the list", () => {
  const list = async (query: string, key?: string) =>
    (await call("GET", `/api/organizations?${query}`, undefined, key)).body;

  it("of a parent holds what is right below it, with how many stand below each", async () => {
    expect((await list(`parent=${tenant.rootId}&sort=name`)).data).toMatchObject([
      { id: A, children: 1 },
      { id: B, children: 0 },
    ]);
    expect(ids((await list(`parent=${A}`)).data)).toEqual([A1]);
  });

  it("of a search holds what matches, and beside it those above", async () => {
    const found = await list("q=a1&sort=name");
    expect([ids(found.data), ids(found.ancestors).sort()]).toEqual([[A1, A11], [A, tenant.rootId].sort()]);
    expect(ids((await list(`q=${B}`)).data)).toEqual([B]);
    expect(await list("q=100%25")).toMatchObject({ data: [], ancestors: [] });
    const lead = await adminOf(A1);
    const seen = await list("q=11", lead);
    expect([ids(seen.data), ids(seen.ancestors)]).toEqual([[A11], [A1]]);
  });

  it("is sorted by name in the case of people, page by page, each once", async () => {
    await organization("b");
    await organization("B");
    for (const sort of ["name", "-name"]) {
      const names: string[] = [];
      const seen = new Set<string>();
      let cursor = "";
      do {
        const page = await list(`limit=2&sort=${sort}${cursor}`);
        for (const { id, name } of page.data) {
          names.push(name);
          seen.add(id);
        }
        cursor = page.next_cursor ? `&cursor=${page.next_cursor}` : "";
      } while (cursor !== "");
      const expected = ["a", "a1", "a11", "b", "b", "b", "tree"];
      expect(names.map((name) => name.toLowerCase())).toEqual(sort === "name" ? expected : expected.reverse());
      expect(seen.size).toBe(7);
    }
  });

  it.each(["sort=size", "q=", "parent=A", "cursor=xyz&sort=name", "unknown=1"])("refuses ?%s", async (query) => {
    const param = query.split("=")[0];
    expect(await call("GET", `/api/organizations?${query}`)).toMatchObject({ status: 400, body: { error: { param } } });
  });
});

describe("what an organization is to people", () => {
  it("counts keys, members, and the requests of a day, also those below", async () => {
    const { now } = world.clock;
    await call("POST", "/api/keys", { name: "One", organization_id: A11 });
    const used = (organizationId: string | undefined, ago: number, costNano: number) =>
      usageEvent({
        ...{ rootId: tenant.rootId, organizationId: organizationId ?? "", costNano },
        startedAt: now - ago,
        settledAt: now - ago,
      });
    await recordEvents(world.database.database, tenant.rootId, [
      used(A11, 14_000, 5),
      used(A1, 3_600_000, 7),
      used(A1, 30 * 3_600_000, 11),
      used(B, 1_000, 13),
    ]);
    expect((await call("GET", `/api/organizations/${A}/impact`)).body).toEqual({
      organizations: 3,
      keys: 1,
      members: 0,
      last_24h: { since: "2026-11-19T12:00:00.000Z", requests: 2, cost_nano: 12, cost_usd: "0.000000012" },
      last_used_at: new Date(now - 14_000).toISOString(),
      as_of: new Date(now).toISOString(),
    });
    expect((await call("GET", `/api/organizations/${tenant.rootId}/impact`)).body).toMatchObject({
      members: 1,
      last_24h: { requests: 3 },
      last_used_at: new Date(now - 1_000).toISOString(),
    });
    const unused = await organization("Unused");
    expect((await call("GET", `/api/organizations/${unused}/impact`)).body).toMatchObject({
      last_24h: { requests: 0, cost_nano: 0 },
      last_used_at: null,
    });
  });
});

describe("a version", () => {
  it("counts an organization's changes, and a change of another version is refused", async () => {
    const path = `/api/organizations/${A}`;
    const { headers, body } = await call("GET", path);
    expect([headers.get("etag"), body.version]).toEqual(['"1"', 1]);
    expect((await ifMatch("PATCH", path, '"1"', { name: "First" })).headers.get("etag")).toBe('"2"');
    for (const [method, at, sent] of [
      ["PATCH", path, { name: "Second" }],
      ["POST", `${path}/archive`],
      ["POST", `${path}/restore`],
      ["DELETE", path],
    ] as const) {
      expect(await ifMatch(method, at, '"1"', sent)).toMatchObject(refused(412, "precondition_failed"));
    }
    expect((await call("GET", path)).body).toMatchObject({ name: "First", version: 2 });
  });
});

describe("effective", () => {
  it("hides the limits of organizations above the caller's, and tells settings, routes and prices of all", async () => {
    await call("POST", "/api/limits", { ...LIMIT, organization_id: A });
    const own = await made("POST", "/api/limits", { ...LIMIT, organization_id: A1 });
    const route = await made("PUT", "/api/routes", { ...ROUTE, organization_id: A });
    const price = await made("POST", "/api/prices", { ...PRICE, organization_id: A });
    const later = { ...PRICE, organization_id: A1, valid_from: new Date(world.clock.now + 1).toISOString() };
    await made("POST", "/api/prices", later);
    const lead = await adminOf(A1);
    const { body } = await call("GET", `/api/organizations/${A11}/effective`, undefined, lead);
    expect([ids(body.limits), ids(body.routes), ids(body.prices)]).toEqual([[own], [route], [price]]);
    expect(body).toMatchObject({ organization_id: A11, archived_by: null });
  });
});
