import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { AdminApi } from "../../../worker/api/admin/api.ts";
import { signOnFrom } from "../../../worker/auth/sign-on-settings.ts";
import { parseEnvironment } from "../../../worker/env.ts";
import { utf8 } from "../../../worker/lib/encoding.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { type Issuer, startIssuer } from "../../support/identity-issuer.ts";
import { type AdminWorld, BROWSER, callApi, cookieOf, startAdminWorld, type Tenant } from "./support.ts";

const SECRET = "x".repeat(32);

let world: AdminWorld;
let issuer: Issuer;
let tenant: Tenant;
let team: string;
let api: AdminApi;
let people = 0;

const seconds = () => Math.floor(world.clock.now / 1000);

/** The API of another isolate: it has read nothing of the provider yet. */
function apiWith(change: Record<string, string> = {}): AdminApi {
  const roles = {
    admins: "admin",
    team: { organization_id: team, role: "member" },
    gone: { organization_id: "org_00000000", role: "owner" },
    "@partner.example": "viewer",
  };
  const settings = parseEnvironment({
    ...{ DATABASE_URL: "postgres://a@b/c", KEY_PEPPER: SECRET, MASTER_KEY: SECRET, SESSION_SECRET: SECRET },
    ...{ OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: issuer.clientId, OIDC_CLIENT_SECRET: issuer.clientSecret },
    ...{ CF_ACCESS_TEAM_DOMAIN: issuer.url, CF_ACCESS_AUD: "access application", OIDC_ROLES_CLAIM: "realm.roles" },
    ...{ SIGN_ON_ORGANIZATION: tenant.rootId, SIGN_ON_ROLES: JSON.stringify(roles) },
    ...{ SIGN_ON_CONTACT: "it@example.com", ...change },
  });
  const signOn = signOnFrom(settings, { random: secureRandom, fetch: (url, init) => fetch(url, init) });
  return world.with({ signOn });
}

beforeAll(async () => {
  world = await startAdminWorld();
  issuer = await startIssuer(seconds);
  tenant = await world.tenant("Single");
  const body = { name: "Team" };
  team = (await world.call("POST", "/api/organizations", { key: tenant.adminKey, body })).body.id;
  api = apiWith();
});
afterEach(() => {
  vi.useRealTimers();
  issuer.down = false;
});
afterAll(async () => {
  await issuer?.close();
  await world?.close();
});

/** Claims of somebody new. */
const somebody = (roles: string[], more: object = {}) => {
  const sub = `subject ${++people}`;
  const email = `person${people}@example.com`;
  return { sub, email, email_verified: true, name: "Some Body", realm: { roles }, ...more };
};

const access = (token: string | Promise<string>, at = api) =>
  Promise.resolve(token).then((assertion) =>
    callApi(at, "POST", "/api/session/access", {
      headers: { ...BROWSER, "cf-access-jwt-assertion": assertion },
    }),
  );
const assertion = (claims: object, header: object = {}) =>
  issuer.sign({ aud: ["access application"], ...claims }, header);
const me = async (cookie: string | null) =>
  (await callApi(api, "GET", "/api/me", cookie === null ? {} : { cookie })).body;
const refusal = (status: number, code: string) => ({ status, body: { error: { code } } });
/** The session's cookie, beside that of the state. */
const sessionOf = (headers: Headers): string | null =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0] ?? "")
    .find((cookie) => cookie.startsWith("__Host-gaia-session=")) ?? null;

