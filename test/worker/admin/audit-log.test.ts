import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChainState, verifyChain } from "../../../drizzle/audit-chain.ts";
import { ROUTE_PERMISSIONS } from "../../../worker/api/admin/permissions.ts";
import { createSoftwarePasskey } from "../../support/software-passkey.ts";
import { DISABLE, LIMIT, MODEL, PERIOD, PRICE, ROUTE, VIEW, WEBHOOK } from "./routes.ts";
import { openBrowser } from "./second-factors.ts";
import { type AdminWorld, type Answer, BROWSER, PASSWORD, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let lead: string;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Watched");
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
  lead = (await call("POST", "/api/keys", { name: "Lead", organization_id: team, permissions: ["admin"] })).body.key;
});
afterAll(() => world.close());

/** Of every call, while it is set. */
let idempotencyKey: string | null = null;
const call = (method: string, path: string, body?: unknown, key = tenant.adminKey, headers = {}) =>
  world.call(method, path, {
    ...{ key, body },
    headers: { ...headers, ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }) },
  });
const list = async (query = "", key = tenant.adminKey) =>
  (await call("GET", `/api/audit?${query}`, undefined, key)).body;
const adminKeyId = () => `key_${tenant.adminKey.slice(19, 31)}`;

interface Row {
  id: number;
  actor: string;
  action: string;
  target: string;
  organization_id: string | null;
}

