import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkApiKey } from "../../../worker/auth/api-key.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, type Answer, BROWSER, PEPPERS, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
beforeAll(async () => {
  world = await startAdminWorld();
});
beforeEach(async () => {
  tenant = await world.tenant();
  // A warm Ledger, or it would read everything anew from Postgres.
  await call("GET", "/api/keys");
});
afterAll(() => world.close());

const call = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  key = tenant.adminKey,
) => world.call(method, path, { key, body, headers });

async function make(more: object = {}): Promise<{ id: string; key: string; hint: string }> {
  const { status, body } = await call("POST", "/api/keys", { name: "Key", ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

/** What the Ledger says of a key's text: that it opens, or why not. */
async function ledgerSays(text: string, address: string | null = null): Promise<string> {
  const parsed = await checkApiKey(text, PEPPERS);
  if (parsed === null) return "no key";
  const { rootId, keyId, mac } = parsed;
  const answer = await world.ledger(rootId).core.authenticate({ rootId, keyId, mac }, { address, origin: null });
  return answer.ok ? "ok" : answer.code;
}

const TERMS = {
  name: "Web",
  permissions: ["write"],
  expires_at: "2027-01-01T00:00:00.000Z",
  strict: true,
  models: ["openai/*", "smart", "google/gemini-3.6-flash"],
  ip_ranges: ["203.0.113.0/24", "2001:db8::1"],
  origins: ["https://app.example.com", "http://localhost:5173"],
  tags: ["web", "production"],
  note: "Two lines\nof text",
};

describe("a key's terms", () => {
  it("are stored as they are given, and known to the Ledger", async () => {
    const made = await make(TERMS);
    expect((await call("GET", `/api/keys/${made.id}`)).body).toMatchObject({ ...TERMS, owner: "service" });
    expect(world.ledger(tenant.rootId).pushed.at(-1)?.keys).toMatchObject([
      { id: made.id, name: "Web", models: TERMS.models, ipRanges: TERMS.ip_ranges, origins: TERMS.origins },
    ]);
  });

  it("are changed one by one, and null clears", async () => {
    const { id } = await make(TERMS);
    const clears = { models: null, ip_ranges: null, origins: null, note: null, expires_at: null };
    const { body } = await call("PATCH", `/api/keys/${id}`, { ...clears, tags: [] });
    expect(body).toMatchObject({ ...TERMS, ...clears, tags: [], version: 2, pending: false });
    expect(body).not.toHaveProperty("key");
    const { body: renamed } = await call("PATCH", `/api/keys/${id}`, { name: "Other", permissions: ["read", "read"] });
    expect(renamed).toMatchObject({ name: "Other", permissions: ["read"], strict: true, version: 3 });
    expect(world.ledger(tenant.rootId).pushed.at(-1)?.keys).toMatchObject([
      { id, models: null, permissions: ["read"] },
    ]);
  });

  it.each<[string, object, string, string]>([
    ["nothing", {}, "missing_required_parameter", ""],
    ["no name", { name: null }, "invalid_type", "name"],
    ["a permission there is not", { permissions: ["root"] }, "invalid_value", "permissions[0]"],
    ["no permission", { permissions: [] }, "invalid_value", "permissions"],
    ["a past expiry", { expires_at: "2026-01-01T00:00:00Z" }, "invalid_value", "expires_at"],
    ["an empty list of models", { models: [] }, "invalid_value", "models"],
    ["all models", { models: ["*"] }, "invalid_value", "models[0]"],
    ["part of a name", { models: ["openai/gpt-*"] }, "invalid_value", "models[0]"],
    ["a provider there is not", { models: ["openai/*", "acme/*"] }, "invalid_value", "models[1]"],
    ["bits behind a prefix", { ip_ranges: ["203.0.113.7/24"] }, "invalid_value", "ip_ranges[0]"],
    ["a name for an address", { ip_ranges: ["localhost"] }, "invalid_value", "ip_ranges[0]"],
    ["any origin", { origins: ["*"] }, "invalid_value", "origins[0]"],
    ["an origin with a path", { origins: ["https://a.example/"] }, "invalid_value", "origins[0]"],
    ["an origin in capitals", { origins: ["https://A.example"] }, "invalid_value", "origins[0]"],
    ["an origin without TLS", { origins: ["http://a.example"] }, "invalid_value", "origins[0]"],
    ["an origin that names its usual port", { origins: ["https://a.example:443"] }, "invalid_value", "origins[0]"],
    ["a hidden origin", { origins: ["null"] }, "invalid_value", "origins[0]"],
    ["a tag of two lines", { tags: ["a\nb"] }, "invalid_value", "tags[0]"],
    ["21 tags", { tags: Array.from({ length: 21 }, (_, at) => `${at}`) }, "invalid_value", "tags"],
    ["an owner of no kind", { owner: "me" }, "invalid_value", "owner"],
    ["a note with a NUL", { note: "a\0b" }, "invalid_value", "note"],
    ["another organization", { organization_id: "org_00000000" }, "unsupported_parameter", "organization_id"],
  ])("refuses %s", async (_, body, code, param) => {
    const { id } = await make();
    const answer = await call("PATCH", `/api/keys/${id}`, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, param: param === "" ? null : param } } });
    if (Object.keys(body).length > 0 && code !== "unsupported_parameter") {
      const made = await call("POST", "/api/keys", { name: "Key", ...body });
      expect(made).toMatchObject({ status: 400, body: { error: { code, param } } });
    }
  });

  it("do not name nobody for an owner, nor somebody of another tenant", async () => {
    const { userId } = await world.tenant();
    for (const id of ["usr_000000000000", userId]) {
      const refused = await call("POST", "/api/keys", { name: "Some", owner: `user:${id}` });
      expect(refused).toMatchObject({ status: 404, body: { error: { code: "not_found", param: "owner" } } });
    }
  });

  it("name whoever is signed in as the owner, or anybody of the tenant", async () => {
    const cookie = await world.signIn(tenant);
    const { body } = await world.call("POST", "/api/keys", { cookie, headers: BROWSER, body: { name: "Mine" } });
    expect(body.owner).toBe(`user:${tenant.userId}`);
    const other = await world.tenant("Other");
    for (const [owner, status] of [
      [`user:${tenant.userId}`, 200],
      ["service", 200],
      [`user:${other.userId}`, 404],
    ] as const) {
      expect((await call("PATCH", `/api/keys/${body.id}`, { owner })).status).toBe(status);
    }
  });

  it("are changed by the version that was read", async () => {
    const { id } = await make();
    const { headers } = await call("GET", `/api/keys/${id}`);
    const etag = headers.get("etag") ?? "";
    expect(await call("PATCH", `/api/keys/${id}`, { name: "First" }, { "if-match": etag })).toMatchObject({
      status: 200,
    });
    for (const [method, act, body] of [
      ["PATCH", "", { name: "Second" }],
      ["POST", "/disable", undefined],
      ["POST", "/rotate", { overlap_seconds: 0 }],
    ] as const) {
      const late = await call(method, `/api/keys/${id}${act}`, body, { "if-match": etag });
      expect(late).toMatchObject({ status: 412, body: { error: { code: "precondition_failed" } } });
      expect(late.headers.get("etag")).toBe('"2"');
    }
    expect((await call("GET", `/api/keys/${id}`)).body).toMatchObject({ name: "First", status: "active" });
  });

  it("hold for the management API too: an address outside is refused", async () => {
    const { key } = await make({ permissions: ["admin"], ip_ranges: ["203.0.113.0/24"] });
    const from = (headers: Record<string, string>) => call("GET", "/api/keys", undefined, headers, key);
    expect((await from({ "cf-connecting-ip": "203.0.113.7" })).status).toBe(200);
    for (const headers of [{ "cf-connecting-ip": "198.51.100.7" }, {}] as Record<string, string>[]) {
      expect(await from(headers)).toMatchObject({ status: 403, body: { error: { code: "ip_not_allowed" } } });
    }
  });
});

