import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSoftwarePasskey, type Misdeeds } from "../../support/software-passkey.ts";
import { codeOf, openBrowser } from "./second-factors.ts";
import { type AdminWorld, BROWSER, PASSWORD, type Person, startAdminWorld, type Tenant } from "./support.ts";

const MINUTES = 60_000;

let world: AdminWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Careful");
});
afterAll(() => world?.close());

let addresses = 0;
/** A browser at a network address of its own, so that no test's failures count for another's. */
const browser = () => openBrowser(world, `198.51.100.${++addresses}`);
const member = (role: Parameters<AdminWorld["member"]>[2] = "member") => world.member(tenant, tenant.rootId, role);

/** Somebody signed in by their password alone. */
async function signedIn(person?: Person) {
  const { email, userId } = person ?? (await member());
  const here = browser();
  expect((await here.signIn(email, PASSWORD)).status).toBe(200);
  return { email, userId, here };
}
/** Somebody with an authenticator app, at the next step, so that a code can be taken. */
async function withTotp() {
  const who = await signedIn();
  const { secret, confirmed } = await who.here.enrolTotp();
  expect(confirmed.status).toBe(201);
  world.clock.now += 30_000;
  return {
    ...who,
    secret,
    codes: confirmed.body.recovery_codes as string[],
    code: () => codeOf(secret, world.clock.now),
  };
}
async function withPasskey(counts = true) {
  const who = await signedIn();
  const { passkey, added } = await who.here.addPasskey("Laptop", createSoftwarePasskey(BROWSER.origin, counts));
  expect(added.status).toBe(201);
  return { ...who, passkey, added };
}
const audited = async (action: string) =>
  (await world.call("GET", `/api/audit?limit=200&action=${action}`, { key: tenant.adminKey })).body.data;
const refused = (status: number, code: string) => ({ status, body: { error: { code } } });
const SESSION = "__Host-gaia-session";

