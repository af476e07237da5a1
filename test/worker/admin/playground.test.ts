import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROLE_PERMISSIONS } from "../../../worker/api/admin/permissions.ts";
import { macBehind } from "../../../worker/auth/play-session.ts";
import { type PlayClaims, readPlayToken } from "../../../worker/auth/play-token.ts";
import { ROLES } from "../../../worker/canonical/role.ts";
import { type AdminWorld, type Answer, BROWSER, type Person, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let below: string;
let owner: string;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Acme");
  owner = await world.signIn(tenant);
  team = (await admin("POST", "/api/organizations", { name: "Team" })).body.id;
  below = (await admin("POST", "/api/organizations", { name: "Below", parent_id: team })).body.id;
});
afterAll(() => world?.close());

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  world.call(method, path, { cookie: owner, body, headers: BROWSER });
const take = (cookie: string, body: object = { organization_id: team }, headers = BROWSER as object): Promise<Answer> =>
  world.call("POST", "/api/playground/token", { cookie, body, headers: headers as Record<string, string> });
const player = async (role: (typeof ROLES)[number] = "member") => {
  const person = await world.member(tenant, team, role);
  return { ...person, cookie: await world.signIn(person) };
};
const claimsOf = async ({ body }: Answer) => {
  const claims = await readPlayToken(body.token, world.dependencies.secrets.sessionSecret, world.clock.now);
  if (claims === null || claims === "expired") throw new Error(`a token that says ${claims}`);
  return claims;
};
const holds = async (claims: PlayClaims) =>
  (await macBehind(world.database.database, claims, world.clock.now)) !== null;

it("a token is good for ten minutes, and is asked for by a session and our own page only", async () => {
  const { cookie, userId } = await player();
  const answer = await take(cookie);
  expect(answer).toMatchObject({ status: 200, body: { organization_id: team } });
  expect(Date.parse(answer.body.expires_at) - world.clock.now).toBe(600_000);
  expect(answer.body.token.length).toBeLessThan(512);
  const claims = await claimsOf(answer);
  expect(claims).toMatchObject({ userId, keyId: answer.body.key_id, rootId: tenant.rootId });
  expect(await holds(claims)).toBe(true);
  expect(
    await readPlayToken(answer.body.token, world.dependencies.secrets.sessionSecret, world.clock.now + 600_000),
  ).toBe("expired");
  expect(await take(cookie, { organization_id: team }, { ...BROWSER, origin: "https://evil.example" })).toMatchObject({
    ...{ status: 403, body: { error: { code: "csrf_rejected" } } },
  });
  expect(
    await world.call("POST", "/api/playground/token", { key: tenant.adminKey, body: { organization_id: team } }),
  ).toMatchObject({
    ...{ status: 403, body: { error: { code: "permission_denied" } } },
  });
  // It opens nothing here.
  expect(await world.call("GET", "/api/me", { key: answer.body.token })).toMatchObject({ status: 401 });
});

it("is for the roles that could make a key", async () => {
  const plays = await Promise.all(
    ROLES.map(async (role) => {
      const { cookie } = await player(role);
      const { status } = await take(cookie);
      return [role, status, ROLE_PERMISSIONS[role].has("playground:use")];
    }),
  );
  expect(plays).toEqual([
    ["viewer", 403, false],
    ["member", 200, true],
    ["admin", 200, true],
    ["owner", 200, true],
  ]);
});

