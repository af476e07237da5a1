import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let key: string;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Limited");
});
afterAll(() => world.close());
beforeEach(async () => {
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
  key = (await call("POST", "/api/keys", { name: "CI", organization_id: team })).body.id;
});

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>, as = tenant.adminKey) =>
  world.call(method, path, { key: as, body, headers: headers ?? {} });

const create = async (body: object) => {
  const answer = await call("POST", "/api/limits", body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};

const audit = async (target: string) =>
  (await world.database
    .sql`select actor, action, before, after from audit_log where target = ${target} order by id`) as {
    actor: string;
    action: string;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
  }[];

/** What the Ledger was last told of limits. */
const pushed = () => world.ledger(tenant.rootId).pushed.at(-1)?.limits;

/** What a Ledger would load for the team. */
const stored = async () =>
  (await loadConfiguration(world.database.database, tenant.rootId))?.limits.filter(({ nodeId }) => nodeId === team);

const DAILY = { metric: "cost", window: "day" };

describe("a limit", () => {
  it("is made of what is named, the rest being the usual, and the Ledger learns it", async () => {
    const { status, body, headers } = await call("POST", "/api/limits", {
      organization_id: team,
      ...DAILY,
      amount_usd: "12.50",
    });
    expect(status).toBe(201);
    expect(headers.get("etag")).toBe('"1"');
    const { pending, ...limit } = body;
    expect(pending).toBe(false);
    expect(limit).toEqual({
      id: expect.stringMatching(/^lim_[0-9a-z]{12}$/),
      organization_id: team,
      key_id: null,
      metric: "cost",
      window: "day",
      amount: 12_500_000_000,
      amount_usd: "12.5",
      mode: "block",
      thresholds: [50, 80, 100],
      override: null,
      fallback: null,
      created_by: `key_${tenant.adminKey.slice(19, 31)}`,
      created_at: new Date(world.clock.now).toISOString(),
      updated_at: new Date(world.clock.now).toISOString(),
      version: 1,
    });
    const record = {
      id: limit.id,
      nodeId: team,
      metric: "cost",
      window: "day",
      amount: 12_500_000_000,
      mode: "block",
      thresholds: [50, 80, 100],
      override: null,
      fallback: null,
      removed: false,
    };
    expect(pushed()).toEqual([record]);
    expect(await stored()).toEqual([record]);
    const read = await call("GET", `/api/limits/${limit.id}`);
    expect(read.body).toEqual(limit);
    expect(read.headers.get("etag")).toBe('"1"');
  });

  it("stands on a key, with an override and a cheaper model", async () => {
    const limit = await create({
      key_id: key,
      metric: "total_tokens",
      window: "minute",
      amount: 9_007_199_254_740_991,
      mode: "warn",
      thresholds: [1, 99],
      override: { amount: 0, until: "2026-12-24T18:00:00+01:00" },
      fallback: { percent: 80, model: "openrouter/openai/gpt-6.1-sol" },
    });
    expect(limit).toMatchObject({
      organization_id: team,
      key_id: key,
      amount: 9_007_199_254_740_991,
      amount_usd: null,
      mode: "warn",
      thresholds: [1, 99],
      override: { amount: 0, amount_usd: null, until: "2026-12-24T17:00:00.000Z" },
      fallback: { percent: 80, model: "openrouter/openai/gpt-6.1-sol" },
    });
    expect(pushed()).toMatchObject([
      { nodeId: key, override: { amount: 0, until: Date.UTC(2026, 11, 24, 17) }, fallback: { percent: 80 } },
    ]);
  });

  it("may allow nothing, which is not the same as no limit", async () => {
    expect(await create({ organization_id: team, ...DAILY, amount: 0 })).toMatchObject({ amount: 0, amount_usd: "0" });
  });

  it("is one of its kind on its node; a second one names the first", async () => {
    const first = await create({ organization_id: team, ...DAILY, amount: 1 });
    const before = (await loadConfiguration(world.database.database, tenant.rootId))?.version;
    expect(await call("POST", "/api/limits", { organization_id: team, ...DAILY, amount: 2 })).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", message: expect.stringContaining(first.id) } },
    });
    expect((await loadConfiguration(world.database.database, tenant.rootId))?.version).toBe(before);
    await create({ organization_id: team, metric: "cost", window: "month", amount: 2 });
    await create({ organization_id: team, metric: "requests", window: "day", amount: 2 });
    await create({ key_id: key, ...DAILY, amount: 2 });
    await create({ organization_id: tenant.rootId, ...DAILY, amount: 2 });
  });

  it("is made once when ten ask at the same time", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => call("POST", "/api/limits", { key_id: key, ...DAILY, amount: index })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
  });

  it("changes in what is named and in nothing else", async () => {
    const made = await create({ organization_id: team, ...DAILY, amount: 5, thresholds: [10] });
    world.clock.now += 1_000;
    const changed = await call("PATCH", `/api/limits/${made.id}`, { amount_usd: "0.000000007" });
    expect(changed.body).toEqual({
      ...made,
      amount: 7,
      amount_usd: "0.000000007",
      version: 2,
      updated_at: new Date(world.clock.now).toISOString(),
    });
    expect(changed.headers.get("etag")).toBe('"2"');
    expect(pushed()).toMatchObject([{ id: made.id, amount: 7, thresholds: [10], removed: false }]);

    const override = { amount_usd: "3", until: "2027-01-01T00:00:00Z" };
    const fallback = { percent: 50, model: "google/gemini-next" };
    const more = await call("PATCH", `/api/limits/${made.id}`, { override, fallback, mode: "warn", thresholds: [] });
    expect(more.body).toMatchObject({
      amount: 7,
      override: { amount: 3_000_000_000, amount_usd: "3" },
      fallback,
      mode: "warn",
      thresholds: [],
    });
    const fewer = await call("PATCH", `/api/limits/${made.id}`, { override: null, fallback: null });
    expect(fewer.body).toMatchObject({ amount: 7, override: null, fallback: null, mode: "warn", version: 4 });

    expect(await audit(made.id)).toMatchObject([
      { action: "limit.create", before: null, after: { amount: 5, organization_id: team, thresholds: [10] } },
      { action: "limit.update", before: { amount: 5 }, after: { amount: 7 } },
      { action: "limit.update", before: { mode: "block" }, after: { mode: "warn", override_amount: 3_000_000_000 } },
      { action: "limit.update", before: { fallback_percent: 50 }, after: { fallback_percent: null } },
    ]);
  });

  it("loses no change when many come at the same time", async () => {
    const made = await create({ organization_id: team, ...DAILY, amount: 5 });
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        call("PATCH", `/api/limits/${made.id}`, index % 2 ? { amount: 100 + index } : { thresholds: [index + 1] }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(answers.map(({ body }) => body.version).sort()).toEqual([2, 3, 4, 5, 6, 7]);
    const changes = world.ledger(tenant.rootId).pushed.toSorted((a, b) => a.version - b.version);
    expect(changes.at(-1)?.limits).toEqual(await stored());
  });

  it("ends when it is deleted: the Ledger is told, the row stays, and another may follow", async () => {
    const made = await create({ organization_id: team, ...DAILY, amount: 5 });
    expect(await call("DELETE", `/api/limits/${made.id}`)).toMatchObject({
      status: 200,
      body: { id: made.id, removed: true, pending: false },
    });
    expect(pushed()).toMatchObject([{ id: made.id, removed: true }]);
    expect(await stored()).toEqual([]);
    for (const method of ["GET", "DELETE"]) {
      expect((await call(method, `/api/limits/${made.id}`)).status).toBe(404);
    }
    expect((await call("PATCH", `/api/limits/${made.id}`, { amount: 1 })).status).toBe(404);
    expect((await call("GET", `/api/limits?organization=${team}`)).body.data).toEqual([]);
    const rows = await world.database.sql`select removed_at from limits where id = ${made.id}`;
    expect(rows[0]?.removed_at).not.toBeNull();
    expect((await audit(made.id)).at(-1)).toMatchObject({ action: "limit.delete", before: { amount: 5 }, after: null });
    await create({ organization_id: team, ...DAILY, amount: 6 });
  });

  it("says so when the Ledger could not be told; it is stored all the same", async () => {
    const cookie = await world.signIn(tenant);
    const headers = { origin: "https://gaia.example", "sec-fetch-site": "same-origin", "x-gaia-csrf": "1" };
    const send = (method: string, path: string, body?: unknown) => world.call(method, path, { cookie, headers, body });
    const ledger = world.ledger(tenant.rootId);
    ledger.down = true;
    const made = await send("POST", "/api/limits", { organization_id: team, ...DAILY, amount: 5 });
    expect(made).toMatchObject({ status: 201, body: { pending: true } });
    ledger.down = false;
    const again = await send("PATCH", `/api/limits/${made.body.id}`, { amount: 5 });
    expect(again).toMatchObject({ status: 200, body: { pending: false, version: 2 } });
    expect(pushed()).toMatchObject([{ id: made.body.id, amount: 5 }]);
  });
});

