import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKey } from "../../../worker/auth/api-key.ts";
import { toBase64Url, utf8 } from "../../../worker/lib/encoding.ts";
import { newId } from "../../../worker/lib/ids.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { LIMIT, type OtherTenant, PERIOD, PRICE, ROUTE, ROUTES, type RouteFacts, VIEW, WEBHOOK } from "./routes.ts";
import {
  type AdminWorld,
  type Answer,
  BROWSER,
  type CallOptions,
  callApi,
  PEPPERS,
  startAdminWorld,
  type Tenant,
} from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
/** Another tenant, and what is its own. */
let other: OtherTenant;
let revoked: string;
/** The owner's. */
let cookie: string;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Ours");
  const theirs = await world.tenant("Theirs");
  const event = usageEvent({ rootId: theirs.rootId, organizationId: theirs.rootId });
  await recordEvents(world.database.database, theirs.rootId, [event]);
  const make = async (path: string, body: unknown, method = "POST"): Promise<string> =>
    (await world.call(method, path, { key: theirs.adminKey, body })).body.id;
  const person = { cookie: await world.signIn(theirs), headers: BROWSER };
  const theirSession = await world.call("GET", "/api/me/sessions", person);
  const invites = { role: "viewer", emails: ["guest@example.com"] };
  const invited = await world.call("POST", "/api/invites", { ...person, body: invites });
  other = {
    ...theirs,
    organization: theirs.rootId,
    key: `key_${theirs.apiKey.slice(19, 31)}`,
    request: event.eventId,
    limit: await make("/api/limits", { ...LIMIT, organization_id: theirs.rootId }),
    price: await make("/api/prices", PRICE),
    webhook: await make("/api/webhooks", WEBHOOK),
    route: await make("/api/routes", ROUTE, "PUT"),
    member: theirs.userId,
    session: theirSession.body.data[0].id,
    invite: invited.body.data[0].id,
    passkey: newId("pky", secureRandom),
    view: (await world.call("POST", "/api/views", { ...person, body: VIEW })).body.id,
  };
  await world.database.sql`
    insert into passkeys (id, root_id, user_id, credential_id, public_key, counter, transports, name)
    values (${other.passkey}, ${theirs.rootId}, ${theirs.userId}, 'theirs', '', 0, '[]', 'Theirs')`;
  cookie = await world.signIn(tenant);
  const made = await world.call("POST", "/api/keys", {
    key: tenant.adminKey,
    body: { name: "Gone", permissions: ["admin"] },
  });
  await world.call("POST", `/api/keys/${made.body.id}/revoke`, { key: tenant.adminKey });
  revoked = made.body.key;
});
afterAll(() => world.close());

const rows = Object.entries(ROUTES).map(([name, facts]) => ({ name, method: name.split(" ")[0] ?? "", ...facts }));
const closed = rows.filter(({ access }) => access === "key" || access === "person");
const withBody = rows.filter(({ body }) => body !== undefined);
const withForeign = rows.flatMap(({ foreign, ...row }) => (foreign ? [{ ...row, foreign }] : []));

/** Who passes a route: its own kind of caller. */
const caller = (access: RouteFacts["access"], headers: Record<string, string> = {}): CallOptions =>
  access === "person" ? { cookie, headers: { ...BROWSER, ...headers } } : { key: tenant.adminKey, headers };

/** What holds for every refusal, beside its status and code. */
function expectRefusal(answer: Answer, status: number, code: string): void {
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(Object.keys(answer.body)).toEqual(["error"]);
  expect(Object.keys(answer.body.error).sort()).toEqual(["code", "message", "param", "type"]);
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.body.error.message).not.toMatch(/select|insert|postgres|gaia_app|\.ts:|sk-gaia-[0-9]/i);
}

it("every route of the management API has its row here", () => {
  const served = world.api.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(served)].sort()).toEqual(Object.keys(ROUTES).sort());
});