it("a new key says what its organization is, whatever became of others", async () => {
  const { id } = (await call("POST", "/api/organizations", { name: "short-lived" })).body;
  expect((await call("DELETE", `/api/organizations/${id}`)).status).toBe(200);
  expect((await call("POST", "/api/keys", { name: "k" })).body.organization_archived).toBe(false);
});

describe("disabling", () => {
  it("stops a key until it is enabled again; doing it twice changes nothing", async () => {
    const { id, key } = await make();
    const first = await call("POST", `/api/keys/${id}/disable`);
    expect(first).toMatchObject({ status: 200, body: { status: "disabled", version: 2, pending: false } });
    expect(await ledgerSays(key)).toBe("key_disabled");
    expect((await call("POST", `/api/keys/${id}/disable`)).body).toEqual(first.body);
    expect((await call("POST", `/api/keys/${id}/enable`)).body).toMatchObject({ status: "active", disabled_at: null });
    expect(await ledgerSays(key)).toBe("ok");
    expect((await call("POST", `/api/keys/${id}/enable`)).body.version).toBe(3);
  });

  it("a Ledger that was not told learns it when it is asked for again", async () => {
    const { id, key } = await make();
    const ledger = world.ledger(tenant.rootId);
    await call("GET", "/api/keys");
    const { configure } = ledger;
    ledger.configure = () => Promise.reject(new Error("the Ledger is away"));
    expect((await call("POST", `/api/keys/${id}/disable`)).body).toMatchObject({ status: "disabled", pending: true });
    expect(await ledgerSays(key)).toBe("ok");
    ledger.configure = configure;
    expect((await call("POST", `/api/keys/${id}/disable`)).body.pending).toBe(false);
    expect(await ledgerSays(key)).toBe("key_disabled");
  });
});