describe("Cloudflare Access", () => {
  it("signs somebody in at their first visit, with the roles their claims give", async () => {
    const claims = somebody(["admins", "team", "gone", "*", "@partner.example"]);
    const answer = await access(assertion(claims));
    expect(answer.status).toBe(204);
    expect(await me(cookieOf(answer.headers))).toMatchObject({
      user: { email: claims.email, name: "Some Body", has_password: false },
      organizations: [
        { id: tenant.rootId, role: "admin" },
        { id: team, role: "admin" },
      ],
    });
    const [row] = await world.database.sql`
      select action, after from audit_log where root_id = ${tenant.rootId} and action not like 'session.%'
      order by id desc limit 1`;
    expect(row).toMatchObject({
      action: "user.create",
      after: { roles: { [tenant.rootId]: "admin", [team]: "member" } },
    });
  });

  it("gives roles by a verified address's domain", async () => {
    const claims = somebody([], { email: "Visitor@Partner.example", email_verified: undefined });
    expect(await me(cookieOf((await access(assertion(claims))).headers))).toMatchObject({ role: "viewer" });
  });

  it("is offered only where the request came through it", async () => {
    const methods = async (headers: Record<string, string>) =>
      (await callApi(api, "GET", "/api/session/methods", { headers })).body;
    expect(await methods({})).toEqual({ password: true, access: false, oidc: true });
    expect(await methods({ "cf-access-jwt-assertion": "x" })).toMatchObject({ access: true });
    const none = await callApi(api, "POST", "/api/session/access", { headers: BROWSER });
    expect(none).toMatchObject(refusal(401, "not_signed_in"));
    expect(await world.call("POST", "/api/session/access", { headers: BROWSER })).toMatchObject(
      refusal(404, "unknown_url"),
    );
    const headers = {
      origin: "https://evil.example",
      "cf-access-jwt-assertion": await assertion(somebody(["admins"])),
    };
    expect(await callApi(api, "POST", "/api/session/access", { headers })).toMatchObject(refusal(403, "csrf_rejected"));
  });

  it("follows the claims at each sign-in, and leaves roles alone that people gave", async () => {
    const claims = somebody(["admins", "team"]);
    const first = cookieOf((await access(assertion(claims))).headers);
    const { user } = await me(first);
    await access(assertion({ ...claims, realm: { roles: ["team"] } }));
    expect(await me(first)).toMatchObject({ organization: { id: team }, role: "member" });
    const owner = { cookie: await world.signIn(tenant), headers: BROWSER };
    const byHand = { ...owner, body: { organization_id: team, role: "viewer" } };
    await callApi(api, "PATCH", `/api/members/${user.id}`, byHand);
    await access(assertion(claims));
    expect((await me(first)).organizations).toMatchObject([{ role: "admin" }, { id: team, role: "admin" }]);
    await access(assertion({ ...claims, realm: { roles: [] } }));
    expect(await me(first)).toMatchObject({ organization: { id: team }, role: "viewer" });
  });

  it("lets nobody in whom the claims give nothing, says whom to ask, and signs out who had a role by them", async () => {
    const claims = somebody(["team"]);
    const cookie = cookieOf((await access(assertion(claims))).headers);
    const refused = await access(assertion({ ...claims, realm: {} }));
    expect(refused).toMatchObject(refusal(403, "permission_denied"));
    expect(refused.body.error.message).toContain("it@example.com");
    expect(await callApi(api, "GET", "/api/me", { cookie: cookie ?? "" })).toMatchObject(refusal(401, "not_signed_in"));
    const stranger = somebody(["nobody's group"]);
    expect(await access(assertion(stranger))).toMatchObject(refusal(403, "permission_denied"));
    expect(await world.database.sql`select id from users where email = ${stranger.email}`).toEqual([]);
  });

  it("opens the account of a verified address, once and for all for that subject", async () => {
    const member = await world.member(tenant, team, "viewer");
    const claims = somebody([], { email: member.email });
    expect(await access(assertion({ ...claims, email_verified: false }))).toMatchObject(
      refusal(403, "permission_denied"),
    );
    const cookie = cookieOf((await access(assertion(claims))).headers);
    expect(await me(cookie)).toMatchObject({ user: { id: member.userId, has_password: true }, role: "viewer" });
    const another = assertion({ ...claims, sub: "somebody else" });
    expect(await access(another)).toMatchObject(refusal(403, "permission_denied"));
  });

  it("ends the links of whoever the claims give less than before", async () => {
    const claims = somebody(["admins", "team"]);
    const cookie = cookieOf((await access(assertion(claims))).headers) ?? "";
    const by = (method: string, path: string, body?: object) =>
      callApi(api, method, path, { cookie, headers: BROWSER, ...(body && { body }) });
    const emails = ["one@example.net", "two@example.net"];
    const [first, second] = (await by("POST", "/api/invites", { role: "admin", emails })).body.data;
    const accept = ({ token }: { token: string }) =>
      callApi(api, "POST", "/api/invites/accept", { body: { token, password: "a long new password" } });
    await access(assertion(claims));
    expect((await accept(first)).status).toBe(201);
    await access(assertion({ ...claims, realm: { roles: ["team"] } }));
    expect(await accept(second)).toMatchObject(refusal(404, "not_found"));
  });

  it("takes nothing that people gave: the last owner stays one, whatever the claims give", async () => {
    const claims = somebody(["team", "@partner.example"], { email: tenant.email });
    const first = cookieOf((await access(assertion(claims))).headers);
    expect(await me(first)).toMatchObject({ organization: { id: tenant.rootId }, role: "owner" });
    await access(assertion({ ...claims, realm: { roles: [] } }));
    expect(await me(first)).toMatchObject({ user: { id: tenant.userId }, role: "owner" });
  });

  it("opens no account of another tenant", async () => {
    const { email } = await world.tenant("Elsewhere");
    expect(await access(assertion(somebody(["admins"], { email })))).toMatchObject(refusal(403, "permission_denied"));
  });

  it("makes one account of five first visits at once", async () => {
    const claims = somebody(["team"]);
    const token = await assertion(claims);
    const answers = await Promise.all(Array.from({ length: 5 }, () => access(token)));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
    expect(await world.database.sql`select id from users where email = ${claims.email}`).toHaveLength(1);
  });
});