describe.each(closed)("$name", ({ method, path, body, access }) => {
  const send = (options: CallOptions) => world.call(method, path, { body, ...options });

  it("is closed without a key", async () => {
    expectRefusal(await send({}), 401, "missing_api_key");
  });

  it("is closed with a key in the query", async () => {
    expectRefusal(await world.call(method, `${path}?key=${tenant.adminKey}`, { body }), 401, "missing_api_key");
  });

  it("is closed with a forged key, and no Ledger is asked", async () => {
    const forged = await createApiKey({
      peppers: { current: "1", secrets: { "1": "a pepper that is not ours, of forty characters" } },
      jurisdiction: "global",
      rootId: tenant.rootId,
      keyId: `key_${tenant.adminKey.slice(19, 31)}`,
      random: secureRandom,
    });
    const { asked } = world.ledger(tenant.rootId);
    for (const key of [forged.key, `${tenant.adminKey}x`, "sk-gaia-", "' OR 1=1--", "k".repeat(16_384)]) {
      expectRefusal(await send({ key }), 401, "invalid_api_key");
    }
    expect(world.ledger(tenant.rootId).asked).toBe(asked);
  });

  it("is closed with a key that has our tag and nobody's id, in the same words", async () => {
    const { key } = await createApiKey({
      peppers: PEPPERS,
      jurisdiction: "global",
      rootId: tenant.rootId,
      random: secureRandom,
    });
    const answer = await send({ key });
    expectRefusal(answer, 401, "invalid_api_key");
    expect(answer.body).toEqual((await send({ key: "sk-gaia-" })).body);
  });

  it("is closed with a key without permission admin", async () => {
    expectRefusal(await send({ key: tenant.apiKey }), 403, "permission_denied");
  });

  it.runIf(access === "person")("is closed with an admin key", async () => {
    expectRefusal(await send({ key: tenant.adminKey }), 403, "permission_denied");
  });

  it("is closed with a revoked key", async () => {
    expectRefusal(await send({ key: revoked }), 401, "invalid_api_key");
  });

  it("is closed with two different keys", async () => {
    const headers = { "x-api-key": tenant.apiKey };
    expectRefusal(await send({ key: tenant.adminKey, headers }), 400, "ambiguous_credentials");
  });

  it("is closed with a forged cookie", async () => {
    expectRefusal(await send({ cookie: "__Host-gaia-session=a.b.c", headers: BROWSER }), 401, "not_signed_in");
  });

  it("says so when the Ledger is away", async () => {
    const ledger = world.ledger(tenant.rootId);
    ledger.down = true;
    const answer = await send({ key: tenant.adminKey });
    ledger.down = false;
    expectRefusal(answer, 503, "ledger_unavailable");
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  it("says so when the database is away, and nothing of the cause", async () => {
    await world.call("GET", "/api/keys", { key: tenant.adminKey });
    for (const fault of ["reset", "503", { sqlstate: "57P01" }] as const) {
      world.database.faults.mode = fault;
      const answer = await send(caller(access));
      world.database.faults.mode = "ok";
      expectRefusal(answer, 503, "database_unavailable");
    }
    expect(world.reports.at(-1)).toMatchObject({ what: "database_unavailable" });
  });

  it("has no details of what nobody foresaw", async () => {
    world.database.faults.mode = { sqlstate: "42P01" };
    const answer = await send(caller(access));
    world.database.faults.mode = "ok";
    expectRefusal(answer, 500, "internal_error");
  });
});

describe.each(rows.filter(({ access }) => access === "session"))("$name", ({ method, path }) => {
  it("is closed without a session, also to an admin key", async () => {
    expectRefusal(await world.call(method, path, { headers: BROWSER }), 401, "not_signed_in");
    expectRefusal(await world.call(method, path, { key: tenant.adminKey, headers: BROWSER }), 401, "not_signed_in");
  });
});

describe.each(withForeign)("$name", ({ method, foreign, access }) => {
  it.runIf(access === "key")("does not find what is another tenant's", async () => {
    const { path, body } = foreign(other);
    expectRefusal(await world.call(method, path, { key: tenant.adminKey, body }), 404, "not_found");
  });

  it("does not find it for a signed-in owner either", async () => {
    const { path, body } = foreign(other);
    expectRefusal(await world.call(method, path, { cookie, body, headers: BROWSER }), 404, "not_found");
  });
});

it("nothing of the other tenant has changed", async () => {
  expect((await world.call("GET", `/api/keys/${other.key}`, { key: other.adminKey })).body.status).toBe("active");
  expect((await world.call("GET", "/api/organizations", { key: other.adminKey })).body.data).toHaveLength(1);
  expect((await world.call("GET", "/api/keys", { key: other.adminKey })).body.data).toHaveLength(2);
  const theirs = async (path: string) => (await world.call("GET", path, { key: other.adminKey })).body;
  expect((await theirs("/api/limits")).data).toMatchObject([{ id: other.limit, amount: 1, version: 1 }]);
  expect((await theirs("/api/webhooks")).data).toMatchObject([{ id: other.webhook, disabled: false }]);
  expect((await theirs("/api/prices?model=openai/own")).data).toMatchObject([{ id: other.price, valid_until: null }]);
  expect(await theirs(`/api/organizations/${other.organization}`)).toMatchObject({ archived_at: null });
  expect(world.ledger(other.rootId).tested).toEqual([]);
});

describe.each(withBody)("$name", ({ method, path, body: wellFormed, wrongType, access }) => {
  const json = { "content-type": "application/json" };
  const send = (body: string, headers: Record<string, string> = json) =>
    world.call(method, path, { ...caller(access, headers), body });

  it.each<[string, string, Record<string, string>, number, string]>([
    ["an empty body", "", json, 400, "invalid_json"],
    ["no JSON", "name=x", json, 400, "invalid_json"],
    ["a list", "[]", json, 400, "invalid_json"],
    ["null", "null", json, 400, "invalid_json"],
    ["a torn body", '{"name": "x"', json, 400, "invalid_json"],
    ["a field twice", '{"name": "x", "name": "y"}', json, 400, "duplicate_key"],
    ["depth 65", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`, json, 400, "json_too_deep"],
    ["another content type", "{}", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    ["a compressed body", "{}", { ...json, "content-encoding": "gzip" }, 415, "unsupported_encoding"],
    ["more than a megabyte", `{"name": "${"x".repeat(2 ** 20)}"}`, json, 413, "request_too_large"],
    ["a wrong type", JSON.stringify(wrongType ?? { name: 1, token: 1, email: 1 }), json, 400, "invalid_type"],
    ["nothing in it", "{}", json, 400, "missing_required_parameter"],
  ])("refuses %s", async (_, body, headers, status, code) => {
    expectRefusal(await send(body, headers), status, code);
  });

  it("refuses a field it does not know and names it", async () => {
    const known = {
      ...wellFormed,
      ...(path === "/api/setup" && { token: "t", organization: "o", email: "a@example.com", password: "p".repeat(12) }),
      ...(path === "/api/session" && { email: "a@example.com", password: "p" }),
    };
    for (const field of ["root_id", "__proto__", "constructor"]) {
      const answer = await send(JSON.stringify(known).replace(/}$/, `,"${field}":{"admin":true}}`));
      expectRefusal(answer, 400, "unsupported_parameter");
      expect(answer.body.error.param).toBe(field);
    }
  });
});

describe("what is told", () => {
  const told = async (path: string, body: object, key = tenant.adminKey) =>
    (await world.call("POST", path, { key, body })).body.error;
  it.each<[path: string, body: object, param: string, words: RegExp]>([
    ["/api/prices", { ...PRICE, model: "opnai/gpt-4.1" }, "model", /a provider there is: openai, anthropic/],
    ["/api/prices", { ...PRICE, model: "gpt-4.1" }, "model", /\{provider\}\/\{model\}/],
    ["/api/keys", { name: "Key", models: ["opnai/*"] }, "models[0]", /openai, anthropic/],
    ["/api/keys", { name: "" }, "name", /^Must not be empty\.$/],
    ["/api/keys", { name: "Key", permissions: ["all"] }, "permissions[0]", /^Must be one of read, write, admin\.$/],
    ["/api/keys/bulk", { action: "extend", ids: ["key_000000000000"] }, "expires_at", /takes expires_at/],
    ["/api/keys/bulk", { action: "move", ids: ["key_000000000000"] }, "organization_id", /takes organization_id/],
    ["/api/keys/bulk", { action: "tag", ids: ["key_000000000000"] }, "add", /tag takes add, remove/],
    ["/api/limits", { ...LIMIT, window: "year" }, "window", /^Must be one of minute, hour/],
  ])("by %s %j", async (path, body, param, words) => {
    expect(await told(path, body)).toMatchObject({ param, message: expect.stringMatching(words) });
  });

  it("to whoever has neither a key nor a session: how to get in", async () => {
    const { status, body } = await world.call("GET", "/api/me");
    expect([status, body.error.code]).toEqual([401, "missing_api_key"]);
    expect(body.error.message).toMatch(/Nobody is signed in.*Sign in \(POST \/api\/session\)/);
  });
});

// In every field of every route: `every-input.test.ts`.
describe("what SQL is made of", () => {
  const CORPUS = [
    "' OR 1=1--",
    "'; DROP TABLE api_keys; --",
    '" OR ""="',
    "') UNION SELECT mac FROM api_keys --",
    "1; SELECT pg_sleep(10)",
    "%%%%",
    "_",
    "\\'; --",
    "$1",
    "#{7*7}",
    "{{7*7}}",
    "org_00000000' OR root_id <> '",
    "‮gnirts",
    "\u{1f511}".repeat(40),
  ];

  it("is searched for as it stands, and finds nobody", async () => {
    for (const text of CORPUS) {
      const { status, body } = await world.call("GET", `/api/members?q=${encodeURIComponent(text)}`, {
        key: tenant.adminKey,
      });
      const searched = /[\p{L}\p{N}]/u.test(text) && !/\p{C}/u.test(text);
      expect([text, status, body.data ?? body.error.param]).toEqual([text, ...(searched ? [200, []] : [400, "q"])]);
    }
  });

  const rerate = (body: object) =>
    world.call("POST", "/api/prices/rerate", { key: tenant.adminKey, body: { ...PERIOD, ...body } });

  it("a text Postgres cannot hold is refused before it gets there", async () => {
    for (const name of ["a\u0000b", "a\ud800b"]) {
      const answer = await world.call("POST", "/api/keys", { key: tenant.adminKey, body: { name } });
      expectRefusal(answer, 400, "invalid_value");
      const route = { key: tenant.adminKey, body: { ...ROUTE, name } };
      expectRefusal(await world.call("PUT", "/api/routes", route), 400, "invalid_value");
      const model = `openai/${name}`;
      expectRefusal(await rerate({ model }), 400, "invalid_value");
    }
  });

  it("a time Postgres cannot hold is refused before it gets there", async () => {
    for (const period of [
      { from: "0000-01-01T00:00:00Z", to: "0000-01-02T00:00:00Z" },
      { from: "9999-12-31T00:00:00Z", to: "9999-12-31T23:59:59-12:00" },
    ]) {
      expectRefusal(await rerate(period), 400, "invalid_value");
      const repair = { key: tenant.adminKey, body: period };
      expectRefusal(await world.call("POST", "/api/reconciliations/repair", repair), 400, "invalid_value");
    }
    const cursor = toBase64Url(utf8("999999999999999.org_0"));
    for (const list of ["organizations", "keys", "limits", "webhooks", "routes", "members", "invites"]) {
      const answer = await world.call("GET", `/api/${list}?cursor=${cursor}`, { key: tenant.adminKey });
      expectRefusal(answer, 400, "invalid_value");
    }
    for (const list of ["requests", "reconciliations", "webhooks/whk_000000000000/deliveries"]) {
      const { status } = await world.call("GET", `/api/${list}?cursor=${"7".padEnd(26, "Z")}`, {
        key: tenant.adminKey,
      });
      expect([200, 400, 404], list).toContain(status);
    }
  });
});

describe("a body that arrives in pieces", () => {
  const send = (pieces: Uint8Array<ArrayBuffer>[]) =>
    world.api.request("https://gaia.example/api/organizations", {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.adminKey}` },
      body: new Blob(pieces).stream(),
      duplex: "half",
    } as RequestInit);
  const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));

  it("is read whole, with or without a byte order mark, and counts as JSON without a content type", async () => {
    expect((await send([bytes("\ufeff{"), bytes('"name": '), bytes('"In pieces"}')])).status).toBe(201);
  });

  it("is counted, though it declares no length", async () => {
    const response = await send([
      bytes('{"name": "'),
      ...Array.from({ length: 20 }, () => new Uint8Array(2 ** 16).fill(97)),
    ]);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "request_too_large" } });
  });

  it("must be UTF-8", async () => {
    const response = await send([bytes('{"name": "'), new Uint8Array([0xff, 0xfe]), bytes('"}')]);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_json" } });
  });
});