describe("rotating", () => {
  it("gives the same key another text; both open for the overlap", async () => {
    const made = await make(TERMS);
    const { body } = await call("POST", `/api/keys/${made.id}/rotate`, { overlap_seconds: 60 });
    const until = new Date(world.clock.now + 60_000).toISOString();
    expect(body).toMatchObject({ ...TERMS, id: made.id, previous: { hint: made.hint, expires_at: until } });
    expect(body.key).not.toBe(made.key);
    expect(body.hint).toBe(`${body.key.slice(0, 12)}…${body.key.slice(-4)}`);
    const inside = "203.0.113.7";
    expect([await ledgerSays(made.key, inside), await ledgerSays(body.key, inside)]).toEqual(["ok", "ok"]);
    world.clock.now += 60_000;
    expect([await ledgerSays(made.key, inside), await ledgerSays(body.key, inside)]).toEqual(["key_expired", "ok"]);
    const { body: shown } = await call("GET", `/api/keys/${made.id}`);
    expect(shown).toMatchObject({ previous: null, status: "active" });
    expect(JSON.stringify(shown)).not.toContain(body.key.slice(32, 75));
  });

  it("without an overlap ends the old text at once", async () => {
    const made = await make();
    const { body } = await call("POST", `/api/keys/${made.id}/rotate`, { overlap_seconds: 0 });
    expect(body.previous).toBeNull();
    expect([await ledgerSays(made.key), await ledgerSays(body.key)]).toEqual(["invalid_api_key", "ok"]);
  });

  it("twice leaves the last two texts", async () => {
    const made = await make();
    const { body: second } = await call("POST", `/api/keys/${made.id}/rotate`, { overlap_seconds: 259_200 });
    const { body: third } = await call("POST", `/api/keys/${made.id}/rotate`, { overlap_seconds: 259_200 });
    const said = await Promise.all([made.key, second.key, third.key].map((key) => ledgerSays(key)));
    expect(said).toEqual(["invalid_api_key", "ok", "ok"]);
    expect((await call("POST", `/api/keys/${made.id}/end-overlap`)).body).toMatchObject({ previous: null, version: 4 });
    expect([await ledgerSays(second.key), await ledgerSays(third.key)]).toEqual(["invalid_api_key", "ok"]);
    expect((await call("POST", `/api/keys/${made.id}/end-overlap`)).body.version).toBe(4);
  });

  it.each([-1, 259_201, 0.5, null, "60"])("refuses an overlap of %j", async (overlap_seconds) => {
    const { id } = await make();
    const answer = await call("POST", `/api/keys/${id}/rotate`, { overlap_seconds });
    expect(answer).toMatchObject({ status: 400, body: { error: { param: "overlap_seconds" } } });
  });

  it("is not for a key that has expired or was revoked, and writes no text into the audit log", async () => {
    const made = await make({ expires_at: new Date(world.clock.now + 1).toISOString() });
    world.clock.now += 1;
    const rotate = () => call("POST", `/api/keys/${made.id}/rotate`, { overlap_seconds: 0 });
    expect(await rotate()).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
    await call("PATCH", `/api/keys/${made.id}`, { expires_at: null });
    const { body } = await rotate();
    await call("POST", `/api/keys/${made.id}/revoke`);
    for (const [method, act, sent] of [
      ["POST", "/rotate", { overlap_seconds: 0 }],
      ["POST", "/disable", undefined],
      ["POST", "/enable", undefined],
      ["PATCH", "", { name: "x" }],
    ] as const) {
      expect(await call(method, `/api/keys/${made.id}${act}`, sent)).toMatchObject({ status: 409 });
    }
    const rows = await world.database
      .sql`select action, before, after from audit_log where target = ${made.id} order by id`;
    expect(rows.map(({ action }) => action)).toEqual(["key.create", "key.update", "key.rotate", "key.revoke"]);
    expect(rows[2]).toMatchObject({ before: { hint: made.hint }, after: { hint: body.hint } });
    const [{ mac }] = (await world.database.sql`select mac from api_keys where id = ${made.id}`) as [{ mac: string }];
    for (const secret of [mac, made.key.slice(32, 75), body.key.slice(32, 75)]) {
      expect(JSON.stringify(rows)).not.toContain(secret);
    }
  });
});

