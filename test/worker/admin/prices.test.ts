import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listModels } from "../../../worker/catalog/models.ts";
import { priceAt } from "../../../worker/catalog/prices.ts";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;

beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Priced");
});
afterAll(() => world.close());
beforeEach(async () => {
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
});

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  world.call(method, path, { key, body });

const MODEL = "openai/gpt-6.1-sol";
const price = (input: string) => ({ rates: { input, output: "2.5" } });
const day = (text: string) => `2026-${text}T00:00:00.000Z`;

async function create(body: object) {
  const answer = await call("POST", "/api/prices", { organization_id: team, model: MODEL, price: price("1"), ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

const book = async (search: string, key?: string) => (await call("GET", `/api/prices?${search}`, undefined, key)).body;
const pushed = () => world.ledger(tenant.rootId).pushed.at(-1)?.prices;
const stored = async () =>
  (await loadConfiguration(world.database.database, tenant.rootId))?.prices.filter(
    ({ organizationId }) => organizationId === team,
  );

describe("a price", () => {
  it("is made as it is given, holds from now on, and the Ledger learns it", async () => {
    const given = {
      rates: { input: "1.25", output: "10", cacheRead: "0.125", cacheWrite1h: "2" },
      tiers: [{ above: 200_000, rates: { input: "2.5" } }],
      batch: { input: "0.625" },
      fast: { input: "2.5", output: "20.000001" },
      reserve: { input: "3" },
    };
    const { status, body } = await call("POST", "/api/prices", { model: "compatible/own", price: given });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^prc_[0-9a-z]{12}$/),
      source: "custom",
      version: body.id,
      organization_id: tenant.rootId,
      model: "compatible/own",
      valid_from: new Date(world.clock.now).toISOString(),
      valid_until: null,
      price: given,
      created_by: `key_${tenant.adminKey.slice(19, 31)}`,
      created_at: new Date(world.clock.now).toISOString(),
      revision: 1,
      pending: false,
    });
    expect(pushed()).toEqual([
      {
        id: body.id,
        organizationId: tenant.rootId,
        model: "compatible/own",
        from: world.clock.now,
        until: null,
        price: given,
        removed: false,
      },
    ]);
  });

  it("gives the open one before it its end, both in one change", async () => {
    const older = await create({ valid_from: day("01-01") });
    const newer = await create({ valid_from: day("12-01"), price: price("2") });
    expect(pushed()).toMatchObject([
      { id: older.id, until: Date.parse(day("12-01")), removed: false },
      { id: newer.id, from: Date.parse(day("12-01")), until: null },
    ]);
    expect((await stored())?.map(({ id, until }) => [id, until]).sort()).toEqual(
      [
        [older.id, Date.parse(day("12-01"))],
        [newer.id, null],
      ].sort(),
    );
    const rows = await world.database.sql`select action, after from audit_log where target = ${newer.id}`;
    expect(rows).toMatchObject([{ action: "price.create", after: { ends: older.id, price: price("2") } }]);
  });

  it.each<[string, [string, string | null], [string, string | null], number]>([
    ["after one that ended", ["01-01", "02-01"], ["02-01", null], 201],
    ["before one that begins later", ["03-01", null], ["02-01", "03-01"], 201],
    ["within an open one, which it ends", ["01-01", null], ["02-01", "03-01"], 201],
    ["from the same moment as an open one", ["01-01", null], ["01-01", null], 409],
    ["before an open one and into it", ["03-01", null], ["02-01", null], 409],
    ["into one with an end", ["01-01", "03-01"], ["02-01", null], 409],
    ["around one", ["02-01", "03-01"], ["01-01", "04-01"], 409],
    ["a moment too long", ["02-01", "03-01"], ["01-01", "02-01T00:00:00.001Z"], 409],
  ])("%s", async (_, [from, until], [newFrom, newUntil], status) => {
    const moment = (text: string | null) => (text?.includes("T") ? `2026-${text}` : text && day(text));
    const older = await create({ valid_from: moment(from), valid_until: moment(until) });
    const body = { organization_id: team, model: MODEL, price: price("2") };
    const answer = await call("POST", "/api/prices", {
      ...body,
      valid_from: moment(newFrom),
      valid_until: moment(newUntil),
    });
    expect(answer.status).toBe(status);
    if (status === 409) {
      expect(answer.body.error).toMatchObject({ code: "conflict", message: expect.stringContaining(older.id) });
      expect(await stored()).toHaveLength(1);
    }
    // The same time of another organization or model is another price.
    expect((await call("POST", "/api/prices", { ...body, model: "openai/other" })).status).toBe(201);
  });

  it("never overlaps another when many are made at the same time", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        call("POST", "/api/prices", {
          organization_id: team,
          model: MODEL,
          valid_from: day(`0${index + 1}-01`),
          price: price(`${index}`),
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    const times = (await stored())?.toSorted((a, b) => a.from - b.from) ?? [];
    for (const [index, { until }] of times.entries()) expect(until).toBe(times[index + 1]?.from ?? null);
    const told = new Map(
      world
        .ledger(tenant.rootId)
        .pushed.toSorted((a, b) => a.version - b.version)
        .flatMap(({ prices }) => prices.map((record) => [record.id, record] as const)),
    );
    for (const record of times) expect(told.get(record.id)).toEqual(record);
  });

  it("gets an end, another or none, and nothing else changes", async () => {
    const made = await create({ valid_from: day("01-01") });
    const end = (valid_until: string | null) => call("PATCH", `/api/prices/${made.id}`, { valid_until });
    expect((await end(day("12-01"))).body).toEqual({ ...made, valid_until: day("12-01"), revision: 2 });
    expect(pushed()).toMatchObject([{ id: made.id, until: Date.parse(day("12-01")), price: made.price }]);
    expect((await end(null)).body.valid_until).toBeNull();
    expect(await end(day("01-01"))).toMatchObject({ status: 400, body: { error: { param: "valid_until" } } });
    await end(day("02-01"));
    const next = await create({ valid_from: day("03-01") });
    expect((await end(day("03-01"))).status).toBe(200);
    for (const until of [null, day("03-02")]) {
      expect(await end(until)).toMatchObject({
        status: 409,
        body: { error: { code: "conflict", message: expect.stringContaining(next.id) } },
      });
    }
    expect(await call("PATCH", `/api/prices/${made.id}`, { price: price("9") })).toMatchObject({ status: 400 });
    const rows = await world.database.sql`select action from audit_log where target = ${made.id} order by id`;
    expect(rows.map(({ action }) => action)).toEqual(["price.create", ...Array(4).fill("price.end")]);
  });

  it("is taken back only before it begins", async () => {
    const future = await create({ valid_from: new Date(world.clock.now + 1).toISOString() });
    expect(await call("DELETE", `/api/prices/${future.id}`)).toMatchObject({
      status: 200,
      body: { id: future.id, removed: true, pending: false },
    });
    expect(pushed()).toMatchObject([{ id: future.id, removed: true }]);
    expect((await call("DELETE", `/api/prices/${future.id}`)).status).toBe(404);
    expect((await call("PATCH", `/api/prices/${future.id}`, { valid_until: null })).status).toBe(404);
    expect(await stored()).toEqual([]);
    const begun = await create({ valid_from: new Date(world.clock.now).toISOString() });
    expect(await call("DELETE", `/api/prices/${begun.id}`)).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", message: expect.stringContaining("Give it an end") } },
    });
  });
});

