import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLAIM_LOST } from "../../../drizzle/idempotency-claim.ts";
import { ROUTE_PERMISSIONS } from "../../../worker/api/admin/permissions.ts";
import { commitAct } from "../../../worker/organizations/change.ts";
import { dropIdempotencyKeys } from "../../../worker/organizations/idempotency.ts";
import { createSoftwarePasskey } from "../../support/software-passkey.ts";
import { LIMIT, WEBHOOK } from "./routes.ts";
import { codeOf, openBrowser } from "./second-factors.ts";
import { type AdminWorld, type Answer, BROWSER, cookieOf, PASSWORD, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let other: Tenant;
let cookie: string;
let team: string;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant();
  other = await world.tenant();
  cookie = await world.signIn(tenant);
  team = (await asKey("POST", "/api/organizations", { body: { name: "Team" } })).body.id;
});
afterAll(() => world.close());

/** A key that no test has used. */
let fresh: string;
let used = 0;
beforeEach(() => {
  fresh = `request-${++used}`;
});

interface Sent {
  body?: unknown;
  key?: string;
  /** The `Idempotency-Key`. */
  once?: string;
  headers?: Record<string, string>;
}
const asKey = (method: string, path: string, { body, key = tenant.adminKey, once, headers }: Sent = {}) =>
  world.call(method, path, {
    ...{ key, body },
    headers: { ...headers, ...(once === undefined ? {} : { "idempotency-key": once }) },
  });
const asPerson = (method: string, path: string, { body, once }: Sent = {}) =>
  world.call(method, path, {
    ...{ cookie, body },
    headers: { ...BROWSER, ...(once === undefined ? {} : { "idempotency-key": once }) },
  });
const isReplay = ({ headers }: Answer) => headers.get("idempotency-replayed") === "true";
const code = ({ status, body }: Answer) => (status < 400 ? String(status) : `${status} ${body.error.code}`);
const keysNamed = async (name: string): Promise<number> =>
  (await world.database.sql`select id from api_keys where name = ${name}`).length;
const rows = async (action: string): Promise<number> =>
  (await world.database.sql`select id from audit_log where action = ${action}`).length;

