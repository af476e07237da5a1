import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdminApi, createAdminApi } from "../../../worker/api/admin/api.ts";
import { newId } from "../../../worker/lib/ids.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { inputsOf, type RouteInput, sampleOf, type TextField, textAt, withText } from "./inputs.ts";
import { PERMISSION_ROWS } from "./permission-rows.ts";
import { LIMIT, PRICE, ROUTE, ROUTES, VIEW, WEBHOOK } from "./routes.ts";
import {
  type AdminWorld,
  type Answer,
  BROWSER,
  type CallOptions,
  callApi,
  startAdminWorld,
  type Tenant,
} from "./support.ts";

/** One of each kind of thing that has an id. */
type Things = Record<NonNullable<TextField["kind"]>, string>;

let world: AdminWorld;
let api: AdminApi;
let tenant: Tenant;
/** How everything stood that no caller here may reach. */
let untouched: Record<string, unknown>;
let reach: { sibling: string; otherRoot: string };
/** The caller's own, a sibling branch's, another tenant's, and nobody's. */
let own: Things;
const foreign: Record<string, Things> = {};
let nobody: Things;
/** Administrators of the root and of one branch, each as a key and as a person. */
const callers: Record<"root" | "branch", { key: CallOptions; person: CallOptions }> = Object.create(null);
let inputs: Map<string, RouteInput>;

async function passkeyOf(rootId: string, userId: string): Promise<string> {
  const id = newId("pky", secureRandom);
  await world.database.sql`
    insert into passkeys (id, root_id, user_id, credential_id, public_key, counter, transports, name)
    values (${id}, ${rootId}, ${userId}, ${id}, '', 0, '[]', 'Some')`;
  return id;
}

async function thingsOf(of: Tenant, organization: string, cookie: string): Promise<Things> {
  const make = async (method: string, path: string, body: object, by: CallOptions = { key: of.adminKey }) => {
    const answer = await callApi(api, method, path, { ...by, body });
    if (answer.status !== 201) throw new Error(`${method} ${path} answered ${JSON.stringify(answer.body)}`);
    return answer.body.id ?? answer.body.data[0].id;
  };
  const at = { organization_id: organization };
  const event = usageEvent({ rootId: of.rootId, organizationId: organization });
  await recordEvents(world.database.database, of.rootId, [event]);
  const invite = { ...at, role: "viewer", emails: [`${newId("usr", secureRandom)}@example.com`] };
  const member = await world.member(of, organization, "viewer");
  const sessions = await callApi(api, "GET", "/api/me/sessions", { cookie: await world.signIn(member) });
  return {
    org: await make("POST", "/api/organizations", { name: "Some", parent_id: organization }),
    key: await make("POST", "/api/keys", { ...at, name: "Some" }),
    lim: await make("POST", "/api/limits", { ...LIMIT, ...at }),
    prc: await make("POST", "/api/prices", { ...PRICE, ...at }),
    rte: await make("PUT", "/api/routes", { ...ROUTE, ...at }),
    whk: await make("POST", "/api/webhooks", { ...WEBHOOK, ...at }),
    inv: await make("POST", "/api/invites", invite, { cookie, headers: BROWSER }),
    viw: await make("POST", "/api/views", { ...VIEW, ...at }, { cookie, headers: BROWSER }),
    usr: member.userId,
    ses: sessions.body.data[0].id,
    pky: await passkeyOf(of.rootId, member.userId),
    request: event.eventId,
  } as Things;
}

