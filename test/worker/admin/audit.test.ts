import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditHash } from "../../../drizzle/audit-chain.ts";
import { auditLog } from "../../../drizzle/schema/index.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import { type AdminWorld, BROWSER, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Audited");
});
afterAll(() => world.close());

/** The chain as it stands, each row with the hash its values should have. */
async function chain() {
  const [rows] = await forRoot(world.database.database, tenant.rootId).batch([
    world.database.database
      .select({ row: auditLog, expected: auditHash(auditLog) })
      .from(auditLog)
      .where(eq(auditLog.rootId, tenant.rootId))
      .orderBy(auditLog.id),
  ]);
  return rows;
}

const call = (method: string, path: string, body?: unknown) => world.call(method, path, { key: tenant.adminKey, body });

describe("the audit log", () => {
  it("has a row for every change, by whom, and nothing secret", async () => {
    const { body: organization } = await call("POST", "/api/organizations", { name: 'Quotes " and \\ and €' });
    const cookie = await world.signIn(tenant);
    const { body: key } = await world.call("POST", "/api/keys", {
      cookie,
      headers: BROWSER,
      body: { name: "By a person", organization_id: organization.id },
    });
    await call("POST", `/api/keys/${key.id}/revoke`);
    await call("POST", `/api/keys/${key.id}/revoke`);

    const rows = await chain();
    const adminKeyId = `key_${tenant.adminKey.slice(19, 31)}`;
    expect(rows.map(({ row }) => [row.actor, row.action, row.target])).toEqual([
      ["setup", "organization.set_up", tenant.rootId],
      [adminKeyId, "organization.create", organization.id],
      [tenant.userId, "session.sign_in", expect.stringMatching(/^ses_/)],
      [tenant.userId, "key.create", key.id],
      [adminKeyId, "key.revoke", key.id],
    ]);
    expect(rows[3]?.row.after).toEqual({
      name: "By a person",
      organization_id: organization.id,
      hint: key.hint,
      permissions: ["read", "write"],
      strict: false,
      owner: `user:${tenant.userId}`,
      tags: [],
      ...{ models: null, ip_ranges: null, origins: null, note: null },
      ...{
        previous_hint: null,
        previous_expires_at: null,
        expires_at: null,
        disabled_at: null,
        disabled_by: null,
        revoked_at: null,
      },
    });
    expect(rows[4]?.row).toMatchObject({ before: { revoked_at: null }, after: { revoked_at: expect.any(String) } });
    const text = JSON.stringify(rows);
    for (const secret of [key.key, tenant.apiKey, tenant.adminKey]) expect(text).not.toContain(secret.slice(32, 75));
    expect(text).not.toMatch(/\$scrypt\$/);
  });

  it("is a chain: each row holds the hash of the one before, and its own hash follows from its values", async () => {
    const rows = await chain();
    expect(rows.map(({ row }) => row.prevHash)).toEqual([null, ...rows.slice(0, -1).map(({ row }) => row.hash)]);
    expect(rows.map(({ row }) => row.hash)).toEqual(rows.map(({ expected }) => expected));
    expect(rows[0]?.row.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("shows a row that was changed behind its back", async () => {
    const [, second] = await chain();
    await world.database.sql`update audit_log set after = '{"name": "Other"}' where id = ${second?.row.id}`;
    const [, tampered] = await chain();
    expect(tampered?.row.hash).not.toBe(tampered?.expected);
    await world.database
      .sql`update audit_log set after = ${JSON.stringify(second?.row.after)}::jsonb where id = ${second?.row.id}`;
    expect((await chain()).every(({ row, expected }) => row.hash === expected)).toBe(true);
  });

  it("stays a chain when many write at the same time", async () => {
    await Promise.all(
      Array.from({ length: 15 }, (_, index) => call("POST", "/api/organizations", { name: `${index}` })),
    );
    const rows = await chain();
    expect(rows.map(({ row }) => row.prevHash)).toEqual([null, ...rows.slice(0, -1).map(({ row }) => row.hash)]);
  });

  it("stays a chain where one change has many rows", async () => {
    const ids = await Promise.all(
      ["a", "b", "c"].map(async (name) => (await call("POST", "/api/keys", { name })).body.id as string),
    );
    await call("POST", "/api/keys/bulk", { action: "disable", ids });
    const rows = await chain();
    expect(rows.slice(-3).map(({ row }) => [row.action, row.target])).toEqual(ids.map((id) => ["key.disable", id]));
    expect(rows.map(({ row }) => row.prevHash)).toEqual([null, ...rows.slice(0, -1).map(({ row }) => row.hash)]);
    expect(rows.map(({ row }) => row.hash)).toEqual(rows.map(({ expected }) => expected));
  });

  it("has no row of a change that did not happen, nor a change without its row", async () => {
    const before = await chain();
    // Fails after the row's insertion: the batch's last statement meets a broken chain.
    await world.database.sql`alter table audit_log add constraint no_more check (action <> 'key.create') not valid`;
    const failed = await call("POST", "/api/keys", { name: "Never" });
    await world.database.sql`alter table audit_log drop constraint no_more`;
    expect(failed).toMatchObject({ status: 500, body: { error: { code: "internal_error" } } });
    expect(await chain()).toHaveLength(before.length);
    const [keys] = await world.database.sql`select count(*)::int as n from api_keys where name = 'Never'`;
    expect(keys?.n).toBe(0);
  });

  it("cannot be changed by the application", async () => {
    const scope = forRoot(world.database.database, tenant.rootId);
    const { database } = world.database;
    for (const statement of [
      database.update(auditLog).set({ actor: "nobody" }),
      database.delete(auditLog),
      database.execute(sql`truncate audit_log`),
    ]) {
      await expect(scope.batch([statement])).rejects.toThrow(/permission denied/);
    }
  });
});