describe("If-Match", () => {
  it.each([
    ["the version", '"1"', 200],
    ["one of several", '"7", "1"', 200],
    ["any", "*", 200],
    ["another version", '"2"', 412],
    ["a weak tag", 'W/"1"', 412],
    ["no tag", "1", 412],
    ["nothing", "", 412],
  ])("of %s: %s", async (_, tag, status) => {
    const { id } = await create({ organization_id: team, ...DAILY, amount: 5 });
    const headers = { "if-match": tag };
    const patched = await call("PATCH", `/api/limits/${id}`, { amount: 6 }, headers);
    expect(patched.status).toBe(status);
    if (status === 412) {
      expect(patched.body.error.code).toBe("precondition_failed");
      expect(patched.headers.get("etag")).toBe('"1"');
      expect((await call("DELETE", `/api/limits/${id}`, undefined, headers)).status).toBe(412);
      expect((await call("GET", `/api/limits/${id}`)).body).toMatchObject({ amount: 5, version: 1 });
    }
  });

  it("lets one of two through that have read the same", async () => {
    const { id } = await create({ organization_id: team, ...DAILY, amount: 5 });
    const answers = await Promise.all(
      [6, 7].map((amount) => call("PATCH", `/api/limits/${id}`, { amount }, { "if-match": '"1"' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});

describe("a limit is refused", () => {
  const COST = { ...DAILY, amount: 1 };
  it.each<[string, object, string, string?]>([
    ["a negative amount", { ...COST, amount: -1 }, "amount"],
    ["an amount beyond 2^53 - 1", { ...COST, amount: 2 ** 53 }, "amount"],
    ["a fraction", { ...COST, amount: 1.5 }, "amount"],
    ["an amount as text", { ...COST, amount: "1" }, "amount"],
    ["NaN as text", { ...COST, amount: "NaN" }, "amount"],
    ["null", { ...COST, amount: null }, "amount"],
    ["true", { ...COST, amount: true }, "amount"],
    ["a list", { ...COST, amount: [1] }, "amount"],
    ["USD as a number", { ...DAILY, amount_usd: 1 }, "amount_usd"],
    ["USD with ten places", { ...DAILY, amount_usd: "0.0000000001" }, "amount_usd"],
    ["negative USD", { ...DAILY, amount_usd: "-1" }, "amount_usd"],
    ["USD with an exponent", { ...DAILY, amount_usd: "1e3" }, "amount_usd"],
    ["NaN USD", { ...DAILY, amount_usd: "NaN" }, "amount_usd"],
    ["USD beyond 2^53 - 1 nano", { ...DAILY, amount_usd: "9007199.254740992" }, "amount_usd"],
    ["both amounts", { ...COST, amount_usd: "1" }, "amount_usd"],
    ["USD of tokens", { metric: "input_tokens", window: "day", amount_usd: "1" }, "amount_usd"],
    ["no amount", DAILY, "amount", "missing_required_parameter"],
    ["no metric", { window: "day", amount: 1 }, "metric", "missing_required_parameter"],
    ["no window", { metric: "cost", amount: 1 }, "window", "missing_required_parameter"],
    ["an unknown metric", { ...COST, metric: "images" }, "metric"],
    ["an unknown window", { ...COST, window: "year" }, "window"],
    ["concurrency of a day", { ...COST, metric: "concurrent_requests" }, "window"],
    ["a cost of now", { ...COST, window: "now" }, "window"],
    ["an unknown mode", { ...COST, mode: "throttle" }, "mode"],
    ["a threshold of 0", { ...COST, thresholds: [0] }, "thresholds[0]"],
    ["a threshold of 101", { ...COST, thresholds: [50, 101] }, "thresholds[1]"],
    ["half a threshold", { ...COST, thresholds: [50.5] }, "thresholds[0]"],
    ["a threshold twice", { ...COST, thresholds: [50, 50] }, "thresholds"],
    ["thresholds that descend", { ...COST, thresholds: [80, 50] }, "thresholds"],
    ["eleven thresholds", { ...COST, thresholds: Array.from({ length: 11 }, (_, index) => index + 1) }, "thresholds"],
    ["an override that is over", { ...COST, override: { amount: 1, until: "2026-11-20T12:00:00Z" } }, "override.until"],
    [
      "an override without an end",
      { ...COST, override: { amount: 1 } },
      "override.until",
      "missing_required_parameter",
    ],
    [
      "an override without an amount",
      { ...COST, override: { until: "2027-01-01T00:00:00Z" } },
      "override.amount",
      "missing_required_parameter",
    ],
    [
      "an override of both",
      { ...COST, override: { amount: 1, amount_usd: "1", until: "2027-01-01T00:00:00Z" } },
      "override.amount_usd",
    ],
    ["a negative override", { ...COST, override: { amount: -1, until: "2027-01-01T00:00:00Z" } }, "override.amount"],
    [
      "a year no database knows",
      { ...COST, override: { amount: 1, until: "9999-12-31T23:59:59-10:00" } },
      "override.until",
    ],
    ["a fallback from 0 percent", { ...COST, fallback: { percent: 0, model: "openai/x" } }, "fallback.percent"],
    ["a fallback from 101 percent", { ...COST, fallback: { percent: 101, model: "openai/x" } }, "fallback.percent"],
    ["a fallback without a provider", { ...COST, fallback: { percent: 80, model: "gpt-6.1-sol" } }, "fallback.model"],
    ["a fallback at nobody's", { ...COST, fallback: { percent: 80, model: "acme/x" } }, "fallback.model"],
    [
      "a fallback to an inherited name",
      { ...COST, fallback: { percent: 80, model: "constructor/x" } },
      "fallback.model",
    ],
    ["a fallback without a name", { ...COST, fallback: { percent: 80, model: "openai/" } }, "fallback.model"],
    ["a fallback with a space", { ...COST, fallback: { percent: 80, model: "openai/a b" } }, "fallback.model"],
    ["an unknown field", { ...COST, root_id: "org_00000000" }, "root_id", "unsupported_parameter"],
  ])("with %s", async (_, body, param, code = "invalid_value") => {
    const answer = await call("POST", "/api/limits", { organization_id: team, ...body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code, param } } });
  });

  it("with a number no JSON has, or one beyond all", async () => {
    for (const [number, code] of [
      ["NaN", "invalid_json"],
      ["1e999", "invalid_value"],
      ["9007199254740993", "invalid_value"],
    ]) {
      const body = `{"organization_id":"${team}","metric":"cost","window":"day","amount":${number}}`;
      expect(await call("POST", "/api/limits", body)).toMatchObject({ status: 400, body: { error: { code } } });
    }
  });

  it("on no node, and on two", async () => {
    expect(await call("POST", "/api/limits", COST)).toMatchObject({
      status: 400,
      body: { error: { code: "missing_required_parameter", param: "organization_id" } },
    });
    expect(await call("POST", "/api/limits", { ...COST, organization_id: team, key_id: key })).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_value", param: "key_id" } },
    });
  });

  it("a change to USD of what is no money, to another metric, to nothing", async () => {
    const { id } = await create({ organization_id: team, metric: "requests", window: "minute", amount: 5 });
    for (const [body, param, code] of [
      [{ amount_usd: "1" }, "amount_usd", "invalid_value"],
      [{ override: { amount_usd: "1", until: "2027-01-01T00:00:00Z" } }, "override.amount_usd", "invalid_value"],
      [{ metric: "cost" }, "metric", "unsupported_parameter"],
      [{ amount: -1 }, "amount", "invalid_value"],
      [{}, null, "missing_required_parameter"],
    ] as const) {
      expect(await call("PATCH", `/api/limits/${id}`, body)).toMatchObject({
        status: 400,
        body: { error: { code, param } },
      });
    }
    expect((await call("GET", `/api/limits/${id}`)).body.version).toBe(1);
  });
});

describe("limits are listed", () => {
  it("of a branch, a key, a metric, a window; page by page", async () => {
    const { body: branch } = await call("POST", "/api/organizations", { name: "Branch" });
    const { body: twig } = await call("POST", "/api/organizations", { name: "Twig", parent_id: branch.id });
    const key = (await call("POST", "/api/keys", { name: "Leaf", organization_id: twig.id })).body.id;
    const ids: string[] = [];
    for (const body of [
      { organization_id: branch.id, metric: "cost", window: "day" },
      { organization_id: twig.id, metric: "cost", window: "month" },
      { key_id: key, metric: "requests", window: "minute" },
      { key_id: key, metric: "cost", window: "day" },
    ]) {
      ids.push((await create({ ...body, amount: 1 })).id);
    }
    const [day, month, rpm, keyDay] = ids;
    const list = async (search: string) =>
      (await call("GET", `/api/limits?${search}`)).body.data.map(({ id }: { id: string }) => id).sort();
    expect(await list(`organization=${branch.id}`)).toEqual([...ids].sort());
    expect(await list(`organization=${twig.id}`)).toEqual([month, rpm, keyDay].sort());
    expect(await list(`key=${key}`)).toEqual([rpm, keyDay].sort());
    expect(await list(`organization=${branch.id}&metric=cost&window=day`)).toEqual([day, keyDay].sort());

    const seen: string[] = [];
    let cursor = "";
    do {
      const { body } = await call("GET", `/api/limits?organization=${branch.id}&limit=3${cursor}`);
      expect(body.as_of).toBe(new Date(world.clock.now).toISOString());
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.next_cursor ? `&cursor=${body.next_cursor}` : "";
    } while (cursor !== "");
    expect(seen.sort()).toEqual([...ids].sort());
  });
});

describe("an administrator of a branch", () => {
  it("adds limits to its own organization, and changes none there, whoever made it", async () => {
    const permissions = ["admin"];
    const ours = (await call("POST", "/api/organizations", { name: "Bounded" })).body.id;
    const below = (await call("POST", "/api/organizations", { name: "Below", parent_id: ours })).body.id;
    const { body: lead } = await call("POST", "/api/keys", { name: "Lead", organization_id: ours, permissions });
    const as = (method: string, path: string, body?: unknown) => call(method, path, body, {}, lead.key);
    const fromAbove = await create({ organization_id: ours, ...DAILY, amount: 5 });
    const own = (await as("POST", "/api/limits", { organization_id: ours, ...DAILY, metric: "requests", amount: 1 }))
      .body;
    const changes = [{ amount: 9 }, { mode: "warn" }, { override: { amount: 9, until: "2027-01-01T00:00:00Z" } }];
    for (const { id } of [fromAbove, own]) {
      const path = `/api/limits/${id}`;
      for (const answer of [
        ...(await Promise.all(changes.map((change) => as("PATCH", path, change)))),
        await as("DELETE", path),
      ]) {
        expect(answer).toMatchObject({
          status: 403,
          body: { error: { code: "permission_denied", message: expect.stringContaining("above") } },
        });
      }
      expect((await as("GET", path)).body).toMatchObject({ version: 1, mode: "block" });
    }
    for (const node of [{ organization_id: below }, { key_id: lead.id }]) {
      const { id } = (await as("POST", "/api/limits", { ...node, ...DAILY, amount: 1 })).body;
      expect((await as("PATCH", `/api/limits/${id}`, { amount: 2 })).status).toBe(200);
      expect((await as("DELETE", `/api/limits/${id}`)).status).toBe(200);
    }
    expect((await call("PATCH", `/api/limits/${own.id}`, { amount: 2 })).status).toBe(200);
    expect((await call("DELETE", `/api/limits/${fromAbove.id}`)).status).toBe(200);
  });

  it("sets limits on the branch itself and below, and neither sees nor touches any other", async () => {
    const sibling = (await call("POST", "/api/organizations", { name: "Sibling" })).body.id;
    const above = await create({ organization_id: tenant.rootId, metric: "cost", window: "total", amount: 1 });
    const beside = await create({ organization_id: sibling, ...DAILY, amount: 1 });
    const permissions = ["admin"];
    const { body: lead } = await call("POST", "/api/keys", { name: "Lead", organization_id: team, permissions });
    const as = (method: string, path: string, body?: unknown) => call(method, path, body, {}, lead.key);

    const own = await as("POST", "/api/limits", { organization_id: team, ...DAILY, amount: 1 });
    expect(own.status).toBe(201);
    expect((await as("POST", "/api/limits", { key_id: key, ...DAILY, amount: 1 })).status).toBe(201);
    expect((await as("GET", "/api/limits")).body.data).toHaveLength(2);
    for (const [method, path, body] of [
      ["POST", "/api/limits", { organization_id: tenant.rootId, metric: "requests", window: "day", amount: 1 }],
      ["POST", "/api/limits", { organization_id: sibling, metric: "requests", window: "day", amount: 1 }],
      ["GET", `/api/limits/${above.id}`],
      ["PATCH", `/api/limits/${above.id}`, { amount: 9 }],
      ["DELETE", `/api/limits/${beside.id}`],
      ["GET", `/api/limits?organization=${sibling}`],
      ["GET", `/api/limits/status?organization=${tenant.rootId}`],
    ] as const) {
      expect(await as(method, path, body), `${method} ${path}`).toMatchObject({
        status: 404,
        body: { error: { code: "not_found" } },
      });
    }
    // What it may not see is not asked for either.
    await as("GET", `/api/limits/status?key=${key}`);
    expect(world.ledger(tenant.rootId).askedNodes.at(-1)).toEqual([key, team]);
  });
});
