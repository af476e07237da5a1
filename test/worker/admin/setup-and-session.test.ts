import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAdminApi } from "../../../worker/api/admin/api.ts";
import { type AdminWorld, BROWSER, callApi, cookieOf, PASSWORD, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
beforeAll(async () => {
  world = await startAdminWorld();
});
afterAll(() => world.close());

const withToken = (setupToken: string | null) => world.with({ secrets: { ...world.dependencies.secrets, setupToken } });

describe("POST /api/setup", () => {
  const input = {
    token: "the one token",
    organization: "First",
    email: "First.Owner@Example.com",
    password: PASSWORD,
    jurisdiction: "eu",
  };

  it("makes organization, owner, key and admin key, once", async () => {
    const api = withToken(input.token);
    expect((await callApi(api, "GET", "/api/setup")).body).toEqual({ done: false });

    const { status, body } = await callApi(api, "POST", "/api/setup", { body: input });
    expect(status).toBe(201);
    expect(body).toEqual({
      organization: {
        id: expect.stringMatching(/^org_[0-9a-z]{8}$/),
        parent_id: null,
        name: "First",
        time_zone: "UTC",
        created_at: "2026-11-20T12:00:00.000Z",
        archived_at: null,
        version: 1,
      },
      admin: { id: expect.stringMatching(/^usr_[0-9a-z]{12}$/), email: "first.owner@example.com" },
      api_key: expect.stringMatching(/^sk-gaia-1e/),
      admin_key: expect.stringMatching(/^sk-gaia-1e/),
    });
    expect((await callApi(api, "GET", "/api/setup")).body).toEqual({ done: true });
    expect((await callApi(api, "GET", "/api/keys", { key: body.admin_key })).body.data).toMatchObject([
      { organization_id: body.organization.id },
      { organization_id: body.organization.id },
    ]);

    const again = await callApi(api, "POST", "/api/setup", { body: { ...input, email: "other@example.com" } });
    expect(again).toMatchObject({ status: 410, body: { error: { code: "setup_done" } } });
  });

  it("lets one of ten at the same time through, and leaves nothing of the others", async () => {
    const token = "a token for a race";
    const api = withToken(token);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        callApi(api, "POST", "/api/setup", {
          body: { token, organization: "Race", email: `racer${index}@example.com`, password: PASSWORD },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(410)]);
    const [organizations] = await world.database.sql`select count(*)::int as n from organizations where name = 'Race'`;
    const [users] = await world.database.sql`select count(*)::int as n from users where email like 'racer%'`;
    expect([organizations?.n, users?.n]).toEqual([1, 1]);
  });

  it("refuses an e-mail address that has an account, and the token is then still good", async () => {
    const taken = await world.tenant();
    const token = "a token for a taken address";
    const api = withToken(token);
    const body = { token, organization: "Second", email: taken.email, password: PASSWORD };
    expect(await callApi(api, "POST", "/api/setup", { body })).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", param: "email" } },
    });
    expect((await callApi(api, "POST", "/api/setup", { body: { ...body, email: "free@example.com" } })).status).toBe(
      201,
    );
  });

  it.each<[string, Record<string, unknown>, number, string, string | null]>([
    ["a wrong token", { token: "another" }, 401, "invalid_credentials", null],
    ["no token", { token: undefined }, 400, "missing_required_parameter", "token"],
    ["a short password", { password: "short" }, 400, "invalid_value", "password"],
    ["no e-mail address", { email: "nobody" }, 400, "invalid_value", "email"],
    ["an empty name", { organization: "  " }, 400, "invalid_value", "organization"],
    ["a name of two lines", { organization: "a\nb" }, 400, "invalid_value", "organization"],
    ["a number as name", { organization: 7 }, 400, "invalid_type", "organization"],
    ["another jurisdiction", { jurisdiction: "moon" }, 400, "invalid_value", "jurisdiction"],
    ["an unknown field", { admin: true }, 400, "unsupported_parameter", "admin"],
  ])("refuses %s", async (_, change, status, code, param) => {
    const body = { ...input, token: "a token for refusals", ...change };
    expect(await callApi(withToken("a token for refusals"), "POST", "/api/setup", { body })).toMatchObject({
      status,
      body: { error: { code, param } },
    });
  });

  it("is closed where no token is configured", async () => {
    expect((await world.call("GET", "/api/setup")).body).toEqual({ done: true });
    expect(await world.call("POST", "/api/setup", { body: input })).toMatchObject({
      status: 401,
      body: { error: { code: "invalid_credentials" } },
    });
  });

  it("is refused from another site's page", async () => {
    const headers = { origin: "https://evil.example" };
    expect(await world.call("POST", "/api/setup", { body: input, headers })).toMatchObject({
      status: 403,
      body: { error: { code: "csrf_rejected" } },
    });
  });
});