describe("a token is refused", () => {
  const claims = () => ({ aud: ["access application"], ...somebody(["admins"]) });
  const strange = async (alg: string, kid = "first", brought = false) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const at = seconds();
    const jwk = brought ? { jwk: await exportJWK(publicKey) } : {};
    return new SignJWT({ iss: issuer.url, iat: at, exp: at + 300, ...claims() })
      .setProtectedHeader({ alg, kid, ...jwk })
      .sign(privateKey);
  };
  const symmetric = async (alg: string, secret: string) => {
    const at = seconds();
    return new SignJWT({ iss: issuer.url, iat: at, exp: at + 300, ...claims() })
      .setProtectedHeader({ alg, kid: "first" })
      .sign(utf8(secret));
  };
  const torn = async (change: (parts: string[]) => string[]) =>
    change((await issuer.sign(claims())).split(".")).join(".");
  const head = (header: object) => Buffer.from(JSON.stringify(header)).toString("base64url");

  it("not when it is honest (so that the refusals below are not empty)", async () => {
    expect((await access(issuer.sign(claims()))).status).toBe(204);
  });

  it.each<[string, () => string | Promise<string>]>([
    ["that is none", () => "a.b.c"],
    [
      "of alg none",
      () => new UnsecuredJWT({ iss: issuer.url, iat: seconds(), exp: seconds() + 300, ...claims() }).encode(),
    ],
    [
      "of alg none, with an honest one's signature",
      () => torn(([, body = "", tag = ""]) => [head({ alg: "none" }), body, tag]),
    ],
    ["of HS256, with the public key as its secret", async () => symmetric("HS256", await issuer.publicKey())],
    ["of HS512, with the public key as its secret", async () => symmetric("HS512", await issuer.publicKey())],
    ["of a key that is not the issuer's, under its name", () => strange("RS256")],
    ["of a key that is not the issuer's, under its own name", () => strange("RS256", "mine")],
    ["of another algorithm than its key's", () => strange("ES256")],
    ["of a key that it brings along", () => strange("RS256", "mine", true)],
    ["whose body was changed", () => torn(([first = "", , tag = ""]) => [first, head(claims()), tag])],
    ["without a signature", () => torn(([first = "", body = ""]) => [first, body, ""])],
    ["for another audience", () => issuer.sign({ ...claims(), aud: ["another application"] })],
    ["for the other client of ours", () => issuer.sign({ ...claims(), aud: issuer.clientId })],
    [
      "for several audiences, made for another",
      () => issuer.sign({ ...claims(), aud: ["access application", "x"], azp: "x" }),
    ],
    ["for nobody in particular", () => issuer.sign({ ...claims(), aud: undefined })],
    ["of another issuer", () => issuer.sign({ ...claims(), iss: "https://evil.example" })],
    ["that has run out", () => issuer.sign({ ...claims(), exp: seconds() - 31 })],
    ["that never runs out", () => issuer.sign({ ...claims(), exp: undefined })],
    ["that does not hold yet", () => issuer.sign({ ...claims(), nbf: seconds() + 31 })],
    ["about nobody", () => issuer.sign({ ...claims(), sub: undefined })],
  ])("%s", async (_, token) => {
    const answer = await access(token());
    expect(answer).toMatchObject(refusal(401, "invalid_credentials"));
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  it("without an e-mail address, and says so", async () => {
    const answer = await access(issuer.sign({ ...claims(), email: undefined }));
    expect(answer).toMatchObject(refusal(403, "permission_denied"));
  });
});

describe("keys of a provider", () => {
  it("are read once, and again for one that is not among them, but not at once for every stranger's", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: world.clock.now });
    const fresh = apiWith();
    const before = issuer.keysRead();
    const sign = () => access(assertion(somebody(["team"])), fresh);
    expect([(await sign()).status, (await sign()).status]).toEqual([204, 204]);
    expect(issuer.keysRead()).toBe(before + 1);
    const old = await assertion(somebody(["team"]));
    await issuer.rotate();
    for (let count = 0; count < 3; count++) expect((await sign()).status).toBe(401);
    expect(issuer.keysRead()).toBe(before + 1);
    vi.setSystemTime(world.clock.now + 31_000);
    expect((await sign()).status).toBe(204);
    expect(issuer.keysRead()).toBe(before + 2);
    expect((await access(old, fresh)).status).toBe(401);
    api = apiWith();
  });

  it("that cannot be read are no fault of the token's", async () => {
    issuer.down = true;
    const fresh = apiWith();
    const answer = await access(assertion(somebody(["team"])), fresh);
    expect(answer).toMatchObject(refusal(503, "identity_provider_unavailable"));
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await callApi(fresh, "GET", "/api/session/oidc")).toMatchObject(
      refusal(503, "identity_provider_unavailable"),
    );
  });
});