describe("a price is refused", () => {
  it.each<[string, object, string, string?]>([
    ["no price", { price: undefined }, "price", "missing_required_parameter"],
    ["no model", { model: undefined }, "model", "missing_required_parameter"],
    ["a model without a provider", { model: "gpt-6.1-sol" }, "model"],
    ["a provider there is not", { model: "acme/one" }, "model"],
    ["a rate as a number", { price: { rates: { input: 1 } } }, "price.rates.input", "invalid_type"],
    ["a negative rate", { price: price("-1") }, "price.rates.input"],
    ["NaN", { price: price("NaN") }, "price.rates.input"],
    ["seven places", { price: price("0.0000001") }, "price.rates.input"],
    ["no input rate", { price: { rates: {} } }, "price.rates.input", "missing_required_parameter"],
    [
      "an unknown rate",
      { price: { rates: { input: "1", speech: "1" } } },
      "price.rates.speech",
      "unsupported_parameter",
    ],
    ["an end before its beginning", { valid_from: day("02-01"), valid_until: day("01-01") }, "valid_until"],
    ["an end at its beginning", { valid_from: day("02-01"), valid_until: day("02-01") }, "valid_until"],
    ["an end before now", { valid_until: day("01-01") }, "valid_until"],
    ["the year 0", { valid_from: "0000-01-01T00:00:00Z" }, "valid_from"],
    ["a day without a time", { valid_from: "2026-01-01" }, "valid_from"],
  ])("with %s", async (_, change, param, code = "invalid_value") => {
    const body = { organization_id: team, model: MODEL, price: price("1"), ...change };
    expect(await call("POST", "/api/prices", body)).toMatchObject({ status: 400, body: { error: { code, param } } });
  });
});

