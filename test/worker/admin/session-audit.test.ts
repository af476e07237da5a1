import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminWorld, type Answer, BROWSER, callApi, PASSWORD, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Watched");
});
afterAll(() => world?.close());

const ADDRESS = "203.0.113.7";
const signIn = (password = PASSWORD, address = ADDRESS, email = tenant.email) =>
  callApi(world.api, "POST", "/api/session", { body: { email, password }, headers: { "cf-connecting-ip": address } });
const cookieFrom = (answer: Answer) => answer.headers.get("set-cookie")?.split(";")[0] ?? "";
const as = (cookie: string, method: string, path: string, address = ADDRESS) =>
  world.call(method, path, { cookie, headers: { ...BROWSER, "cf-connecting-ip": address } });
const rows = async (query = "action=session") =>
  (await world.call("GET", `/api/audit?limit=200&${query}`, { key: tenant.adminKey })).body.data;

describe("the audit log tells", () => {
  it("of signing in and out, by which session and from where", async () => {
    const cookie = cookieFrom(await signIn());
    const [opened] = await rows();
    expect(opened).toMatchObject({
      ...{ action: "session.sign_in", actor: tenant.userId, actor_kind: "user", after: { by: "password" } },
      organization_id: tenant.rootId,
    });
    expect([opened.target, opened.session_id]).toEqual([opened.session_id, expect.stringMatching(/^ses_/)]);
    expect(opened.address_hash).toMatch(/^[0-9a-f]{16}$/);
    expect((await as(cookie, "DELETE", "/api/session")).status).toBe(204);
    const [closed] = await rows();
    expect(closed).toMatchObject({
      ...{ action: "session.sign_out", actor: tenant.userId, target: opened.target, session_id: opened.target },
      address_hash: opened.address_hash,
    });
  });

  it("of sessions that somebody ends: one, all the others, and never of none", async () => {
    const [cookie, ...others] = [await signIn(), await signIn(), await signIn()].map(cookieFrom) as [
      string,
      ...string[],
    ];
    const { data } = (await as(cookie, "GET", "/api/me/sessions")).body;
    const own = data.find(({ current }: { current: boolean }) => current).id;
    const [one, ...rest] = data.map(({ id }: { id: string }) => id).filter((id: string) => id !== own);
    expect(others).toHaveLength(2);
    expect((await as(cookie, "DELETE", `/api/me/sessions/${one}`)).status).toBe(204);
    expect((await rows())[0]).toMatchObject({ action: "session.end", target: one, session_id: own });
    expect((await as(cookie, "DELETE", "/api/me/sessions")).body).toEqual({ ended: rest.length });
    const [ended] = await rows();
    expect(ended).toMatchObject({ action: "session.end_others", target: tenant.userId, session_id: own });
    expect([...ended.before.sessions].sort()).toEqual([...rest].sort());
    const before = await rows();
    expect((await as(cookie, "DELETE", "/api/me/sessions")).body).toEqual({ ended: 0 });
    expect((await as(cookie, "DELETE", `/api/me/sessions/${one}`)).status).toBe(404);
    expect(await rows()).toEqual(before);
  });

  it("of an account that guessing has shut: one row, not one for each try, and none for who is nobody", async () => {
    const before = (await rows("action=session.lockout")).length;
    for (let attempt = 0; attempt < 4; attempt++) await signIn("a wrong password", "198.51.100.9");
    expect(await rows("action=session.lockout")).toHaveLength(before);
    const answers = await Promise.all([1, 2, 3, 4].map(() => signIn("a wrong password", "198.51.100.9")));
    expect(answers.map(({ status }) => status).sort()).toEqual([401, 429, 429, 429]);
    const shut = await rows("action=session.lockout");
    expect(shut).toHaveLength(before + 1);
    expect(shut[0]).toMatchObject({ actor: "anonymous", actor_kind: "other", target: tenant.userId, session_id: null });
    expect(shut[0].address_hash).toMatch(/^[0-9a-f]{16}$/);
    const [{ all }] = (await world.database.sql`select count(*)::int as all from audit_log`) as [{ all: number }];
    for (let attempt = 0; attempt < 6; attempt++) await signIn("x", "198.51.100.10", "nobody@example.com");
    expect(await world.database.sql`select count(*)::int as all from audit_log`).toEqual([{ all }]);
  });
});

describe("the log is narrowed", () => {
  it("to an address, and to a range of them", async () => {
    await signIn(PASSWORD, "192.0.2.1");
    await signIn(PASSWORD, "192.0.2.200");
    await signIn(PASSWORD, "2001:db8::1");
    const found = async (ip: string) => (await rows(`ip=${encodeURIComponent(ip)}`)).length;
    expect(await found("192.0.2.1")).toBe(1);
    expect(await found("192.0.2.0/24")).toBe(2);
    expect(await found("192.0.2.128/25")).toBe(1);
    expect(await found("2001:0DB8:0:0:0:0:0:1")).toBe(1);
    expect(await found("192.0.2.2")).toBe(0);
    const { body } = await world.call("GET", "/api/audit/export?ip=192.0.2.0/24", { key: tenant.adminKey });
    expect(body.trim().split("\n")).toHaveLength(2);
  });

  it("to a time before now", async () => {
    world.clock.now += 3_600_000;
    await signIn();
    expect(await rows("from=-5m&action=session")).toHaveLength(1);
    expect((await rows("from=-90m&to=-30m&action=session")).length).toBeGreaterThan(1);
    expect(await rows("to=-1d")).toEqual([]);
  });

  it.each([
    ["ip=10.0.0.0/8", "ip", /at most 256 addresses/],
    ["ip=2001:db8::/64", "ip", /at most 256 addresses/],
    ["ip=nobody", "ip", /Must be an IP address/],
    ["from=-1y", "from", /like -30d/],
    ["from=-1h&to=-2h", "to", /later than 'from'/],
  ])("but not by ?%s", async (query, param, message) => {
    const answer = await world.call("GET", `/api/audit?${query}`, { key: tenant.adminKey });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param } } });
    expect(answer.body.error.message).toMatch(message);
  });
});