describe("OpenID Connect", () => {
  /** A browser that was sent to the provider: where, and what it keeps. */
  async function begin(to = "/usage") {
    const answer = await callApi(api, "GET", `/api/session/oidc?to=${encodeURIComponent(to)}`);
    return {
      status: answer.status,
      url: answer.headers.get("location") ?? "",
      kept: cookieOf(answer.headers) ?? "",
      answer,
    };
  }
  const back = (query: Record<string, string>, cookie: string) =>
    callApi(api, "GET", `/api/session/oidc/callback?${new URLSearchParams(query)}`, { cookie });

  it("sends somebody there and back, and signs them in", async () => {
    const { status, url, kept, answer } = await begin();
    expect(status).toBe(302);
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-gaia-sign-on=[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const claims = somebody(["admins"]);
    const { code, state, query } = await issuer.authorize(url, claims);
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: "code",
      client_id: "gaia",
      redirect_uri: "https://gaia.example/api/session/oidc/callback",
      scope: "openid email profile",
      code_challenge_method: "S256",
    });
    const done = await back({ code, state, iss: issuer.url }, kept);
    expect(done.status).toBe(302);
    expect(done.headers.get("location")).toBe("/usage");
    expect(done.headers.getSetCookie()[0]).toMatch(/^__Host-gaia-sign-on=; Max-Age=0/);
    expect(await me(sessionOf(done.headers))).toMatchObject({ user: { email: claims.email }, role: "admin" });
  });

  it("takes neither a state nor a code twice", async () => {
    const { url, kept } = await begin();
    const claims = somebody(["admins"]);
    const { code, state } = await issuer.authorize(url, claims);
    const answers = await Promise.all([1, 2, 3].map(() => back({ code, state }, kept)));
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 401, 401]);
    const again = await issuer.authorize(url, claims);
    expect(await back({ code: again.code, state }, kept)).toMatchObject(refusal(401, "invalid_credentials"));
    const other = await begin();
    const fresh = new URL(other.url).searchParams.get("state") ?? "";
    expect(await back({ code, state: fresh }, other.kept)).toMatchObject(refusal(401, "invalid_credentials"));
  });

  it("refuses what another browser began, what was kept too long, and what was not kept at all", async () => {
    const mine = await begin();
    const theirs = await begin();
    const { code, state } = await issuer.authorize(theirs.url, somebody(["admins"]));
    for (const kept of [mine.kept, "", "__Host-gaia-sign-on=a.b.c", theirs.kept.slice(0, -2)]) {
      expect(await back({ code, state }, kept)).toMatchObject(refusal(401, "invalid_credentials"));
    }
    const session = await world.signIn(tenant);
    const asState = session.replace("__Host-gaia-session", "__Host-gaia-sign-on");
    expect(await back({ code, state }, asState)).toMatchObject(refusal(401, "invalid_credentials"));
    // Nor does what is kept on the way open anything.
    const asSession = theirs.kept.replace("__Host-gaia-sign-on", "__Host-gaia-session");
    expect(await callApi(api, "GET", "/api/me", { cookie: asSession })).toMatchObject(refusal(401, "not_signed_in"));
    world.clock.now += 601_000;
    expect(await back({ code, state }, theirs.kept)).toMatchObject(refusal(401, "invalid_credentials"));
  });

  it.each<[string, object]>([
    ["another nonce", { nonce: "another" }],
    ["no nonce", { nonce: undefined }],
    ["another audience", { aud: "access application" }],
    ["another party that it was made for", { azp: "another" }],
  ])("refuses a token with %s", async (_, change) => {
    const { url, kept } = await begin();
    const { code, state } = await issuer.authorize(url, { ...somebody(["admins"]), ...change });
    expect(await back({ code, state }, kept)).toMatchObject(refusal(401, "invalid_credentials"));
  });

  it("refuses an address that nobody has verified", async () => {
    const { url, kept } = await begin();
    const { code, state } = await issuer.authorize(url, somebody(["admins"], { email_verified: undefined }));
    expect(await back({ code, state }, kept)).toMatchObject(refusal(403, "permission_denied"));
  });

  it("goes nowhere but on this site afterwards", async () => {
    for (const to of ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\nb", "javascript:1"]) {
      expect((await begin(to)).answer).toMatchObject(refusal(400, "invalid_value"));
    }
  });

  it("says so when the provider sends somebody back without a code", async () => {
    const { url, kept } = await begin();
    const state = new URL(url).searchParams.get("state") ?? "";
    expect(await back({ state, error: "access_denied" }, kept)).toMatchObject(refusal(401, "invalid_credentials"));
  });

  it("is not there where it is not set up", async () => {
    for (const path of ["/api/session/oidc", "/api/session/oidc/callback?state=x&code=y"]) {
      expect(await world.call("GET", path)).toMatchObject(refusal(404, "unknown_url"));
    }
  });
});