describe("URLs that are not there", () => {
  it("are unknown, whatever the method", async () => {
    for (const [method, path] of [
      ["GET", "/api/nothing"],
      ["POST", "/api/keys/key_000000000000/nothing"],
      ["GET", "/api/"],
    ] as const) {
      expectRefusal(await world.call(method, path, { key: tenant.adminKey }), 404, "unknown_url");
    }
  });

  it("tell nobody without a key whether they are there", async () => {
    expectRefusal(await world.call("GET", "/api/nothing"), 401, "missing_api_key");
  });

  it("name the methods that would do", async () => {
    const answer = await world.call("PUT", "/api/keys", { key: tenant.adminKey });
    expectRefusal(answer, 405, "method_not_allowed");
    expect(answer.headers.get("allow")).toBe("GET, POST");
  });
});

describe("mounted in an application that speaks otherwise", () => {
  const outer = () => {
    const app = new Hono<{ Variables: { requestId: string } }>();
    app.use(async (context, next) => {
      context.set("requestId", "01ARZ3NDEKTSV4RRFFQ69G5FAV");
      await next();
    });
    app.route("/", world.api);
    app.notFound((context) => context.text("outer", 404));
    app.onError((_, context) => context.text("outer", 500));
    return app;
  };

  it("keeps its own errors and takes over the request's id", async () => {
    const app = outer();
    expectRefusal(await callApi(app, "GET", "/api/keys"), 401, "missing_api_key");
    expectRefusal(await callApi(app, "GET", "/api/nothing", { key: tenant.adminKey }), 404, "unknown_url");
    expectRefusal(await callApi(app, "POST", "/api/keys", { key: tenant.adminKey, body: "[" }), 400, "invalid_json");
    const { headers } = await callApi(app, "GET", "/api/keys", { key: tenant.adminKey });
    expect(headers.get("x-request-id")).toBe("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    expect((await callApi(app, "GET", "/elsewhere")).body).toBe("outer");
  });
});