describe("an authenticator app", () => {
  it("is set up by a code of it, with recovery codes; nothing is stored before, and only sealed", async () => {
    const { here, userId } = await signedIn();
    const begun = await here.send("POST", "/api/me/totp");
    expect((await here.send("GET", "/api/me/second-factors")).body).toMatchObject({ available: true, totp: null });
    const wrong = await here.send("POST", "/api/me/totp/confirm", { code: "000000" });
    expect(wrong).toMatchObject({ ...refused(400, "invalid_value"), body: { error: { param: "code" } } });
    const code = codeOf(begun.body.secret, world.clock.now);
    const made = await here.send("POST", "/api/me/totp/confirm", { code: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect(made.status).toBe(201);
    expect(made.body.recovery_codes).toHaveLength(10);
    expect((await here.send("GET", "/api/me/second-factors")).body).toMatchObject({
      ...{ totp: { created_at: new Date(world.clock.now).toISOString() }, recovery_codes: 10, passkeys: [] },
    });
    expect(await here.send("POST", "/api/me/totp")).toMatchObject(refused(409, "conflict"));
    const stored = JSON.stringify(
      await world.database.sql`
        select t, (select json_agg(r) from recovery_codes r) from totp_secrets t where user_id = ${userId}`,
    );
    const log = JSON.stringify(await world.database.sql`select * from audit_log`);
    for (const secret of [begun.body.secret, ...made.body.recovery_codes]) {
      expect(stored + log).not.toContain(secret);
      expect(stored + log).not.toContain(secret.replaceAll("-", ""));
    }
    const [row] = await audited("totp.create");
    expect(row).toMatchObject({ actor: userId, target: userId, session_id: expect.stringMatching(/^ses_/) });
  });

  it("is somebody's own: what one browser began another cannot confirm, nor after five minutes", async () => {
    const [{ here }, other] = [await signedIn(), await signedIn()];
    const { body } = await here.send("POST", "/api/me/totp");
    const code = { code: codeOf(body.secret, world.clock.now) };
    expect(await other.here.send("POST", "/api/me/totp/confirm", code)).toMatchObject(refused(409, "conflict"));
    world.clock.now += 5 * MINUTES;
    const late = { code: codeOf(body.secret, world.clock.now) };
    expect(await here.send("POST", "/api/me/totp/confirm", late)).toMatchObject(refused(403, "confirmation_required"));
    await here.send("POST", "/api/me/confirm", { password: PASSWORD });
    expect(await here.send("POST", "/api/me/totp/confirm", late)).toMatchObject(refused(409, "conflict"));
  });
});

describe("signing in with a code", () => {
  it("opens no session by the password alone, and one by the code, which is told", async () => {
    const { email, code } = await withTotp();
    const here = browser();
    const half = await here.signIn(email, PASSWORD);
    expect(half).toMatchObject({ status: 202, body: { second_factors: ["totp", "recovery_code"] } });
    expect(here.jar.names()).toEqual(["__Host-gaia-second-factor"]);
    expect(half.headers.get("set-cookie")).toMatch(/HttpOnly; Secure; SameSite=Strict/);
    expect(await here.send("GET", "/api/me")).toMatchObject({ status: 401 });
    const done = await here.send("POST", "/api/session/code", { code: code() });
    expect(done).toMatchObject({ status: 200, body: { user: { email } } });
    expect(here.jar.names()).toEqual([SESSION]);
    expect((await here.send("GET", "/api/me")).status).toBe(200);
    const [row] = await audited("session.sign_in");
    expect(row.after).toEqual({ by: "password", second_factor: "totp" });
  });

  it("takes each code once, and none of before it", async () => {
    const { email, secret, code } = await withTotp();
    const before = codeOf(secret, world.clock.now - 30_000);
    const here = browser();
    await here.signIn(email, PASSWORD);
    const [first, second] = await Promise.all([
      here.send("POST", "/api/session/code", { code: code() }),
      here.send("POST", "/api/session/code", { code: code() }),
    ]);
    expect([first.status, second.status].sort()).toEqual([200, 401]);
    for (const used of [code(), before]) {
      const again = browser();
      await again.signIn(email, PASSWORD);
      expect(await again.send("POST", "/api/session/code", { code: used })).toMatchObject(
        refused(401, "invalid_credentials"),
      );
    }
  });

  it("does not take the code that set the app up a second time", async () => {
    const { here, email } = await signedIn();
    const { secret } = await here.enrolTotp();
    const another = browser();
    await another.signIn(email, PASSWORD);
    const code = codeOf(secret, world.clock.now);
    expect((await another.send("POST", "/api/session/code", { code })).status).toBe(401);
  });

  it("refuses whatever is wrong in the same words, and counts it with wrong passwords until one must wait", async () => {
    const { email, codes } = await withTotp();
    const here = browser();
    await here.signIn(email, "not the password");
    const said = new Set<string>();
    for (const code of ["000000", "0000-0000-0000-0000", "x", codes[0]?.slice(1) ?? ""]) {
      // A right password takes nothing back: whoever has found it out would have as many codes to try as they like.
      await here.signIn(email, PASSWORD);
      const answer = await here.send("POST", "/api/session/code", { code });
      expect(answer).toMatchObject(refused(401, "invalid_credentials"));
      said.add(answer.body.error.message);
    }
    expect(said.size).toBe(1);
    const [lockout] = await audited("session.lockout");
    expect(lockout).toMatchObject({ actor: "anonymous" });
    const shut = await here.send("POST", "/api/session/code", { code: codes[0] });
    expect(shut).toMatchObject(refused(429, "too_many_attempts"));
    expect(Number(shut.headers.get("retry-after"))).toBe(15 * 60);
    expect((await here.signIn(email, PASSWORD)).status).toBe(429);
    world.clock.now += 15 * MINUTES;
    await here.signIn(email, PASSWORD);
    expect((await here.send("POST", "/api/session/code", { code: codes[0] })).status).toBe(200);
  });

  it("is over after five minutes, in another browser, and when the password changes meanwhile", async () => {
    const { email, userId, here: own, code } = await withTotp();
    const elsewhere = browser();
    expect((await elsewhere.send("POST", "/api/session/code", { code: code() })).status).toBe(401);
    const slow = browser();
    await slow.signIn(email, PASSWORD);
    world.clock.now += 5 * MINUTES;
    expect((await slow.send("POST", "/api/session/code", { code: code() })).status).toBe(401);
    const begun = browser();
    await begun.signIn(email, PASSWORD);
    const changed = await own.send("POST", "/api/me/password", {
      old_password: PASSWORD,
      new_password: `${PASSWORD}!`,
    });
    expect(changed.status).toBe(204);
    expect((await begun.send("POST", "/api/session/code", { code: code() })).status).toBe(401);
    expect(
      await world.database.sql`select 1 from sessions where user_id = ${userId} and revoked_at is null`,
    ).toHaveLength(1);
  });

  it("takes a recovery code once, however it is typed, and tells of it", async () => {
    const { email, userId, codes } = await withTotp();
    const here = browser();
    await here.signIn(email, PASSWORD);
    const [first = ""] = codes;
    const done = await here.send("POST", "/api/session/code", { code: first.toUpperCase().replaceAll("-", " ") });
    expect(done.status).toBe(200);
    expect((await here.send("GET", "/api/me/second-factors")).body.recovery_codes).toBe(9);
    expect((await audited("recovery_code.use"))[0]).toMatchObject({ actor: userId, target: userId });
    expect((await audited("session.sign_in"))[0].after).toEqual({ by: "password", second_factor: "recovery_code" });
    const again = browser();
    await again.signIn(email, PASSWORD);
    expect((await again.send("POST", "/api/session/code", { code: first })).status).toBe(401);
    const { body } = await here.send("POST", "/api/me/recovery-codes");
    expect((await again.send("POST", "/api/session/code", { code: codes[1] })).status).toBe(401);
    expect((await again.send("POST", "/api/session/code", { code: body.recovery_codes[0] })).status).toBe(200);
  });

  it("is asked for by an invitation too", async () => {
    const { email, code } = await withTotp();
    const owner = await world.signIn(tenant);
    const team = await world.call("POST", "/api/organizations", { key: tenant.adminKey, body: { name: "Team" } });
    const body = { role: "admin", organization_id: team.body.id, emails: [email] };
    const invited = await world.call("POST", "/api/invites", { cookie: owner, headers: BROWSER, body });
    const here = browser();
    const { token } = invited.body.data[0];
    const accepted = await here.send("POST", "/api/invites/accept", { token, password: PASSWORD });
    expect(accepted).toMatchObject({ status: 202, body: { second_factors: ["totp", "recovery_code"] } });
    expect(here.jar.names()).not.toContain(SESSION);
    expect((await here.send("POST", "/api/session/code", { code: code() })).status).toBe(200);
  });
});

describe("a passkey", () => {
  it("is registered, lets in without a password, and counts as used", async () => {
    const { here, email, userId, passkey, added } = await withPasskey();
    expect(added.body).toMatchObject({ name: "Laptop", last_used_at: null });
    expect(added.body.recovery_codes).toHaveLength(10);
    world.clock.now += 1_000;
    expect((await here.addPasskey("Phone")).added.body.recovery_codes).toBeNull();
    const another = browser();
    const done = await another.signInByPasskey(passkey);
    expect(done).toMatchObject({ status: 200, body: { user: { id: userId, email } } });
    expect(another.jar.names()).toEqual([SESSION]);
    const { passkeys } = (await another.send("GET", "/api/me/second-factors")).body;
    expect(passkeys[0].last_used_at).toBe(new Date(world.clock.now).toISOString());
    expect((await audited("session.sign_in"))[0].after).toEqual({ by: "passkey", passkey: added.body.id });
    expect(await browser().signIn(email, PASSWORD)).toMatchObject({
      ...{ status: 202, body: { second_factors: ["passkey", "recovery_code"] } },
    });
  });

  it("is not taken where anything is not as it must be, neither made nor shown", async () => {
    const MISDEEDS: [what: string, misdeeds: Misdeeds][] = [
      ["another site", { origin: "https://evil.example" }],
      ["a site below ours", { origin: "https://x.gaia.example" }],
      ["another relying party", { rpId: "evil.example" }],
      ["a challenge of its own", { challenge: "AAAA" }],
      ["nobody it has verified", { unverified: true }],
    ];
    const { here, passkey } = await withPasskey();
    for (const [what, misdeeds] of MISDEEDS) {
      const answer = await browser().signInByPasskey(passkey, misdeeds);
      expect(answer, what).toMatchObject(refused(401, "invalid_credentials"));
      const { body } = await here.send("POST", "/api/me/passkeys/options");
      const credential = await (await createSoftwarePasskey(BROWSER.origin)).create(body, misdeeds);
      const made = await here.send("POST", "/api/me/passkeys", { name: "Other", credential });
      expect(made, what).toMatchObject(refused(400, "invalid_value"));
    }
    expect((await browser().signInByPasskey(passkey)).status).toBe(200);
  });

  it("is not taken from a copy, whose counter stays behind; one that does not count is", async () => {
    const { passkey } = await withPasskey();
    expect((await browser().signInByPasskey(passkey)).status).toBe(200);
    expect((await browser().signInByPasskey(passkey, { counter: 2 })).status).toBe(401);
    expect((await browser().signInByPasskey(passkey, { counter: 3 })).status).toBe(200);
    const { passkey: uncounted } = await withPasskey(false);
    for (const _ of [1, 2]) expect((await browser().signInByPasskey(uncounted)).status).toBe(200);
  });

  it("answers a challenge once, of its own browser, within five minutes", async () => {
    const { passkey, here: own } = await withPasskey();
    const here = browser();
    const { body } = await here.send("POST", "/api/session/passkey/options");
    const kept = here.jar.text;
    const credential = await passkey.get(body);
    const other = browser();
    expect((await other.send("POST", "/api/session/passkey", { credential })).status).toBe(401);
    expect((await here.send("POST", "/api/session/passkey", { credential })).status).toBe(200);
    const replayed = await world.call("POST", "/api/session/passkey", {
      ...{ cookie: kept, headers: BROWSER, body: { credential: await passkey.get(body) } },
    });
    expect(replayed.status).toBe(401);
    const late = browser();
    const { body: old } = await late.send("POST", "/api/session/passkey/options");
    world.clock.now += 5 * MINUTES;
    expect((await late.send("POST", "/api/session/passkey", { credential: await passkey.get(old) })).status).toBe(401);
    await own.send("POST", "/api/me/confirm", { password: PASSWORD });
    const { body: twice } = await own.send("POST", "/api/me/passkeys/options");
    const keptTwice = own.jar.text;
    for (const expected of [201, 409]) {
      const made = await (await createSoftwarePasskey(BROWSER.origin)).create(twice);
      const sent = { cookie: keptTwice, headers: BROWSER, body: { name: "Again", credential: made } };
      expect((await world.call("POST", "/api/me/passkeys", sent)).status).toBe(expected);
    }
  });

  it("of another tenant, one that was removed and a forged handle are refused alike", async () => {
    const { here, passkey, added } = await withPasskey();
    const taken = await here.addPasskey("Same", Promise.resolve(passkey));
    expect(taken.added).toMatchObject(refused(409, "conflict"));
    expect((await here.send("DELETE", `/api/me/passkeys/${added.body.id}`)).status).toBe(204);
    const removed = await browser().signInByPasskey(passkey);
    const there = browser();
    const { body } = await there.send("POST", "/api/session/passkey/options");
    const shown = await passkey.get(body);
    const forged = {
      ...shown,
      response: { ...shown.response, userHandle: Buffer.from("1aaaaaaaabbbbbbbbbbbbAAAAAAAA").toString("base64url") },
    };
    const answer = await there.send("POST", "/api/session/passkey", { credential: forged });
    expect([answer.status, answer.body]).toEqual([removed.status, removed.body]);
    expect(removed).toMatchObject(refused(401, "invalid_credentials"));
  });

  it("with a certificate is refused before anything is fetched", async () => {
    const { here } = await signedIn();
    const { body } = await here.send("POST", "/api/me/passkeys/options");
    const credential = await (await createSoftwarePasskey(BROWSER.origin)).create(body);
    const bytes = Buffer.from(credential.response.attestationObject, "base64url");
    const none = bytes.indexOf("none");
    const certified = Buffer.concat([
      bytes.subarray(0, none - 1),
      Buffer.from([0x66]),
      Buffer.from("packed"),
      bytes.subarray(none + 4),
    ]);
    const empty = certified.indexOf("attStmt") + 7;
    const withCertificate = Buffer.concat([
      ...[certified.subarray(0, empty), Buffer.from([0xa1, 0x63]), Buffer.from("x5c"), Buffer.from([0x81, 0x41, 0x00])],
      certified.subarray(empty + 1),
    ]);
    const response = { ...credential.response, attestationObject: withCertificate.toString("base64url") };
    const sent = { name: "Certified", credential: { ...credential, response } };
    expect(await here.send("POST", "/api/me/passkeys", sent)).toMatchObject(refused(400, "invalid_value"));
  });
});

describe("changes of how one gets in", () => {
  const CHANGES: [method: string, path: string, body?: object][] = [
    ["POST", "/api/me/totp"],
    ["POST", "/api/me/totp/confirm", { code: "000000" }],
    ["DELETE", "/api/me/totp"],
    ["POST", "/api/me/recovery-codes"],
    ["POST", "/api/me/passkeys/options"],
    ["DELETE", "/api/me/passkeys/pky_000000000000"],
  ];

  it("want that one has shown who one is in the last five minutes, by password or passkey", async () => {
    const { here, passkey } = await withPasskey();
    world.clock.now += 5 * MINUTES;
    const expectClosed = async () => {
      for (const [method, path, body] of CHANGES) {
        expect(await here.send(method, path, body), path).toMatchObject(refused(403, "confirmation_required"));
      }
    };
    await expectClosed();
    const wrong = await here.send("POST", "/api/me/confirm", { password: "not the password" });
    expect(wrong).toMatchObject({ ...refused(400, "invalid_value"), body: { error: { param: "password" } } });
    const stranger = await withPasskey();
    const { body } = await here.send("POST", "/api/session/passkey/options");
    const strangers = await stranger.passkey.get(body);
    expect((await here.send("POST", "/api/me/confirm/passkey", { credential: strangers })).status).toBe(400);
    await expectClosed();
    expect((await here.send("POST", "/api/me/confirm", { password: PASSWORD })).status).toBe(204);
    expect((await here.send("POST", "/api/me/totp")).status).toBe(200);
    world.clock.now += 5 * MINUTES;
    await expectClosed();
    const { body: options } = await here.send("POST", "/api/session/passkey/options");
    const credential = await passkey.get(options);
    expect((await here.send("POST", "/api/me/confirm/passkey", { credential })).status).toBe(204);
    expect((await audited("session.confirm"))[0].after).toEqual({ by: "passkey" });
    expect((await here.send("POST", "/api/me/totp")).status).toBe(200);
  });

  it("take the recovery codes away with the last second factor, and the password is enough again", async () => {
    const { here, email, added } = await withPasskey();
    await here.enrolTotp();
    expect((await here.send("DELETE", "/api/me/totp")).status).toBe(204);
    expect((await here.send("GET", "/api/me/second-factors")).body).toMatchObject({ totp: null, recovery_codes: 10 });
    expect((await here.send("DELETE", `/api/me/passkeys/${added.body.id}`)).status).toBe(204);
    expect((await here.send("GET", "/api/me/second-factors")).body).toMatchObject({ recovery_codes: 0, passkeys: [] });
    expect((await browser().signIn(email, PASSWORD)).status).toBe(200);
  });

  it("are not for who signs in elsewhere", async () => {
    const { here, userId } = await signedIn();
    await world.database.sql`update users set password_hash = null where id = ${userId}`;
    expect((await here.send("GET", "/api/me/second-factors")).body.available).toBe(false);
    for (const path of ["/api/me/totp", "/api/me/passkeys/options", "/api/me/recovery-codes"]) {
      expect(await here.send("POST", path), path).toMatchObject(refused(409, "conflict"));
    }
    expect(await here.send("POST", "/api/me/confirm", { password: "x" })).toMatchObject(refused(409, "conflict"));
  });
});

describe("a member's second factors", () => {
  const listed = async (id: string) => {
    const { body } = await world.call("GET", "/api/members?limit=200", { key: tenant.adminKey });
    return body.data.find((one: { id: string }) => one.id === id)?.two_factor;
  };

  it("are told in the list, and taken by an administrator, which ends their sessions", async () => {
    const { here, email, userId, passkey } = await withPasskey();
    expect([await listed(userId), await listed(tenant.userId)]).toEqual([true, false]);
    const admin = await signedIn(await member("admin"));
    expect((await admin.here.send("GET", `/api/members/${userId}`)).body.two_factor).toBe(true);
    expect((await admin.here.send("DELETE", `/api/members/${userId}/second-factors`)).status).toBe(204);
    expect(await listed(userId)).toBe(false);
    expect((await here.send("GET", "/api/me")).status).toBe(401);
    expect((await browser().signInByPasskey(passkey)).status).toBe(401);
    expect((await browser().signIn(email, PASSWORD)).status).toBe(200);
    const [row] = await audited("member.reset_second_factors");
    expect(row).toMatchObject({
      ...{ actor: admin.userId, target: userId, before: { totp: false, passkeys: 1, recovery_codes: 10 } },
    });
    expect(await admin.here.send("DELETE", `/api/members/${userId}/second-factors`)).toMatchObject(
      refused(409, "conflict"),
    );
  });

  it("are not taken by somebody below them, nor are one's own this way", async () => {
    const owner = await signedIn(await member("owner"));
    await owner.here.enrolTotp();
    const admin = await signedIn(await member("admin"));
    expect(await admin.here.send("DELETE", `/api/members/${owner.userId}/second-factors`)).toMatchObject(
      refused(403, "permission_denied"),
    );
    expect(await owner.here.send("DELETE", `/api/members/${owner.userId}/second-factors`)).toMatchObject(
      refused(409, "conflict"),
    );
    expect(await listed(owner.userId)).toBe(true);
  });
});
