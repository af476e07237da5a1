import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAdminApi } from "../../../worker/api/admin/api.ts";
import { syncModelLists } from "../../../worker/api/model-sync.ts";
import type { ProviderSettings } from "../../../worker/providers/connection.ts";
import { type AdminWorld, callApi, NO_PROVIDERS, startAdminWorld, type Tenant } from "./support.ts";

/** Providers' lists as a server of the test's own says them, and what is taken over. */

type Say = (request: IncomingMessage, response: ServerResponse) => void;

let world: AdminWorld;
let tenant: Tenant;
let api: ReturnType<typeof createAdminApi>;
let server: Server;
let said: Record<string, Say>;
const asked: { url: string; headers: IncomingMessage["headers"] }[] = [];

const json = (body: unknown, status = 200): Say => {
  return (_, response) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://x");
    asked.push({ url: request.url ?? "", headers: request.headers });
    (said[pathname.split("/")[1] ?? ""] ?? json({}, 404))(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  world = await startAdminWorld();
  tenant = await world.tenant("Synced");
  const at = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  const providers: ProviderSettings = {
    ...NO_PROVIDERS,
    credentials: { openai: "sk-o", anthropic: "sk-a", google: "sk-g", openrouter: "sk-r" },
    baseUrls: { openai: at("openai"), anthropic: at("anthropic"), google: at("google"), openrouter: at("openrouter") },
  };
  const { database } = world.database;
  const sync = () => syncModelLists({ database, providers, now: () => world.clock.now });
  api = createAdminApi({ ...world.dependencies, syncModelLists: sync });
});
afterAll(async () => {
  await world.close();
  await new Promise((resolve) => server.close(resolve));
});

const call = (method: string, path: string, body?: unknown, key = tenant.adminKey) =>
  callApi(api, method, path, { key, body });

interface Change {
  id: string;
  kind: string;
  model: string;
  fields: { field: string; before: unknown; after: unknown }[];
}

const changes = async (query = ""): Promise<Change[]> =>
  (await call("GET", `/api/models/changes?limit=200&${query}`)).body.data;
const changeOf = async (model: string): Promise<Change> => {
  const found = (await changes()).find((one) => one.model === model);
  if (found === undefined) throw new Error(`nothing is said of ${model}`);
  return found;
};
const settle = (act: string, ids: string[]) => call("POST", `/api/models/changes/${act}`, { ids });
const read = async (model: string) => (await call("GET", `/api/models/${encodeURIComponent(model)}`)).body;

const ROUTER = "z-ai/glm-99";
const LISTED = {
  id: ROUTER,
  name: "GLM 99",
  created: 1_790_000_000,
  context_length: 200_000,
  architecture: { input_modalities: ["text", "file", "smell"], output_modalities: ["text"] },
  pricing: { prompt: "0.0000006", completion: "0.0000022", input_cache_read: "0.00000006", request: "0" },
  top_provider: { max_completion_tokens: 64_000 },
  supported_parameters: ["tools", "temperature", "reasoning"],
  reasoning: { mandatory: true },
};

/** Each provider's list at first. */
const FIRST = (): Record<string, Say> => ({
  openai: json({
    data: [
      { id: "gpt-6-sol", created: 1 },
      { id: "gpt-99", created: 1_790_000_000 },
    ],
  }),
  anthropic: (request, response) => {
    const after = new URL(request.url ?? "", "http://x").searchParams.get("after_id");
    const [opus, sonnet] = [
      {
        id: "claude-opus-5-5",
        display_name: "Opus",
        max_tokens: 64_000,
        max_input_tokens: 1_000_000,
        retires_at: "2027-10-13T00:00:00Z",
      },
      { id: "claude-sonnet-4-6-20260217", display_name: "Sonnet", max_tokens: 128_000, capabilities: null },
    ];
    json(
      after === null
        ? { data: [opus], has_more: true, last_id: "claude-opus-5-5" }
        : { data: [sonnet], has_more: false },
    )(request, response);
  },
  google: json({ error: "no" }, 503),
  openrouter: json({ data: [LISTED] }),
});

let minutes = 0;
const sync = async (more: Record<string, Say> = {}) => {
  said = { ...FIRST(), ...more };
  world.clock.now += ++minutes * 120_000;
  return (await call("POST", "/api/models/sync")).body;
};
beforeEach(() => {
  asked.length = 0;
});