describe("many keys at once", () => {
  const bulk = (body: object, key = tenant.adminKey) => call("POST", "/api/keys/bulk", body, {}, key);
  const statuses = ({ body }: Answer) => body.results.map(({ status }: { status: number }) => status);

  it("are changed each for itself, in the order in which they were named", async () => {
    const [one, two, gone] = [await make(), await make(), await make()];
    await call("POST", `/api/keys/${gone.id}/revoke`);
    const other = await world.tenant("Other");
    const foreign = `key_${other.apiKey.slice(19, 31)}`;
    const ids = [one.id, foreign, gone.id, two.id, "key_000000000000", one.id];
    const { version } = world.ledger(tenant.rootId).pushed.at(-1) ?? { version: 0 };
    const answer = await bulk({ ids, action: "disable" });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ succeeded: 2, failed: 3, pending: false });
    expect(answer.body.results).toMatchObject([
      { id: one.id, status: 200, key: { status: "disabled" }, error: null },
      { id: foreign, status: 404, key: null, error: { code: "not_found" } },
      { id: gone.id, status: 409, key: null, error: { code: "conflict" } },
      { id: two.id, status: 200, key: { status: "disabled" }, error: null },
      { id: "key_000000000000", status: 404, key: null, error: { code: "not_found" } },
    ]);
    expect([await ledgerSays(one.key), await ledgerSays(two.key)]).toEqual(["key_disabled", "key_disabled"]);
    // One change of the configuration, and a row of the audit log for each key.
    expect(world.ledger(tenant.rootId).pushed.at(-1)?.version).toBe(version + 1);
    const rows = await world.database
      .sql`select target from audit_log where action = 'key.disable' and root_id = ${tenant.rootId}`;
    expect(rows.map(({ target }) => target).sort()).toEqual([one.id, two.id].sort());
    expect(await ledgerSays(other.apiKey)).toBe("ok");
  });

  it.each<[object, object]>([
    [{ action: "enable" }, { status: "active" }],
    [{ action: "revoke" }, { status: "revoked" }],
    [{ action: "extend", expires_at: "2027-01-01T00:00:00.000Z" }, { expires_at: "2027-01-01T00:00:00.000Z" }],
    [{ action: "extend", expires_at: null }, { expires_at: null }],
    [{ action: "tag", add: ["new"], remove: ["old"] }, { tags: ["kept", "new"] }],
  ])("%j", async (act, expected) => {
    const ids = [(await make({ tags: ["old", "kept"] })).id, (await make({ tags: ["kept", "old"] })).id];
    const answer = await bulk({ ids, ...act });
    expect(statuses(answer)).toEqual([200, 200]);
    for (const id of ids) expect((await call("GET", `/api/keys/${id}`)).body).toMatchObject(expected);
  });

  it("tags of one too many are that key's own failure", async () => {
    const full = await make({ tags: Array.from({ length: 20 }, (_, at) => `${at}`) });
    const free = await make();
    const answer = await bulk({ ids: [full.id, free.id], action: "tag", add: ["new"] });
    expect(statuses(answer)).toEqual([400, 200]);
  });

  it("of which none can be changed leave everything as it is", async () => {
    const { pushed } = world.ledger(tenant.rootId);
    const before = pushed.length;
    const answer = await bulk({ ids: ["key_000000000000"], action: "disable" });
    expect(answer.body).toMatchObject({ succeeded: 0, failed: 1, pending: false });
    expect(pushed).toHaveLength(before);
  });

  it("that could not be revoked at the edge are a 503, and revoked by another try", async () => {
    const { id, key } = await make();
    const ledger = world.ledger(tenant.rootId);
    const { configure } = ledger;
    ledger.configure = () => Promise.reject(new Error("the Ledger is away"));
    const revoke = () => bulk({ ids: [id], action: "revoke" });
    expect(await revoke()).toMatchObject({ status: 503, body: { error: { code: "ledger_unavailable" } } });
    ledger.configure = configure;
    expect(await revoke()).toMatchObject({ status: 200, body: { pending: false } });
    expect(await ledgerSays(key)).toBe("invalid_api_key");
  });

  it.each<[string, object, string]>([
    ["no key", { ids: [], action: "disable" }, "ids"],
    ["201 keys", { ids: Array(201).fill("key_000000000000"), action: "disable" }, "ids"],
    ["an id of another kind", { ids: ["org_00000000"], action: "disable" }, "ids[0]"],
    ["something else", { ids: ["key_000000000000"], action: "delete" }, "action"],
    ["extend without an expiry", { ids: ["key_000000000000"], action: "extend" }, "expires_at"],
    ["move without a place", { ids: ["key_000000000000"], action: "move" }, "organization_id"],
    [
      "a place for something else",
      { ids: ["key_000000000000"], action: "enable", organization_id: "org_00000000" },
      "organization_id",
    ],
    [
      "extend to the past",
      { ids: ["key_000000000000"], action: "extend", expires_at: "2026-01-01T00:00:00Z" },
      "expires_at",
    ],
    ["disable with an expiry", { ids: ["key_000000000000"], action: "disable", expires_at: null }, "expires_at"],
    ["tag without a tag", { ids: ["key_000000000000"], action: "tag", add: [] }, "add"],
    ["enable with tags", { ids: ["key_000000000000"], action: "enable", remove: ["x"] }, "add"],
  ])("refuses %s", async (_, body, param) => {
    expect(await bulk(body)).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param } } });
  });
});

