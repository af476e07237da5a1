import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLinkToken } from "../../../worker/auth/link-token.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import {
  type AdminWorld,
  type Answer,
  BROWSER,
  cookieOf,
  PASSWORD,
  PEPPERS,
  type Person,
  startAdminWorld,
  type Tenant,
} from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let below: string;
let owner: string;
let lead: Person;
let leadCookie: string;
let people = 0;

const DAY = 24 * 3_600_000;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("People");
  const make = async (name: string, parent_id?: string): Promise<string> =>
    (await world.call("POST", "/api/organizations", { key: tenant.adminKey, body: { name, parent_id } })).body.id;
  team = await make("Team");
  below = await make("Below", team);
  owner = await world.signIn(tenant);
  lead = await world.member(tenant, team, "admin");
  leadCookie = await world.signIn(lead);
});
afterAll(() => world?.close());

const as = (cookie: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  world.call(method, path, { cookie, headers: BROWSER, body });
const anonymous = (path: string, body: unknown, address = `203.0.113.${++people}`) =>
  world.call("POST", path, { body, headers: { ...BROWSER, "cf-connecting-ip": address } });
const refusal = (status: number, code: string, param: string | null = null) => ({
  status,
  body: { error: { code, param } },
});
const newEmail = () => `guest${++people}@example.com`;
const invite = async (cookie: string, body: object) =>
  (await as(cookie, "POST", "/api/invites", body)).body.data as Record<string, string>[];
const signIn = (email: string, password: string) => anonymous("/api/session", { email, password });
const audited = async (action: string) =>
  world.database.sql`select actor, target, before, after from audit_log
    where root_id = ${tenant.rootId} and action = ${action} order by id`;

describe("members", () => {
  it("are listed with roles, where these come from, when they were seen, and their sessions", async () => {
    world.clock.now += 3_600_000;
    expect((await as(leadCookie, "GET", "/api/session")).status).toBe(200);
    const all = await as(owner, "GET", "/api/members");
    expect(all.body).toMatchObject({ next_cursor: null, as_of: new Date(world.clock.now).toISOString() });
    const found = all.body.data.find(({ id }: { id: string }) => id === lead.userId);
    expect(found).toEqual({
      id: lead.userId,
      email: lead.email,
      name: "admin",
      role: "admin",
      roles: [{ organization_id: team, organization_name: "Team", role: "admin", inherited: false, managed: false }],
      last_seen_at: new Date(world.clock.now).toISOString(),
      sessions: 1,
      two_factor: false,
      status: "active",
      figures: null,
      created_at: expect.any(String),
    });
    const { figures: _figures, ...same } = found;
    expect((await as(owner, "GET", `/api/members/${lead.userId}`)).body).toEqual(same);
  });

  const ids = async (cookie: string, search: string) => {
    const { body } = await as(cookie, "GET", `/api/members${search}`);
    return body.data.map(({ id }: { id: string }) => id).sort();
  };

  it("of a branch are those in it and those above it whom the reader may see", async () => {
    expect(await ids(owner, `?organization=${below}`)).toEqual([lead.userId, tenant.userId].sort());
    expect(await ids(leadCookie, `?organization=${below}`)).toEqual([lead.userId]);
    expect(await ids(leadCookie, "")).toEqual([lead.userId]);
    const { body } = await as(owner, "GET", `/api/members?organization=${below}`);
    expect(body.data.flatMap(({ roles }: { roles: { inherited: boolean }[] }) => roles)).toEqual([
      expect.objectContaining({ inherited: true }),
      expect.objectContaining({ inherited: true }),
    ]);
    expect(await as(leadCookie, "GET", `/api/members/${tenant.userId}`)).toMatchObject(refusal(404, "not_found"));
  });

  it("are filtered by role, name and address, and come page by page", async () => {
    expect(await ids(owner, "?role=owner")).toEqual([tenant.userId]);
    expect(await ids(owner, "?role=viewer")).toEqual([]);
    expect(await ids(owner, `?q=${lead.email.toUpperCase()}`)).toEqual([lead.userId]);
    expect(await ids(owner, "?q=a_min")).toEqual([]);
    const first = await as(owner, "GET", "/api/members?limit=1");
    const second = await as(owner, "GET", `/api/members?limit=1&cursor=${first.body.next_cursor}`);
    const both = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id);
    expect(both.sort()).toEqual([lead.userId, tenant.userId].sort());
    expect(second.body.next_cursor).toBeNull();
  });

  it("get another role on any organization of the branch, one at a time", async () => {
    const member = await world.member(tenant, team, "viewer");
    const set = (organization_id: string, role: string) =>
      as(leadCookie, "PATCH", `/api/members/${member.userId}`, { organization_id, role });
    expect((await set(below, "member")).body).toMatchObject({ role: "member" });
    expect((await set(team, "admin")).body).toMatchObject({ role: "admin" });
    expect((await audited("member.set_role")).slice(-2)).toMatchObject([
      { actor: lead.userId, target: member.userId, before: null, after: { organization_id: below, role: "member" } },
      { before: { organization_id: team, role: "viewer" }, after: { role: "admin" } },
    ]);
  });

  it("may do less at the very next request of an open session once their role is less", async () => {
    const member = await world.member(tenant, team, "admin");
    const cookie = await world.signIn(member);
    const make = () => as(cookie, "POST", "/api/webhooks", { url: "https://example.com/hook" });
    const set = (role: string) =>
      as(leadCookie, "PATCH", `/api/members/${member.userId}`, { organization_id: team, role });
    expect((await make()).status).toBe(201);
    await set("viewer");
    expect(await make()).toMatchObject(refusal(403, "permission_denied"));
    expect((await as(cookie, "GET", "/api/me")).body.role).toBe("viewer");
    await set("admin");
    expect((await make()).status).toBe(201);
  });

  it("are never given more than the giver has, nor somewhere else", async () => {
    const member = await world.member(tenant, team, "viewer");
    const boss = await world.member(tenant, below, "owner");
    const set = (id: string, organization_id: string, role: string) =>
      as(leadCookie, "PATCH", `/api/members/${id}`, { organization_id, role });
    expect(await set(member.userId, team, "owner")).toMatchObject(refusal(403, "permission_denied", "role"));
    expect(await set(lead.userId, team, "owner")).toMatchObject(refusal(403, "permission_denied", "role"));
    expect(await set(member.userId, tenant.rootId, "viewer")).toMatchObject(refusal(404, "not_found"));
    expect(await set(boss.userId, below, "viewer")).toMatchObject(refusal(403, "permission_denied"));
    for (const [method, path] of [
      ["DELETE", `/api/members/${boss.userId}`],
      ["POST", `/api/members/${boss.userId}/reset`],
    ] as const) {
      expect(await as(leadCookie, method, path)).toMatchObject(refusal(403, "permission_denied"));
    }
    expect(await set(tenant.userId, team, "viewer")).toMatchObject(refusal(404, "not_found"));
  });

  it("leave with their sessions and open invitations; which keys they made is told", async () => {
    const member = await world.member(tenant, team, "admin");
    const cookie = await world.signIn(member);
    const { body: key } = await as(cookie, "POST", "/api/keys", { name: "Theirs" });
    const [invited] = await invite(cookie, { role: "viewer", emails: [newEmail()] });
    const gone = await as(leadCookie, "DELETE", `/api/members/${member.userId}`);
    expect(gone.body).toEqual({
      id: member.userId,
      removed: true,
      organization_ids: [team],
      keys: [{ id: key.id, name: "Theirs", hint: key.hint, organization_id: team }],
    });
    expect(await as(cookie, "GET", "/api/me")).toMatchObject(refusal(401, "not_signed_in"));
    const acceptance = { token: invited?.token, password: PASSWORD };
    expect(await anonymous("/api/invites/accept", acceptance)).toMatchObject(refusal(404, "not_found", "token"));
    expect(await as(leadCookie, "DELETE", `/api/members/${member.userId}`)).toMatchObject(refusal(404, "not_found"));
  });

  it("are signed out, of one session or of all, by whoever may give each of their roles", async () => {
    const person = await world.member(tenant, team, "member");
    const cookies = [await world.signIn(person), await world.signIn(person), await world.signIn(person)];
    const statuses = () => Promise.all(cookies.map(async (cookie) => (await as(cookie, "GET", "/api/me")).status));
    const path = `/api/members/${person.userId}/sessions`;
    const { body } = await as(leadCookie, "GET", path);
    expect(body.data.map((one: object) => Object.keys(one).sort())).toEqual(
      Array(3).fill(["created_at", "expires_at", "id", "last_seen_at", "user_agent"]),
    );
    const second = (await as(cookies[1] ?? "", "GET", "/api/me")).body.session.id;
    expect((await as(leadCookie, "DELETE", `${path}?session=${second}`)).body).toEqual({ ended: 1 });
    expect(await statuses()).toEqual([200, 401, 200]);
    expect(await as(leadCookie, "DELETE", `${path}?session=${second}`)).toMatchObject(refusal(404, "not_found"));
    const own = (await as(leadCookie, "GET", "/api/me")).body.session.id;
    expect(await as(leadCookie, "DELETE", `${path}?session=${own}`)).toMatchObject(refusal(404, "not_found"));
    expect((await as(leadCookie, "DELETE", path)).body).toEqual({ ended: 2 });
    expect(await statuses()).toEqual([401, 401, 401]);
    expect((await as(leadCookie, "DELETE", path)).body).toEqual({ ended: 0 });
    const rows = await world.database.sql`
      select actor, before, after from audit_log
      where action = 'member.end_sessions' and target = ${person.userId} order by id`;
    expect(rows).toEqual([
      { actor: lead.userId, before: { sessions: [second] }, after: null },
      { actor: lead.userId, before: { sessions: [expect.any(String), expect.any(String)] }, after: null },
    ]);
  });

  it("neither show nor lose their sessions to somebody below them, or who manages a part of their roles", async () => {
    const above = await world.member(tenant, team, "owner");
    const elsewhere = await world.member(tenant, team, "viewer");
    await world.database.sql`insert into memberships (user_id, organization_id, root_id, role)
      values (${elsewhere.userId}, ${tenant.rootId}, ${tenant.rootId}, 'viewer')`;
    for (const { userId } of [above, elsewhere]) {
      for (const method of ["GET", "DELETE"]) {
        const answer = await as(leadCookie, method, `/api/members/${userId}/sessions`);
        expect(answer).toMatchObject(refusal(403, "permission_denied"));
      }
    }
    const own = `/api/members/${lead.userId}/sessions`;
    expect((await as(leadCookie, "GET", own)).status).toBe(200);
    expect(await as(leadCookie, "DELETE", own)).toMatchObject(refusal(409, "conflict"));
  });

  it("keep the roles that were not named", async () => {
    const member = await world.member(tenant, team, "viewer");
    const cookie = await world.signIn(member);
    const path = `/api/members/${member.userId}`;
    await as(owner, "PATCH", path, { organization_id: below, role: "member" });
    expect((await as(owner, "DELETE", `${path}?organization=${team}`)).body.organization_ids).toEqual([team]);
    expect((await as(cookie, "GET", "/api/me")).body).toMatchObject({ organization: { id: below }, role: "member" });
    expect(await as(owner, "DELETE", `${path}?organization=${team}`)).toMatchObject(refusal(404, "not_found"));
  });
});

