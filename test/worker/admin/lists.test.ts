import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forList } from "../../../drizzle/tenant.ts";
import { ROUTE_PERMISSIONS } from "../../../worker/api/admin/permissions.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { newUlid } from "../../../worker/lib/ulid.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { limitStatus } from "./limit-statuses.ts";
import { LIMIT, PRICE, ROUTE, VIEW, WEBHOOK } from "./routes.ts";
import { type AdminWorld, type Answer, BROWSER, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let cookie: string;
let webhook: string;
let viewer: string;
let team: string;
/** Of what was made last: no two names are the same but for the case of their letters, and times come in pairs. */
let made = 0;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Root");
  cookie = await world.signIn(tenant);
  webhook = (await send("POST", "/api/webhooks", { ...WEBHOOK, url: "https://example.com/first" })).body.id;
  team = await post("/api/organizations", { name: "Team" });
  viewer = (await world.member(tenant, team, "viewer")).userId;
  for (const list of Object.values(LISTS)) await list.make();
});
afterAll(() => world.close());

const send = (method: string, path: string, body?: unknown): Promise<Answer> =>
  world.call(method, path, { cookie, body, headers: BROWSER });
const post = async (path: string, body: object, method = "POST") => {
  const answer = await send(method, path, body);
  if (answer.status >= 300) throw new Error(`${path} answered ${JSON.stringify(answer.body)}`);
  return answer.body.id as string;
};

/** Names that a text's order tells apart, and `%`, `_` and `\` among them. */
const name = () => `${made % 2 === 0 ? "a" : "B"}${["_x", "%x", "\\x", "zx"][made % 4]}-${made}`;
const event = (more: object = {}) =>
  recordEvents(world.database.database, tenant.rootId, [
    usageEvent({
      ...{ rootId: tenant.rootId, organizationId: tenant.rootId, startedAt: world.clock.now - 3_600_000 + made },
      ...more,
    }),
  ]);

type Row = Record<string, string | number | null>;
type Key = (row: Row) => string | number;
const text = (field: string) => (row: Row) => String(row[field]).toLowerCase();
const moment = (field: string, missing: number) => (row: Row) =>
  row[field] === null ? missing : Date.parse(String(row[field]));
const at = (field: string) => moment(field, 0);

interface List {
  path: () => string;
  /** Adds a row. */
  make(): Promise<unknown>;
  /** What it can be sorted by, and what a row has of that. */
  sorts: Record<string, Key>;
  /** What `q` is looked for in. */
  q?: string;
  /** Its rows can be added up. */
  figures?: true;
  /** `sort` has no directions. */
  oneWay?: true;
}

/** A session of somebody's. `first` begins its id: those of two lists are made at the same count. */
const session = (userId: string, first: string) => world.database.sql`
  insert into sessions (id, user_id, root_id, version, created_at, expires_at)
  values (${`ses_${first}${String(made).padStart(19, "0")}`}, ${userId}, ${tenant.rootId}, ${(made % 3) + 1},
    ${new Date(world.clock.now - (made % 2)).toISOString()}, ${new Date(world.clock.now + 1e9 + made).toISOString()})`;
const SESSION_SORTS = {
  ...{ created_at: at("created_at"), last_seen_at: at("last_seen_at"), expires_at: at("expires_at") },
};