describe("the list", () => {
  const HOUR = 3_600_000;
  const list = async (query: string) => {
    const { status, body } = await call("GET", `/api/keys?${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body.data.map(({ name }: { name: string }) => name);
  };
  const used = (keyId: string, startedAt: number, costNano = 1_000) =>
    recordEvents(world.database.database, tenant.rootId, [
      usageEvent({ rootId: tenant.rootId, organizationId: tenant.rootId, keyId, startedAt, costNano }),
    ]);

  /** Four keys of every state, made one after the other, beside the two of the set-up. */
  async function four() {
    const { now } = world.clock;
    const [a, b, c, d] = [
      await make({ name: "alpha", tags: ["x", "y"], owner: `user:${tenant.userId}` }),
      await make({ name: "Beta", tags: ["y"], expires_at: new Date(now + 10 * HOUR).toISOString() }),
      await make({ name: "gamma", expires_at: new Date(now + 1).toISOString() }),
      await make({ name: "delta%" }),
    ].map(({ id }) => id) as [string, string, string, string];
    await call("POST", `/api/keys/${d}/disable`);
    await call("POST", `/api/keys/${c}/revoke`);
    world.clock.now += 1;
    await used(a, now - 5 * HOUR);
    await used(b, now - 2 * HOUR);
    await used(b, now - 9 * HOUR);
    return { now, a, b };
  }

  it("narrows to what is asked for", async () => {
    const { now } = await four();
    const soon = new Date(now + 24 * HOUR).toISOString();
    const since = new Date(now - 3 * HOUR).toISOString();
    const rows: [string, string[]][] = [
      ["q=ET", ["Beta"]],
      ["q=%25", ["delta%"]],
      [`q=${encodeURIComponent("lpha")}&tag=y`, ["alpha"]],
      ["state=disabled", ["delta%"]],
      ["state=revoked", ["gamma"]],
      ["state=expired", []],
      ["state=active", ["Beta", "alpha", "Admin key", "First key"].sort()],
      ["tag=x", ["alpha"]],
      [`owner=user:${tenant.userId}`, ["alpha"]],
      [`expiring_before=${soon}`, ["Beta", "gamma"]],
      [`unused_since=${since}&state=active`, ["Admin key", "First key", "alpha"]],
    ];
    for (const [query, names] of rows) expect((await list(query)).sort(), query).toEqual(names.sort());
  });

  it("tells an expired key from others", async () => {
    await make({ name: "old", expires_at: new Date(world.clock.now + 1).toISOString() });
    world.clock.now += 1;
    expect(await list("state=expired")).toEqual(["old"]);
    expect(await list("state=active&q=old")).toEqual([]);
  });

  it.each<[string, string[]]>([
    ["name", ["Admin key", "alpha", "Beta", "delta%", "First key", "gamma"]],
    ["-name", ["gamma", "First key", "delta%", "Beta", "alpha", "Admin key"]],
    ["last_used_at", ["alpha", "Beta"]],
    ["-last_used_at", ["Beta", "alpha"]],
    ["expires_at", ["gamma", "Beta"]],
    ["-expires_at", ["Beta", "gamma"]],
  ])("is sorted by %s, page by page, each key once", async (sort, expected) => {
    await four();
    const whole = await list(`sort=${sort}`);
    expect(whole).toHaveLength(6);
    // Those without a value stand at one end, by their ids.
    expect(whole.filter((name: string) => expected.includes(name))).toEqual(expected);
    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/api/keys?sort=${sort}&limit=2${cursor}`);
      seen.push(...body.data.map(({ name }: { name: string }) => name));
      cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
    } while (cursor !== "");
    expect(seen).toEqual(whole);
  });

  it("says when each key was used last, without asking for each", async () => {
    const { now, a } = await four();
    const { body } = await call("GET", "/api/keys?sort=-last_used_at&limit=3");
    expect(body.data.map(({ last_used_at }: { last_used_at: string }) => last_used_at)).toEqual([
      new Date(now - 2 * HOUR).toISOString(),
      new Date(now - 5 * HOUR).toISOString(),
      null,
    ]);
    expect(body.data[0].organization_name).toBe("Acme");
    expect((await call("GET", `/api/keys/${a}`)).body.last_used_at).toBe(new Date(now - 5 * HOUR).toISOString());
  });

  it("takes no cursor of another order, nor one that is made up", async () => {
    await make();
    const { body } = await call("GET", "/api/keys?sort=name&limit=1");
    const made = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    for (const query of [
      `cursor=${body.next_cursor}`,
      `sort=-name&cursor=${body.next_cursor}`,
      "cursor=x",
      `cursor=${made("created_at", true, "1e9", "key_000000000000")}`,
      `cursor=${made("created_at", true, "99999999999999999999", "key_000000000000")}`,
      `sort=name&cursor=${made("name", false, "a\0", "key_000000000000")}`,
      `sort=name&cursor=${made("name", false, "a", "'")}`,
    ]) {
      expect(await call("GET", `/api/keys?${query}`), query).toMatchObject({
        ...{ status: 400, body: { error: { code: "invalid_value", param: "cursor" } } },
      });
    }
  });

  it.each(["sort=id", "state=gone", "owner=me", "unused_since=yesterday", "q=", "limit=201"])(
    "refuses ?%s",
    async (query) => {
      expect(await call("GET", `/api/keys?${query}`)).toMatchObject({
        ...{ status: 400, body: { error: { code: "invalid_value", param: query.split("=")[0] } } },
      });
    },
  );

  it("is one query, however many keys there are", async () => {
    for (let nth = 0; nth < 5; nth++) await make();
    const asked = vi.spyOn(world.database.database, "batch");
    expect(await list("limit=200")).toHaveLength(7);
    // The one that names the tenant to row-level security, and the list itself.
    expect(asked.mock.calls.map(([queries]) => queries.length)).toEqual([2]);
    asked.mockRestore();
  });

  it("tells what ending a key would stop", async () => {
    const { now, b } = await four();
    await used(b, now - 30 * HOUR, 7_000);
    const { body } = await call("GET", `/api/keys/${b}/impact`);
    expect(body).toEqual({
      ...{ id: b, last_used_at: new Date(now - 2 * HOUR).toISOString(), requests: 2, errors: 0 },
      ...{
        cost_nano: 2_000,
        cost_usd: "0.000002",
        since: new Date(Math.floor((now - 24 * HOUR) / HOUR) * HOUR).toISOString(),
      },
      as_of: new Date(world.clock.now).toISOString(),
    });
    const { id } = await make();
    expect((await call("GET", `/api/keys/${id}/impact`)).body).toMatchObject({
      last_used_at: null,
      requests: 0,
      cost_nano: 0,
    });
  });
});