describe("what stands behind a token is gone at once when", () => {
  const ends: [string, (person: Person & { cookie: string }) => Promise<Answer>][] = [
    ["they sign out", ({ cookie }) => world.call("DELETE", "/api/session", { cookie, headers: BROWSER })],
    ["they lose the role", ({ userId }) => admin("DELETE", `/api/members/${userId}`)],
    [
      "they may only look on",
      ({ userId }) => admin("PATCH", `/api/members/${userId}`, { organization_id: team, role: "viewer" }),
    ],
  ];
  it.each(ends)("%s", async (_, end) => {
    const person = await player();
    const claims = await claimsOf(await take(person.cookie, { organization_id: below }));
    expect(await holds(claims)).toBe(true);
    expect((await end(person)).status).toBeLessThan(300);
    expect(await holds(claims)).toBe(false);
  });

  it("another session of theirs ends that one, and not this", async () => {
    const person = await player();
    const [one, other] = [person.cookie, await world.signIn(person)];
    const [first, second] = [await claimsOf(await take(one)), await claimsOf(await take(other))];
    expect(first.keyId).toBe(second.keyId);
    await world.call("DELETE", "/api/me/sessions", { cookie: one, headers: BROWSER });
    expect([await holds(first), await holds(second)]).toEqual([true, false]);
  });

  it("and no claim may be exchanged for another's", async () => {
    const [ada, bob] = [await player(), await player()];
    const claims = await claimsOf(await take(ada.cookie));
    const others = await claimsOf(await take(bob.cookie));
    const stranger = await world.tenant("Other");
    for (const change of [
      { keyId: others.keyId },
      { userId: bob.userId },
      { sessionId: others.sessionId },
      { rootId: stranger.rootId },
      { keyId: `key_${tenant.apiKey.slice(19, 31)}` },
    ]) {
      expect(await holds({ ...claims, ...change }), JSON.stringify(change)).toBe(false);
    }
  });
});

describe("the key behind it", () => {
  it("is one for a member and organization, has no text, and stands apart from the others", async () => {
    const { cookie, userId } = await player();
    const answers = await Promise.all([1, 2, 3].map(() => take(cookie)));
    const [id, ...more] = new Set(answers.map(({ body }) => body.key_id));
    expect(more).toEqual([]);
    expect((await take(cookie, { organization_id: below })).body.key_id).not.toBe(id);
    const { body: key } = await admin("GET", `/api/keys/${id}`);
    expect(key).toMatchObject({
      ...{ kind: "playground", organization_id: team, owner: `user:${userId}`, created_by: userId, strict: true },
      permissions: ["read", "write"],
    });
    expect(world.ledger(tenant.rootId).pushed.flatMap(({ keys }) => keys.map((one) => one.id))).toContain(id);
    const listed = async (query: string): Promise<string[]> =>
      (await admin("GET", `/api/keys?limit=200${query}`)).body.data.map((one: { id: string }) => one.id);
    expect(await listed("")).not.toContain(id);
    expect(await listed("&kind=playground")).toContain(id);
    expect((await listed("&kind=any")).length).toBe(
      (await listed("")).length + (await listed("&kind=playground")).length,
    );
  });

  it.each([
    ["PATCH", "", { name: "Mine" }],
    ["POST", "/rotate", { overlap_seconds: 0 }],
  ])("is not changed: %s %s", async (method, path, body) => {
    const { cookie } = await player();
    const { body: taken } = await take(cookie);
    expect(await admin(method, `/api/keys/${taken.key_id}${path}`, body)).toMatchObject({
      ...{ status: 409, body: { error: { code: "conflict" } } },
    });
  });

  it("is stopped by an administrator, and for good it is another at the next token", async () => {
    const { cookie } = await player();
    const { body: taken } = await take(cookie);
    expect((await admin("POST", `/api/keys/${taken.key_id}/disable`)).status).toBe(200);
    expect(await take(cookie)).toMatchObject({ status: 403, body: { error: { code: "permission_denied" } } });
    expect((await admin("POST", `/api/keys/${taken.key_id}/enable`)).status).toBe(200);
    expect((await take(cookie)).body.key_id).toBe(taken.key_id);
    expect((await admin("POST", `/api/keys/${taken.key_id}/revoke`)).status).toBe(200);
    expect((await take(cookie)).body.key_id).not.toBe(taken.key_id);
  });

  it("is in nobody's way: not of its organization's end, nor of its member's", async () => {
    const gone = (await admin("POST", "/api/organizations", { name: "Gone", parent_id: team })).body.id;
    const person = await player();
    const { body: taken } = await take(person.cookie, { organization_id: gone });
    expect((await admin("GET", `/api/organizations/${gone}/impact`)).body.keys).toBe(0);
    expect((await admin("DELETE", `/api/organizations/${gone}`)).status).toBe(200);
    const told = world.ledger(tenant.rootId).pushed.at(-1);
    expect(told?.keys).toMatchObject([{ id: taken.key_id, revoked: true }]);
    expect((await admin("DELETE", `/api/members/${person.userId}`)).body.keys).toEqual([]);
  });
});