const LISTS: Record<string, List> = {
  "GET /api/keys": {
    path: () => "/api/keys?",
    figures: true,
    async make() {
      const expires_at = made % 3 ? null : `2027-01-0${(made % 8) + 1}T00:00:00Z`;
      const keyId = await post("/api/keys", { name: name(), expires_at });
      if (made % 2) return;
      // When a key was used is told to the hour.
      const startedAt = world.clock.now - (made % 200) * 3_600_000;
      await event({ keyId, startedAt, costNano: made % 3 });
    },
    sorts: {
      name: text("name"),
      created_at: at("created_at"),
      expires_at: moment("expires_at", Infinity),
      last_used_at: moment("last_used_at", -1),
      cost: ({ figures }) => Number((figures as unknown as Row).cost_nano),
    },
    q: "name",
  },
  "GET /api/organizations": {
    path: () => "/api/organizations?",
    figures: true,
    make: () => post("/api/organizations", { name: name() }),
    sorts: { name: text("name"), created_at: at("created_at") },
    q: "name",
  },
  "GET /api/members": {
    path: () => "/api/members?",
    make: () => world.member(tenant, tenant.rootId, "viewer"),
    figures: true,
    sorts: {
      ...{ name: text("name"), email: text("email"), created_at: at("created_at") },
      last_seen_at: moment("last_seen_at", -1),
      cost: ({ figures }) => Number((figures as unknown as Row).cost_nano),
    },
    q: "email",
  },
  "GET /api/invites": {
    path: () => "/api/invites?",
    make: () => post("/api/invites", { role: "viewer", emails: [`${made % 2 ? "b" : "a"}_${made}@example.com`] }),
    sorts: { email: text("email"), created_at: at("created_at"), expires_at: at("expires_at") },
    q: "email",
  },
  "GET /api/limits": {
    path: () => "/api/limits?",
    async make() {
      await post("/api/limits", { ...LIMIT, key_id: await post("/api/keys", { name: name() }), amount: made % 3 });
    },
    sorts: {
      created_at: at("created_at"),
      updated_at: at("updated_at"),
      metric: text("metric"),
      amount: ({ amount }) => Number(amount),
    },
  },
  "GET /api/limits/standings": {
    path: () => "/api/limits/standings?kind=budget&",
    async make() {
      const key_id = await post("/api/keys", { name: name() });
      const id = await post("/api/limits", { ...LIMIT, key_id, amount: 10 });
      const standing = { settled: made % 4, startedAt: world.clock.now - 1e6, resetsAt: world.clock.now + 1e8 };
      world.ledger(tenant.rootId).statuses.push(limitStatus({ id, nodeId: key_id }, { amount: 10, ...standing }));
    },
    sorts: {
      percent_used: ({ percent_used: percent }) => Number(percent),
      name: ({ node }) => String((node as unknown as Row).name).toLowerCase(),
    },
  },
  "GET /api/models": {
    path: () => "/api/models?source=custom&",
    figures: true,
    async make() {
      const called = name();
      await post("/api/models", { model: `openai/${called}`, context_window: (made % 3) + 1 });
      if (made % 2) await event({ requestedModel: `openai/${called}`, upstreamModel: called });
    },
    sorts: {
      id: ({ id }) => String(id),
      display_name: text("display_name"),
      context_window: ({ context_window: tokens }) => Number(tokens),
      release_date: ({ release_date: day }) => String(day),
      input_price: () => 0,
      output_price: () => 0,
      requests: ({ figures }) => Number((figures as unknown as Row).requests),
    },
    q: "id",
  },
  "GET /api/models/changes": {
    path: () => "/api/models/changes?",
    make: () => world.database.sql`
      insert into model_lists (provider, attempted_at, read_at, simulated, models)
      values ('compatible', now(), now(), true, jsonb_build_array(jsonb_build_object('upstreamId', ${name()}::text, 'facts', '{}'::jsonb)))
      on conflict (provider) do update set models = model_lists.models || excluded.models`,
    sorts: { model: ({ model }) => String(model) },
  },
  "GET /api/prices": {
    path: () => "/api/prices?model=openai/own&",
    make: () => post("/api/prices", { ...PRICE, valid_from: new Date(Date.UTC(2027, 0, made)).toISOString() }),
    sorts: { model: text("model") },
    q: "model",
  },
  "GET /api/routes": {
    path: () => "/api/routes?",
    async make() {
      const routeId = await post("/api/routes", { ...ROUTE, name: name() }, "PUT");
      for (let count = made % 3; count > 0; count--) await event({ routeId });
    },
    figures: true,
    sorts: {
      ...{ name: text("name"), created_at: at("created_at"), updated_at: at("updated_at") },
      requests: ({ figures }) => Number((figures as unknown as Row).requests),
    },
    q: "name",
  },
  "GET /api/targets": {
    path: () => "/api/targets?",
    figures: true,
    async make() {
      const targets = [{ model: `openai/${name()}` }];
      await post("/api/routes", { ...ROUTE, name: name(), targets }, "PUT");
      await event({ startedAt: world.clock.now - 60_000 });
    },
    sorts: {
      name: text("name"),
      state: ({ state }) => ["failing", "cooling", "degraded", "untested", "ok"].indexOf(String(state)),
      attempts: ({ recent }) => Number((recent as unknown as Row).attempts),
    },
    q: "name",
  },
  "GET /api/views": {
    path: () => "/api/views?",
    make: () => post("/api/views", { ...VIEW, name: name() }),
    sorts: { name: text("name"), created_at: at("created_at"), updated_at: at("updated_at") },
    q: "name",
  },
  "GET /api/webhooks": {
    path: () => "/api/webhooks?",
    make: () => post("/api/webhooks", { url: `https://example.com/${made % 2 ? "B" : "a"}_${made}` }),
    sorts: { url: text("url"), created_at: at("created_at") },
    q: "url",
  },
  "GET /api/webhooks/:id/deliveries": {
    path: () => `/api/webhooks/${webhook}/deliveries?`,
    make: () => world.database.sql`
      insert into webhook_deliveries (delivery_id, attempt, root_id, webhook_id, event, body, at, duration_ms, delivered)
      values (${`dlv_${String(made >> 1).padStart(20, "0")}`}, ${made}, ${tenant.rootId}, ${webhook}, 'webhook.test', '{}',
        ${new Date(world.clock.now).toISOString()}, ${made % 3}, true)`,
    sorts: { at: at("at"), duration_ms: ({ duration_ms: duration }) => Number(duration) },
  },
  "GET /api/requests": {
    path: () => "/api/requests?",
    make: () => event(),
    sorts: { started_at: text("id") },
    q: "upstream_model",
  },
  "GET /api/refusals": {
    path: () => "/api/refusals?",
    make: () => world.database.sql`
      insert into refused_requests (id, root_id, organization_id, key_id, at, dialect, operation, requested_model, status, error_code)
      values (${newUlid(world.clock.now + made, secureRandom)}, ${tenant.rootId}, ${tenant.rootId}, 'key_000000000000',
        ${new Date(world.clock.now + made).toISOString()}, 'openai-chat', 'generate', ${made % 2 ? "B_%" : "a"}, 403, 'model_not_allowed')`,
    sorts: { at: at("created_at") },
    q: "requested_model",
  },
  "GET /api/audit": {
    path: () => `/api/audit?target=${team}&`,
    make: () => send("PATCH", `/api/organizations/${team}`, { name: name() }),
    sorts: { at: ({ id }) => Number(id) },
  },
  "GET /api/reconciliations": {
    path: () => "/api/reconciliations?",
    make: () => world.database.sql`
      insert into reconciliations (id, root_id, at, outcome, compared, differences)
      values (${newUlid(world.clock.now + made, secureRandom)}, ${tenant.rootId}, now(), 'agree', 0, '[]')`,
    sorts: { at: text("id") },
  },
  "GET /api/me/sessions": {
    path: () => "/api/me/sessions?",
    make: () => session(tenant.userId, "0"),
    sorts: SESSION_SORTS,
  },
  "GET /api/members/:id/sessions": {
    path: () => `/api/members/${viewer}/sessions?`,
    make: () => session(viewer, "1"),
    sorts: SESSION_SORTS,
  },
  "GET /api/stats/sessions": {
    path: () => "/api/stats/sessions?",
    make: () => event({ sessionId: `session ${made}`, costNano: (made % 3) * 1000 }),
    sorts: {
      recent: (row) => -at("last_request_at")(row),
      cost: ({ cost_nano: cost }) => -Number(cost),
    },
    oneWay: true,
  },
};
/** Lists that are whole: as many rows as a tree has levels, or names, or as there are providers. */
const WHOLE = ["GET /api/limits/status", "GET /api/models/sync", "GET /api/routes/effective"];
/** Reads that are no lists, and streams. */
const OTHERS =
  /\/(:id|count|facets|histogram|export|live|second-factors|verify|impact|effective|summary|series|breakdown)$|^GET \/api\/(me|retention|attention)$/;