describe("the price book", () => {
  it("is the catalogue where nobody says otherwise", async () => {
    const model = listModels().find(({ id }) => id === MODEL);
    const version = model && priceAt(model, world.clock.now)?.version;
    const { data } = await book(`organization=${team}&model=${MODEL}&at=${new Date(world.clock.now).toISOString()}`);
    expect(data).toEqual([
      {
        id: version,
        source: "catalog",
        version,
        organization_id: null,
        model: MODEL,
        valid_from: null,
        valid_until: null,
        price: model?.prices[0],
        created_by: null,
        created_at: null,
        revision: null,
        overrides: null,
        in_force: true,
      },
    ]);
  });

  it("has the nearest organization's price in force, and each says what it replaces", async () => {
    const squad = (await call("POST", "/api/organizations", { name: "Squad", parent_id: team })).body.id;
    const ofTeam = await create({ valid_from: day("01-01") });
    const ofSquad = await create({ organization_id: squad, valid_from: day("06-01"), valid_until: day("12-01") });
    const summary = async (organization: string, at?: string) =>
      (await book(`organization=${organization}&model=${MODEL}${at ? `&at=${at}` : ""}`)).data.map(
        (row: { id: string; overrides: string | null; in_force: boolean }) => [row.id, row.overrides, row.in_force],
      );
    const model = listModels().find(({ id }) => id === MODEL);
    const shipped = (model && priceAt(model, world.clock.now)?.version) ?? "";
    expect(await summary(squad)).toEqual([
      [ofSquad.id, ofTeam.id, true],
      [ofTeam.id, shipped, false],
      [shipped, null, false],
    ]);
    expect(await summary(team)).toEqual([
      [ofTeam.id, shipped, true],
      [shipped, null, false],
    ]);
    expect(await summary(squad, day("12-01"))).toEqual([
      [ofTeam.id, shipped, true],
      [shipped, null, false],
    ]);
    expect(await summary(squad, "2025-12-31T23:59:59.999Z")).toEqual([[shipped, null, true]]);
  });

  it("is read page by page, each price once, the catalogue's with all their days", async () => {
    await create({ model: "openrouter/a/modèle", valid_from: day("01-01") });
    await create({ model: `compatible/${"n".repeat(240)}` });
    const seen: string[] = [];
    let cursor = "";
    do {
      const { data, next_cursor } = await book(`organization=${team}&limit=60${cursor}`);
      seen.push(...data.map(({ id }: { id: string }) => id));
      expect(data.length).toBeLessThanOrEqual(60);
      cursor = next_cursor ? `&cursor=${next_cursor}` : "";
    } while (cursor !== "");
    expect(new Set(seen).size).toBe(seen.length);
    const shipped = listModels().reduce((count, { prices }) => count + prices.length, 0);
    expect(seen.filter((id) => !id.startsWith("prc_"))).toHaveLength(shipped);
    expect(seen.filter((id) => id.startsWith("prc_")).length).toBeGreaterThanOrEqual(2);
  });

  it("of a branch shows what is inherited, and its administrator changes none: a price of 0 would lift every limit above", async () => {
    const inherited = (
      await call("POST", "/api/prices", { model: "google/inherited", valid_from: day("12-24"), price: price("1") })
    ).body;
    const permissions = ["admin"];
    const { body: lead } = await call("POST", "/api/keys", { name: "Lead", organization_id: team, permissions });
    expect((await book("model=google/inherited", lead.key)).data).toMatchObject([{ id: inherited.id }]);
    const below = (await call("POST", "/api/organizations", { name: "Below", parent_id: team })).body.id;
    const open = await create({ model: "google/open" });
    const later = await create({ model: "google/later", valid_from: day("12-24") });
    const before = await stored();
    const given = { model: MODEL, price: price("0") };
    for (const [method, path, body] of [
      ["PATCH", `/api/prices/${inherited.id}`, { valid_until: day("12-31") }],
      ["DELETE", `/api/prices/${inherited.id}`],
      ["PATCH", `/api/prices/${open.id}`, { valid_until: day("12-31") }],
      ["DELETE", `/api/prices/${later.id}`],
      ["POST", "/api/prices", { organization_id: tenant.rootId, ...given }],
      ["POST", "/api/prices", given],
      ["POST", "/api/prices", { organization_id: below, ...given }],
      ["DELETE", "/api/prices/prc_zzzzzzzzzzzz"],
    ] as const) {
      const answer = await call(method, path, body, lead.key);
      const refused = { status: 403, body: { error: { code: "permission_denied" } } };
      expect(answer, `${method} ${path}`).toMatchObject(refused);
    }
    expect(await stored()).toEqual(before);
    expect((await call("GET", `/api/prices?organization=${tenant.rootId}`, undefined, lead.key)).status).toBe(404);
  });
});