describe("nobody grants what they lack", () => {
  const LISTS = {
    models: ["openai/*", "smart"],
    ip_ranges: ["203.0.113.0/24"],
    origins: ["https://app.example.com"],
    expires_at: "2027-01-01T00:00:00.000Z",
  };
  const WITHIN = {
    models: ["openai/gpt-6.1-sol", "smart"],
    ip_ranges: ["203.0.113.128/25"],
    origins: null,
    expires_at: "2026-12-31T00:00:00.000Z",
  };
  const INSIDE = { "cf-connecting-ip": "203.0.113.7" };
  let bound: { id: string; key: string };
  beforeEach(async () => {
    bound = await make({ permissions: ["admin"], ...LISTS });
  });
  const asBound = (method: string, path: string, body?: unknown) => call(method, path, body, INSIDE, bound.key);
  const denied = (param: string) => ({ status: 403, body: { error: { code: "permission_denied", param } } });

  it("an admin key makes keys within its own lists and its own time", async () => {
    expect(await asBound("POST", "/api/keys", { name: "Within", ...WITHIN })).toMatchObject({
      status: 201,
      body: WITHIN,
    });
    expect(await asBound("POST", "/api/keys", { name: "Equal", permissions: ["admin"], ...LISTS })).toMatchObject({
      status: 201,
      body: LISTS,
    });
  });

  it("an admin key neither makes nor changes one that could do more, itself included", async () => {
    const { id } = await make(WITHIN);
    for (const [field, value] of [
      ["models", null],
      ["models", ["openai/gpt-6.1-sol", "anthropic/claude-opus-5-5"]],
      ["models", ["gpt-6.1-sol"]],
      ["ip_ranges", null],
      ["ip_ranges", ["203.0.113.7", "198.51.100.7"]],
      ["ip_ranges", ["203.0.112.0/23"]],
      ["origins", ["https://app.example.com", "https://other.example.com"]],
      ["expires_at", null],
      ["expires_at", "2027-01-01T00:00:00.001Z"],
    ] as const) {
      const more = { [field]: value };
      expect(await asBound("POST", "/api/keys", { name: "More", ...WITHIN, ...more })).toMatchObject(denied(field));
      for (const key of [id, bound.id]) {
        expect(await asBound("PATCH", `/api/keys/${key}`, more), key).toMatchObject(denied(field));
      }
    }
    expect((await call("GET", `/api/keys/${bound.id}`)).body).toMatchObject({ ...LISTS, version: 1 });
    expect((await call("GET", `/api/keys/${id}`)).body).toMatchObject({ ...WITHIN, version: 1 });
  });

  it("an admin key gets no text of a key that may do more, makes none an admin key, and extends none", async () => {
    const wide = await make();
    const rotation = await asBound("POST", `/api/keys/${wide.id}/rotate`, { overlap_seconds: 0 });
    expect(rotation).toMatchObject(denied("models"));
    expect(JSON.stringify(rotation.body)).not.toContain("sk-gaia");
    expect(await ledgerSays(wide.key)).toBe("ok");
    const raised = { permissions: ["read", "admin"] };
    expect(await asBound("PATCH", `/api/keys/${wide.id}`, raised)).toMatchObject(denied("models"));
    const bulk = { action: "extend", ids: [wide.id, bound.id], expires_at: null };
    const { body } = await asBound("POST", "/api/keys/bulk", bulk);
    expect(body).toMatchObject({ failed: 2, results: [{ status: 403, error: { param: "expires_at" } }, {}] });
  });

  it("what only takes from a wider key, or says nothing of what it may do, is free", async () => {
    const wide = await make();
    const path = `/api/keys/${wide.id}`;
    expect(await asBound("PATCH", path, { name: "Renamed", models: ["smart"] })).toMatchObject({ status: 200 });
    for (const act of ["disable", "enable", "end-overlap", "revoke"]) {
      expect((await asBound("POST", `${path}/${act}`)).status, act).toBe(200);
    }
    const within = await make(WITHIN);
    expect((await asBound("POST", `/api/keys/${within.id}/rotate`, { overlap_seconds: 0 })).status).toBe(200);
  });

  it("a member enables what they disabled, not what an administrator did, be it disabled by them before", async () => {
    const member = await world.member(tenant, tenant.rootId, "member");
    const { id } = await make({ owner: `user:${member.userId}` });
    const cookie = await world.signIn(member);
    const own = (act: string) => world.call("POST", `/api/keys/${id}/${act}`, { cookie, headers: BROWSER });
    expect((await own("disable")).body).toMatchObject({ status: "disabled", disabled_by: member.userId });
    expect((await own("enable")).body).toMatchObject({ status: "active", disabled_by: null });
    const stopped = (await own("disable")).body.disabled_at;
    const taken = await call("POST", `/api/keys/${id}/disable`);
    expect(taken.body).toMatchObject({ status: "disabled", disabled_at: stopped });
    expect(taken.body.disabled_by).not.toBe(member.userId);
    expect((await own("disable")).body).toEqual(taken.body);
    expect(await own("enable")).toMatchObject({ status: 403, body: { error: { code: "permission_denied" } } });
    const bulk = { cookie, headers: BROWSER, body: { action: "enable", ids: [id] } };
    expect((await world.call("POST", "/api/keys/bulk", bulk)).body).toMatchObject({ succeeded: 0, failed: 1 });
    expect((await call("POST", `/api/keys/${id}/enable`)).body.status).toBe("active");
  });

  it("a member stops an admin key that is theirs, and gets nothing by it", async () => {
    const member = await world.member(tenant, tenant.rootId, "member");
    const { id } = await make({ permissions: ["admin"], owner: `user:${member.userId}` });
    const cookie = await world.signIn(member);
    const as = (method: string, path: string, body?: unknown) =>
      world.call(method, path, { cookie, headers: BROWSER, body });
    const path = `/api/keys/${id}`;
    for (const [method, at, body] of [
      ["POST", `${path}/rotate`, { overlap_seconds: 0 }],
      ["PATCH", path, { ip_ranges: null }],
      ["PATCH", path, { expires_at: null }],
    ] as const) {
      const answer = await as(method, at, body);
      expect(answer, at).toMatchObject({ status: 403, body: { error: { code: "permission_denied" } } });
    }
    expect((await as("POST", `${path}/disable`)).status).toBe(200);
    expect((await as("POST", `${path}/enable`)).status).toBe(403);
    expect((await as("POST", `${path}/revoke`)).status).toBe(200);
  });
});
