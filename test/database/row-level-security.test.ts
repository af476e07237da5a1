import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  apiKeys,
  auditLog,
  idempotencyKeys,
  invites,
  limits,
  memberships,
  modelDismissals,
  models,
  organizations,
  passkeys,
  passwordResets,
  prices,
  reconciliations,
  recoveryCodes,
  refusedRequests,
  routes,
  sessions,
  totpSecrets,
  usageEvents,
  users,
  views,
  webhookDeliveries,
  webhooks,
} from "../../drizzle/schema/index.ts";
import { forRoot, forSignIn } from "../../drizzle/tenant.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { usageEvent } from "../support/usage-event.ts";

const TENANTS = ["aaaaaaaa", "bbbbbbbb"];
const rootOf = (tenant: string) => `org_${tenant}`;

let db: TestDatabase;
beforeAll(async () => {
  db = await startTestDatabase();
  for (const tenant of TENANTS) {
    const rootId = rootOf(tenant);
    const key = { rootId, organizationId: rootId, name: "key", hint: "…", permissions: ["read" as const] };
    await forRoot(db.database, rootId).batch([
      db.database.insert(organizations).values({ id: rootId, rootId, name: tenant }),
      db.database.insert(apiKeys).values({ ...key, id: `key_${tenant}`, mac: tenant, createdBy: "setup" }),
      db.database
        .insert(users)
        .values({ id: `usr_${tenant}`, rootId, email: `${tenant}@example.com`, passwordHash: "$", name: tenant }),
      db.database
        .insert(memberships)
        .values({ userId: `usr_${tenant}`, organizationId: rootId, rootId, role: "owner" }),
      db.database.insert(sessions).values({ id: tenant, userId: `usr_${tenant}`, rootId, expiresAt: new Date() }),
      db.database
        .insert(views)
        .values({ id: `viw_${tenant}`, rootId, userId: `usr_${tenant}`, name: tenant, page: "logs", query: "" }),
      db.database.insert(passkeys).values({
        ...{ id: `pky_${tenant}`, rootId, userId: `usr_${tenant}`, name: tenant, credentialId: tenant },
        ...{ publicKey: "", counter: 0, transports: [] },
      }),
      db.database.insert(totpSecrets).values({ rootId, userId: `usr_${tenant}`, sealedSecret: "v1..", lastStep: 0 }),
      db.database.insert(recoveryCodes).values({ mac: tenant, rootId, userId: `usr_${tenant}` }),
      db.database.insert(passwordResets).values({
        ...{ mac: tenant, rootId, userId: `usr_${tenant}`, createdBy: "x", expiresAt: new Date() },
      }),
      db.database.insert(invites).values({
        ...{ id: `inv_${tenant}`, rootId, organizationId: rootId, email: "a@b.c", role: "viewer" as const },
        ...{ mac: tenant, createdBy: "x", expiresAt: new Date() },
      }),
      db.database
        .insert(idempotencyKeys)
        .values({ rootId, id: "x", request: "x", holder: "x", heldUntil: new Date(), expiresAt: new Date() }),
      db.database.insert(auditLog).values({ rootId, actor: "setup", action: "setup", target: rootId, hash: "1" }),
      ...configurationOf(tenant),
    ]);
    await recordEvents(db.database, rootId, [usageEvent({ rootId, organizationId: rootId, sessionId: "one" })]);
    await db.sql`insert into usage_horizons (root_id, retention_days) values (${rootId}, 100)`;
  }
});
afterAll(() => db?.close());

const MADE = { sources: {}, createdBy: "setup" };