describe("a write that is sent again with its Idempotency-Key", () => {
  it("happens once, and is answered alike: a key that is shown once too", async () => {
    const send = (once: string) => asKey("POST", "/api/keys", { body: { name: fresh }, once });
    const [first, again, quoted] = [await send(fresh), await send(fresh), await send(`"${fresh}"`)];
    expect([first.status, isReplay(first)]).toEqual([201, false]);
    expect(first.body.key).toMatch(/^sk-gaia-/);
    for (const replay of [again, quoted]) {
      expect([replay.status, replay.body, isReplay(replay)]).toEqual([201, first.body, true]);
      expect(replay.headers.get("etag")).toBe('"1"');
      expect(replay.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    }
    expect(await keysNamed(fresh)).toBe(1);
  });

  it("is its caller's own: another caller's key of the same text is another", async () => {
    const lead = await asKey("POST", "/api/keys", { body: { name: "Lead", permissions: ["admin"] } });
    for (const key of [tenant.adminKey, lead.body.key, other.adminKey]) {
      const answer = await asKey("POST", "/api/keys", { body: { name: fresh }, key, once: fresh });
      expect([answer.status, isReplay(answer)]).toEqual([201, false]);
    }
    expect(await keysNamed(fresh)).toBe(3);
  });

  it("is given to nobody who may not do it any more", async () => {
    const person = await world.member(tenant, team, "admin");
    cookie = await world.signIn(person);
    const send = () => asPerson("POST", "/api/limits", { body: { ...LIMIT, organization_id: team }, once: fresh });
    expect(code(await send())).toBe("201");
    await world.database.sql`update memberships set role = 'viewer' where user_id = ${person.userId}`;
    expect(code(await send())).toBe("403 permission_denied");
    cookie = await world.signIn(tenant);
  });

  it.each<[string, string, string, Sent]>([
    ["another body", "POST", "/api/organizations", { body: { name: "Other" } }],
    ["the same body written otherwise", "POST", "/api/organizations", { body: '{"name": "One"}' }],
    ["another path", "POST", "/api/keys", { body: { name: "One" } }],
    ["another query", "POST", "/api/organizations?x=1", { body: { name: "One" } }],
    ["another method", "PUT", "/api/routes", { body: { name: "One" } }],
  ])("is refused with %s", async (_, method, path, sent) => {
    expect(code(await asKey("POST", "/api/organizations", { body: { name: "One" }, once: fresh }))).toBe("201");
    const before = await rows("organization.create");
    const answer = await asKey(method, path, { ...sent, once: fresh });
    expect(code(answer)).toBe("409 idempotency_mismatch");
    expect(await rows("organization.create")).toBe(before);
  });

  it("is made anew after a day", async () => {
    const send = (name: string) => asKey("POST", "/api/organizations", { body: { name }, once: fresh });
    const first = await send("One");
    world.clock.now += 24 * 3_600_000 - 1;
    expect((await send("One")).body.id).toBe(first.body.id);
    world.clock.now += 1;
    const next = await send("Other");
    expect([next.status, next.body.name, isReplay(next)]).toEqual([201, "Other", false]);
  });

  it("of many at the same time happens once: the others are told to wait, or get its answer", async () => {
    const send = () => asKey("POST", "/api/keys", { body: { name: fresh }, once: fresh });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    const made = answers.filter((answer) => answer.status === 201);
    expect(made.filter((answer) => !isReplay(answer))).toHaveLength(1);
    expect(new Set(made.map(({ body }) => body.key)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect([code(answer), answer.headers.get("retry-after")]).toEqual(["409 idempotency_in_progress", "1"]);
    }
    expect(await keysNamed(fresh)).toBe(1);
  });

  it("that was refused before anything changed may be mended", async () => {
    const send = (body: object) => asKey("POST", "/api/limits", { body, once: fresh });
    expect(code(await send({ ...LIMIT, window: "year" }))).toBe("400 invalid_value");
    expect(code(await send({ ...LIMIT, organization_id: "org_00000000" }))).toBe("404 not_found");
    expect(code(await send({ ...LIMIT, organization_id: tenant.rootId }))).toBe("201");
  });
});

describe("a request that reads", () => {
  it.each<[string, string, Sent]>([
    ["GET", "/api/keys", {}],
    ["POST", "/api/routes/dry-run", { body: { model: 1 } }],
    ["POST", "/api/stats/what-if", { body: { model: 1 } }],
    ["POST", "/api/limits/simulate", { body: { metric: 1 } }],
  ])("%s %s takes no key", async (method, path, sent) => {
    const [without, once, again] = [
      await asKey(method, path, sent),
      await asKey(method, path, { ...sent, once: fresh }),
      await asKey(method, path, { ...sent, once: "not a key" }),
    ];
    expect([once.status, again.status, isReplay(again)]).toEqual([without.status, without.status, false]);
  });
});

it.each([" ", "two words", "", '"', '"open', "käse", "x".repeat(256), "a\tb"])("refuses the key %j", async (once) => {
  const answer = await asKey("POST", "/api/keys", { body: { name: fresh }, once });
  expect(code(answer)).toBe("400 invalid_header");
  expect(await keysNamed(fresh)).toBe(0);
});

describe("what people do", () => {
  /** Every write that `audit-log.test.ts` does not send twice, for a key may not, or nothing of it is logged. */
  const CHANGES: [route: string, act: (once: string) => Promise<Answer>][] = [
    ["PATCH /api/me", (once) => asPerson("PATCH", "/api/me", { body: { name: "Me" }, once })],
    [
      "POST /api/invites",
      (once) => asPerson("POST", "/api/invites", { body: { role: "viewer", emails: ["a@example.com"] }, once }),
    ],
    [
      "DELETE /api/invites/:id",
      async (once) =>
        asPerson("DELETE", `/api/invites/${(await asPerson("GET", "/api/invites")).body.data[0].id}`, { once }),
    ],
    [
      "PATCH /api/members/:id",
      (once) => asPerson("PATCH", `/api/members/${member}`, { body: { organization_id: team, role: "member" }, once }),
    ],
    ["POST /api/members/:id/reset", (once) => asPerson("POST", `/api/members/${member}/reset`, { once })],
    ["DELETE /api/members/:id", (once) => asPerson("DELETE", `/api/members/${member}`, { once })],
    ["DELETE /api/me/sessions/:id", (once) => asPerson("DELETE", `/api/me/sessions/${session}`, { once })],
    ["DELETE /api/me/sessions", (once) => asPerson("DELETE", "/api/me/sessions", { once })],
    [
      "POST /api/me/password",
      async (once) => {
        const body = { old_password: PASSWORD, new_password: "another long password" };
        const answer = await asPerson("POST", "/api/me/password", { body, once });
        // The session has ended with the password it was opened by.
        cookie = cookieOf(answer.headers) ?? cookie;
        return answer;
      },
    ],
    ["POST /api/me/totp/confirm", (once) => ofCareful("POST", "/api/me/totp/confirm", once, { code: appCode })],
    ["POST /api/me/recovery-codes", (once) => ofCareful("POST", "/api/me/recovery-codes", once)],
    ["POST /api/me/passkeys", (once) => ofCareful("POST", "/api/me/passkeys", once, { name: "One", credential: made })],
    [
      "PATCH /api/me/passkeys/:id",
      async (once) => {
        ownPasskey = (await careful.send("GET", "/api/me/second-factors")).body.passkeys[0].id;
        return ofCareful("PATCH", `/api/me/passkeys/${ownPasskey}`, once, { name: "Other" });
      },
    ],
    ["POST /api/me/confirm", (once) => ofCareful("POST", "/api/me/confirm", once, { password: PASSWORD })],
    [
      "POST /api/me/confirm/passkey",
      async (once) => {
        shown ??= await passkey.get((await careful.send("POST", "/api/session/passkey/options")).body);
        return ofCareful("POST", "/api/me/confirm/passkey", once, { credential: shown });
      },
    ],
    ["DELETE /api/me/passkeys/:id", (once) => ofCareful("DELETE", `/api/me/passkeys/${ownPasskey}`, once)],
    ["DELETE /api/members/:id/sessions", (once) => asPerson("DELETE", `/api/members/${elsewhere}/sessions`, { once })],
    [
      "DELETE /api/members/:id/second-factors",
      (once) => asPerson("DELETE", `/api/members/${lost}/second-factors`, { once }),
    ],
    ["DELETE /api/me/totp", (once) => ofCareful("DELETE", "/api/me/totp", once)],
    ["POST /api/webhooks/:id/test", (once) => asKey("POST", `/api/webhooks/${webhook}/test`, { once })],
    ["POST /api/reconciliations", (once) => asKey("POST", "/api/reconciliations", { once })],
  ];
  let member: string;
  let lost: string;
  let elsewhere: string;
  let careful: ReturnType<typeof openBrowser>;
  let appCode: string;
  let passkey: Awaited<ReturnType<typeof createSoftwarePasskey>>;
  let made: object;
  let shown: object | undefined;
  let ownPasskey: string;
  const ofCareful = (method: string, path: string, once: string, body?: object) =>
    careful.send(method, path, body, { "idempotency-key": once });
  let session: string;
  let webhook: string;
  beforeAll(async () => {
    member = (await world.member(tenant, team, "viewer")).userId;
    lost = (await world.member(tenant, team, "viewer")).userId;
    await world.database.sql`
      insert into totp_secrets (user_id, root_id, sealed_secret, last_step) values (${lost}, ${tenant.rootId}, '', 0)`;
    const seen = await world.member(tenant, team, "viewer");
    await world.signIn(seen);
    elsewhere = seen.userId;
    careful = openBrowser(world);
    await careful.signIn((await world.member(tenant, team, "viewer")).email, PASSWORD);
    appCode = codeOf((await careful.send("POST", "/api/me/totp")).body.secret, world.clock.now);
    passkey = await createSoftwarePasskey(BROWSER.origin);
    made = await passkey.create((await careful.send("POST", "/api/me/passkeys/options")).body);
    const { email } = await world.member(tenant, tenant.rootId, "owner");
    await world.signIn({ email });
    cookie = await world.signIn({ email });
    const { data } = (await asPerson("GET", "/api/me/sessions")).body;
    session = data.find(({ current }: { current: boolean }) => !current).id;
    webhook = (await asKey("POST", "/api/webhooks", { body: WEBHOOK })).body.id;
  });
  afterAll(async () => {
    cookie = await world.signIn(tenant);
  });

  it.each(CHANGES)("%s happens once", async (_, act) => {
    const before = await world.database.sql`select count(*) from audit_log`;
    const first = await act(fresh);
    const between = await world.database.sql`select count(*) from audit_log`;
    const again = await act(fresh);
    expect([first.status < 300, isReplay(first), isReplay(again)]).toEqual([true, false, true]);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(await world.database.sql`select count(*) from audit_log`).toEqual(between);
    expect(Number(between[0]?.count) - Number(before[0]?.count)).toBeLessThanOrEqual(1);
    expect(world.reports).toEqual([]);
  });

  it("and every other write is tried in the same way by the test of the audit log", () => {
    const others = Object.entries(ROUTE_PERMISSIONS)
      .filter(([route, permission]) => !route.startsWith("GET ") && permission.endsWith(":write"))
      .map(([route]) => route)
      .filter((route) => /^\S+ \/api\/(me|members|invites)\b|test$|reconciliations$/.test(route));
    expect([...new Set(CHANGES.map(([route]) => route))].sort()).toEqual(others.sort());
  });
});

describe("a copy of the database", () => {
  it("tells no key, secret or link that an answer has held, and no password that a request has", async () => {
    const invited = { role: "viewer", emails: ["b@example.com"] };
    const answers = [
      await asKey("POST", "/api/keys", { body: { name: fresh }, once: `${fresh}-key` }),
      await asKey("POST", "/api/webhooks", { body: WEBHOOK, once: `${fresh}-webhook` }),
      await asPerson("POST", "/api/invites", { body: invited, once: `${fresh}-invite` }),
    ];
    const [key, webhook, invite] = answers.map(({ body }) => body);
    const rotated = await asKey("POST", `/api/keys/${key.id}/rotate`, { body: { overlap_seconds: 9 }, once: fresh });
    const secrets = [key.key, webhook.secret, invite.data[0].token, rotated.body.key].map((text: string) =>
      text.slice(-40),
    );
    const stored = await world.database.sql`select * from idempotency_keys`;
    const dump = JSON.stringify(stored);
    expect(stored.length).toBeGreaterThan(4);
    expect(secrets.filter((secret) => secret.length < 20 || dump.includes(secret))).toEqual([]);
    expect(stored.every(({ answer }) => answer === null || answer.startsWith("v1."))).toBe(true);
    for (const text of [JSON.stringify({ name: fresh }), `${fresh}-key`, fresh]) {
      expect(dump).not.toContain(createHash("sha256").update(text).digest("hex"));
    }
  });
});

describe("when something breaks", () => {
  /** What the database is asked: the key's claim, the organization's path, how it stands, the change, the answer. */
  const make = () => asKey("POST", "/api/keys", { body: { name: fresh }, once: fresh });
  const broken = async (...faults: ("ok" | "reset" | "ack-lost")[]) => {
    // The Ledger reads what it has missed now, and not in between.
    await asKey("PATCH", `/api/organizations/${team}`, { body: { name: "Team" } });
    world.database.faults.next.push(...faults);
    const answer = await make();
    expect(world.database.faults.next.splice(0)).toEqual([]);
    return answer;
  };
  const afterwards = async (seconds: number) => {
    world.clock.now += seconds * 1000;
    return code(await make());
  };

  it("before the change: it is made by the next one", async () => {
    expect(code(await broken("ok", "ok", "ok", "reset"))).toBe("503 database_unavailable");
    expect(await keysNamed(fresh)).toBe(0);
    expect(await afterwards(0)).toBe("201");
    expect(await keysNamed(fresh)).toBe(1);
  });

  it("after the claim, which nobody heard of: the change is made by the next one", async () => {
    expect(code(await broken("ack-lost"))).toBe("503 database_unavailable");
    expect(await afterwards(0)).toBe("201");
    expect(await keysNamed(fresh)).toBe(1);
  });

  it("before the change, and its sender is dead: the next one waits until that is sure", async () => {
    expect(code(await broken("ok", "ok", "ok", "reset", "reset"))).toBe("503 database_unavailable");
    expect(await afterwards(59)).toBe("409 idempotency_in_progress");
    expect(await afterwards(1)).toBe("201");
    expect(await keysNamed(fresh)).toBe(1);
  });

  it("after the change, which nobody heard of: it is not made again, and the next one is told what there is", async () => {
    expect(code(await broken("ok", "ok", "ok", "ack-lost"))).toBe("503 database_unavailable");
    const again = await make();
    expect(code(again)).toBe("409 idempotency_answer_lost");
    const [made] = await world.database.sql`select id from api_keys where name = ${fresh}`;
    expect(again.body.error.message).toContain(made?.id);
    expect(await keysNamed(fresh)).toBe(1);
  });

  it("between the change and its answer being kept: the answer goes out, and nothing is made again", async () => {
    expect(code(await broken("ok", "ok", "ok", "ok", "reset"))).toBe("201");
    expect(await afterwards(59)).toBe("409 idempotency_in_progress");
    expect(await afterwards(1)).toBe("409 idempotency_answer_lost");
    expect(await afterwards(23 * 3600)).toBe("409 idempotency_answer_lost");
    expect(await keysNamed(fresh)).toBe(1);
  });

  it("after the answer was kept: it is given", async () => {
    expect(code(await broken("ok", "ok", "ok", "ok", "ack-lost"))).toBe("201");
    const again = await make();
    expect([again.status, isReplay(again)]).toEqual([201, true]);
  });

  it("at the Ledger, after a key was revoked: sent again, it tells the Ledger, and revokes nothing twice", async () => {
    const { body: key } = await asKey("POST", "/api/keys", { body: { name: fresh } });
    const send = () => asKey("POST", `/api/keys/${key.id}/revoke`, { once: fresh });
    const ledger = world.ledger(tenant.rootId);
    const configure = ledger.configure;
    ledger.configure = () => Promise.reject(new Error("the Ledger is away"));
    const before = await rows("key.revoke");
    expect(code(await send())).toBe("503 ledger_unavailable");
    ledger.configure = configure;
    expect(code(await send())).toBe("200");
    expect(ledger.pushed.at(-1)?.keys).toMatchObject([{ id: key.id, revoked: true }]);
    expect(isReplay(await send())).toBe(true);
    expect(await rows("key.revoke")).toBe(before + 1);
    world.reports.splice(0);
  });

  it("a change whose claim another request has taken is not made", async () => {
    const { database } = world.database;
    const claim = { rootId: tenant.rootId, id: "taken", holder: "dead" };
    const act = commitAct(database, {
      ...{ rootId: tenant.rootId, now: world.clock.now, statements: [] },
      audit: {
        ...{ actor: { id: "x", claim }, action: "test.act", target: "x", organizationId: tenant.rootId },
        ...{ before: null, after: null },
      },
    });
    await expect(act).rejects.toMatchObject({ code: CLAIM_LOST });
    expect(await rows("test.act")).toBe(0);
  });
});

it("the cron takes away what has run out, of every tenant, and nothing else", async () => {
  const { sql, database } = world.database;
  await sql`delete from idempotency_keys`;
  for (const rootId of [tenant.rootId, other.rootId]) {
    for (const hours of [-1, 1]) {
      await sql`insert into idempotency_keys (root_id, id, request, holder, held_until, expires_at)
        values (${rootId}, ${`${hours}`}, 'x', 'x', now(), now() + make_interval(hours => ${hours}))`;
    }
  }
  await dropIdempotencyKeys(database);
  expect(await sql`select id from idempotency_keys`).toEqual([{ id: "1" }, { id: "1" }]);
});