beforeAll(async () => {
  world = await startAdminWorld();
  api = createAdminApi({ ...world.dependencies, dryRun: async () => [] });
  inputs = inputsOf(api);
  tenant = await world.tenant("Ours");
  const other = await world.tenant("Theirs");
  const branch = async (name: string): Promise<string> =>
    (await callApi(api, "POST", "/api/organizations", { key: tenant.adminKey, body: { name } })).body.id;
  const home = await branch("Own");
  const sibling = await branch("Sibling");
  const owner = await world.signIn(tenant);
  own = await thingsOf(tenant, home, owner);
  foreign["sibling branch"] = await thingsOf(tenant, sibling, owner);
  foreign["other tenant"] = await thingsOf(other, other.rootId, await world.signIn(other));
  const kinds = Object.keys(own) as (keyof Things)[];
  nobody = Object.fromEntries(
    kinds.map((kind) => [kind, kind === "request" ? "01ARZ3NDEKTSV4RRFFQ69G5FAV" : newId(kind, secureRandom)]),
  ) as Things;
  const lead = { name: "Lead", organization_id: home, permissions: ["admin"] };
  const { body: leadKey } = await callApi(api, "POST", "/api/keys", { key: tenant.adminKey, body: lead });
  const leader = await world.signIn(await world.member(tenant, home, "admin"));
  callers.root = { key: { key: tenant.adminKey }, person: { cookie: owner, headers: BROWSER } };
  callers.branch = { key: { key: leadKey.key }, person: { cookie: leader, headers: BROWSER } };
  reach = { sibling, otherRoot: other.rootId };
  untouched = await outOfReach();
});
afterAll(() => world?.close());

/** A digest of every table's rows that are the other tenant's or stand on the sibling branch. */
async function outOfReach(): Promise<Record<string, unknown>> {
  const { sql } = world.database;
  const tables = await sql`
    select c.relname as name, array_agg(a.attname::text) as columns from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    group by 1 order by 1`;
  const digests: Record<string, unknown> = {};
  for (const { name, columns } of tables) {
    const own = ["root_id", "organization_id"].filter((column) => columns.includes(column));
    if (name === "organizations") own.push("id");
    const ours = own.map((column) => `${column} in ($1, $2)`).join(" or ") || "$1 = $2";
    const text = `select count(*)::int as rows, md5(string_agg(t::text, '' order by t::text)) as sum from ${name} t where ${ours}`;
    const [row] = await sql.query(text, [reach.otherRoot, reach.sibling]);
    digests[name] = row;
  }
  return digests;
}

/** Of fields that exclude each other only the one that is meant is sent. */
const EXCLUSIVE: Record<string, readonly string[]> = {
  "POST /api/limits": ["organization_id", "key_id"],
  "POST /api/limits/simulate": ["organization_id", "key_id"],
};

const A_MODEL = encodeURIComponent("openai/gpt-4.1");

/** Another request that would be answered well, with more in it. */
const BODIES: Record<string, object> = {
  "POST /api/keys/bulk": { action: "tag", ids: ["key_000000000000"], add: ["x"] },
  "POST /api/keys/bulk organization_id": { action: "move", ids: ["key_000000000000"] },
};

/** Sends a route the request that would be answered well, but for one text. */
function send(name: string, field: TextField | null, text: string, by: CallOptions): Promise<Answer> {
  const [method = "", route = ""] = name.split(" ");
  const { query, json, texts } = inputs.get(name) as RouteInput;
  const given = new URL(ROUTES[name]?.path ?? route, "https://gaia.example");
  const values: { query: unknown; json: unknown } = {
    query: { ...((query && sampleOf(query)) as object), ...Object.fromEntries(given.searchParams) },
    json: json
      ? {
          ...(sampleOf(json) as object),
          ...(BODIES[`${name} ${field?.path[0]}`] ?? BODIES[name] ?? ROUTES[name]?.body),
        }
      : undefined,
  };
  let path = route;
  for (const { where, path: at, kind } of texts) {
    if (where === "path") path = path.replace(`:${at[0]}`, kind === null ? A_MODEL : own[kind]);
    if (kind === null) continue;
    if (where === "path") continue;
    if (textAt(values[where], at) !== undefined) {
      values[where] = withText((where === "query" ? query : json) as never, values[where], at, own[kind]);
    }
  }
  if (field?.where === "path") path = route.replace(`:${field.path[0]}`, encodeURIComponent(text.toWellFormed()));
  else if (field) {
    const rest = { ...(values[field.where] as object) } as Record<string, unknown>;
    for (const one of EXCLUSIVE[name] ?? []) if (EXCLUSIVE[name]?.includes(field.path[0] ?? "")) delete rest[one];
    values[field.where] = withText((field.where === "query" ? query : json) as never, rest, field.path, text);
  }
  const search = new URLSearchParams(
    Object.entries(values.query as object).flatMap(([key, value]) =>
      [value].flat().map((one): [string, string] => [key, String(one)]),
    ),
  );
  return callApi(api, method, search.size === 0 ? path : `${path}?${search}`, { ...by, body: values.json });
}