/** A row in each table of limits, models, prices, routes, webhooks and what is logged of them. */
function configurationOf(tenant: string) {
  const own = { rootId: rootOf(tenant), organizationId: rootOf(tenant), createdBy: "setup" };
  const { rootId } = own;
  const at = new Date();
  const cap = { metric: "cost" as const, window: "day" as const, amount: 1, mode: "block" as const, thresholds: [80] };
  const sent = { event: "webhook.test", body: {}, at, durationMs: 1, delivered: true };
  return [
    db.database.insert(limits).values({ ...own, ...cap, id: `lim_${tenant}`, keyId: `key_${tenant}` }),
    db.database.insert(prices).values({ ...own, id: `prc_${tenant}`, model: "openai/x", validFrom: at, price: {} }),
    db.database
      .insert(models)
      .values({ ...{ id: `mdl_${tenant}`, rootId, model: "openai/x", source: "custom" as const, facts: {} }, ...MADE }),
    db.database
      .insert(modelDismissals)
      .values({ rootId, changeId: "chg_1", model: "openai/x", dismissedBy: "setup", dismissedAt: at }),
    db.database
      .insert(routes)
      .values({ ...own, id: `rte_${tenant}`, name: "fast", strategy: "ordered" as const, targets: [] }),
    db.database
      .insert(webhooks)
      .values({ ...own, id: `whk_${tenant}`, url: "https://example.com/", sealedSecret: "v1..", events: [] }),
    db.database
      .insert(webhookDeliveries)
      .values({ ...sent, rootId, deliveryId: `dlv_${tenant}`, webhookId: `whk_${tenant}`, attempt: 1 }),
    db.database.insert(refusedRequests).values({
      ...{ id: tenant, rootId, organizationId: rootId, keyId: `key_${tenant}`, at, dialect: "openai-chat" },
      ...{ operation: "generate", status: 403, errorCode: "model_not_allowed" },
    }),
    db.database
      .insert(reconciliations)
      .values({ rootId, id: tenant, at, outcome: "agree", compared: 1, differences: [] }),
  ] as const;
}

/** Every table with a `root_id`, out of the database itself: a new table without its policy fails here. */
const tenantTables = async (): Promise<string[]> => {
  const rows = await db.sql`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
    where a.attname = 'root_id' and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1`;
  return rows.map((row) => row.name);
};

const PARENTS = [
  "api_keys",
  "audit_log",
  "idempotency_keys",
  "invites",
  "limits",
  "memberships",
  "model_dismissals",
  "models",
  "organizations",
  "passkeys",
  "password_resets",
  "prices",
  "reconciliations",
  "recovery_codes",
  "refused_requests",
  "routes",
  "sessions",
  "totp_secrets",
  "usage_day_labels",
  "usage_day_models",
  "usage_day_totals",
  "usage_days",
  "usage_events",
  "usage_horizons",
  "usage_hour_labels",
  "usage_hour_organizations",
  "usage_hour_requests",
  "usage_hours",
  "usage_quarters",
  "usage_rollups",
  "usage_sessions",
  "users",
  "views",
  "webhook_deliveries",
  "webhooks",
];

/** Tables without a tenant: what is done to the database, one-time tokens, guesses, and states that were spent. */
const NOBODYS = ["gaia_migrations", "model_lists", "setup_tokens", "sign_in_failures", "spent_states"];
/**
 * Run as the owner. None answers a row of a tenant's: the first answers which roots there are, others numbers, and the last, of the
 * root that the transaction is of, from when on there is what. Those that take a root's name are not the application's.
 */
const DEFINERS = [
  ...["gaia_active_roots", "gaia_backfill_usage", "gaia_delete_usage", "gaia_drop_idempotency_keys"],
  ...["gaia_ensure_partitions", "gaia_erase_end_user", "gaia_expire_refused", "gaia_expire_usage", "gaia_keep_usage"],
  ...["gaia_repair_usage", "gaia_resum_models", "gaia_resum_usage", "gaia_usage_horizon", "gaia_usage_models_from"],
];
const OWNERS = ["gaia_delete_usage", "gaia_resum_models", "gaia_resum_usage"];