describe("a session", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await world.tenant("Sessions");
  });

  const read = (cookie: string) => world.call("GET", "/api/session", { cookie });

  it("begins with the right password, in a cookie no script can read", async () => {
    const { status, headers, body } = await world.call("POST", "/api/session", {
      body: { email: tenant.email.toUpperCase(), password: PASSWORD },
      headers: BROWSER,
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      user: { id: tenant.userId, email: tenant.email, name: tenant.email },
      organization: { id: tenant.rootId, name: "Sessions" },
      role: "owner",
      expires_at: new Date(world.clock.now + 30 * 24 * 3_600_000).toISOString(),
    });
    const [cookie, ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
    expect(cookie).toMatch(/^__Host-gaia-session=eyJ/);
    expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Strict", "Secure"]);
    expect((await read(cookie ?? "")).body).toEqual(body);
  });

  it("opens the management API to the owner", async () => {
    const cookie = await world.signIn(tenant);
    expect((await world.call("GET", "/api/keys", { cookie })).body.data).toHaveLength(2);
    const made = await world.call("POST", "/api/organizations", {
      cookie,
      headers: BROWSER,
      body: { name: "By cookie" },
    });
    expect(made).toMatchObject({ status: 201, body: { parent_id: tenant.rootId } });
  });

  it("stands where the request says, of the places where one has a role, and inherits the higher one", async () => {
    const make = (name: string, parent_id?: string) =>
      world.call("POST", "/api/organizations", { key: tenant.adminKey, body: { name, parent_id } });
    const team = (await make("Team")).body.id;
    const below = (await make("Below", team)).body.id;
    const cookie = await world.signIn(tenant);
    const at = (organization: string, path = "/api/session") =>
      world.call("GET", path, { cookie, headers: { "x-gaia-organization": organization } });
    const place = async (organization: string) => {
      const { organization: found, role } = (await at(organization)).body;
      return [found.id, role];
    };
    const roles = (rows: [string, string][]) =>
      rows.map(([id, role]) => ({ user_id: tenant.userId, organization_id: id, root_id: tenant.rootId, role }));
    await world.database.sql`
      insert into memberships select * from jsonb_to_recordset(${JSON.stringify(
        roles([
          [team, "viewer"],
          [below, "admin"],
        ]),
      )}::jsonb) as m (user_id text, organization_id text, root_id text, role text)`;
    expect(await place(team)).toEqual([team, "owner"]);
    await world.database.sql`update memberships set role = 'member' where organization_id = ${tenant.rootId}`;
    expect(await place(tenant.rootId)).toEqual([tenant.rootId, "member"]);
    expect(await place(team)).toEqual([team, "member"]);
    expect(await place(below)).toEqual([below, "admin"]);
    expect((await read(cookie)).body.organization.id).toBe(tenant.rootId);
    expect((await at(below, "/api/organizations")).body.data).toMatchObject([{ id: below }]);
    await world.database.sql`delete from memberships where organization_id = ${tenant.rootId}`;
    expect((await read(cookie)).body.organization.id).toBe(team);
    expect(await at(tenant.rootId)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect(await at("org_00000000")).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect(await at("nowhere")).toMatchObject({ status: 400, body: { error: { code: "invalid_header" } } });
    await world.database.sql`
      update memberships set role = 'owner', organization_id = ${tenant.rootId} where organization_id = ${team}`;
    await world.database.sql`delete from memberships where organization_id = ${below}`;
  });

  it("lets a key stand nowhere but at its own organization", async () => {
    const at = (organization: string) =>
      world.call("GET", "/api/keys", { key: tenant.adminKey, headers: { "x-gaia-organization": organization } });
    expect((await at(tenant.rootId)).status).toBe(200);
    expect(await at("org_00000000")).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
  });

  it("ends at sign-out: the same cookie is worth nothing afterwards", async () => {
    const cookie = await world.signIn(tenant);
    const out = await world.call("DELETE", "/api/session", { cookie, headers: BROWSER });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toMatch(/^__Host-gaia-session=; Max-Age=0; Path=\/; Secure/);
    expect(await read(cookie)).toMatchObject({ status: 401, body: { error: { code: "not_signed_in" } } });
    expect(await world.call("GET", "/api/keys", { cookie })).toMatchObject({ status: 401 });
    expect(await world.call("DELETE", "/api/session", { cookie, headers: BROWSER })).toMatchObject({ status: 401 });
  });

  it("is renewed silently when its token has run out, also for several requests at once", async () => {
    const old = await world.signIn(tenant);
    world.clock.now += 3_600_000;
    const answers = await Promise.all(Array.from({ length: 5 }, () => read(old)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const renewed = answers.map(({ headers }) => cookieOf(headers));
    for (const cookie of renewed) {
      expect(cookie).not.toBe(old);
      expect(await read(cookie ?? "")).toMatchObject({ status: 200 });
    }
    world.clock.now += 30_000;
    expect((await read(renewed[0] ?? "")).headers.get("set-cookie")).toBeNull();
    expect((await read(old)).status).toBe(200);
  });

  it("ends when an exchanged token comes back later: somebody copied it", async () => {
    const old = await world.signIn(tenant);
    world.clock.now += 700_000;
    const renewed = cookieOf((await read(old)).headers) ?? "";
    world.clock.now += 60_000;
    expect((await read(renewed)).status).toBe(200);
    expect((await read(old)).status).toBe(401);
    expect((await read(renewed)).status).toBe(401);
  });

  it("ends after thirty days whatever happens", async () => {
    let cookie = await world.signIn(tenant);
    for (let day = 0; day < 29; day++) {
      world.clock.now += 24 * 3_600_000;
      const { status, headers } = await read(cookie);
      expect(status).toBe(200);
      cookie = cookieOf(headers) ?? cookie;
    }
    world.clock.now += 24 * 3_600_000;
    expect((await read(cookie)).status).toBe(401);
  });

  it("is not another tenant's: the rows are looked for under the root the token names", async () => {
    const cookie = await world.signIn(tenant);
    const other = await world.tenant("Other");
    expect((await world.call("GET", "/api/keys", { cookie })).body.data).not.toContainEqual(
      expect.objectContaining({ organization_id: other.rootId }),
    );
  });

  it.each<[string, Record<string, string>]>([
    ["no sign of where it comes from", { "x-gaia-csrf": "1" }],
    ["another origin", { ...BROWSER, origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["another origin of an old browser", { origin: "https://evil.example", "x-gaia-csrf": "1" }],
    ["a sibling host", { ...BROWSER, "sec-fetch-site": "same-site" }],
    ["no header of ours", { origin: BROWSER.origin, "sec-fetch-site": "same-origin" }],
  ])("does not let a change through with %s", async (_, headers) => {
    const cookie = await world.signIn(tenant);
    for (const [method, path, body] of [
      ["POST", "/api/organizations", { name: "Forged" }],
      ["POST", "/api/keys", { name: "Forged" }],
      ["DELETE", "/api/session", undefined],
    ] as const) {
      expect(await world.call(method, path, { cookie, headers, body })).toMatchObject({
        status: 403,
        body: { error: { code: "csrf_rejected" } },
      });
    }
    expect((await read(cookie)).status).toBe(200);
  });

  it("needs only the origin where a browser sends no fetch metadata", async () => {
    const cookie = await world.signIn(tenant);
    const headers = { origin: BROWSER.origin, "x-gaia-csrf": "1" };
    expect((await world.call("DELETE", "/api/session", { cookie, headers })).status).toBe(204);
  });
});

describe("signing in", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await world.tenant("Guessed");
  });

  const attempt = (api: Parameters<typeof callApi>[0], email: string, password: string, address: string) =>
    callApi(api, "POST", "/api/session", { body: { email, password }, headers: { "cf-connecting-ip": address } });

  it("is refused from another site's page, even with the right password", async () => {
    const headers = { origin: "https://evil.example" };
    const body = { email: tenant.email, password: PASSWORD };
    const answer = await world.call("POST", "/api/session", { body, headers });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: "csrf_rejected" } } });
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("answers a wrong password and an unknown address with the same words", async () => {
    const wrong = await attempt(world.api, tenant.email, "not the password", "198.51.100.1");
    const unknown = await attempt(world.api, "nobody@example.com", "not the password", "198.51.100.1");
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(wrong.body).toEqual(unknown.body);
  });

  it("is slowed down for an account from an address, with the time to wait, also in parallel", async () => {
    const api = createAdminApi(world.dependencies);
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => attempt(api, tenant.email, "not the password", "198.51.100.2")),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(7);
    expect(refused[0]?.body.error).toMatchObject({ code: "too_many_attempts" });
    expect(refused[0]?.headers.get("retry-after")).toBe("900");

    expect((await attempt(api, tenant.email, PASSWORD, "198.51.100.2")).status).toBe(429);
    expect((await attempt(api, tenant.email, PASSWORD, "198.51.100.3")).status).toBe(200);
    world.clock.now += 900_000;
    expect((await attempt(api, tenant.email, PASSWORD, "198.51.100.2")).status).toBe(200);
  });

  it("stores a password anew when it was stored under weaker parameters", async () => {
    const [before] = await world.database.sql`select password_hash from users where email = ${tenant.email}`;
    const peppers = {
      current: "2",
      secrets: { ...world.dependencies.secrets.peppers.secrets, "2": "the next pepper" },
    };
    const api = createAdminApi({ ...world.dependencies, secrets: { ...world.dependencies.secrets, peppers } });
    expect((await attempt(api, tenant.email, PASSWORD, "198.51.100.4")).status).toBe(200);
    const [after] = await world.database.sql`select password_hash from users where email = ${tenant.email}`;
    expect(before?.password_hash).toContain("keyid=1$");
    expect(after?.password_hash).toContain("keyid=2$");
    expect((await attempt(api, tenant.email, PASSWORD, "198.51.100.4")).status).toBe(200);
  });
});