const grow = async ({ make }: List) => {
  made += 1;
  world.clock.now += made % 2;
  await make();
};
const get = async (path: string) => {
  const answer = await send("GET", path);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body as { data: Row[]; next_cursor: string | null; as_of: string };
};
/** Sorts by what rows come to. */
const FIGURED = /cost|requests/;
const idOf = (row: Row) => `${row.id ?? row.limit_id} ${row.attempt ?? ""}`;

it("every list is here", () => {
  const lists = Object.keys(ROUTE_PERMISSIONS).filter((route) => route.startsWith("GET ") && !OTHERS.test(route));
  expect([...Object.keys(LISTS), ...WHOLE.filter((route) => !OTHERS.test(route))].sort()).toEqual(lists.sort());
});

/** What each read asks of the database, with one row of everything. */
const asked = new Map<string, number>();
const statementsOf = async (path: string): Promise<number> => {
  const before = world.database.faults.statements;
  expect((await send("GET", path)).status, path).toBe(200);
  return world.database.faults.statements - before;
};
/** Every read that ends, of something there is. */
const reads = async (): Promise<string[]> => {
  const routes = Object.keys(ROUTE_PERMISSIONS).filter((route) => /^GET /.test(route) && !/export$|live$/.test(route));
  const paths: string[] = [];
  for (const route of routes) {
    const path = route.slice("GET ".length);
    if (!path.includes(":id")) {
      paths.push(path.endsWith("breakdown") ? `${path}?group=model` : path);
      if (LISTS[route]?.figures) paths.push(`${path}?figures=true`);
      continue;
    }
    const [base = "", rest = ""] = path.split("/:id");
    const { data } = await get(`${base}?limit=1`);
    paths.push(`${base}/${rest.includes("deliveries") ? webhook : encodeURIComponent(String(data[0]?.id))}${rest}`);
  }
  return paths;
};