describe("the database", () => {
  test("has row-level security enabled and forced on every tenant table", async () => {
    const tables = await tenantTables();
    expect(tables.filter((name) => !/^usage_events_\d/.test(name))).toEqual(PARENTS);
    const open = await db.sql`
      select relname from pg_class where relname = any(${tables}) and relkind in ('r', 'p')
      and not (relrowsecurity and relforcerowsecurity)`;
    expect(open).toEqual([]);
  });

  test("has no other table but those that name nobody's tenant", async () => {
    const tables = await db.sql`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') order by 1`;
    const ofTenants = await tenantTables();
    expect(tables.map(({ name }) => name).filter((name) => !ofTenants.includes(name))).toEqual(NOBODYS);
  });

  test("lets each table's rows through by their root alone, and a user's by the address that signs in", async () => {
    const policies = await db.sql`
      select tablename as name, policyname as policy, cmd, roles::text, permissive, qual, with_check as checked
      from pg_policies where schemaname = 'public' order by 1, 2`;
    const byRoot = "(root_id = NULLIF(current_setting('app.root'::text, true), ''::text))";
    const tenant = {
      ...{ policy: "tenant", cmd: "ALL", roles: "{gaia_app}", permissive: "PERMISSIVE" },
      ...{ qual: byRoot, checked: byRoot },
    };
    const signIn = policies.find(({ name, policy }) => name === "users" && policy !== "tenant");
    expect(signIn).toMatchObject({ cmd: "SELECT", roles: "{gaia_app}", checked: null });
    expect(signIn?.qual).toBe("(email = NULLIF(current_setting('app.sign_in'::text, true), ''::text))");
    expect(policies.filter((policy) => policy !== signIn)).toEqual(PARENTS.map((name) => ({ name, ...tenant })));
  });

  test("has no function that sees more than its caller but these", async () => {
    const functions = await db.sql`
      select proname as name, has_function_privilege('gaia_app', oid, 'execute') as open from pg_proc
      where pronamespace = 'public'::regnamespace and prosecdef order by 1`;
    expect(functions).toEqual(DEFINERS.map((name) => ({ name, open: !OWNERS.includes(name) })));
  });

  test("forgets whose rows a transaction may see when it ends, on the very same connection", async () => {
    const setting = () =>
      db.database.execute(sql`select pg_backend_pid() as pid, current_setting('app.root', true) as root`);
    const [during] = await forRoot(db.database, rootOf("aaaaaaaa")).batch([setting()]);
    const { rows: after } = await setting();
    expect(during.rows).toEqual([{ pid: after[0]?.pid, root: rootOf("aaaaaaaa") }]);
    expect(after[0]?.root ?? "").toBe("");
    const failing = forRoot(db.database, rootOf("aaaaaaaa")).batch([db.database.execute(sql`select 1 / 0`)]);
    await expect(failing).rejects.toMatchObject({ code: "22012" });
    expect((await setting()).rows[0]?.root ?? "").toBe("");
  });

  test("gives the application a role that cannot bypass it", async () => {
    const [role] = await db.sql`
      select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin from pg_roles where rolname = 'gaia_app'`;
    expect(role).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolcanlogin: true,
    });
  });

  test.each(PARENTS)("%s shows nothing without a root, and a tenant's own rows with one", async (table) => {
    const select = () => db.database.execute(sql`select distinct root_id from ${sql.identifier(table)}`);
    expect((await select()).rows).toEqual([]);
    for (const tenant of TENANTS) {
      const [{ rows }] = await forRoot(db.database, rootOf(tenant)).batch([select()]);
      expect(rows).toEqual([{ root_id: rootOf(tenant) }]);
    }
    expect((await forRoot(db.database, "").batch([select()]))[0].rows).toEqual([]);
    expect((await select()).rows).toEqual([]);
  });

  test("a hundred parallel batches of two tenants see only their own", async () => {
    const batches = Array.from({ length: 100 }, async (_, index) => {
      const rootId = rootOf(TENANTS[index % 2] ?? "");
      const [roots, keys, events] = await forRoot(db.database, rootId).batch([
        db.database.select({ rootId: organizations.rootId }).from(organizations),
        db.database.select({ rootId: apiKeys.rootId }).from(apiKeys),
        db.database.select({ rootId: usageEvents.rootId }).from(usageEvents),
      ]);
      expect([...roots, ...keys, ...events]).toEqual([{ rootId }, { rootId }, { rootId }]);
    });
    await Promise.all(batches);
  });

  test("a tenant's update and delete pass another tenant's rows by", async () => {
    const [updated, deleted] = await forRoot(db.database, rootOf("aaaaaaaa")).batch([
      db.database.update(apiKeys).set({ name: "stolen" }).where(eq(apiKeys.id, "key_bbbbbbbb")),
      db.database.delete(sessions).where(eq(sessions.id, "bbbbbbbb")),
    ]);
    expect([updated.rowCount, deleted.rowCount]).toEqual([0, 0]);
  });
});

