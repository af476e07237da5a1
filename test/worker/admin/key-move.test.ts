import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkApiKey } from "../../../worker/auth/api-key.ts";
import { LIMIT, PRICE, ROUTE } from "./routes.ts";
import { type AdminWorld, type Answer, BROWSER, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let from: string;
let to: string;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Acme");
  from = (await call("POST", "/api/organizations", { name: "From" })).body.id;
  to = (await call("POST", "/api/organizations", { name: "To" })).body.id;
});
afterAll(() => world?.close());

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey): Promise<Answer> =>
  world.call(method, path, { key, body });
const make = async (more: object = {}) =>
  (await call("POST", "/api/keys", { name: "Key", organization_id: from, ...more })).body as {
    id: string;
    key: string;
  };
const move = (id: string, more: object = {}, key?: string) =>
  call("POST", `/api/keys/${id}/move`, { organization_id: to, dry_run: false, ...more }, key);
/** Where the Ledger has a key. */
const placeOf = async ({ key, id }: { key: string; id: string }) => {
  const checked = await checkApiKey(key, world.dependencies.secrets.peppers);
  const presented = { rootId: tenant.rootId, keyId: id, mac: checked?.mac ?? "" };
  const answer = await world.ledger(tenant.rootId).authenticate(presented, { address: null, origin: null });
  return answer.ok ? answer.principal : answer.code;
};