describe("the last owner of a root", () => {
  it("neither goes nor steps down", async () => {
    const path = `/api/members/${tenant.userId}`;
    const down = { organization_id: tenant.rootId, role: "admin" };
    await world.member(tenant, team, "owner");
    expect(await as(owner, "PATCH", path, down)).toMatchObject(refusal(409, "last_owner"));
    expect(await as(owner, "DELETE", path)).toMatchObject(refusal(409, "last_owner"));
    expect((await as(owner, "GET", "/api/me")).body.role).toBe("owner");
  });

  it("is not one whom an identity provider made owner: it could take that back", async () => {
    const managed = await world.member(tenant, tenant.rootId, "owner");
    await world.database.sql`update memberships set managed = true where user_id = ${managed.userId}`;
    expect(await as(owner, "DELETE", `/api/members/${tenant.userId}`)).toMatchObject(refusal(409, "last_owner"));
    await as(owner, "DELETE", `/api/members/${managed.userId}`);
  });

  it.each<[string, "own" | "other", "PATCH" | "DELETE"]>([
    ["two owners remove each other", "other", "DELETE"],
    ["two owners make each other less", "other", "PATCH"],
    ["two owners step down", "own", "PATCH"],
    ["two owners leave", "own", "DELETE"],
  ])("stays when %s at the same time", async (_, whom, method) => {
    const duel = await world.tenant("Duel");
    const second = await world.member(duel, duel.rootId, "owner");
    const [first, rival] = [await world.signIn(duel), await world.signIn(second)];
    const body = method === "PATCH" ? { organization_id: duel.rootId, role: "viewer" } : undefined;
    const [mine, theirs] = whom === "own" ? [duel.userId, second.userId] : [second.userId, duel.userId];
    const answers = await Promise.all([
      as(first, method, `/api/members/${mine}`, body),
      as(rival, method, `/api/members/${theirs}`, body),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    // Whose role went first may have nothing to say any more.
    expect([401, 403, 409]).toContain(answers.find(({ status }) => status !== 200)?.status);
    const [left] = await world.database.sql`
      select count(*)::int as n from memberships where organization_id = ${duel.rootId} and role = 'owner'`;
    expect(left?.n).toBe(1);
  });

  it("is not lost by an invitation to less, nor with their organization", async () => {
    const [made] = await invite(owner, { role: "viewer", emails: [newEmail()], organization_id: tenant.rootId });
    await world.database.sql`update invites set email = ${tenant.email} where id = ${made?.id}`;
    const acceptance = { token: made?.token, password: PASSWORD };
    expect(await anonymous("/api/invites/accept", acceptance)).toMatchObject({ status: 201, body: { role: "owner" } });
    for (const [method, path] of [
      ["POST", `/api/organizations/${tenant.rootId}/archive`],
      ["DELETE", `/api/organizations/${tenant.rootId}`],
    ] as const) {
      expect(await as(owner, method, path)).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
    }
    expect((await as(owner, "GET", "/api/me")).body.role).toBe("owner");
  });
});

describe("invitations", () => {
  it("are made many at once, and each line says what became of it", async () => {
    const [good, other] = [newEmail(), newEmail()];
    const emails = [good, "no address", ` ${good.toUpperCase()} `, lead.email, other];
    const answer = await as(leadCookie, "POST", "/api/invites", { role: "member", emails });
    expect(answer.status).toBe(201);
    expect(answer.body.data).toMatchObject([
      { email: good, status: "invited", organization_id: team, role: "member" },
      { email: "no address", status: "refused", error: { code: "invalid_value", param: "emails[1]" } },
      { status: "refused", error: { code: "conflict", param: "emails[2]" } },
      { email: lead.email, status: "refused", error: { code: "conflict", param: "emails[3]" } },
      { email: other, status: "invited" },
    ]);
    const [first] = answer.body.data;
    expect(first.url).toBe(`https://gaia.example/invite#${first.token}`);
    const listed = await as(leadCookie, "GET", "/api/invites");
    // Others may have been made in the same millisecond.
    const shown = listed.body.data.filter(({ email }: { email: string }) => [good, other].includes(email));
    expect(shown).toMatchObject([{ status: "open" }, { status: "open" }]);
    expect(JSON.stringify(listed.body)).not.toContain("gaia-invite-");
    const [entry] = (await audited("invite.create")).slice(-1);
    expect(entry).toMatchObject({ actor: lead.userId, target: team, after: { role: "member" } });
    expect(JSON.stringify(await audited("invite.create"))).not.toContain("gaia-invite-");
    expect((await as(leadCookie, "POST", "/api/invites", { role: "member", emails: ["x"] })).status).toBe(200);
  });

  it("are never to a role above the inviter's", async () => {
    const body = { role: "owner", emails: [newEmail()] };
    expect(await as(leadCookie, "POST", "/api/invites", body)).toMatchObject(refusal(403, "permission_denied", "role"));
    const [made] = await invite(owner, { ...body, organization_id: team });
    expect(await as(leadCookie, "DELETE", `/api/invites/${made?.id}`)).toMatchObject(refusal(403, "permission_denied"));
  });

  it("make an account once, which is signed in", async () => {
    const email = newEmail();
    const [made] = await invite(leadCookie, { role: "member", emails: [email], organization_id: below });
    const acceptance = { token: made?.token, name: "Guest", password: "a long new password" };
    const short = { ...acceptance, password: "short" };
    expect(await anonymous("/api/invites/accept", short)).toMatchObject(refusal(400, "invalid_value", "password"));
    const answers = await Promise.all([1, 2, 3].map(() => anonymous("/api/invites/accept", acceptance)));
    const accepted = answers.filter(({ status }) => status === 201);
    expect(accepted).toHaveLength(1);
    expect(accepted[0]?.body).toMatchObject({
      user: { email, name: "Guest" },
      organization: { id: below },
      role: "member",
    });
    const cookie = cookieOf(accepted[0]?.headers ?? new Headers()) ?? "";
    expect((await as(cookie, "GET", "/api/me")).body.user).toMatchObject({ email, name: "Guest", has_password: true });
    expect(await anonymous("/api/invites/accept", acceptance)).toMatchObject(refusal(404, "not_found", "token"));
    const [row] = (await as(leadCookie, "GET", `/api/invites?organization=${below}`)).body.data;
    expect(row).toMatchObject({ id: made?.id, status: "accepted", accepted_by: accepted[0]?.body.user.id });
    expect(await as(leadCookie, "DELETE", `/api/invites/${made?.id}`)).toMatchObject(refusal(409, "conflict"));
    expect((await signIn(email, "a long new password")).status).toBe(200);
  });

  it("give who has an account the role, for that account's own password", async () => {
    const member = await world.member(tenant, below, "viewer");
    const [made] = await invite(owner, { role: "member", emails: [member.email], organization_id: team });
    const accept = (password: string) => anonymous("/api/invites/accept", { token: made?.token, password });
    expect(await accept("another password")).toMatchObject(refusal(400, "invalid_value", "password"));
    expect(await accept(PASSWORD)).toMatchObject({ status: 201, body: { organization: { id: team }, role: "member" } });
    expect((await signIn(member.email, PASSWORD)).status).toBe(200);
  });

  it("are not for an address that has an account with another tenant", async () => {
    const elsewhere = await world.tenant("Elsewhere");
    const [made] = await invite(owner, { role: "viewer", emails: [elsewhere.email] });
    const acceptance = { token: made?.token, password: PASSWORD };
    expect(await anonymous("/api/invites/accept", acceptance)).toMatchObject(refusal(409, "conflict"));
  });

  it("end after seven days, when they are taken back, and when another is made", async () => {
    const email = newEmail();
    const accept = (token: string | undefined) => anonymous("/api/invites/accept", { token, password: PASSWORD });
    const [first] = await invite(owner, { role: "viewer", emails: [email] });
    const [second] = await invite(owner, { role: "viewer", emails: [email] });
    expect(await accept(first?.token)).toMatchObject(refusal(404, "not_found", "token"));
    const back = await as(owner, "DELETE", `/api/invites/${second?.id}`);
    expect(back.body).toMatchObject({ id: second?.id, status: "revoked" });
    expect((await as(owner, "DELETE", `/api/invites/${second?.id}`)).body).toEqual(back.body);
    expect(await accept(second?.token)).toMatchObject(refusal(404, "not_found", "token"));
    const [third] = await invite(owner, { role: "viewer", emails: [email] });
    world.clock.now += 7 * DAY;
    expect(await accept(third?.token)).toMatchObject(refusal(404, "not_found", "token"));
    owner = await world.signIn(tenant);
    leadCookie = await world.signIn(lead);
  });

  it("end with their organization", async () => {
    const email = newEmail();
    const { id } = (await as(owner, "POST", "/api/organizations", { name: "Short-lived" })).body;
    const [made] = await invite(owner, { role: "viewer", emails: [email], organization_id: id });
    expect((await as(owner, "DELETE", `/api/organizations/${id}`)).status).toBe(200);
    const answer = await anonymous("/api/invites/accept", { token: made?.token, password: PASSWORD });
    expect(answer).toMatchObject(refusal(404, "not_found", "token"));
    const again = await as(owner, "POST", "/api/invites", { role: "viewer", emails: [email], organization_id: id });
    expect(again).toMatchObject(refusal(404, "not_found"));
  });

  it("cannot be guessed: a link is ours and for its purpose, and too many guesses are slowed down", async () => {
    const strange = { current: "1", secrets: { "1": "a pepper that is not ours, of forty characters" } };
    const { rootId } = tenant;
    const forged = (await createLinkToken("invite", { peppers: strange, rootId, random: secureRandom })).token;
    const reset = (await createLinkToken("reset", { peppers: PEPPERS, rootId, random: secureRandom })).token;
    for (const token of [forged, reset, reset.replace("reset", "invite"), "gaia-invite-", "x"]) {
      const answer = await anonymous("/api/invites/accept", { token, password: PASSWORD });
      expect(answer).toMatchObject(refusal(404, "not_found", "token"));
    }
    const guess = () => anonymous("/api/invites/accept", { token: forged, password: PASSWORD }, "198.51.100.77");
    const statuses: number[] = [];
    for (let count = 0; count < 105; count++) statuses.push((await guess()).status);
    expect(statuses.filter((status) => status === 404)).toHaveLength(100);
    expect((await guess()).headers.get("retry-after")).toBe("900");
  });
});

describe("links that somebody made", () => {
  const opens = async (invited: Record<string, string> | undefined) => {
    const acceptance = { token: invited?.token, name: "Guest", password: "a long new password" };
    return (await anonymous("/api/invites/accept", acceptance)).status;
  };
  const resets = async (token: string) =>
    (await anonymous("/api/password/reset", { token, password: "a long new password" })).status;

  it.each<[string, (id: string) => Promise<Answer>]>([
    ["is made less", (id) => as(owner, "PATCH", `/api/members/${id}`, { organization_id: team, role: "member" })],
    ["loses the role there", (id) => as(owner, "DELETE", `/api/members/${id}?organization=${team}`)],
    ["is removed", (id) => as(owner, "DELETE", `/api/members/${id}`)],
  ])("end when they have less to give: who made them %s", async (_, change) => {
    const manager = await world.member(tenant, team, "admin");
    const victim = await world.member(tenant, team, "admin");
    const cookie = await world.signIn(manager);
    await as(owner, "PATCH", `/api/members/${manager.userId}`, { organization_id: below, role: "viewer" });
    const at = { "x-gaia-organization": team };
    const by = (path: string, body?: unknown) =>
      world.call("POST", path, { cookie, headers: { ...BROWSER, ...at }, body });
    const emails = [newEmail(), newEmail()];
    const invited = (await by("/api/invites", { role: "admin", emails })).body.data;
    const { body: reset } = await by(`/api/members/${victim.userId}/reset`);
    expect(await opens(invited[0])).toBe(201);
    expect((await change(manager.userId)).status).toBe(200);
    expect([await opens(invited[1]), await resets(reset.token)]).toEqual([404, 404]);
    expect((await signIn(victim.email, PASSWORD)).status).toBe(200);
  });

  it("stay when they have more to give", async () => {
    const manager = await world.member(tenant, team, "admin");
    const [invited] = await invite(await world.signIn(manager), { role: "member", emails: [newEmail()] });
    await as(owner, "PATCH", `/api/members/${manager.userId}`, { organization_id: team, role: "owner" });
    expect(await opens(invited)).toBe(201);
  });

  it("to a role above one's own are not ended by an invitation to less", async () => {
    const emails = [newEmail()];
    const [higher] = await invite(owner, { role: "owner", emails, organization_id: team });
    const [lower] = await invite(leadCookie, { role: "viewer", emails, organization_id: team });
    expect(lower?.status).toBe("invited");
    expect(await opens(higher)).toBe(201);
  });
});

describe("one's own account", () => {
  let me: Person;
  let cookie: string;
  beforeAll(async () => {
    me = await world.member(tenant, team, "member");
    cookie = await world.signIn(me);
  });

  it("tells who one is, where one may act, and what one may do there", async () => {
    const { body } = await as(cookie, "GET", "/api/me");
    expect(body).toMatchObject({
      user: { id: me.userId, email: me.email, locale: null, time_zone: null, has_password: true },
      organization: { id: team, name: "Team" },
      role: "member",
      organizations: [{ id: team, name: "Team", role: "member" }],
      session: {
        id: expect.stringMatching(/^ses_/),
        authenticated_at: expect.any(String),
        expires_at: expect.any(String),
      },
    });
    const { data } = (await as(cookie, "GET", "/api/me/sessions")).body;
    expect(body.session.authenticated_at).toBe(data.find(({ current }: { current: boolean }) => current).created_at);
    expect(body.permissions).toEqual(expect.arrayContaining(["keys:read", "own_keys:write", "me:write"]));
    expect(body.permissions).not.toEqual(expect.arrayContaining(["keys:write"]));
    expect(JSON.stringify(body)).not.toContain("scrypt");
  });

  it("has a name, a language and a time zone of one's own", async () => {
    const body = { name: "Ada", locale: "de-CH", time_zone: "Europe/Zurich" };
    expect((await as(cookie, "PATCH", "/api/me", body)).body.user).toMatchObject(body);
    expect((await as(cookie, "PATCH", "/api/me", { locale: null })).body.user).toMatchObject({ ...body, locale: null });
    for (const [field, value] of [
      ["locale", "not a language"],
      ["time_zone", "Moon/Crater"],
      ["name", ""],
    ] as const) {
      expect(await as(cookie, "PATCH", "/api/me", { [field]: value })).toMatchObject(
        refusal(400, "invalid_value", field),
      );
    }
    expect(await as(cookie, "PATCH", "/api/me", {})).toMatchObject(refusal(400, "missing_required_parameter"));
  });

  it("shows its sessions, and ends one or all others", async () => {
    const [second, third] = [await world.signIn(me), await world.signIn(me)];
    const { body } = await as(cookie, "GET", "/api/me/sessions");
    expect(body.data).toHaveLength(3);
    expect(body.data.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const theirs = (await as(second, "GET", "/api/me")).body.session.id;
    expect((await as(cookie, "DELETE", `/api/me/sessions/${theirs}`)).status).toBe(204);
    expect((await as(second, "GET", "/api/me")).status).toBe(401);
    expect(await as(cookie, "DELETE", `/api/me/sessions/${theirs}`)).toMatchObject(refusal(404, "not_found"));
    const others = (await as(leadCookie, "GET", "/api/me")).body.session.id;
    expect(await as(cookie, "DELETE", `/api/me/sessions/${others}`)).toMatchObject(refusal(404, "not_found"));
    expect((await as(cookie, "DELETE", "/api/me/sessions")).body).toEqual({ ended: 1 });
    expect((await as(third, "GET", "/api/me")).status).toBe(401);
    expect((await as(cookie, "GET", "/api/me")).status).toBe(200);
  });

  it("gets another password for the old one, which signs out everywhere else", async () => {
    const other = await world.signIn(me);
    const change = (old_password: string) =>
      as(cookie, "POST", "/api/me/password", { old_password, new_password: "another long password" });
    expect(await change("not the password")).toMatchObject(refusal(400, "invalid_value", "old_password"));
    const done = await change(PASSWORD);
    expect(done.status).toBe(204);
    for (const old of [cookie, other]) expect((await as(old, "GET", "/api/me")).status).toBe(401);
    cookie = cookieOf(done.headers) ?? "";
    expect((await as(cookie, "GET", "/api/me")).status).toBe(200);
    expect((await signIn(me.email, PASSWORD)).status).toBe(401);
    expect((await signIn(me.email, "another long password")).status).toBe(200);
    const text = JSON.stringify(await audited("user.password"));
    expect(text).toContain(me.userId);
    expect(text).not.toMatch(/scrypt|another long/);
  });

  it("is slowed down where somebody guesses at the old password of an open session", async () => {
    const guess = () =>
      as(cookie, "POST", "/api/me/password", { old_password: "a guess", new_password: "another long password" });
    const statuses: number[] = [];
    for (let count = 0; count < 7; count++) statuses.push((await guess()).status);
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429, 429]);
  });
});

describe("a password that was forgotten", () => {
  it("is replaced by a link, once, which ends all sessions", async () => {
    const member = await world.member(tenant, team, "member");
    const cookie = await world.signIn(member);
    const make = () => as(leadCookie, "POST", `/api/members/${member.userId}/reset`);
    const earlier = await make();
    const made = await make();
    expect(made).toMatchObject({ status: 201, body: { id: member.userId } });
    expect(made.body.url).toBe(`https://gaia.example/reset-password#${made.body.token}`);
    const redeem = (token: string, password = "the password after") =>
      anonymous("/api/password/reset", { token, password });
    expect(await redeem(earlier.body.token)).toMatchObject(refusal(404, "not_found", "token"));
    expect(await redeem(made.body.token, "short")).toMatchObject(refusal(400, "invalid_value", "password"));
    expect((await as(cookie, "GET", "/api/me")).status).toBe(200);
    const answers = await Promise.all([1, 2, 3].map(() => redeem(made.body.token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404]);
    expect((await as(cookie, "GET", "/api/me")).status).toBe(401);
    expect((await signIn(member.email, PASSWORD)).status).toBe(401);
    expect((await signIn(member.email, "the password after")).status).toBe(200);
    expect(JSON.stringify(await audited("member.reset_password"))).not.toContain("gaia-reset-");
  });

  it("is not replaced by a link from before it was changed", async () => {
    const member = await world.member(tenant, team, "member");
    const cookie = await world.signIn(member);
    const { body } = await as(leadCookie, "POST", `/api/members/${member.userId}/reset`);
    const change = { old_password: PASSWORD, new_password: "the member's own choice" };
    expect((await as(cookie, "POST", "/api/me/password", change)).status).toBe(204);
    const late = await anonymous("/api/password/reset", { token: body.token, password: "the password after" });
    expect(late).toMatchObject(refusal(404, "not_found", "token"));
    expect((await signIn(member.email, "the member's own choice")).status).toBe(200);
  });

  it("is not replaced after a day, nor from another site's page", async () => {
    const member = await world.member(tenant, team, "member");
    const { body } = await as(leadCookie, "POST", `/api/members/${member.userId}/reset`);
    const input = { token: body.token, password: "the password after" };
    const headers = { origin: "https://evil.example" };
    for (const path of ["/api/password/reset", "/api/invites/accept"]) {
      expect(await world.call("POST", path, { body: input, headers })).toMatchObject(refusal(403, "csrf_rejected"));
    }
    world.clock.now += DAY;
    expect(await anonymous("/api/password/reset", input)).toMatchObject(refusal(404, "not_found", "token"));
    leadCookie = await world.signIn(lead);
    owner = await world.signIn(tenant);
  });

  it("is not replaced by somebody who does not manage all that its owner may do", async () => {
    const member = await world.member(tenant, team, "member");
    await as(owner, "PATCH", `/api/members/${member.userId}`, { organization_id: tenant.rootId, role: "viewer" });
    const reset = (cookie: string) => as(cookie, "POST", `/api/members/${member.userId}/reset`);
    expect(await reset(leadCookie)).toMatchObject(refusal(403, "permission_denied"));
    expect((await reset(owner)).status).toBe(201);
  });

  it("of somebody who has none is not made", async () => {
    const member = await world.member(tenant, team, "member");
    await world.database.sql`update users set password_hash = null where id = ${member.userId}`;
    expect(await as(owner, "POST", `/api/members/${member.userId}/reset`)).toMatchObject(refusal(409, "conflict"));
    const wrong = await signIn(member.email, PASSWORD);
    expect(wrong).toMatchObject(refusal(401, "invalid_credentials"));
    expect(wrong.body).toEqual((await signIn("nobody@example.com", PASSWORD)).body);
    const [made] = await invite(owner, { role: "member", emails: [member.email] });
    const acceptance = { token: made?.token, password: PASSWORD };
    expect(await anonymous("/api/invites/accept", acceptance)).toMatchObject(refusal(409, "conflict"));
  });
});