it("is asked by as many statements, whatever there is: first of one row", async () => {
  for (const path of await reads()) asked.set(path, await statementsOf(path));
  expect(asked.size).toBeGreaterThan(30);
});

describe.each(Object.entries(LISTS))("%s", (_, list) => {
  const orders = Object.entries(list.sorts).flatMap(([by, key]) => {
    const upwards = { sort: by, key, sign: 1 };
    return list.oneWay ? [upwards] : [upwards, { sort: `-${by}`, key, sign: -1 }];
  });

  it("gives each row once and in order, in each sort and page by page, also while rows are made", async () => {
    for (let count = 0; count < 5; count++) await grow(list);
    for (const [index, { sort, key, sign }] of orders.entries()) {
      const { data: whole } = await get(`${list.path()}sort=${sort}&limit=200${list.figures ? "&figures=true" : ""}`);
      const keys = whole.map(key);
      const sorted = [...keys].sort((a, b) => (a < b ? -sign : a > b ? sign : 0));
      expect(keys, sort).toEqual(sorted);
      // What is added up takes longer.
      for (const limit of list.figures && FIGURED.test(sort) ? [2] : [2, index % 2 === 0 ? 1 : 3]) {
        const walked: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Awaited<ReturnType<typeof get>> = await get(
            `${list.path()}sort=${sort}&limit=${limit}${cursor === null ? "" : `&cursor=${cursor}`}`,
          );
          if (cursor === null && limit === 2) await grow(list);
          expect(page.data.length).toBeLessThanOrEqual(limit);
          expect(page.as_of).toBe(new Date(Date.parse(page.as_of)).toISOString());
          walked.push(...page.data.map(idOf));
          cursor = page.next_cursor;
        } while (cursor !== null);
        expect(new Set(walked).size).toBe(walked.length);
        const known = new Set(whole.map(idOf));
        expect(walked.filter((id) => known.has(id))).toEqual(whole.map(idOf));
      }
    }
  });

  it("takes a cursor for the order that it is of, and names what else is wrong", async () => {
    const [first, second] = orders;
    const { next_cursor: cursor } = await get(`${list.path()}sort=${first?.sort}&limit=1`);
    const wrong: [string, string][] = [
      ...["0", "201", "x", "1.5", "-1", ""].map((limit): [string, string] => ["limit", `limit=${limit}`]),
      ...["", "x", "%00", "e30", "0"].map((text): [string, string] => ["cursor", `cursor=${text}`]),
      ...["", "nothing", "--created_at", "constructor"].map((sort): [string, string] => ["sort", `sort=${sort}`]),
      ...(second === undefined ? [] : [["cursor", `sort=${second.sort}&cursor=${cursor}`] as [string, string]]),
      ...(list.q === undefined ? [] : ["", "%20%20", "%00"].map((q): [string, string] => ["q", `q=${q}`])),
    ];
    for (const [param, query] of wrong) {
      expect(await send("GET", list.path() + query), query).toMatchObject({ status: 400, body: { error: { param } } });
    }
  });

  it("is a 504 where Postgres was stopped", async () => {
    await send("GET", `${list.path()}limit=1`);
    const { faults } = world.database;
    faults.mode = { sqlstate: "57014" };
    const key = { key: tenant.adminKey };
    const answer = await world.call("GET", list.path(), /^.api.(me|views)/.test(list.path()) ? { cookie } : key);
    faults.mode = "ok";
    world.reports.splice(0);
    expect([answer.status, answer.body.error.code]).toEqual([504, "query_timeout"]);
  });
});