/** Each change the API can make, the later ones of what the earlier ones made. */
const made: Record<string, string> = {};
const MODELS_OWN = `/api/models/${encodeURIComponent(MODEL.model)}`;
const path = (kind: string, rest = "") => `/api/${kind}/${made[kind]}${rest}`;
const CHANGES: [action: string, route: string, act: () => Promise<Answer>][] = [
  [
    "organization.create",
    "POST /api/organizations",
    () => make("organizations", "POST", "/api/organizations", { name: "New", parent_id: team }),
  ],
  [
    "organization.update",
    "PATCH /api/organizations/:id",
    () => call("PATCH", path("organizations"), { name: "Newer" }),
  ],
  [
    "organization.archive",
    "POST /api/organizations/:id/archive",
    () => call("POST", path("organizations", "/archive")),
  ],
  [
    "organization.restore",
    "POST /api/organizations/:id/restore",
    () => call("POST", path("organizations", "/restore")),
  ],
  [
    "organization.move",
    "POST /api/organizations/:id/move",
    () => call("POST", path("organizations", "/move"), { parent_id: tenant.rootId, dry_run: false }),
  ],
  ["key.create", "POST /api/keys", () => make("keys", "POST", "/api/keys", { name: "New", organization_id: team })],
  ["limit.create", "POST /api/limits", () => make("limits", "POST", "/api/limits", { ...LIMIT, key_id: made.keys })],
  ["limit.update", "PATCH /api/limits/:id", () => call("PATCH", path("limits"), { amount: 2 })],
  ["limit.delete", "DELETE /api/limits/:id", () => call("DELETE", path("limits"))],
  ["key.update", "PATCH /api/keys/:id", () => call("PATCH", path("keys"), { name: "Newer" })],
  ["key.disable", "POST /api/keys/:id/disable", () => call("POST", path("keys", "/disable"))],
  ["key.enable", "POST /api/keys/:id/enable", () => call("POST", path("keys", "/enable"))],
  ["key.rotate", "POST /api/keys/:id/rotate", () => call("POST", path("keys", "/rotate"), { overlap_seconds: 60 })],
  ["key.end_overlap", "POST /api/keys/:id/end-overlap", () => call("POST", path("keys", "/end-overlap"))],
  [
    "key.update",
    "POST /api/keys/bulk",
    () => call("POST", "/api/keys/bulk", { action: "tag", ids: [made.keys], add: ["ci"] }),
  ],
  [
    "key.move",
    "POST /api/keys/:id/move",
    () => call("POST", path("keys", "/move"), { organization_id: made.organizations, dry_run: false }),
  ],
  [
    "key.move",
    "POST /api/keys/bulk",
    () => call("POST", "/api/keys/bulk", { action: "move", ids: [made.keys], organization_id: team }),
  ],
  ["key.revoke", "POST /api/keys/:id/revoke", () => call("POST", path("keys", "/revoke"))],
  [
    "price.create",
    "POST /api/prices",
    () => make("prices", "POST", "/api/prices", { ...PRICE, valid_from: "2027-01-01T00:00:00Z" }),
  ],
  ["price.end", "PATCH /api/prices/:id", () => call("PATCH", path("prices"), { valid_until: "2028-01-01T00:00:00Z" })],
  ["price.delete", "DELETE /api/prices/:id", () => call("DELETE", path("prices"))],
  ["route.create", "PUT /api/routes", () => make("routes", "PUT", "/api/routes", { ...ROUTE, organization_id: team })],
  [
    "route.replace",
    "PUT /api/routes",
    () => call("PUT", "/api/routes", { ...ROUTE, organization_id: team, strategy: "weighted" }),
  ],
  ["route.delete", "DELETE /api/routes/:id", () => call("DELETE", path("routes"))],
  ["model.create", "POST /api/models", () => call("POST", "/api/models", { ...MODEL, display_name: "Own" })],
  ["model.update", "PATCH /api/models/:id", () => call("PATCH", MODELS_OWN, { context_window: 1_000 })],
  ["model.delete", "DELETE /api/models/:id", () => call("DELETE", MODELS_OWN)],
  ["organization.disable_models", "POST /api/models/bulk", () => call("POST", "/api/models/bulk", DISABLE)],
  ["models.sync", "POST /api/models/sync", () => call("POST", "/api/models/sync")],
  ["model.dismiss", "POST /api/models/changes/dismiss", () => settled("dismiss")],
  ["model.restore_changes", "POST /api/models/changes/restore", () => settled("restore")],
  ["model.accept", "POST /api/models/changes/accept", () => settled("accept")],
  ["webhook.create", "POST /api/webhooks", () => make("webhooks", "POST", "/api/webhooks", WEBHOOK)],
  ["webhook.update", "PATCH /api/webhooks/:id", () => call("PATCH", path("webhooks"), { disabled: true })],
  ["webhook.rotate", "POST /api/webhooks/:id/rotate", () => call("POST", path("webhooks", "/rotate"))],
  ["webhook.delete", "DELETE /api/webhooks/:id", () => call("DELETE", path("webhooks"))],
  ["rollups.rebuild", "POST /api/reconciliations/repair", () => call("POST", "/api/reconciliations/repair", PERIOD)],
  ["retention.change", "PUT /api/retention", () => call("PUT", "/api/retention", { days: 100 })],
  ["end_user.erase", "POST /api/retention/erase", () => call("POST", "/api/retention/erase", { end_user: "ada" })],
  ["prices.rerate", "POST /api/prices/rerate", () => call("POST", "/api/prices/rerate", { ...PERIOD, dry_run: false })],
  ["organization.delete", "DELETE /api/organizations/:id", () => call("DELETE", path("organizations"))],
];

/** Does something with a change of what providers list: with the same one where the same is sent again. */
const settledChanges = new Map<string, string[]>();
async function settled(act: string) {
  await world.database.sql`
    insert into model_lists (provider, attempted_at, read_at, simulated, models)
    values ('compatible', now(), now(), true, '[{"upstreamId": "a", "facts": {}}, {"upstreamId": "b", "facts": {}}]'::jsonb)
    on conflict do nothing`;
  const { data } = (await call("GET", `/api/models/changes?limit=1&dismissed=${act === "restore"}`)).body;
  const ids = settledChanges.get(`${act} ${idempotencyKey}`) ?? data.map(({ id }: { id: string }) => id);
  settledChanges.set(`${act} ${idempotencyKey}`, ids);
  return call("POST", `/api/models/changes/${act}`, { ids });
}

async function make(kind: string, method: string, at: string, body: unknown) {
  const answer = await call(method, at, body);
  made[kind] = answer.body.id;
  return answer;
}

/** A row without its names, which are those of now. */
const hashed = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).filter(([field]) => !field.endsWith("_name")));