describe("the application's role is refused", () => {
  const asTenantA = (statement: string) =>
    forRoot(db.database, rootOf("aaaaaaaa")).batch([db.database.execute(sql.raw(statement))]);

  test.each<[string, string, string]>([
    [
      "a row of another tenant",
      "insert into organizations (id, root_id, name) values ('org_b', 'org_b', 'x')",
      "42501",
    ],
    ["moving a row to another tenant", "update users set root_id = 'org_bbbbbbbb'", "42501"],
    [
      "a key that points into another tenant",
      `insert into api_keys (id, root_id, organization_id, name, mac, hint, permissions, created_by)
       values ('key_x', 'org_aaaaaaaa', 'org_bbbbbbbb', 'x', 'x', 'x', '{read}', 'x')`,
      "23503",
    ],
    [
      "a child of another tenant's organization",
      "insert into organizations (id, root_id, parent_id, name) values ('org_x', 'org_aaaaaaaa', 'org_bbbbbbbb', 'x')",
      "23503",
    ],
    [
      "a second root in a tenant",
      "insert into organizations (id, root_id, name) values ('org_x', 'org_aaaaaaaa', 'x')",
      "23514",
    ],
    [
      "an upper-case e-mail address",
      `insert into users (id, root_id, email, password_hash, name)
       values ('usr_x', 'org_aaaaaaaa', 'X@example.com', '$', 'x')`,
      "23514",
    ],
    [
      "a fork of the audit log",
      "insert into audit_log (root_id, actor, action, target, hash) values ('org_aaaaaaaa', 'x', 'x', 'x', '2')",
      "23505",
    ],
    ["changing events", "update usage_events set cost_nano = 0", "42501"],
    ["deleting events", "delete from usage_events", "42501"],
    ["emptying events", "truncate usage_events", "42501"],
    ["deleting daily sums", "delete from usage_day_totals", "42501"],
    ["deleting a tenant's few sums", "delete from usage_day_models", "42501"],
    ["saying that events are gone", "update usage_horizons set events_from = now()", "42501"],
    ["deleting a tenant's usage", "select gaia_delete_usage('org_tenant00', 1)", "42501"],
    ["summing up another tenant's day", "select gaia_resum_usage('org_tenant00', current_date)", "42501"],
    ["changing the audit log", "update audit_log set actor = 'x'", "42501"],
    ["deleting from the audit log", "delete from audit_log", "42501"],
    ["deleting keys", "delete from api_keys", "42501"],
    [
      "a limit on another tenant's key",
      `insert into limits (id, root_id, organization_id, key_id, metric, "window", amount, mode, thresholds, created_by)
       values ('lim_x', 'org_aaaaaaaa', 'org_aaaaaaaa', 'key_bbbbbbbb', 'cost', 'day', 1, 'block', '{}', 'x')`,
      "23503",
    ],
    [
      "a second limit of one kind",
      `insert into limits (id, root_id, organization_id, key_id, metric, "window", amount, mode, thresholds, created_by)
       values ('lim_x', 'org_aaaaaaaa', 'org_aaaaaaaa', 'key_aaaaaaaa', 'cost', 'day', 2, 'block', '{}', 'x')`,
      "23505",
    ],
    ["a negative limit", "update limits set amount = -1", "23514"],
    ["a price that ends before it begins", "update prices set valid_until = valid_from", "23514"],
    [
      "a route of another tenant's organization",
      `insert into routes (id, root_id, organization_id, name, strategy, targets, created_by)
       values ('rte_x', 'org_aaaaaaaa', 'org_bbbbbbbb', 'x', 'ordered', '[]', 'x')`,
      "23503",
    ],
    [
      "a second route of one name",
      `insert into routes (id, root_id, organization_id, name, strategy, targets, created_by)
       values ('rte_x', 'org_aaaaaaaa', 'org_aaaaaaaa', 'fast', 'ordered', '[]', 'x')`,
      "23505",
    ],
    ["a strategy that is none", "update routes set strategy = 'random'", "23514"],
    ["moving a route to another tenant", "update routes set root_id = 'org_bbbbbbbb'", "42501"],
    ["deleting routes", "delete from routes", "42501"],
    [
      "an invitation to another tenant's organization",
      `insert into invites (id, root_id, organization_id, email, role, mac, created_by, expires_at)
       values ('inv_x', 'org_aaaaaaaa', 'org_bbbbbbbb', 'x', 'viewer', 'x', 'x', now())`,
      "23503",
    ],
    [
      "a new password for another tenant's user",
      `insert into password_resets (mac, root_id, user_id, created_by, expires_at)
       values ('x', 'org_aaaaaaaa', 'usr_bbbbbbbb', 'x', now())`,
      "23503",
    ],
    [
      "a passkey of another tenant's user",
      `insert into passkeys (id, root_id, user_id, credential_id, public_key, counter, transports, name)
       values ('pky_x', 'org_aaaaaaaa', 'usr_bbbbbbbb', 'x', '', 0, '[]', 'x')`,
      "23503",
    ],
    [
      "a passkey that another has already",
      `insert into passkeys (id, root_id, user_id, credential_id, public_key, counter, transports, name)
       values ('pky_x', 'org_aaaaaaaa', 'usr_aaaaaaaa', 'bbbbbbbb', '', 0, '[]', 'x')`,
      "23505",
    ],
    [
      "an authenticator app of another tenant's user",
      `insert into totp_secrets (user_id, root_id, sealed_secret, last_step) values ('usr_bbbbbbbb', 'org_aaaaaaaa', '', 0)`,
      "23505",
    ],
    ["changing a recovery code", "update recovery_codes set mac = 'x'", "42501"],
    ["an invitation to a role there is not", "update invites set role = 'god'", "23514"],
    ["deleting invitations", "delete from invites", "42501"],
    ["deleting limits", "delete from limits", "42501"],
    ["deleting prices", "delete from prices", "42501"],
    ["deleting webhooks", "delete from webhooks", "42501"],
    ["changing the log of deliveries", "update webhook_deliveries set delivered = false", "42501"],
    ["changing the log of refused requests", "update refused_requests set status = 200", "42501"],
    ["taking from the log of refused requests", "delete from refused_requests", "42501"],
    ["changing the log of comparisons", "update reconciliations set outcome = 'agree'", "42501"],
    ["using a token again", "update setup_tokens set used_at = now()", "42501"],
    ["reading the migrations' record", "select * from gaia_migrations", "42501"],
    ["making a table", "create table loot (x text)", "42501"],
    ["dropping a policy", "drop policy tenant on users", "42501"],
    ["switching row-level security off", "alter table users disable row level security", "42501"],
  ])("%s", async (_name, statement, sqlstate) => {
    await expect(asTenantA(statement)).rejects.toMatchObject({ code: sqlstate });
  });

  test("reading a partition past its parent", async () => {
    const partitions = (await tenantTables()).filter((name) => /^usage_events_\d/.test(name));
    expect(partitions.length).toBeGreaterThanOrEqual(4);
    for (const partition of partitions) {
      await expect(asTenantA(`select * from ${partition}`)).rejects.toMatchObject({ code: "42501" });
    }
  });
});

describe("signing in", () => {
  test("shows the one user of that e-mail address, in any case, and nothing else", async () => {
    const [found, others] = await forSignIn(db.database, "BBBBBBBB@example.com").batch([
      db.database.select({ id: users.id, rootId: users.rootId }).from(users),
      db.database.select().from(memberships),
    ]);
    expect(found).toEqual([{ id: "usr_bbbbbbbb", rootId: "org_bbbbbbbb" }]);
    expect(others).toEqual([]);
  });

  test.each(["", "nobody@example.com", "%"])("shows nobody for %j", async (email) => {
    const [found] = await forSignIn(db.database, email).batch([db.database.select().from(users)]);
    expect(found).toEqual([]);
  });

  test("does not let the user be changed", async () => {
    const [updated] = await forSignIn(db.database, "bbbbbbbb@example.com").batch([
      db.database.update(users).set({ passwordHash: "stolen" }),
    ]);
    expect(updated.rowCount).toBe(0);
  });
});