describe.each(Object.entries(LISTS).filter(([, { q }]) => q !== undefined))("the q of %s", (_, list) => {
  it("finds a part of a text in any case, and takes %, _ and \\ as they are", async () => {
    const { data } = await get(`${list.path()}limit=200`);
    const texts = data.map((row) => String(row[list.q ?? ""]));
    const [some = ""] = texts;
    const part = some.slice(1, 4);
    for (const q of [
      part,
      part.toUpperCase(),
      `${some[0]}_${some.slice(2, 4)}`,
      `${some[0]}%${some.slice(2, 4)}`,
      "\\x",
    ]) {
      if (!/[\p{L}\p{N}]/u.test(q) || q.trim() !== q) continue;
      const found = (await get(`${list.path()}limit=200&q=${encodeURIComponent(q)}`)).data;
      const expected = data.filter((row) =>
        String(row[list.q ?? ""])
          .toLowerCase()
          .includes(q.toLowerCase()),
      );
      expect(found.map(idOf), q).toEqual(expected.map(idOf));
    }
  });
});

it("is asked by as many statements, whatever there is: now of many rows", async () => {
  const now = new Map<string, number>();
  for (const path of asked.keys()) now.set(path, await statementsOf(path));
  expect(Object.fromEntries(now)).toEqual(Object.fromEntries(asked));
});

it("lets no statement of a list run on when its caller has given up", async () => {
  const [{ rows }] = await forList(world.database.database, tenant.rootId).batch([
    world.database.database.execute(sql`select current_setting('statement_timeout') as bound`),
  ]);
  expect(rows).toEqual([{ bound: "4500ms" }]);
});