const closed = Object.entries(PERMISSION_ROWS).filter(([, { least }]) => least !== "open");

/** What an answer says, without the id that was asked for. */
function told({ status, body, headers }: Answer, id: string) {
  const said = (JSON.stringify(body) ?? "null").replaceAll(id, "the id");
  // When it was read is another moment each time.
  const same = JSON.parse(said, (key, value) => (key === "as_of" ? undefined : value));
  return { status, body: same, etag: headers.get("etag") };
}

/** Texts that name something without being read by `idSchema`: in which spelling, and as whose ids. */
const SPELLED: Record<string, [kind: keyof Things, spell: (id: string) => string]> = {
  "GET /api/keys query owner": ["usr", (id) => `user:${id}`],
  "POST /api/keys json owner": ["usr", (id) => `user:${id}`],
  "PATCH /api/keys/:id json owner": ["usr", (id) => `user:${id}`],
  ...Object.fromEntries(
    ["GET /api/audit", "GET /api/audit/export"].flatMap((route) => [
      [`${route} query actor`, ["usr", (id: string) => id]],
      [`${route} query target`, ["lim", (id: string) => id]],
    ]),
  ),
};

/** What is answered where it is no 404: a filter of a list that finds nothing, a field that does not hold, one key of several. */
function expectedOf(name: string, { path }: TextField): object {
  const field = path.at(-1) === "[]" ? path.at(-2) : path.at(-1);
  if (name === "POST /api/keys/bulk" && field !== "organization_id")
    return { status: 200, body: { succeeded: 0, results: [{ status: 404 }] } };
  if (field === "owner" && name !== "GET /api/keys") {
    return { status: 404, body: { error: { code: "not_found", param: "owner" } } };
  }
  if (["owner", "actor", "target"].includes(field ?? "")) return { status: 200 };
  return { status: 404, body: { error: { code: "not_found" } } };
}

/** Called like an id, and a name; or an id of what is nobody's, as what a provider lists. */
const NAMES = new Set([
  "POST /api/setup json organization",
  // What an authenticator calls its passkey.
  ...["session/passkey", "me/confirm/passkey", "me/passkeys"].map((path) => `POST /api/${path} json credential.id`),
  ...["accept", "dismiss", "restore"].map((act) => `POST /api/models/changes/${act} json ids.[]`),
]);
const ID_NAME = /(^|_)(ids?|owner|member|key|organization|parent|actor|target)$/;

describe("an id of somebody else's", () => {
  it("is looked for in every field that takes one", () => {
    const texts = [...inputs].flatMap(([name, input]) => input.texts.map((text) => ({ name, ...text })));
    const called = texts.filter(
      ({ path, where }) => where !== "path" && ID_NAME.test(path.filter((step) => step !== "[]").at(-1) ?? ""),
    );
    const unknown = called
      .map(({ name, where, path, kind }) => ({ field: `${name} ${where} ${path.join(".")}`, kind }))
      .filter(({ field, kind }) => kind === null && !(field in SPELLED) && !NAMES.has(field));
    expect(unknown).toEqual([]);
    expect(texts.filter(({ kind }) => kind !== null).length).toBeGreaterThan(90);
  });

  it.each(closed)("%s", async (name, row) => {
    const keys = ROUTES[name]?.access === "key";
    for (const field of inputs.get(name)?.texts ?? []) {
      const label = `${name} ${field.where} ${field.path.join(".")}`;
      const [kind, spell] = SPELLED[label] ?? [field.kind, (id: string) => id];
      if (kind === null) continue;
      for (const [scope, things] of Object.entries(foreign)) {
        // A key of the root looks for the other tenant's, a person of one branch for its sibling's.
        const ofOther = scope === "other tenant";
        const caller = ofOther ? callers.root[keys ? "key" : "person"] : callers.branch.person;
        const theirs = await send(name, field, spell(things[kind]), caller);
        const nobodys = await send(name, field, spell(nobody[kind]), caller);
        const expected = row.atRoot && !ofOther ? { status: 403 } : expectedOf(name, field);
        expect(theirs, `${label} of ${scope}`).toMatchObject(expected);
        expect(told(theirs, things[kind]), `${label} of ${scope}`).toEqual(told(nobodys, nobody[kind]));
      }
    }
    for (const [scope, { org }] of Object.entries(foreign)) {
      for (const caller of [callers.branch.key, callers.branch.person]) {
        const headers = { ...caller.headers, "x-gaia-organization": org };
        const answer = await send(name, null, "", { ...caller, headers });
        expect(answer, `x-gaia-organization of ${scope}`).toMatchObject({
          status: 404,
          body: { error: { code: "not_found" } },
        });
      }
    }
  });
});