describe("every change leaves one row", () => {
  it.each(CHANGES)("%s", async (action, _, act) => {
    const [before] = (await list("limit=1")).data;
    const answer = await act();
    expect(answer.status).toBeLessThan(300);
    const { data } = await list("limit=2");
    expect(hashed(data[1])).toEqual(hashed(before));
    expect(data[0]).toMatchObject({ action, actor: adminKeyId(), actor_kind: "key", session_id: null });
    expect(data[0].organization_id).toMatch(/^org_/);
    if (answer.body.id !== undefined) expect(data[0].target).toBe(answer.body.id);
  });

  it.each(CHANGES)("%s: one with an Idempotency-Key, however often it is sent", async (action, route, act) => {
    const [before] = (await list("limit=1")).data;
    idempotencyKey = `${action} by ${route}`.replaceAll(" ", "-");
    const [first, again] = [await act(), await act()];
    idempotencyKey = null;
    expect(first.status).toBeLessThan(300);
    expect([first, again].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(again.headers.get("etag")).toBe(first.headers.get("etag"));
    const { data } = await list("limit=2");
    expect([data[0].action, hashed(data[1])]).toEqual([action, hashed(before)]);
  });

  it("and there is no other route that changes something", () => {
    // What is for people, never for a key, is below. Sessions and set-up have tests of their own; the
    // last ones change nothing that an administrator could.
    const others =
      /session|setup$|api\/(me|members|invites|password|playground|views)\b|dry-run$|what-if$|simulate$|test$|reconciliations$/;
    const served = world.api.routes
      .filter(({ method, path: at }) => !["ALL", "GET"].includes(method) && !others.test(at))
      .map(({ method, path: at }) => `${method} ${at}`);
    expect([...new Set(served)].sort()).toEqual([...new Set(CHANGES.map(([, route]) => route))].sort());
  });

  it("without a secret in it", async () => {
    const cookie = await world.signIn(tenant);
    const { body: key } = await call("POST", "/api/keys", { name: "Secret" });
    const { body: hook } = await call("POST", "/api/webhooks", WEBHOOK);
    const { body: turned } = await call("POST", `/api/webhooks/${hook.id}/rotate`);
    const stored = await world.database.sql`
      select mac as secret from api_keys union select sealed_secret from webhooks union select password_hash from users`;
    const shown = [key.key, tenant.adminKey, tenant.apiKey].map((text: string) => text.slice(32, 75));
    const secrets = [...stored.map(({ secret }) => secret), ...shown, hook.secret, turned.secret, cookie.split("=")[1]];
    const { body: text } = await call("GET", "/api/audit/export");
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(secrets.every((secret) => secret.length > 16)).toBe(true);
  });
});

describe("a row tells where its request came from", () => {
  it("by the session and keyed hashes of address and user agent", async () => {
    const cookie = await world.signIn(tenant);
    const from = (address: string, agent: string) => ({ "cf-connecting-ip": address, "user-agent": agent });
    const change = (headers: Record<string, string>) =>
      world.call("PATCH", `/api/organizations/${team}`, {
        cookie,
        body: { name: "Team" },
        headers: { ...BROWSER, ...headers },
      });
    for (const headers of [from("192.0.2.1", "curl"), from("192.0.2.1", "192.0.2.1"), from("192.0.2.2", "curl"), {}]) {
      expect((await change(headers)).status).toBe(200);
    }
    const [none, other, same, first] = (await list("limit=4")).data;
    expect(first).toMatchObject({ actor: tenant.userId, actor_kind: "user" });
    const { name: actorName } = (await world.call("GET", "/api/me", { cookie })).body.user;
    expect(first).toMatchObject({ actor_name: actorName, target_name: "Team", organization_name: "Team" });
    expect(first.session_id).toMatch(/^ses_/);
    expect(first.address_hash).toMatch(/^[0-9a-f]{16}$/);
    expect([same.address_hash, other.address_hash === first.address_hash]).toEqual([first.address_hash, false]);
    expect(other.agent_hash).toBe(first.agent_hash);
    expect(same.agent_hash).not.toBe(same.address_hash);
    expect([none.address_hash, none.agent_hash]).toEqual([null, null]);
    for (const plain of ["192.0.2.1", "curl"]) {
      expect(first.address_hash).not.toBe(createHash("sha256").update(plain).digest("hex").slice(0, 16));
    }
  });
});

describe("the list", () => {
  it.each([
    ["an actor", () => `actor=${adminKeyId()}`, (row: Row) => row.actor === adminKeyId()],
    ["an action", () => "action=key.create", (row: Row) => row.action === "key.create"],
    ["all that is done to a kind", () => "action=key", (row: Row) => row.action.startsWith("key.")],
    ["a target", () => `target=${made.limits}`, (row: Row) => row.target === made.limits],
    ["a branch", () => `organization=${team}`, (row: Row) => row.organization_id === team],
  ])("by %s holds those rows and no others", async (_, query, belongs) => {
    const all = (await list("limit=200")).data;
    const expected = all.filter(belongs);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(all.length);
    expect((await list(`limit=200&${query()}`)).data).toEqual(expected);
  });

  it("by time, from a moment on and before another; page by page, newest first, each once", async () => {
    const passed = () => {
      world.clock.now += 1_000;
      return new Date(world.clock.now).toISOString();
    };
    const from = passed();
    for (let index = 0; index < 5; index++) await call("PATCH", `/api/organizations/${team}`, { name: `${index}` });
    const to = passed();
    await call("PATCH", `/api/organizations/${team}`, { name: "After" });
    const names: string[] = [];
    let cursor = "";
    do {
      const page = await list(`limit=2&from=${from}&to=${to}${cursor}`);
      names.push(...page.data.map(({ after }: { after: { name: string } }) => after.name));
      cursor = page.next_cursor === null ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect(names).toEqual(["4", "3", "2", "1", "0"]);
  });

  it("shows an administrator below the root what is about its branch", async () => {
    const below = (await call("POST", "/api/organizations", { name: "Below", parent_id: team })).body.id;
    await call("POST", "/api/organizations", { name: "Beside" });
    const { data } = await list("limit=200", lead);
    expect(new Set(data.map((row: Row) => row.organization_id))).toEqual(new Set([team, below]));
    expect((await list(`organization=${below}`, lead)).data).toHaveLength(1);
    expect(await call("GET", `/api/audit?organization=${tenant.rootId}`, undefined, lead)).toMatchObject({
      status: 404,
    });
    expect(await call("GET", "/api/audit/verify", undefined, lead)).toMatchObject({ status: 403 });
    const { body: text } = await call("GET", "/api/audit/export", undefined, lead);
    expect(text.trim().split("\n")).toHaveLength(data.length);
  });

  it.each([
    "actor=",
    "action=Key",
    "action=key.create.twice",
    "from=yesterday",
    "cursor=0",
    "cursor=a",
    "limit=0",
    "who=me",
  ])("refuses ?%s", async (query) => {
    const param = query.split("=")[0];
    expect(await call("GET", `/api/audit?${query}`)).toMatchObject({ status: 400, body: { error: { param } } });
  });

  it("refuses a time that ends before it begins", async () => {
    const query = "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z";
    expect(await call("GET", `/api/audit?${query}`)).toMatchObject({ status: 400, body: { error: { param: "to" } } });
  });
});

describe("the export", () => {
  it("holds every row once, oldest first, and enough to check the chain without us", async () => {
    for (let index = 0; index < 30; index++)
      await call("PATCH", `/api/organizations/${team}`, { name: `Row ${index}` });
    const { status, headers, body: text } = await call("GET", "/api/audit/export");
    expect([status, headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    const rows = text
      .trim()
      .split("\n")
      .map((line: string) => JSON.parse(line));
    const { rows: count, last_hash } = (await call("GET", "/api/audit/verify")).body;
    expect(rows).toHaveLength(count);
    expect(rows.at(-1).hash).toBe(last_hash);
    expect(rows.map(({ prev_hash }: { prev_hash: string }) => prev_hash)).toEqual([
      null,
      ...rows.slice(0, -1).map(({ hash }: { hash: string }) => hash),
    ]);
  });
});

describe("verifying", () => {
  const verify = (expected?: string): Promise<ChainState> =>
    verifyChain(world.database.database, tenant.rootId, expected);
  const rowIds = async (): Promise<number[]> =>
    (await world.database.sql`select id from audit_log where root_id = ${tenant.rootId} order by id`).map(({ id }) =>
      Number(id),
    );

  it("finds the chain whole, and says up to where", async () => {
    const { body } = await call("GET", "/api/audit/verify");
    const { intact, rows, firstBroken, lastHash } = await verify();
    expect(body).toMatchObject({ intact: true, rows, first_broken: null, last_hash: lastHash });
    expect([intact, rows, firstBroken]).toEqual([true, (await rowIds()).length, null]);
    expect(lastHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("does not take a log that is not there for a whole one", async () => {
    expect(await verifyChain(world.database.database, "org_00000000")).toEqual({
      ...{ intact: false, rows: 0, firstBroken: null, lastHash: null },
    });
  });

  it("still follows rows of before there were an organization and an origin", async () => {
    const own = await world.tenant("Old");
    await world.database.sql`update audit_log set organization_id = null, session_id = null, hash =
      encode(sha256(convert_to(jsonb_build_array(prev_hash, root_id,
        to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), actor, action, target, before, after)::text,
        'UTF8')), 'hex') where root_id = ${own.rootId}`;
    await call("POST", "/api/keys", { name: "Newer" }, own.adminKey);
    expect(await verifyChain(world.database.database, own.rootId)).toMatchObject({ intact: true, rows: 2 });
  });

  it("finds any value of any row that was changed behind its back", async () => {
    const texts = ["actor", "action", "target", "organization_id", "session_id", "address_hash", "agent_hash"] as const;
    const columns = [...texts, "root_id", "at", "before", "after", "prev_hash", "hash"] as const;
    const { sql } = world.database;
    const all = await rowIds();
    const value = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => !text.includes("\0"));
    const column = fc.constantFrom(...columns);
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), column, fc.option(value, { freq: 5 }), async (at, name, text) => {
        const id = all[at] ?? 0;
        const [row = {}] = await sql`select * from audit_log where id = ${id}`;
        const others = ["before", "after"].includes(name) ? JSON.stringify({ text }) : (text ?? "x");
        const nullable = !["actor", "action", "target", "root_id", "at", "hash"].includes(name);
        const changed = name === "at" ? "2026-11-20T12:00:00.001Z" : nullable && text === null ? null : others;
        const asText = (one: unknown) => (one !== null && typeof one === "object" ? JSON.stringify(one) : one);
        fc.pre(JSON.stringify(row[name]) !== JSON.stringify(changed) && asText(row[name]) !== changed);
        // The last row in another's log is a row taken away at the end.
        fc.pre(name !== "root_id" || at < all.length - 1);
        // A second beginning of a chain is refused by the table itself.
        fc.pre(name !== "prev_hash" || changed !== null);
        const set = `update audit_log set ${name} = $1 where id = $2`;
        const type = name === "before" || name === "after" ? "::jsonb" : name === "at" ? "::timestamptz" : "";
        await sql.query(set.replace("$1", `$1${type}`), [changed, id]);
        try {
          const found = await verify();
          expect({ name, intact: found.intact }).toEqual({ name, intact: false });
          // The row itself, or where its own is missing, or its hash does not fit any more, the next.
          const next = all[at + 1] ?? null;
          const moved = name === "root_id" || name === "hash";
          expect([id, ...(moved ? [next] : [])]).toContain(found.firstBroken);
        } finally {
          const back = row[name] instanceof Date ? (row[name] as Date).toISOString() : asText(row[name]);
          await sql.query(set.replace("$1", `$1${type}`), [back, id]);
        }
      }),
      { numRuns: 150, seed: 20261126 },
    );
    expect(await verify()).toMatchObject({ intact: true });
  });

  it("finds a row that is missing, and two that were exchanged", async () => {
    const { sql } = world.database;
    const all = await rowIds();
    for (const at of [0, 1, all.length - 2]) {
      await sql`update audit_log set root_id = 'org_elsewher' where id = ${all[at]}`;
      expect(await verify()).toMatchObject({ intact: false, firstBroken: all[at + 1] });
      await sql`update audit_log set root_id = ${tenant.rootId} where id = ${all[at]}`;
    }
    const [one, other] = [all[1], all[2]];
    const exchange = async () => {
      for (const [from, to] of [
        [one, -1],
        [other, one],
        [-1, other],
      ]) {
        await sql`update audit_log set id = ${to} where id = ${from}`;
      }
    };
    await sql`alter table audit_log alter column id set generated by default`;
    await exchange();
    expect(await verify()).toMatchObject({ intact: false, firstBroken: one });
    await exchange();
    expect(await verify()).toMatchObject({ intact: true });
  });

  it("finds a row that was forged, and the endpoint says which", async () => {
    const [row] = await world.database.sql`
      insert into audit_log (root_id, at, actor, action, target, prev_hash, hash)
      select root_id, at, ${tenant.userId}, 'key.create', 'key_000000000000', hash, repeat('f', 64) from audit_log
      where root_id = ${tenant.rootId} order by id desc limit 1 returning id`;
    const { body } = await call("GET", "/api/audit/verify");
    expect(body).toMatchObject({ intact: false, first_broken: Number(row?.id) });
    await world.database.sql`delete from audit_log where id = ${row?.id}`;
    expect((await call("GET", "/api/audit/verify")).body.intact).toBe(true);
  });

  it("cannot see by itself that the last rows are missing: a hash that was kept elsewhere tells", async () => {
    const { sql } = world.database;
    const { lastHash, rows } = await verify();
    const all = await rowIds();
    await call("PATCH", `/api/organizations/${team}`, { name: "Later" });
    expect(await verify(lastHash ?? "")).toMatchObject({ intact: true, rows: rows + 1 });
    const taken = [all.at(-1), (await rowIds()).at(-1)];
    await sql`update audit_log set root_id = 'org_elsewher' where id = any(${taken})`;
    expect(await verify()).toMatchObject({ intact: true, rows: rows - 1 });
    expect(await verify(lastHash ?? "")).toMatchObject({ intact: false, firstBroken: null });
    expect((await call("GET", `/api/audit/verify?expected=${lastHash}`)).body.intact).toBe(false);
    await sql`update audit_log set root_id = ${tenant.rootId} where id = any(${taken})`;
    expect(await call("GET", "/api/audit/verify?expected=abc")).toMatchObject({ status: 400 });
  });
});

describe("a change that is cut off is made with its row, or not at all", () => {
  let people: [action: string, act: () => Promise<Answer>][] = [];
  let digest: string;
  beforeAll(async () => {
    tenant = await world.tenant("Cut off");
    team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
    const tables = await world.database.sql`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'root_id'
      where c.relkind in ('r', 'p') and not c.relispartition and c.relname not in ('audit_log', 'sessions') order by 1`;
    const each = tables.map(
      ({ name }) => `select md5(string_agg(t::text, '' order by t::text)) as d from ${name} t where root_id = $1`,
    );
    digest = `select string_agg(d, ' ') as all from (${each.join(" union all ")}) digests`;
    people = await peoplesChanges();
  });

  /** How all of the tenant's rows stand, and how many of the log there are. */
  async function standing(): Promise<{ rows: unknown; logged: number; target: string }> {
    const { sql } = world.database;
    const [row] = await sql.query(digest, [tenant.rootId]);
    const [log] = await sql`
      select count(*)::int as n, (array_agg(target order by id desc))[1] as target from audit_log
      where root_id = ${tenant.rootId}`;
    return { rows: row?.all, logged: log?.n, target: log?.target };
  }

  /** Cuts an act off at each of its ways to the database in turn, before it is done there and after, until it is made. */
  async function cutOff(action: string, act: () => Promise<unknown>): Promise<string> {
    const { faults } = world.database;
    for (let at = 0; at < 12; at++) {
      for (const fault of ["reset", "ack-lost"] as const) {
        const before = await standing();
        faults.next.push(...Array<"ok">(at).fill("ok"), fault);
        // What an act reads before it may be cut off too.
        await act().catch(() => {});
        const whole = faults.next.length > 0;
        faults.next.length = 0;
        const after = await standing();
        const logged = after.logged - before.logged;
        const changed = NOT_OF_THE_TENANT.test(action) ? logged > 0 : after.rows !== before.rows;
        expect({ at, fault, changed, logged }).toEqual({ at, fault, changed, logged: changed ? 1 : 0 });
        if (changed) return after.target;
        expect({ at, whole }).toEqual({ at, whole: false });
      }
    }
    throw new Error("the act has more ways to the database than were cut");
  }
  /**
   * The end of sessions, which are left out above since whoever signs in has one more; what adds up anew what adds up already, an end user's end of whom there is nothing, and what is done with what providers list,
   * which is nobody's: told all the same.
   */
  const NOT_OF_THE_TENANT =
    /^(session\.\w+|member\.end_sessions|rollups\.rebuild|end_user\.erase|prices\.rerate|models\.sync|model\.(accept|dismiss|restore_changes))$/;

  it.each(CHANGES)("%s", async (action, route, act) => {
    const target = await cutOff(action, act);
    const kind = /^(POST|PUT) \/api\/(\w+)$/.exec(route)?.[2];
    // Whose answer was lost has an id all the same.
    if (kind !== undefined && action.endsWith(".create")) made[kind] = target;
  });

  const PEOPLE: [action: string, route: string][] = Object.entries({
    "user.update": "PATCH /api/me",
    "user.password": "POST /api/me/password",
    "user.password_reset": "POST /api/password/reset",
    "invite.create": "POST /api/invites",
    "invite.revoke": "DELETE /api/invites/:id",
    "invite.accept": "POST /api/invites/accept",
    "member.set_role": "PATCH /api/members/:id",
    "member.reset_password": "POST /api/members/:id/reset",
    "member.end_sessions": "DELETE /api/members/:id/sessions",
    "member.remove": "DELETE /api/members/:id",
    "session.end": "DELETE /api/me/sessions/:id",
    "session.end_others": "DELETE /api/me/sessions",
    "key.create": "POST /api/playground/token",
    "view.create": "POST /api/views",
    "view.update": "PATCH /api/views/:id",
    "view.delete": "DELETE /api/views/:id",
    "totp.create": "POST /api/me/totp/confirm",
    "recovery_codes.create": "POST /api/me/recovery-codes",
    "passkey.create": "POST /api/me/passkeys",
    "passkey.update": "PATCH /api/me/passkeys/:id",
    "passkey.delete": "DELETE /api/me/passkeys/:id",
    "totp.delete": "DELETE /api/me/totp",
    "member.reset_second_factors": "DELETE /api/members/:id/second-factors",
  });
  PEOPLE.push(["session.confirm", "POST /api/me/confirm"], ["session.confirm", "POST /api/me/confirm/passkey"]);

  /** What is done with people, by somebody signed in, and by those who have a link. */
  async function peoplesChanges(): Promise<typeof people> {
    const person = { cookie: await world.signIn(tenant), headers: BROWSER };
    const member = await world.member(tenant, team, "member");
    const own = { cookie: await world.signIn(member), headers: BROWSER };
    const as = (method: string, at: string, body?: unknown, by: object = person) =>
      world.call(method, at, { ...by, body });
    const invite = (email: string) => as("POST", "/api/invites", { role: "viewer", emails: [email] });
    const [open, taken] = [
      (await invite("open@example.com")).body.data[0],
      (await invite("back@example.com")).body.data[0],
    ];
    const forgetful = await world.member(tenant, team, "member");
    const { body: reset } = await as("POST", `/api/members/${forgetful.userId}/reset`);
    const password = "another long password";
    const { body: view } = await as("POST", "/api/views", VIEW);
    const careful = openBrowser(world);
    await careful.signIn((await world.member(tenant, team, "member")).email, PASSWORD);
    const passkey = await createSoftwarePasskey(BROWSER.origin);
    const ownPasskey = async () =>
      `/api/me/passkeys/${(await careful.send("GET", "/api/me/second-factors")).body.passkeys[0]?.id}`;
    const elsewhere = await world.member(tenant, team, "member");
    await world.signIn(elsewhere);
    const lost = await world.member(tenant, team, "member");
    const loser = openBrowser(world);
    await loser.signIn(lost.email, PASSWORD);
    await loser.enrolTotp();
    await world.signIn(tenant);
    await world.signIn(tenant);
    const { data: sessions } = (await as("GET", "/api/me/sessions")).body;
    const another = sessions.find(({ current }: { current: boolean }) => !current).id;
    return [
      ["user.update", () => as("PATCH", "/api/me", { name: "Other" }, own)],
      ["user.password", () => as("POST", "/api/me/password", { old_password: PASSWORD, new_password: password }, own)],
      [
        "user.password_reset",
        () => as("POST", "/api/password/reset", { token: reset.token, password }, { headers: BROWSER }),
      ],
      ["invite.create", () => invite("new@example.com")],
      ["invite.revoke", () => as("DELETE", `/api/invites/${taken.id}`)],
      ["invite.accept", () => as("POST", "/api/invites/accept", { token: open.token, password }, { headers: BROWSER })],
      [
        "member.set_role",
        () => as("PATCH", `/api/members/${member.userId}`, { organization_id: team, role: "viewer" }),
      ],
      ["session.end", () => as("DELETE", `/api/me/sessions/${another}`)],
      ["session.end_others", () => as("DELETE", "/api/me/sessions")],
      ["key.create", () => as("POST", "/api/playground/token", { organization_id: team })],
      ["view.create", () => as("POST", "/api/views", VIEW)],
      ["view.update", () => as("PATCH", `/api/views/${view.id}`, { name: "Other" })],
      ["view.delete", () => as("DELETE", `/api/views/${view.id}`)],
      ["totp.create", async () => (await careful.enrolTotp()).confirmed],
      ["recovery_codes.create", () => careful.send("POST", "/api/me/recovery-codes")],
      ["passkey.create", async () => (await careful.addPasskey("Laptop", Promise.resolve(passkey))).added],
      ["passkey.update", async () => careful.send("PATCH", await ownPasskey(), { name: "Phone" })],
      ["session.confirm", () => careful.send("POST", "/api/me/confirm", { password: PASSWORD })],
      [
        "session.confirm",
        async () => {
          const { body } = await careful.send("POST", "/api/session/passkey/options");
          return careful.send("POST", "/api/me/confirm/passkey", { credential: await passkey.get(body) });
        },
      ],
      ["passkey.delete", async () => careful.send("DELETE", await ownPasskey())],
      ["totp.delete", () => careful.send("DELETE", "/api/me/totp")],
      ["member.reset_second_factors", () => as("DELETE", `/api/members/${lost.userId}/second-factors`)],
      ["member.end_sessions", () => as("DELETE", `/api/members/${elsewhere.userId}/sessions`)],
      ["member.reset_password", () => as("POST", `/api/members/${member.userId}/reset`)],
      ["member.remove", () => as("DELETE", `/api/members/${member.userId}`)],
    ];
  }

  it("what is done with people, by every route that does", async () => {
    const served = world.api.routes
      .filter(
        ({ method, path: at }) =>
          !["ALL", "GET"].includes(method) &&
          /api\/(me|members|invites|password|playground|views)\b/.test(at) &&
          // What is asked for before a change, and keeps nothing here.
          !ROUTE_PERMISSIONS[`${method} ${at}`]?.endsWith(":read"),
      )
      .map(({ method, path: at }) => `${method} ${at}`);
    expect([...new Set(served)].sort()).toEqual(PEOPLE.map(([, route]) => route).sort());
    expect(people.map(([action]) => action).sort()).toEqual(PEOPLE.map(([action]) => action).sort());
    const done: string[] = [];
    for (const [action, act] of people) {
      await cutOff(action, act);
      const [last] = await world.database.sql`
        select action from audit_log where root_id = ${tenant.rootId} order by id desc limit 1`;
      done.push(last?.action);
    }
    expect(done).toEqual(people.map(([action]) => action));
  });

  it("leaves a whole chain", async () => {
    expect(await verifyChain(world.database.database, tenant.rootId)).toMatchObject({
      intact: true,
      firstBroken: null,
    });
  });
});
