import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, type Answer, startAdminWorld, type Tenant, UNKNOWN_CREDENTIAL } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let squad: string;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Routed");
});
afterAll(() => world.close());
beforeEach(async () => {
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
  squad = (await call("POST", "/api/organizations", { name: "Squad", parent_id: team })).body.id;
});

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>, as = tenant.adminKey) =>
  world.call(method, path, { key: as, body, headers: headers ?? {} });

const TARGETS = [{ model: "openai/gpt-4.1" }];
const FAST = { name: "fast", strategy: "ordered", targets: TARGETS };
const FULL = [{ model: "openai/gpt-4.1", credential: null, weight: 1 }];
const NO_TIMEOUTS = { headers_ms: null, first_token_ms: null, idle_ms: null, total_ms: null };

const put = async (body: object, status = 201) => {
  const answer = await call("PUT", "/api/routes", { organization_id: team, ...FAST, ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return answer.body;
};

/** An administrator of one organization, and what it asks. */
async function adminOf(organization: string) {
  const body = { name: "Lead", organization_id: organization, permissions: ["admin"] };
  const { key } = (await call("POST", "/api/keys", body)).body;
  return (method: string, path: string, given?: unknown) => call(method, path, given, {}, key);
}

const audit = async (target: string) =>
  await world.database.sql`select actor, action, before, after from audit_log where target = ${target} order by id`;

/** What the Ledger was last told of routes. */
const pushed = () => world.ledger(tenant.rootId).pushed.at(-1)?.routes;

/** What a Ledger would load for the team. */
const stored = async () =>
  (await loadConfiguration(world.database.database, tenant.rootId))?.routes.filter(
    ({ organizationId }) => organizationId === team,
  );

const idsOf = ({ body }: Answer) => body.data.map(({ id }: { id: string }) => id);

describe("a route", () => {
  it("is made of what is named, the rest being the usual, and the Ledger learns it", async () => {
    const { status, body, headers } = await call("PUT", "/api/routes", { organization_id: team, ...FAST });
    expect([status, headers.get("etag")]).toEqual([201, '"1"']);
    const { pending, ...route } = body;
    expect(pending).toBe(false);
    const at = new Date(world.clock.now).toISOString();
    const createdBy = `key_${tenant.adminKey.slice(19, 31)}`;
    expect(route).toEqual({
      id: expect.stringMatching(/^rte_[0-9a-z]{12}$/),
      organization_id: team,
      ...{ name: "fast", strategy: "ordered", targets: FULL, timeouts: NO_TIMEOUTS },
      ...{ created_by: createdBy, created_at: at, updated_at: at, version: 1 },
    });
    const record = {
      ...{ id: route.id, organizationId: team, name: "fast", strategy: "ordered", targets: FULL },
      ...{ timeouts: { headers: null, firstToken: null, idle: null, total: null }, version: 1, removed: false },
    };
    expect(pushed()).toEqual([record]);
    expect(await stored()).toEqual([record]);
    const read = await call("GET", `/api/routes/${route.id}`);
    expect([read.body, read.headers.get("etag")]).toEqual([route, '"1"']);
    expect(await audit(route.id)).toEqual([
      {
        ...{ actor: createdBy, action: "route.create", before: null },
        after: { organization_id: team, name: "fast", strategy: "ordered", targets: FULL, timeouts: {} },
      },
    ]);
  });

  it("is replaced as a whole by another of its name and organization", async () => {
    const first = await put({ timeouts: { total_ms: 60_000, idle_ms: null } });
    expect(first.timeouts).toEqual({ ...NO_TIMEOUTS, total_ms: 60_000 });
    world.clock.now += 1_000;
    const targets = [
      { model: "anthropic/claude-opus-5-5", credential: "eu-1", weight: 1_000 },
      { model: "anthropic/claude-opus-5-5", credential: null, weight: 3 },
    ];
    const timeouts = { headers_ms: 100, first_token_ms: 3_600_000 };
    const second = await put({ strategy: "weighted", targets, timeouts }, 200);
    expect(second).toEqual({
      ...{ ...first, strategy: "weighted", targets, timeouts: { ...NO_TIMEOUTS, ...timeouts }, version: 2 },
      updated_at: new Date(world.clock.now).toISOString(),
    });
    const [record, ...more] = (await stored()) ?? [];
    expect(more).toEqual([]);
    expect(record).toMatchObject({
      ...{ id: first.id, strategy: "weighted", targets, version: 2 },
      timeouts: { headers: 100, firstToken: 3_600_000, idle: null, total: null },
    });
    expect(pushed()).toEqual([record]);
    expect((await audit(first.id)).map(({ action }) => action)).toEqual(["route.create", "route.replace"]);
  });

  it("ends, and its name is free again", async () => {
    const { id } = await put({});
    expect(await call("DELETE", `/api/routes/${id}`)).toMatchObject({
      ...{ status: 200, body: { id, removed: true, pending: false } },
    });
    expect(pushed()).toMatchObject([{ id, removed: true, version: 2 }]);
    expect(await stored()).toEqual([]);
    for (const method of ["GET", "DELETE"]) expect((await call(method, `/api/routes/${id}`)).status).toBe(404);
    const [row] = await world.database.sql`select removed_at from routes where id = ${id}`;
    expect(row?.removed_at).not.toBeNull();
    expect((await audit(id)).at(-1)).toMatchObject({ action: "route.delete", before: { name: "fast" }, after: null });
    expect((await put({})).id).not.toBe(id);
  });

  it("stands on the caller's own organization where none is named", async () => {
    expect((await call("PUT", "/api/routes", FAST)).body.organization_id).toBe(tenant.rootId);
  });

  it("says so when the Ledger could not be told; it is stored all the same, and told by the next change", async () => {
    const cookie = await world.signIn(tenant);
    const headers = { origin: "https://gaia.example", "sec-fetch-site": "same-origin", "x-gaia-csrf": "1" };
    const send = () => world.call("PUT", "/api/routes", { cookie, headers, body: { organization_id: team, ...FAST } });
    const ledger = world.ledger(tenant.rootId);
    ledger.down = true;
    const made = await send();
    ledger.down = false;
    expect(made).toMatchObject({ status: 201, body: { pending: true } });
    expect(await send()).toMatchObject({ status: 200, body: { pending: false, version: 2 } });
    expect(pushed()).toMatchObject([{ id: made.body.id }]);
  });

  it("is made once by two who make it at the same time", async () => {
    const answers = await Promise.all([1, 2].map(() => call("PUT", "/api/routes", { organization_id: team, ...FAST })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(await stored()).toMatchObject([{ version: 2 }]);
  });
});

describe("If-Match", () => {
  const send = (tag: string, body: object = {}) =>
    call("PUT", "/api/routes", { organization_id: team, ...FAST, ...body }, { "if-match": tag });

  it.each([
    ["the version", '"1"', 200],
    ["any", "*", 200],
    ["another version", '"2"', 412],
  ])("of %s: %s", async (_, tag, status) => {
    const { id } = await put({});
    const answer = await send(tag, { strategy: "weighted" });
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer).toMatchObject({ body: { error: { code: "precondition_failed" } } });
    expect(answer.headers.get("etag")).toBe('"1"');
    expect((await call("DELETE", `/api/routes/${id}`, undefined, { "if-match": tag })).status).toBe(412);
    expect((await call("GET", `/api/routes/${id}`)).body).toMatchObject({ strategy: "ordered", version: 1 });
  });

  it.each(['"1"', "*"])("of %s does not make what is not there", async (tag) => {
    const answer = await send(tag);
    expect(answer).toMatchObject({ status: 412, body: { error: { code: "precondition_failed" } } });
    expect(await stored()).toEqual([]);
  });

  it("lets one of two through that have read the same", async () => {
    await put({});
    const answers = await Promise.all([send('"1"'), send('"1"')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});

describe("If-None-Match", () => {
  it("makes a route where there is none, and replaces none that there is", async () => {
    const route = { organization_id: team, ...FAST, name: "new" };
    const make = (more = {}, tag = "*") => call("PUT", "/api/routes", { ...route, ...more }, { "if-none-match": tag });
    expect((await make()).status).toBe(201);
    const { status, body, headers } = await make({ strategy: "weighted" });
    expect([status, body.error.code, body.error.param, headers.get("etag")]).toEqual([
      ...[412, "precondition_failed", "name", '"1"'],
    ]);
    expect(await stored()).toMatchObject([{ name: "new", strategy: "ordered", version: 1 }]);
    // That of another organization is another.
    expect((await make({ organization_id: squad })).status).toBe(201);
    const odd = await make({}, '"1"');
    expect([odd.status, odd.body.error.param]).toEqual([400, "if-none-match"]);
  });

  it("lets one of two through that make it at the same time", async () => {
    const make = () => call("PUT", "/api/routes", { organization_id: team, ...FAST }, { "if-none-match": "*" });
    const answers = await Promise.all([make(), make(), make()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 412, 412]);
  });
});

describe("figures", () => {
  it("tell what a branch sent over each route in a day, how far apart its targets' prices are, and what of a week's requests a target lacks", async () => {
    const price = (model: string, input: string, output: string) =>
      call("POST", "/api/prices", {
        ...{ organization_id: team, model, valid_from: "2026-11-01T00:00:00Z", price: { rates: { input, output } } },
      });
    await Promise.all([price("openai/dear", "10", "10"), price("openai/cheap", "5", "2.5")]);
    const ways = [{ model: "openai/dear" }, { model: "openai/cheap" }, { model: "openai/unpriced" }];
    const facts = { model: "openai/cheap", kind: "chat", input_modalities: ["text"], capabilities: { tools: false } };
    expect((await call("POST", "/api/models", facts)).status).toBe(201);
    const { id } = await put({ name: "spread", targets: ways });
    await put({ name: "alone", targets: [{ model: "openai/dear" }] });
    const at = { rootId: tenant.rootId, routeId: id, costNano: 5 };
    await recordEvents(
      world.database.database,
      tenant.rootId,
      [
        ...[100, 200, 300].map((durationMs) => ({
          ...{ organizationId: squad, durationMs },
          // Both may be told, too, of what the model has.
          uses: durationMs > 100 ? ["audio_output", "tools"] : ["image_input"],
        })),
        { organizationId: team, outcome: "provider_error" as const, status: 502, durationMs: 50 },
        { organizationId: tenant.rootId, uses: ["tools"] },
        { organizationId: team, startedAt: world.clock.now - 86_400_000, uses: ["tools"] },
        { organizationId: team, startedAt: world.clock.now - 7 * 86_400_000 - 1, uses: ["tools", "image_input"] },
      ].map((one) => usageEvent({ startedAt: world.clock.now - 60_000, ...at, ...one })),
    );
    const { body } = await call("GET", `/api/routes?organization=${team}&figures=true&sort=name`);
    expect(body.data.map(({ figures }: { figures: object }) => figures)).toEqual([
      {
        ...{ since: "2026-11-19T13:00:00.000Z", requests: 0, errors: 0, error_rate: null, duration_ms_p95: null },
        ...{ cost_nano: 0, cost_usd: "0", price_spread: null, lacking: [] },
      },
      {
        ...{ since: "2026-11-19T13:00:00.000Z", requests: 4, errors: 1, error_rate: 0.25, duration_ms_p95: 300 },
        ...{ cost_nano: 20, cost_usd: "0.00000002", price_spread: 4 },
        lacking: [
          { model: "openai/cheap", lacks: "image_input", requests: 1 },
          { model: "openai/cheap", lacks: "tools", requests: 3 },
        ],
      },
    ]);
    expect((await call("GET", `/api/routes?organization=${team}`)).body.data[0].figures).toBeNull();
  });
});

describe("a route is refused", () => {
  const own = { model: "openai/x" };
  const many = (count: number) => Array.from({ length: count }, (_, index) => ({ model: `openai/x${index}` }));
  const missing = "missing_required_parameter";

  it.each<[string, object, string, string?]>([
    ["no name", { name: undefined }, "name", missing],
    ["an empty name", { name: "" }, "name"],
    ["a name of spaces", { name: "  " }, "name"],
    ["a name of 257 characters", { name: "x".repeat(257) }, "name"],
    ["a name of two lines", { name: "a\nb" }, "name"],
    ["a control character in its name", { name: "a\u0007b" }, "name"],
    ["half a character in its name", { name: "a\ud800" }, "name"],
    ["no strategy", { strategy: undefined }, "strategy", missing],
    ["an unknown strategy", { strategy: "random" }, "strategy"],
    ["no targets", { targets: undefined }, "targets", missing],
    ["targets that are none", { targets: {} }, "targets", "invalid_type"],
    ["an empty list of targets", { targets: [] }, "targets"],
    ["17 targets", { targets: many(17) }, "targets"],
    ["a target without a model", { targets: [{}] }, "targets[0].model", missing],
    ["a bare model", { targets: [own, { model: "gpt-4.1" }] }, "targets[1].model"],
    ["a model at nobody's", { targets: [{ model: "acme/x" }] }, "targets[0].model"],
    ["an inherited name for a provider", { targets: [{ model: "constructor/x" }] }, "targets[0].model"],
    ["a target twice", { targets: [own, { model: "openai/y" }, { ...own, weight: 2 }] }, "targets[2]"],
    ["a credential twice", { targets: [own, own].map((one) => ({ ...one, credential: "a" })) }, "targets[1]"],
    ["an empty credential", { targets: [{ ...own, credential: "" }] }, "targets[0].credential"],
    ["a credential of 33 characters", { targets: [{ ...own, credential: "a".repeat(33) }] }, "targets[0].credential"],
    ["a credential in capitals", { targets: [{ ...own, credential: "EU" }] }, "targets[0].credential"],
    ["a secret for a credential", { targets: [{ ...own, credential: "sk_live.1" }] }, "targets[0].credential"],
    [
      "a credential nobody has set up",
      { targets: [own, { ...own, credential: UNKNOWN_CREDENTIAL }] },
      "targets[1].credential",
    ],
    ["a weight of 0", { targets: [{ ...own, weight: 0 }] }, "targets[0].weight"],
    ["a weight of 1001", { targets: [{ ...own, weight: 1_001 }] }, "targets[0].weight"],
    ["half a weight", { targets: [{ ...own, weight: 1.5 }] }, "targets[0].weight"],
    ["a weight as text", { targets: [{ ...own, weight: "1" }] }, "targets[0].weight"],
    ["no weight at all", { targets: [{ ...own, weight: null }] }, "targets[0].weight"],
    ["a timeout of 99 ms", { timeouts: { headers_ms: 99 } }, "timeouts.headers_ms"],
    ["a timeout of more than an hour", { timeouts: { total_ms: 3_600_001 } }, "timeouts.total_ms"],
    ["a timeout of half a millisecond", { timeouts: { idle_ms: 100.5 } }, "timeouts.idle_ms"],
    ["a timeout as text", { timeouts: { first_token_ms: "1000" } }, "timeouts.first_token_ms"],
    ["an unknown timeout", { timeouts: { headers: 1_000 } }, "timeouts.headers", "unsupported_parameter"],
    ["an unknown field of a target", { targets: [{ ...own, key: "x" }] }, "targets[0].key", "unsupported_parameter"],
    ["an id", { id: "rte_000000000000" }, "id", "unsupported_parameter"],
    ["another kind of id", { organization_id: "key_000000000000" }, "organization_id"],
  ])("with %s", async (_, body, param, code = "invalid_value") => {
    const answer = await call("PUT", "/api/routes", { organization_id: team, ...FAST, ...body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code, param } } });
    expect(await stored()).toEqual([]);
  });

  it("not at the edges of what is allowed", async () => {
    const names = ["x".repeat(256), "gpt-4.1", "openai/gpt-4.1", "models/a b:c", "'; drop table routes --", "🔑"];
    for (const name of names) expect((await put({ name })).name).toBe(name);
    expect((await put({ name: "  spaced  " })).name).toBe("spaced");
    expect((await put({ name: "many", targets: many(16) })).targets).toHaveLength(16);
  });

  it.each(["PATCH", "PUT", "POST"])("by %s under its id", async (method) => {
    const answer = await call(method, "/api/routes/rte_000000000000", FAST);
    expect(answer).toMatchObject({ status: 405, body: { error: { code: "method_not_allowed" } } });
    expect(answer.headers.get("allow")).toBe("GET, DELETE");
  });
});

describe("routes are listed", () => {
  it("of a branch, of a name; newest first, page by page", async () => {
    const ids: string[] = [];
    for (const body of [{ name: "a" }, { name: "b" }, { name: "a", organization_id: squad }, { name: "c" }]) {
      world.clock.now += 1_000;
      ids.unshift((await put(body)).id);
    }
    const [, squads, , oldest] = ids;
    const list = (search: string) => call("GET", `/api/routes?${search}`);
    expect(idsOf(await list(`organization=${team}`))).toEqual(ids);
    expect(idsOf(await list(`organization=${squad}`))).toEqual([squads]);
    expect(idsOf(await list(`organization=${team}&name=a`))).toEqual([squads, oldest]);
    expect(idsOf(await list(`organization=${team}&name=A`))).toEqual([]);
    const first = await list(`organization=${team}&limit=3`);
    expect(first.body.as_of).toBe(new Date(world.clock.now).toISOString());
    expect(idsOf(first)).toEqual(ids.slice(0, 3));
    const second = await list(`organization=${team}&limit=3&cursor=${first.body.next_cursor}`);
    expect([idsOf(second), second.body.next_cursor]).toEqual([[oldest], null]);
  });

  it("as they hold for an organization: each name once, the nearest", async () => {
    const effective = async (organization: string, as = call) => {
      const { body } = await as("GET", `/api/routes/effective?organization=${organization}`);
      return body.data.map((route: Record<string, unknown>) => [route.name, route.organization_id, route.inherited]);
    };
    await call("PUT", "/api/routes", { ...FAST, name: "ours" });
    await put({ name: "ours" });
    await put({ name: "deep" });
    const { id } = await put({ name: "ours", organization_id: squad });
    const ofRoot = (await effective(tenant.rootId)).map(([name]: string[]) => name);
    expect(ofRoot).toContain("ours");
    expect(ofRoot).not.toContain("deep");
    const own = (rows: string[][]) => rows.filter(([name]) => name === "ours" || name === "deep");
    expect(own(await effective(team))).toEqual([
      ["deep", team, false],
      ["ours", team, false],
    ]);
    expect(own(await effective(squad))).toEqual([
      ["deep", team, true],
      ["ours", squad, false],
    ]);
    await call("DELETE", `/api/routes/${id}`);
    const asSquad = await adminOf(squad);
    expect(own(await effective(squad, asSquad))).toEqual([
      ["deep", team, true],
      ["ours", team, true],
    ]);
    expect(
      own((await asSquad("GET", "/api/routes/effective")).body.data.map((r: { name: string }) => [r.name])),
    ).toEqual([["deep"], ["ours"]]);
  });
});

describe("an administrator of a branch", () => {
  it("puts and ends routes of its own organization and below, over what is inherited, and no others", async () => {
    const above = (await call("PUT", "/api/routes", { ...FAST, name: "inherited" })).body;
    const sibling = (await call("POST", "/api/organizations", { name: "Sibling" })).body.id;
    const beside = await put({ organization_id: sibling });
    const as = await adminOf(team);
    const own = await as("PUT", "/api/routes", { ...FAST, name: "inherited" });
    expect(own).toMatchObject({ status: 201, body: { organization_id: team } });
    const below = await as("PUT", "/api/routes", { ...FAST, organization_id: squad });
    expect(below.status).toBe(201);
    expect(idsOf(await as("GET", "/api/routes")).sort()).toEqual([own.body.id, below.body.id].sort());
    for (const [method, path, body] of [
      ["PUT", "/api/routes", { ...FAST, organization_id: tenant.rootId }],
      ["PUT", "/api/routes", { ...FAST, organization_id: sibling }],
      ["GET", `/api/routes/${above.id}`],
      ["DELETE", `/api/routes/${above.id}`],
      ["GET", `/api/routes/${beside.id}`],
      ["DELETE", `/api/routes/${beside.id}`],
      ["GET", `/api/routes?organization=${sibling}`],
      ["GET", `/api/routes/effective?organization=${tenant.rootId}`],
    ] as const) {
      const answer = await as(method, path, body);
      expect(answer, `${method} ${path}`).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    }
    expect((await call("GET", `/api/routes/${above.id}`)).body.version).toBe(1);
    for (const { body } of [own, below]) expect((await as("DELETE", `/api/routes/${body.id}`)).status).toBe(200);
  });
});