/** What SQL is made of: what ends a literal, goes on as SQL, waits, or means something to `like`, `format` or a shell. */
const CORPUS = [
  "' OR 1=1--",
  "'; DROP TABLE api_keys; --",
  "') UNION SELECT mac, NULL, NULL FROM api_keys --",
  "x' AND 1=CAST((SELECT current_user) AS int)--",
  "1; SELECT pg_sleep(5)",
  '" OR ""="',
  "\\'; --",
  "%%%%",
  "%27%20OR%201=1",
  "$1",
  "$$; SELECT 1; $$",
  "%s%n{0}",
  "{{7*7}}#{7*7}",
  "ʼ OR 1=1--",
  "\u202egnirts",
  "a\u0000b",
  "\ud800",
  "x\r\nset-cookie: a=b",
  "x".repeat(5_000),
];
/**
 * Of those that a field's schema refuses, so many are sent, since none comes further; and of the others, where a field of that
 * name and schema (a filter of several lists) has got all of them already.
 */
const SOME = 3;

/** Words of a database's own errors and statements. */
const TOLD_TOO_MUCH =
  /syntax error|relation "|column "|SQLSTATE|\bgaia_app\b|pg_|violates|\bselect .* from\b|NeonDb|PostgreSQL/i;

describe("what SQL is made of", () => {
  const allRoutes = Object.keys(PERMISSION_ROWS);
  const caller = (name: string): CallOptions =>
    ({ key: callers.root.key, person: callers.root.person, session: callers.root.person, open: {} })[
      ROUTES[name]?.access ?? "open"
    ];
  const tried = new WeakMap<object, ReadonlySet<string>>();
  const expectHarmless = (answer: Answer, label: string, text: string) => {
    expect(answer.status, `${label}: ${text}`).toBeLessThan(500);
    // A name may be any text, and is answered as it was given.
    const said = JSON.stringify(answer.body).replaceAll(JSON.stringify(text).slice(1, -1), "");
    if (answer.status >= 400) expect(said, label).not.toMatch(TOLD_TOO_MUCH);
  };

  it.each(allRoutes)("is text to every field of %s", async (name) => {
    for (const field of inputs.get(name)?.texts ?? []) {
      const label = `${name} ${field.where} ${field.path.join(".")}`;
      const at = field.path.join(".");
      // A URL holds no half of a character.
      const corpus = field.where === "json" ? CORPUS : CORPUS.map((text) => text.toWellFormed());
      const taken = field.where === "path" ? [] : corpus.filter((text) => field.schema.safeParse(text).success);
      const refused = corpus.filter((text) => !taken.includes(text)).slice(0, SOME);
      const known = tried.get(field.schema) ?? new Set();
      tried.set(field.schema, new Set([...known, at]));
      for (const text of [...(known.has(at) ? taken.slice(0, SOME) : taken), ...refused]) {
        const answer = await send(name, field, text, caller(name));
        expectHarmless(answer, label, text);
        // It came as far as the field: nothing else was found wrong before.
        const { param } = answer.body?.error ?? {};
        if (answer.status === 400) expect(String(param).split(/[.[]/)[0], `${label}: ${text}`).toBe(field.path[0]);
        // A cursor that nobody was given is no place in a list.
        const isName = field.where === "path" && field.kind === null;
        if (!isName && (refused.includes(text) || at === "cursor"))
          expect(answer.status, `${label}: ${text}`).toBe(400);
        // A name may be any text, and is kept as it is.
        if (at === "name" && "name" in Object(answer.body)) expect(answer.body.name).toBe(text);
      }
    }
  });

  it.each(allRoutes)("is text to every header of %s", async (name) => {
    const by = caller(name);
    for (const text of ["' OR 1=1--", '"; DROP TABLE api_keys; --', "%27$1"]) {
      const headers = Object.fromEntries(HEADERS.map((header) => [header, text]));
      for (const more of [headers, { "x-gaia-organization": text }] as Record<string, string>[]) {
        expectHarmless(await send(name, null, "", { ...by, headers: { ...by.headers, ...more } }), name, text);
      }
      if (ROUTES[name]?.access === "open") continue;
      for (const credential of [
        { authorization: `Bearer ${text}` },
        { "x-api-key": text },
        { "x-goog-api-key": text },
        { cookie: `__Host-gaia-session=${text}` },
      ] as Record<string, string>[]) {
        const answer = await send(name, null, "", { headers: { ...BROWSER, ...credential } });
        expect(answer.status, `${name} ${JSON.stringify(credential)}`).toBe(401);
        expectHarmless(answer, name, text);
      }
      // One is enough where each is a comparison of all books.
      if (name === "POST /api/reconciliations") break;
    }
  });

  it.each(["keys", "organizations", "members"])("is searched for as it stands: %s", async (list) => {
    const named = `50%_off\\${list}`;
    if (list === "members") await world.database.sql`update users set name = ${named} where id = ${own.usr}`;
    else await callApi(api, "POST", `/api/${list}`, { ...callers.root.key, body: { name: named } });
    const found = async (q: string) => {
      const { body } = await callApi(api, "GET", `/api/${list}?q=${encodeURIComponent(q)}`, callers.root.key);
      return body.data.map(({ name }: { name: string }) => name);
    };
    for (const q of ["0%_o", `f\\${list.slice(0, 2)}`, named]) expect(await found(q), q).toEqual([named]);
    for (const q of ["0%off", "0__off", "5%f", `50%_off\\\\${list}`, "0%\\_o"]) expect(await found(q), q).toEqual([]);
  });
});

/** Beside those that say who is asking. */
const HEADERS = ["if-match", "idempotency-key", "user-agent", "cf-connecting-ip", "x-request-id", "last-event-id"];

describe("a change by a cookie alone", () => {
  const { origin: ours, ...marked } = BROWSER;
  const FORGED: [what: string, headers: Record<string, string>][] = [
    ["nothing that says where it comes from", { "x-gaia-csrf": "1" }],
    ["no header of ours", { origin: ours, "sec-fetch-site": "same-origin" }],
    ["another value of our header", { ...BROWSER, "x-gaia-csrf": "true" }],
    ["another site", { ...BROWSER, origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["a sibling host", { ...BROWSER, "sec-fetch-site": "same-site" }],
    ["no site (a bookmark, an extension)", { ...BROWSER, "sec-fetch-site": "none" }],
    ["an origin that is not the site's", { ...marked, origin: "https://evil.example" }],
    ...[
      "null",
      "http://gaia.example",
      "https://gaia.example:8443",
      "https://evil.gaia.example",
      "https://gaia.example.evil.example",
      "https://gaia.example@evil.example",
      "https://evil.example/https://gaia.example",
      "https://GAIA.example.",
      "",
    ].map((origin): [string, Record<string, string>] => [`the origin "${origin}"`, { origin, "x-gaia-csrf": "1" }]),
  ];
  const changes = Object.keys(PERMISSION_ROWS).filter((name) => !name.startsWith("GET "));

  it.each(changes)("is refused where it is not known to come from our page: %s", async (name) => {
    const open = ROUTES[name]?.access === "open";
    for (const [what, headers] of FORGED) {
      // Before anybody is signed in there is only the page to be told from others: programs sign in too.
      if (
        open &&
        (headers.origin === undefined || headers.origin === ours) &&
        headers["sec-fetch-site"] !== "same-site"
      )
        continue;
      const { cookie = "" } = callers.root.person;
      expect(await send(name, null, "", { cookie, headers }), what).toMatchObject({
        status: 403,
        body: { error: { code: "csrf_rejected" } },
      });
    }
  });
});

describe("bad input", () => {
  type Ask = [method: string, path: () => string, body?: () => object];
  const limit = (more: object): Ask => [
    "POST",
    () => "/api/limits",
    () => ({ ...LIMIT, organization_id: own.org, ...more }),
  ];
  const price = (input: unknown): Ask => [
    "POST",
    () => "/api/prices",
    () => ({ ...PRICE, price: { rates: { input } } }),
  ];
  const chain: string[] = [];
  beforeAll(async () => {
    let parent: string = own.org;
    // The root, its branch, what stands below that, and five more: eight.
    for (let depth = 4; depth <= 8; depth++) {
      const body = { name: `Level ${depth}`, parent_id: parent };
      parent = (await callApi(api, "POST", "/api/organizations", { ...callers.root.key, body })).body.id;
      chain.push(parent);
    }
  });

  it.each<[string, Ask, number, string, (string | null)?]>([
    ["53 an id of another tenant", ["GET", () => `/api/keys/${foreign["other tenant"]?.key}`], 404, "not_found"],
    ["54 no id", ["GET", () => "/api/keys/key_0"], 400, "invalid_id", "id"],
    ["54 no ULID", ["GET", () => "/api/requests/01ARZ3NDEKTSV4RRFFQ69G5FA"], 400, "invalid_id", "id"],
    ["54 an id of another kind", ["DELETE", () => `/api/limits/${own.key}`], 400, "invalid_id", "id"],
    ["55 a search for %%%%", ["GET", () => "/api/members?q=%25%25%25%25"], 400, "invalid_value", "q"],
    ["55 a search of keys for %%%%", ["GET", () => "/api/keys?q=%25%25%25%25"], 400, "invalid_value", "q"],
    ["55 a search of organizations", ["GET", () => "/api/organizations?q=%25%25%25%25"], 400, "invalid_value", "q"],
    ["57 a negative budget", limit({ amount: -1 }), 400, "invalid_value", "amount"],
    ["57 a negative budget in USD", limit({ amount: undefined, amount_usd: "-1" }), 400, "invalid_value", "amount_usd"],
    ["57 a budget above 2^53", limit({ amount: 2 ** 53 + 2 }), 400, "invalid_value", "amount"],
    ["57 a budget of half a nano-USD", limit({ amount: 0.5 }), 400, "invalid_value", "amount"],
    ["57 a price that is no number", price("NaN"), 400, "invalid_value"],
    ["57 a negative price", price("-1"), 400, "invalid_value"],
    ["57 a price without end", price("Infinity"), 400, "invalid_value"],
    ["57 a price of null", price(null), 400, "invalid_type"],
    [
      "58 a parent below itself",
      ["POST", () => `/api/organizations/${own.org}/move`, () => ({ parent_id: chain[2], dry_run: false })],
      409,
      "cycle",
      "parent_id",
    ],
    [
      "58 itself for a parent",
      ["POST", () => `/api/organizations/${own.org}/move`, () => ({ parent_id: own.org, dry_run: false })],
      409,
      "cycle",
      "parent_id",
    ],
    [
      "58 a ninth level",
      ["POST", () => "/api/organizations", () => ({ name: "Deep", parent_id: chain.at(-1) })],
      400,
      "tree_too_deep",
      "parent_id",
    ],
  ])("%s", async (_, [method, path, body], status, code, param) => {
    const answer = await callApi(api, method, path(), { ...callers.root.key, body: body?.() });
    expect(answer).toMatchObject({ status, body: { error: { code, ...(param === undefined ? {} : { param }) } } });
  });

  it.each(["keys", "members", "organizations"])("56 a search of %s for ' OR 1=1-- finds nothing", async (list) => {
    const answer = await callApi(api, "GET", `/api/${list}?q=%27%20OR%201%3D1--%20`, callers.root.key);
    expect(answer).toMatchObject({ status: 200, body: { next_cursor: null } });
    // Keys and organizations were given that name above, and nothing else is found by it.
    expect(answer.body.data.filter(({ name }: { name: string }) => !name.includes("' OR 1=1--"))).toEqual([]);
  });
});

it("nothing has changed that is out of reach, and no table is gone", async () => {
  expect(await outOfReach()).toEqual(untouched);
});
