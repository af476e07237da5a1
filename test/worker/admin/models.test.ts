import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listModels } from "../../../worker/catalog/models.ts";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import { type AdminWorld, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let squad: string;
let lead: string;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Models");
  team = (await call("POST", "/api/organizations", { name: "Team" })).body.id;
  squad = (await call("POST", "/api/organizations", { name: "Squad", parent_id: team })).body.id;
  const body = { name: "Lead", organization_id: team, permissions: ["admin"] };
  lead = (await call("POST", "/api/keys", body)).body.key;
});
afterAll(() => world.close());

const call = (method: string, path: string, body?: unknown, headers = {}, key = tenant.adminKey) =>
  world.call(method, path, { key, body, headers });
const pathOf = (model: string) => `/api/models/${encodeURIComponent(model)}`;
const read = async (model: string, organization = tenant.rootId) =>
  (await call("GET", `${pathOf(model)}?organization=${organization}`)).body;
const list = async (query = "") => (await call("GET", `/api/models?${query}`)).body;
const idsOf = async (query: string): Promise<string[]> =>
  (await list(`limit=200&${query}`)).data.map(({ id }: { id: string }) => id);
const turn = (action: string, models: string[], organization_id = team, key = tenant.adminKey) =>
  call("POST", "/api/models/bulk", { action, models, organization_id }, {}, key);

/** What a Ledger would load of models. */
const stored = async () => (await loadConfiguration(world.database.database, tenant.rootId))?.models;
const pushed = () => world.ledger(tenant.rootId).pushed.at(-1);

const GPT = "openai/gpt-6-sol";

describe("the list", () => {
  it("has every shipped model with its facts, its price and where both come from", async () => {
    expect((await list("limit=1")).total).toBe(listModels().length);
    const { data } = await list("q=gpt-6-sol&provider=openai");
    expect(data).toEqual([
      {
        ...{ id: GPT, provider: "openai", upstream_model: "gpt-6-sol", source: "shipped", shipped: true },
        ...{ display_name: "GPT-6 Sol", kind: "chat", context_window: 1_050_000, max_input_tokens: 922_000 },
        ...{ max_output_tokens: 128_000, input_modalities: ["text", "image"], output_modalities: ["text"] },
        capabilities: {
          ...{ tools: true, parallel_tools: true, structured_output: true, reasoning: "optional" },
          reasoning_knobs: ["effort:none,low,medium,high,xhigh,max", "mode:standard,pro"],
          ...{ prompt_caching: "both", streaming: true, sampling_params: false, tools_with_reasoning: "responses" },
        },
        ...{ endpoints: ["chat", "responses"], release_date: "2026-09-22", deprecation_date: null, gone_since: null },
        sources: {},
        free: false,
        price: expect.objectContaining({
          source: "catalog",
          price: expect.objectContaining({ rates: expect.anything() }),
        }),
        ...{ enabled: true, disabled_by: null, version: 0, created_by: null, updated_at: null, figures: null },
      },
    ]);
  });

  it.each<[query: string, fits: (model: ReturnType<typeof listModels>[number]) => boolean]>([
    ["kind=embedding", ({ kind }) => kind === "embedding"],
    ["provider=anthropic", ({ provider }) => provider === "anthropic"],
    ["deprecated=true", ({ deprecationDate }) => deprecationDate !== undefined],
    ["modality=video", ({ inputModalities }) => inputModalities.includes("video")],
    ["capability=prefill", ({ capabilities }) => capabilities?.prefill === true],
    [
      "capability=reasoning&provider=openai",
      ({ provider, capabilities: flags }) =>
        provider === "openai" && flags?.reasoning !== undefined && flags.reasoning !== "none",
    ],
    [
      "free=true&provider=openrouter",
      ({ provider, upstreamId }) => provider === "openrouter" && /[:/]free$/.test(upstreamId),
    ],
    ["priced=false", ({ prices }) => prices.length === 0],
    ["source=custom", () => false],
    ["gone=true", () => false],
    ["enabled=false", () => false],
    ["q=SONNET", ({ id, displayName }) => /sonnet/i.test(id + displayName)],
  ])("is filtered by ?%s", async (query, fits) => {
    const expected = listModels()
      .filter(fits)
      .map(({ id }) => id);
    expect(await idsOf(query)).toEqual(expected.sort());
  });

  it.each(["id", "-display_name", "-context_window", "release_date", "input_price", "-output_price"])(
    "is sorted by %s, page after page, what is not known last",
    async (sort) => {
      const all: { id: string; [field: string]: unknown }[] = [];
      for (let cursor = ""; ; ) {
        const page = await list(`limit=70&sort=${sort}${cursor}`);
        all.push(...page.data);
        if (page.next_cursor === null) break;
        cursor = `&cursor=${page.next_cursor}`;
      }
      expect(new Set(all.map(({ id }) => id)).size).toBe(listModels().length);
      const name = sort.replace("-", "");
      type Priced = { price: { price: { rates: Record<string, string> } } | null };
      const priced = (model: object) => (model as Priced).price?.price.rates[name.split("_")[0] ?? ""];
      const values = all.map((model) => (name.endsWith("price") ? Number(priced(model) ?? Number.NaN) : model[name]));
      const known = values.filter((value) => value !== null && !Number.isNaN(value)) as (string | number)[];
      expect(values.slice(0, known.length)).toEqual(known);
      const keyed = known.map((value) => (typeof value === "string" ? value.toLowerCase() : value));
      const sorted = keyed.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      expect(keyed).toEqual(sort.startsWith("-") ? sorted.reverse() : sorted);
    },
  );

  it.each([
    "capability=flying",
    "sort=requested",
    "context_min=-1",
    "input_price_max=1e3",
    "enabled=maybe",
    "cursor=bm9uZQ",
    "limit=0",
    "organization=x",
    "who=me",
  ])("refuses ?%s", async (query) => {
    expect((await call("GET", `/api/models?${query}`)).status).toBe(400);
  });
});