describe("a key's move", () => {
  it("is first shown: what binds it there and no more, and what of its list is not allowed; nothing is written", async () => {
    const [lost, gained] = [
      (await call("POST", "/api/limits", { ...LIMIT, organization_id: from })).body.id,
      (await call("POST", "/api/limits", { ...LIMIT, metric: "requests", organization_id: to })).body.id,
    ];
    const { body: route } = await call("PUT", "/api/routes", { ...ROUTE, organization_id: to });
    const { body: price } = await call("POST", "/api/prices", { ...PRICE, organization_id: from });
    const model_access = { mode: "listed", enabled: ["openai/*"], disabled: ["openai/gpt-4.1"] };
    await call("PATCH", `/api/organizations/${to}`, { settings: { model_access } });
    const models = ["openai/gpt-6.1-sol", "openai/gpt-4.1", "anthropic/*", "fast"];
    const key = await make({ models });
    const { status, body, headers } = await call("POST", `/api/keys/${key.id}/move`, { organization_id: to });
    expect(status).toBe(200);
    expect(headers.get("etag")).toBe('"1"');
    expect(body).toMatchObject({
      ...{ dry_run: true, pending: false, key: { id: key.id, organization_id: from } },
      limits: { gained: [{ id: gained }], lost: [{ id: lost }] },
      routes: { gained: [{ id: route.id }], lost: [] },
      prices: { gained: [], lost: [{ id: price.id }] },
      settings: [{ setting: "model_access" }],
      models_not_allowed: ["openai/gpt-4.1", "anthropic/*"],
    });
    expect((await call("GET", `/api/keys/${key.id}`)).body).toMatchObject({ organization_id: from, version: 1 });
    expect(await placeOf(key)).toMatchObject({ organizationId: from });
  });

  it("holds at the Ledger with its answer, and its own limits go along", async () => {
    const key = await make();
    const limit = (await call("POST", "/api/limits", { ...LIMIT, key_id: key.id })).body.id;
    const { body } = await move(key.id);
    expect(body).toMatchObject({
      ...{ dry_run: false, pending: false },
      key: { organization_id: to, organization_name: "To", version: 2 },
    });
    expect(await placeOf(key)).toMatchObject({ organizationId: to, limited: true });
    expect((await call("GET", `/api/keys/${key.id}`)).body).toEqual({ ...body.key, figures: null });
    expect((await call("GET", `/api/limits/${limit}`)).body).toMatchObject({ organization_id: to, key_id: key.id });
    const { data } = (await call("GET", `/api/audit?target=${key.id}&action=key.move`)).body;
    expect(data).toMatchObject([
      { organization_id: to, before: { organization_id: from }, after: { organization_id: to } },
    ]);
    // Once more is nothing more.
    expect((await move(key.id)).body.key.version).toBe(2);
    expect((await move(key.id, { organization_id: tenant.rootId })).body.key).toMatchObject({
      ...{ organization_id: tenant.rootId, organization_name: "Acme" },
    });
  });

  it("is not for one that was revoked, nor to where its owner has no role, nor to what is gone", async () => {
    const { userId } = await world.member(tenant, from, "member");
    const owned = await make({ owner: `user:${userId}` });
    for (const dry_run of [true, false]) {
      expect(await move(owned.id, { dry_run })).toMatchObject({
        ...{ status: 409, body: { error: { code: "conflict", param: "organization_id" } } },
      });
    }
    await call("PATCH", `/api/keys/${owned.id}`, { owner: `user:${tenant.userId}` });
    expect((await move(owned.id)).status).toBe(200);
    const revoked = await make();
    await call("POST", `/api/keys/${revoked.id}/revoke`);
    expect(await move(revoked.id)).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
    const gone = (await call("POST", "/api/organizations", { name: "Gone" })).body.id;
    await call("DELETE", `/api/organizations/${gone}`);
    const key = await make();
    expect(await move(key.id, { organization_id: gone })).toMatchObject({ status: 404 });
  });

  it("has both of its ends within what the caller may", async () => {
    const lead = await make({ permissions: ["admin"] });
    const key = await make();
    const below = (await call("POST", "/api/organizations", { name: "Below", parent_id: from })).body.id;
    expect((await move(key.id, {}, lead.key)).status).toBe(404);
    expect((await move(key.id, { organization_id: below }, lead.key)).status).toBe(200);
    expect((await move(key.id, { organization_id: from }, lead.key)).status).toBe(200);
    const theirs = (await make({ organization_id: to })).id;
    expect((await move(theirs, { organization_id: from }, lead.key)).status).toBe(404);
  });

  it("does not carry an admin key up that may do more than the key that moves it", async () => {
    const narrow = await make({ permissions: ["admin"], ip_ranges: ["203.0.113.0/24"] });
    const below = (await call("POST", "/api/organizations", { name: "Narrow", parent_id: from })).body.id;
    const [wide, plain] = [await make({ organization_id: below, permissions: ["admin"] }), await make()];
    const by = (id: string, organization_id: string) =>
      world.call("POST", `/api/keys/${id}/move`, {
        ...{ key: narrow.key, body: { organization_id, dry_run: false } },
        headers: { "cf-connecting-ip": "203.0.113.7" },
      });
    expect(await by(wide.id, from)).toMatchObject({ status: 403, body: { error: { param: "ip_ranges" } } });
    expect((await by(plain.id, below)).status).toBe(200);
  });

  it("is a member's with keys of their own", async () => {
    const person = await world.member(tenant, from, "member");
    const by = { cookie: await world.signIn(person), headers: BROWSER };
    const below = (await call("POST", "/api/organizations", { name: "Own", parent_id: from })).body.id;
    const { body: mine } = await world.call("POST", "/api/keys", { ...by, body: { name: "Mine" } });
    const body = { organization_id: below, dry_run: false };
    expect((await world.call("POST", `/api/keys/${mine.id}/move`, { ...by, body })).status).toBe(200);
    const others = await make();
    expect((await world.call("POST", `/api/keys/${others.id}/move`, { ...by, body })).status).toBe(403);
  });
});

it("many are moved at once, each for itself, so that an organization can be emptied and deleted", async () => {
  const old = (await call("POST", "/api/organizations", { name: "Old", parent_id: from })).body.id;
  const keys = [await make({ organization_id: old }), await make({ organization_id: old })];
  const ids = [...keys.map(({ id }) => id), "key_000000000000"];
  expect((await call("DELETE", `/api/organizations/${old}`)).body.error.code).toBe("not_empty");
  const answer = await call("POST", "/api/keys/bulk", { action: "move", ids, organization_id: from });
  expect(answer.body).toMatchObject({
    ...{ succeeded: 2, failed: 1, pending: false },
    results: [
      { status: 200, key: { organization_id: from, organization_name: "From" } },
      { status: 200, key: { organization_id: from } },
      { status: 404 },
    ],
  });
  for (const key of keys) expect(await placeOf(key)).toMatchObject({ organizationId: from });
  expect((await call("DELETE", `/api/organizations/${old}`)).status).toBe(200);
});