describe("reading the lists", () => {
  it("asks every provider that is set up, page by page, and names those that fail", async () => {
    const body = await sync();
    expect(body).toMatchObject({ done: 3, total: 4, failed: 1 });
    expect(body.providers).toContainEqual({
      ...{ provider: "google", outcome: "failed", failure: "http_503", models: null, simulated: false },
    });
    expect(body.providers).toContainEqual(
      expect.objectContaining({ provider: "anthropic", outcome: "read", models: 2 }),
    );
    const urls = asked.map(({ url }) => url).sort();
    expect(urls).toEqual([
      "/anthropic/v1/models?limit=1000",
      "/anthropic/v1/models?limit=1000&after_id=claude-opus-5-5",
      ...["/google/v1beta/models?pageSize=1000", "/openai/models", "/openrouter/models"],
    ]);
    const keyOf = (name: string) => asked.find(({ url }) => url.startsWith(`/${name}`))?.headers;
    expect([keyOf("anthropic")?.["x-api-key"], keyOf("openai")?.authorization]).toEqual(["sk-a", "Bearer sk-o"]);
    const { data } = (await call("GET", "/api/models/sync")).body;
    const google = data.find(({ provider }: { provider: string }) => provider === "google");
    expect(google).toMatchObject({ failure: "http_503", read_at: null });
  });

  it("does not ask again within a minute: the credential is everybody's", async () => {
    await sync();
    asked.length = 0;
    world.clock.now += 30_000;
    const { body } = await call("POST", "/api/models/sync");
    expect([body.providers.every(({ outcome }: { outcome: string }) => outcome === "recent"), asked]).toEqual([
      true,
      [],
    ]);
  });

  it.each<[string, Say, string]>([
    ["no JSON", (_, response) => response.end("<html>"), "malformed"],
    ["JSON of another shape", json({ models: 1 }), "malformed"],
    ["nothing", json({ data: [] }), "empty"],
    [
      "entries that are none",
      json({ data: [null, 1, "x", { id: 1 }, { id: "a b" }, { id: "" }, [], { id: "x".repeat(300) }] }),
      "empty",
    ],
    [
      "a redirect to elsewhere",
      (_, response) => response.writeHead(302, { location: "/openai/models" }).end(),
      "redirect",
    ],
    ["a connection that breaks", (_, response) => void response.destroy(), "unreachable"],
    [
      "more models than anybody has",
      json({ data: Array.from({ length: 5_001 }, (_, at) => ({ id: `m-${at}` })) }),
      "too_large",
    ],
    ["bytes without end", (_, response) => void response.end(`"${"x".repeat(17 * 2 ** 20)}"`), "too_large"],
  ])("survives %s, and keeps what the list said before", async (_, say, failure) => {
    await sync();
    const before = await changes("provider=openrouter");
    const body = await sync({ openrouter: say });
    expect(body.providers).toContainEqual(
      expect.objectContaining({ provider: "openrouter", outcome: "failed", failure }),
    );
    expect((await changes("provider=openrouter")).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  it("ends a list whose pages do not", async () => {
    const body = await sync({
      anthropic: json({ data: [{ id: "claude-opus-5-5" }], has_more: true, last_id: "claude-opus-5-5" }),
    });
    expect(body.providers).toContainEqual(expect.objectContaining({ provider: "anthropic", failure: "too_large" }));
    expect(asked.filter(({ url }) => url.startsWith("/anthropic"))).toHaveLength(20);
  });

  it("takes nothing of a list that makes no sense", async () => {
    const odd = {
      ...{ id: "z-ai/odd", name: "a\u202eb\nc", context_length: -1, created: "x", top_provider: null, reasoning: 7 },
      ...{ architecture: { input_modalities: "text", output_modalities: [{}] }, supported_parameters: {} },
      pricing: { prompt: "-1", completion: "1e-9", toString: 1 },
    };
    await sync({ openrouter: json({ data: [odd] }) });
    const { fields } = await changeOf("openrouter/z-ai/odd");
    expect(fields).toEqual([{ field: "display_name", before: null, after: "a b c" }]);
  });
});

describe("what has changed", () => {
  it("is told field by field, with what was before", async () => {
    await sync();
    const fresh = await changeOf(`openrouter/${ROUTER}`);
    expect(fresh.kind).toBe("new");
    expect(Object.fromEntries(fresh.fields.map(({ field, after }) => [field, after]))).toEqual({
      ...{ display_name: "GLM 99", kind: "chat", context_window: 200_000, max_output_tokens: 64_000 },
      ...{ input_modalities: ["text", "pdf"], output_modalities: ["text"], release_date: "2026-09-21" },
      ...{ "capabilities.tools": true, "capabilities.structured_output": false },
      ...{ "capabilities.reasoning": "always", "capabilities.sampling_params": true },
      ...{ "rates.input": "0.6", "rates.output": "2.2", "rates.cache_read": "0.06" },
    });
    const opus = await changeOf("anthropic/claude-opus-5-5");
    expect([opus.kind, opus.fields]).toEqual([
      "changed",
      [
        { field: "deprecation_date", before: null, after: "2027-10-13" },
        { field: "max_output_tokens", before: 128_000, after: 64_000 },
      ],
    ]);
    const { counts } = (await call("GET", "/api/models/changes")).body;
    expect(counts.new).toBe((await changes("kind=new")).length);
    const gone = (await changes("kind=gone")).map(({ model }) => model);
    expect(gone).toContain("openai/gpt-4.1");
    // An alias of what is listed is not gone, nor is anything of a list that could not be read.
    expect(gone).not.toContain("anthropic/claude-sonnet-4-6");
    expect(gone.filter((model) => model.startsWith("google/"))).toEqual([]);
  });

  it("comes in pages", async () => {
    await sync();
    const all = await changes("provider=openai");
    const models: string[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await call("GET", `/api/models/changes?provider=openai&limit=10${cursor}`);
      models.push(...body.data.map(({ model }: Change) => model));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(models).toEqual(all.map(({ model }) => model));
  });

  it("is accepted, each for itself: facts hold from then on, prices from now, and the Ledger learns both", async () => {
    await sync();
    const [fresh, opus] = [await changeOf(`openrouter/${ROUTER}`), await changeOf("anthropic/claude-opus-5-5")];
    const gone = await changeOf("openai/gpt-4.1");
    const nobodys = "chg_0000000000000000";
    const { body } = await settle("accept", [fresh.id, opus.id, gone.id, nobodys]);
    expect(body).toMatchObject({ succeeded: 3, failed: 1, pending: false });
    expect(body.results.at(-1)).toMatchObject({ id: nobodys, status: 404, error: { code: "not_found" } });
    expect(await read(fresh.model)).toMatchObject({
      ...{ source: "synced", shipped: false, context_window: 200_000, input_modalities: ["text", "pdf"] },
      price: {
        ...{ source: "synced", valid_from: new Date(world.clock.now).toISOString(), valid_until: null },
        price: { rates: { input: "0.6", output: "2.2", cacheRead: "0.06" } },
      },
    });
    expect(await read(opus.model)).toMatchObject({
      ...{ source: "synced", shipped: true, deprecation_date: "2027-10-13", max_output_tokens: 64_000 },
      sources: { deprecation_date: "synced", max_output_tokens: "synced" },
    });
    expect((await read(gone.model)).gone_since).toBe(new Date(world.clock.now).toISOString().slice(0, 10));
    const { models, prices } = world.ledger(tenant.rootId).pushed.at(-1) ?? {};
    expect([models?.length, prices?.length]).toEqual([3, 1]);
    const rows = await world.database.sql`select target from audit_log where action = 'model.accept' order by id`;
    expect(rows.map(({ target }) => target)).toEqual([fresh.model, opus.model, gone.model]);
    const left = (await changes()).map(({ model }) => model);
    expect(left.filter((model) => [fresh.model, opus.model, gone.model].includes(model))).toEqual([]);
  });

  it("never changes what was: a price that is accepted ends the one before it", async () => {
    const dearer = { ...LISTED, pricing: { ...LISTED.pricing, completion: "0.000003" } };
    await sync({ openrouter: json({ data: [dearer] }) });
    const change = await changeOf(`openrouter/${ROUTER}`);
    expect(change.fields).toEqual([{ field: "rates.output", before: "2.2", after: "3" }]);
    await settle("accept", [change.id]);
    const { data } = (await call("GET", `/api/prices?model=openrouter/${ROUTER}`)).body;
    expect(data.map((row: { price: object; valid_until: string | null }) => [row.price, row.valid_until])).toEqual([
      [{ rates: { input: "0.6", output: "2.2", cacheRead: "0.06" } }, new Date(world.clock.now).toISOString()],
      [{ rates: { input: "0.6", output: "3", cacheRead: "0.06" } }, null],
    ]);
  });

  it("is not asked of a price of one's own, which is nobody else's business", async () => {
    const price = { rates: { input: "0.1", output: "0.1" } };
    world.clock.now += 1_000;
    await call("POST", "/api/prices", { model: `openrouter/${ROUTER}`, price });
    expect((await changes("provider=openrouter&kind=changed")).map(({ model }) => model)).toEqual([]);
  });

  it("that comes back is listed again", async () => {
    await sync({ openai: json({ data: [{ id: "gpt-6-sol" }, { id: "gpt-4.1" }] }) });
    const change = await changeOf("openai/gpt-4.1");
    expect(change.fields).toEqual([{ field: "gone", before: expect.stringMatching(/^2026-/), after: null }]);
    await settle("accept", [change.id]);
    expect((await read("openai/gpt-4.1")).gone_since).toBeNull();
  });

  it("is dismissed until the list says something else, and can be had back", async () => {
    await sync();
    const { id, model } = await changeOf("openai/gpt-99");
    expect((await settle("dismiss", [id, "chg_0000000000000000"])).body).toMatchObject({ succeeded: 1, failed: 1 });
    const names = async (query = "") => (await changes(query)).map((one) => one.model);
    expect([(await names()).includes(model), await names("dismissed=true")]).toEqual([false, [model]]);
    await sync({ openai: json({ data: [{ id: "gpt-6-sol" }, { id: "gpt-99", shutdown_date: "2030-01-31" }] }) });
    expect(await names()).toContain(model);
    await sync();
    await settle("restore", [id]);
    expect([(await names()).includes(model), await names("dismissed=true")]).toEqual([true, []]);
  });

  it("is each root's own to accept", async () => {
    const other = await world.tenant("Other");
    const { body } = await call("GET", "/api/models/changes?provider=openrouter&kind=new", undefined, other.adminKey);
    expect(body.data.map(({ model }: Change) => model)).toEqual([`openrouter/${ROUTER}`]);
  });
});