describe("a model of one's own", () => {
  const OWN = "openai/ft:house/1";

  it("is made, changed by its version, and taken away, and the Ledger learns each", async () => {
    const body = { model: OWN, display_name: "House", context_window: 8_000, capabilities: { tools: false } };
    const made = await call("POST", "/api/models", body);
    expect([made.status, made.headers.get("etag")]).toEqual([201, '"1"']);
    expect(made.body).toMatchObject({
      ...{ id: OWN, source: "custom", shipped: false, kind: "chat", input_modalities: null, price: null },
      sources: { display_name: "custom", context_window: "custom", "capabilities.tools": "custom" },
      capabilities: { tools: false },
      pending: false,
    });
    const facts = { displayName: "House", contextWindow: 8_000, capabilities: { tools: false } };
    expect(pushed()?.models).toMatchObject([{ model: OWN, facts, version: 1, removed: false }]);
    const patch = {
      context_window: null,
      deprecation_date: "2030-01-31",
      capabilities: { tools: null, prefill: true },
    };
    expect((await call("PATCH", pathOf(OWN), patch, { "if-match": '"7"' })).status).toBe(412);
    const changed = await call("PATCH", pathOf(OWN), patch, { "if-match": '"1"' });
    expect(changed.body).toMatchObject({
      ...{ version: 2, context_window: null, deprecation_date: "2030-01-31", capabilities: { prefill: true } },
      sources: { display_name: "custom", deprecation_date: "custom", "capabilities.prefill": "custom" },
    });
    expect(await idsOf("source=custom")).toEqual([OWN]);
    expect(await stored()).toMatchObject([{ model: OWN, version: 2 }]);
    await call("POST", "/api/prices", { model: OWN, price: { rates: { input: "1" } }, organization_id: team });
    expect([(await read(OWN)).price, (await read(OWN, squad)).price?.organization_id]).toEqual([null, team]);
    expect((await call("DELETE", pathOf(OWN))).body).toEqual({ id: OWN, removed: true, pending: false });
    expect((await call("GET", pathOf(OWN))).status).toBe(404);
    expect([pushed()?.models[0]?.removed, await stored()]).toEqual([true, []]);
  });

  it("overrides what is shipped, fact by fact, until it is taken back", async () => {
    const shipped = await read(GPT);
    const { body } = await call("PATCH", pathOf(GPT), { max_output_tokens: 1_000, capabilities: { tools: false } });
    expect(body).toMatchObject({
      ...{ source: "custom", shipped: true, version: 1, max_output_tokens: 1_000, context_window: 1_050_000 },
      sources: { max_output_tokens: "custom", "capabilities.tools": "custom" },
      capabilities: { ...shipped.capabilities, tools: false },
    });
    await call("DELETE", pathOf(GPT));
    expect(await read(GPT)).toEqual(shipped);
  });

  it.each<[string, object, number, string]>([
    ["one that is shipped", { model: GPT }, 409, "conflict"],
    ["one of no provider", { model: "nobody/x" }, 400, "invalid_value"],
    ["a kind that there is not", { model: "openai/x", kind: "dream" }, 400, "invalid_value"],
    [
      "a knob that no encoder could read",
      { model: "openai/x", capabilities: { reasoning_knobs: ["effort:huge"] } },
      400,
      "invalid_value",
    ],
    ["a window of nothing", { model: "openai/x", context_window: 0 }, 400, "invalid_value"],
    ["a day that there is not", { model: "openai/x", deprecation_date: "2027-02-30" }, 400, "invalid_value"],
    ["a name with a line break", { model: "openai/x", display_name: "a\nb" }, 400, "invalid_value"],
    ["a flag that there is not", { model: "openai/x", capabilities: { flying: true } }, 400, "unsupported_parameter"],
  ])("is not made of %s", async (_, body, status, code) => {
    const answer = await call("POST", "/api/models", body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it.each(["openai", "%2F", "openai%2f", "x%2Fy", "%E0%A4%A"])("has no id like %s", async (id) => {
    expect([400, 404]).toContain((await call("GET", `/api/models/${id}`)).status);
  });

  it("is made and changed at the root alone, and read everywhere", async () => {
    const asLead = (method: string, path: string, body?: object) => call(method, path, body, {}, lead);
    expect((await asLead("POST", "/api/models", { model: "openai/mine" })).status).toBe(403);
    expect((await asLead("PATCH", pathOf(GPT), { kind: "chat" })).status).toBe(403);
    expect((await asLead("GET", pathOf(GPT))).body.id).toBe(GPT);
  });
});

describe("who may use which", () => {
  const ruleOf = async (id: string) => (await call("GET", `/api/organizations/${id}`)).body.settings.model_access;

  it("is decided for many at once, each for itself, and holds for everything below", async () => {
    const { body } = await turn("disable", [GPT, "anthropic/claude-opus-5-5"]);
    expect(body).toMatchObject({ organization_id: team, succeeded: 2, failed: 0, pending: false });
    expect(pushed()?.organizations).toMatchObject([
      { id: team, settings: { modelAccess: { disabled: [GPT, "anthropic/claude-opus-5-5"] } } },
    ]);
    expect(await read(GPT, squad)).toMatchObject({
      enabled: false,
      disabled_by: { organization_id: team, name: "Team" },
    });
    expect(await idsOf(`enabled=false&organization=${squad}`)).toEqual(["anthropic/claude-opus-5-5", GPT]);
    expect((await read(GPT)).enabled).toBe(true);
    const below = await turn("enable", [GPT, "openai/gpt-6-luna"], squad);
    expect(below.body).toMatchObject({ succeeded: 1, failed: 1 });
    expect(below.body.results[0]).toMatchObject({ id: GPT, status: 403, error: { code: "model_not_allowed" } });
    expect(await ruleOf(squad)).toBeNull();
    await turn("enable", [GPT, "anthropic/claude-opus-5-5"]);
    expect(await ruleOf(team)).toBeNull();
  });

  it("may be a list of what is allowed, with exceptions, the nearer name deciding", async () => {
    const access = { mode: "listed", enabled: ["openai/*"], disabled: [GPT] };
    await call("PATCH", `/api/organizations/${team}`, { settings: { model_access: access } });
    const enabled = async (model: string) => (await read(model, squad)).enabled;
    expect([await enabled("openai/gpt-6-luna"), await enabled(GPT), await enabled("google/gemini-3.6-flash")]).toEqual([
      ...[true, false, false],
    ]);
    const effective = (await call("GET", `/api/organizations/${squad}/effective`)).body.settings.model_access;
    expect(effective).toEqual([{ value: access, source: team }]);
    await turn("enable", [GPT, "google/gemini-3.6-flash"]);
    await turn("disable", ["openai/gpt-6-luna"]);
    expect(await ruleOf(team)).toEqual({
      ...{ mode: "listed", enabled: ["openai/*", "google/gemini-3.6-flash"], disabled: ["openai/gpt-6-luna"] },
    });
    await call("PATCH", `/api/organizations/${team}`, { settings: { model_access: null } });
  });

  it("is for each branch's own administrators", async () => {
    expect((await turn("disable", [GPT], team, lead)).status).toBe(200);
    expect((await turn("disable", [GPT], tenant.rootId, lead)).status).toBe(404);
    await turn("enable", [GPT], team, lead);
  });

  it.each<[string, object]>([
    ["a name of no provider", { mode: "all", enabled: ["nobody/*"] }],
    ["a name that is enabled and disabled", { mode: "all", enabled: [GPT], disabled: [GPT] }],
    ["a name twice", { mode: "listed", enabled: [GPT, GPT] }],
    ["no mode", { enabled: [GPT] }],
    ["everything", { mode: "all", disabled: ["*"] }],
  ])("refuses a rule with %s", async (_, model_access) => {
    expect((await call("PATCH", `/api/organizations/${team}`, { settings: { model_access } })).status).toBe(400);
  });
});
