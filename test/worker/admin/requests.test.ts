import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { findModel } from "../../../worker/catalog/models.ts";
import { priceAt } from "../../../worker/catalog/prices.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { makePastPartition } from "../../support/past-partition.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { type AdminWorld, BROWSER, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
/** Newest first: 0–2 of the root with the first key, 3–5 of the team with the team's key. */
let events: UsageEvent[];
let rootKey: string;
let teamKey: { id: string; key: string };

beforeAll(async () => {
  world = await startAdminWorld();
  await makePastPartition(world.database);
  tenant = await world.tenant();
  rootKey = `key_${tenant.apiKey.slice(19, 31)}`;
  const call = (path: string, body: unknown) => world.call("POST", path, { key: tenant.adminKey, body });
  team = (await call("/api/organizations", { name: "Team" })).body.id;
  teamKey = (await call("/api/keys", { name: "Team", organization_id: team, permissions: ["admin"] })).body;
  const startOfHour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  events = Array.from({ length: 6 }, (_, index) =>
    usageEvent({
      rootId: tenant.rootId,
      organizationId: index < 3 ? tenant.rootId : team,
      keyId: index < 3 ? rootKey : teamKey.id,
      startedAt: startOfHour + 10 - index,
      tags: { ticket: "42" },
      sessionId: "session-1",
      agentId: "agent-1",
      endUser: "user-1",
    }),
  );
  await recordEvents(world.database.database, tenant.rootId, events);
});
afterAll(() => world.close());

const get = (path: string, key = tenant.adminKey) => world.call("GET", path, { key });
const ids = ({ body }: { body: { data: { id: string }[] } }) => body.data.map(({ id }) => id);
const eventIds = (from: number, to: number) => events.slice(from, to).map(({ eventId }) => eventId);

describe("GET /api/requests", () => {
  it("shows who, what, tokens, cost and times", async () => {
    const { body } = await get("/api/requests?limit=1");
    const [event] = events;
    if (!event) throw new Error("there is no event");
    expect(body).toEqual({
      data: [
        {
          id: event.eventId,
          created_at: new Date(event.startedAt).toISOString(),
          settled_at: new Date(event.settledAt).toISOString(),
          organization_id: tenant.rootId,
          key_id: rootKey,
          session_id: "session-1",
          agent_id: "agent-1",
          client: event.client,
          end_user: "user-1",
          tags: { ticket: "42" },
          dialect: "openai-chat",
          operation: "generate",
          provider: "openai",
          simulated: true,
          requested_model: "openai/gpt-6-mini",
          upstream_model: "gpt-6-mini",
          served_model: "gpt-6-mini",
          streamed: true,
          outcome: "ok",
          status: 200,
          error_code: null,
          stop_reason: "stop",
          attempts: 1,
          tokens: { input_uncached: 12, cache_read: 3, cache_write: 4, output: 50, reasoning: 20 },
          cost_nano: 1234,
          cost_usd: "0.000001234",
          list_cost_nano: 1234,
          list_cost_usd: "0.000001234",
          provider_cost_nano: null,
          provider_cost_usd: null,
          held_nano: 5678,
          held_usd: "0.000005678",
          over_bound_nano: 0,
          over_bound_usd: "0",
          output_cap: null,
          exact: true,
          price_version: "2026-11-01",
          corrected: false,
          ttft_ms: 200,
          duration_ms: 900,
          upstream_request_id: "req_1",
          upstream_dialect: "openai-chat",
          warnings: [],
          route_id: null,
          organization_name: "Acme",
          key_name: "First key",
          ...{ member_id: null, member_name: null, member_email: null, route_name: null },
        },
      ],
      next_cursor: event.eventId,
      as_of: new Date(world.clock.now).toISOString(),
    });
  });

  it("goes on where the page before ended", async () => {
    const first = await get("/api/requests?limit=4");
    expect(ids(first)).toEqual(eventIds(0, 4));
    const second = await get(`/api/requests?limit=4&cursor=${first.body.next_cursor}`);
    expect(ids(second)).toEqual(eventIds(4, 6));
    expect(second.body.next_cursor).toBeNull();
  });

  it("narrows to a branch and to a key", async () => {
    expect(ids(await get(`/api/requests?organization=${team}`))).toEqual(eventIds(3, 6));
    expect(ids(await get(`/api/requests?organization=${tenant.rootId}`))).toEqual(eventIds(0, 6));
    expect(ids(await get(`/api/requests?key=${rootKey}`))).toEqual(eventIds(0, 3));
    expect(ids(await get(`/api/requests?key=${rootKey}&organization=${team}`))).toEqual([]);
  });

  it("shows an admin of a branch that branch's only", async () => {
    expect(ids(await get("/api/requests", teamKey.key))).toEqual(eventIds(3, 6));
    expect((await get(`/api/requests/${events[3]?.eventId}`, teamKey.key)).status).toBe(200);
    expect((await get(`/api/requests/${events[0]?.eventId}`, teamKey.key)).status).toBe(404);
  });

  it("shows another tenant nothing of it", async () => {
    const other = await world.tenant("Other");
    expect(ids(await get("/api/requests", other.adminKey))).toEqual([]);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=1.5", "limit"],
    ["limit=many", "limit"],
    ["cursor=nonsense", "cursor"],
    ["cursor=' OR 1=1--", "cursor"],
    ["organization=' OR 1=1--", "organization"],
    ["organization=%25%25%25", "organization"],
    ["key=key_'; drop table x", "key[0]"],
    ["min_cost_usd=1e3", "min_cost_usd"],
    ["max_duration_ms=-1", "max_duration_ms"],
    ["streamed=1", "streamed"],
    ["q=", "q"],
    ["q=%00", "q"],
    ["from=-1h&to=-2h", "to"],
  ])("refuses ?%s", async (search, param) => {
    expect(await get(`/api/requests?${search}`)).toMatchObject({
      status: 400,
      body: { error: { code: "invalid_value", param } },
    });
  });
});

describe("filters of the log", () => {
  /** Each differs from the others in what its name says. */
  const changes: Record<string, Partial<UsageEvent>> = {
    plain: {},
    dear: { costNano: 2_000_000_000 },
    slow: { durationMs: 70_000 },
    failed: { outcome: "provider_error", status: 502, errorCode: "upstream_error" },
    /** It ran out, and was told later: it counts as it stands now. */
    corrected: { outcome: "expired", status: 504, errorCode: "expired", costNano: 3_000_000_000 },
    other: {
      provider: "anthropic",
      upstreamModel: "claude-50%_x",
      requestedModel: "fast",
      dialect: "anthropic-messages",
    },
    whole: { streamed: false, client: "curl/8", endUser: "anna", sessionId: "s9", tags: { ticket: "a:b" } },
  };
  const DAY_BEFORE = Date.now() - 86_400_000;
  const names = new Map<string, string>();
  let owner: Tenant;
  let last: string;

  beforeAll(async () => {
    owner = await world.tenant("Log");
    world.clock.now = DAY_BEFORE + 86_400_000;
    const common = { rootId: owner.rootId, organizationId: owner.rootId, sessionId: null, streamed: true };
    const made = Object.entries(changes).map(([name, change], index) => {
      const event = usageEvent({ ...common, startedAt: DAY_BEFORE + index, ...change });
      names.set(event.eventId, name);
      return event;
    });
    const corrected = made[4] as UsageEvent;
    const nothing = {
      inputUncached: 0,
      cacheRead: 0,
      cacheWrite: 0,
      output: 0,
      reasoning: 0,
      heldNano: 0,
      attempts: 0,
    };
    const correction: UsageEvent = { ...corrected, ...nothing, rev: 1, outcome: "ok", status: 200, errorCode: null };
    await recordEvents(world.database.database, owner.rootId, [
      ...made,
      { ...correction, costNano: -2_999_999_999, durationMs: -100 },
    ]);
    last = made[6]?.eventId ?? "";
  });

  const ask = (path: string) => get(`/api/requests${path}`, owner.adminKey);
  const named = async (search: string) => ids(await ask(`?${search}`)).map((id: string) => names.get(id));
  const but = (...left: string[]) =>
    Object.keys(changes)
      .reverse()
      .filter((name) => !left.includes(name));

  it.each<[string, string[]]>([
    ["", but()],
    ["status=5xx", ["failed"]],
    ["status=2xx", but("failed")],
    ["outcome=expired", []],
    ["outcome=provider_error&outcome=ok", but()],
    ["error_code=upstream_error", ["failed"]],
    ["model=anthropic/claude-50%25_x", ["other"]],
    ["provider=anthropic", ["other"]],
    ["dialect=anthropic-messages", ["other"]],
    ["session=s9", ["whole"]],
    ["client=curl/8", ["whole"]],
    ["end_user=anna", ["whole"]],
    ["tag=ticket:a:b", ["whole"]],
    ["streamed=false", ["whole"]],
    ["streamed=true", but("whole")],
    ["min_cost_usd=2", ["dear"]],
    ["min_cost_usd=2.000000001", []],
    ["max_cost_usd=0.000000001", ["corrected"]],
    ["min_duration_ms=901", ["slow"]],
    ["max_duration_ms=800", ["corrected"]],
    ["q=LAUDE", ["other"]],
    ["q=50%25_", ["other"]],
    ["q=5%25", []],
    ["q=fast", ["other"]],
    ["from=-2d", but()],
    ["from=-1h", []],
    ["to=-1h", but()],
    ["to=-2d", []],
    ["status=2xx&provider=openai&min_duration_ms=70000", ["slow"]],
  ])("?%s", async (search, expected) => {
    expect(await named(search)).toEqual(expected);
    expect((await ask(`/count?${search}`)).body).toEqual({ count: expected.length, capped: false });
  });

  it("finds a request by the beginning of its id, in either case", async () => {
    expect(await named(`q=${last}`)).toEqual(["whole"]);
    expect(await named(`q=${last.slice(0, 20).toLowerCase()}`)).toEqual(["whole"]);
    expect(await named("q=7ZZZ")).toEqual([]);
  });

  it("counts the values of fields, the most frequent first", async () => {
    const { body } = await ask("/facets?fields=outcome,session,model,member&status=2xx");
    expect(body).toEqual({
      data: {
        outcome: { values: [{ value: "ok", count: 6 }], more: false },
        session: {
          values: [
            { value: null, count: 5 },
            { value: "s9", count: 1 },
          ],
          more: false,
        },
        model: {
          values: [
            { value: "openai/gpt-6-mini", count: 5 },
            { value: "anthropic/claude-50%_x", count: 1 },
          ],
          more: false,
        },
        member: { values: [{ value: null, count: 6, name: null, email: null }], more: false },
      },
      count: 6,
      capped: false,
    });
    expect((await ask("/facets?fields=colour")).body.error).toMatchObject({ param: "fields" });
  });

  it("shows requests over time, errors apart, and bars of nothing", async () => {
    const bounds = `from=${new Date(DAY_BEFORE - 20).toISOString()}&to=${new Date(DAY_BEFORE + 8).toISOString()}`;
    const { body } = await ask(`/histogram?${bounds}&bars=3`);
    const bars = body.data.map(({ requests, errors }: Record<string, number>) => [requests, errors]);
    expect(bars).toEqual([
      [0, 0],
      [0, 0],
      [7, 1],
    ]);
    expect(body.data[2].to).toBe(new Date(DAY_BEFORE + 8).toISOString());
    expect((await ask("/histogram?bars=0")).body.error).toMatchObject({ param: "bars" });
    expect((await ask("/histogram")).body.data).toHaveLength(60);
  });
});

describe("GET /api/requests/export", () => {
  const lines = (text: string) => text.split(/\r?\n/).slice(0, -1);

  it("writes CSV with a line of names first, and nothing a spreadsheet would run", async () => {
    const owner = await world.tenant("Export");
    const event = usageEvent({
      rootId: owner.rootId,
      endUser: "=cmd",
      tags: { a: 'b,"c' },
      client: null,
      ttftMs: null,
    });
    const before = await get("/api/requests/export", owner.adminKey);
    expect(lines(before.body as string)).toHaveLength(1);
    await recordEvents(world.database.database, owner.rootId, [event]);
    const { status, headers, body } = await get("/api/requests/export", owner.adminKey);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(headers.get("content-disposition")).toBe('attachment; filename="requests.csv"');
    const [names = "", values = ""] = lines(body);
    expect(names).toMatch(/^id,created_at,settled_at,organization_id,key_id,/);
    expect(values).toMatch(new RegExp(`^${event.eventId},`));
    expect(values).toContain(",'=cmd,");
    expect(values).toContain('"{""a"":""b,\\""c""}"');
  });

  it("writes JSON lines, every request once over many pages, of the same filters", async () => {
    const owner = await world.tenant("Much");
    const made = Array.from({ length: 2_100 }, (_, index) =>
      usageEvent({ rootId: owner.rootId, provider: index % 3 ? "openai" : "google" }),
    );
    await recordEvents(world.database.database, owner.rootId, made);
    const all = await get("/api/requests/export?format=jsonl", owner.adminKey);
    expect(all.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    const found = lines(all.body).map((line) => JSON.parse(line).id);
    expect(found).toEqual(
      made
        .map(({ eventId }) => eventId)
        .sort()
        .reverse(),
    );
    const some = await get("/api/requests/export?format=jsonl&provider=google", owner.adminKey);
    expect(lines(some.body)).toHaveLength(700);
    const acts = await world.database.sql`
      select actor, target, after from audit_log where action = 'requests.export' and root_id = ${owner.rootId} order by id`;
    expect(acts[1]).toEqual({
      ...{ actor: `key_${owner.adminKey.slice(19, 31)}`, target: owner.rootId },
      after: { format: "jsonl", query: { format: ["jsonl"], provider: ["google"] } },
    });
  });

  it("breaks off when the database goes away in between, so that nobody takes a part for the whole", async () => {
    const owner = await world.tenant("Broken");
    const made = Array.from({ length: 1_100 }, () => usageEvent({ rootId: owner.rootId }));
    await recordEvents(world.database.database, owner.rootId, made);
    const response = await world.api.request("https://gaia.example/api/requests/export", {
      headers: { authorization: `Bearer ${owner.adminKey}` },
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    world.database.faults.next.push("503", "503");
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow();
    world.database.faults.next.length = 0;
    expect(world.reports.map(({ what }) => what)).toContain("an export broke off");
  });

  it("takes no other format", async () => {
    expect((await get("/api/requests/export?format=xml")).body.error).toMatchObject({ param: "format" });
  });
});

describe("GET /api/requests/live", () => {
  it("shows what is settled from then on, of the caller's own, by the same filters", async () => {
    const owner = await world.tenant("Live");
    let now = Date.now();
    const api = world.with({ now: () => now });
    const response = await api.request("https://gaia.example/api/requests/live?provider=openai", {
      headers: { authorization: `Bearer ${owner.adminKey}` },
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const common = { rootId: owner.rootId, startedAt: now - 1_000, settledAt: now };
    const wanted = usageEvent({ ...common, settledAt: now + 1 });
    await recordEvents(world.database.database, owner.rootId, [
      usageEvent({ ...common, settledAt: now - 60_000 }),
      usageEvent({ ...common, provider: "google" }),
      wanted,
    ]);
    await recordEvents(world.database.database, tenant.rootId, [usageEvent({ ...common, rootId: tenant.rootId })]);
    now += 5_000;
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    while (!text.includes("event: request")) text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    const [, id] = /id: \d+\.(\S+)\ndata: /.exec(text) ?? [];
    expect(id).toBe(wanted.eventId);
  });

  it("ends when its reader is signed out, has no role any more, or its key is revoked", async () => {
    const owner = await world.tenant("Live no more");
    let now = world.clock.now;
    const api = world.with({ now: () => now });
    const member = await world.member(owner, owner.rootId, "viewer");
    const removed = await world.member(owner, owner.rootId, "viewer");
    const [signedOut, gone] = [await world.signIn(member), await world.signIn(removed)];
    const made = await world.call("POST", "/api/keys", {
      ...{ key: owner.adminKey, body: { name: "Reader", permissions: ["admin"] } },
    });
    const open = async (headers: Record<string, string>) => {
      const response = await api.request("https://gaia.example/api/requests/live", { headers });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toBe("retry: 1000\n\n");
      return reader;
    };
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    const ended = [await open({ cookie: signedOut }), await open({ cookie: gone }), await open(bearer(made.body.key))];
    const staying = await open(bearer(owner.adminKey));
    await world.call("DELETE", "/api/session", { cookie: signedOut, headers: BROWSER });
    await world.database.sql`delete from memberships where user_id = ${removed.userId}`;
    await world.call("POST", `/api/keys/${made.body.id}/revoke`, { key: owner.adminKey });
    now += 15_000;
    for (const reader of ended) expect(await reader.read()).toMatchObject({ done: true });
    expect(new TextDecoder().decode((await staying.read()).value)).toBe(": still here\n\n");
    await staying.cancel();
  });

  it("has no period", async () => {
    expect((await get("/api/requests/live?from=-1h")).body.error).toMatchObject({ param: "from" });
  });
});

describe("GET /api/requests/{id}", () => {
  it("adds the provider's own usage and what was written when", async () => {
    const [event] = events;
    if (!event) throw new Error("there is no event");
    const correction = { ...event, rev: 1, inputUncached: -2, costNano: -34, cacheRead: 0, cacheWrite: 0, output: 0 };
    await recordEvents(world.database.database, tenant.rootId, [
      { ...correction, reasoning: 0, listCostNano: -34, heldNano: 0, priceVersion: "prc_000000000000" },
    ]);
    const { status, body } = await get(`/api/requests/${event.eventId}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: event.eventId,
      corrected: true,
      tokens: { input_uncached: 10, output: 50 },
      cost_nano: 1200,
      cost_usd: "0.0000012",
      list_cost_nano: 1200,
      held_nano: 5678,
      price_version: "prc_000000000000",
      raw_usage: event.rawUsage,
      revisions: [
        { rev: 0, tokens: { input_uncached: 12 }, cost_nano: 1234, list_cost_nano: 1234, price_version: "2026-11-01" },
        { rev: 1, tokens: { input_uncached: -2 }, cost_usd: "-0.000000034", list_cost_usd: "-0.000000034" },
      ],
    });
  });

  it("shows what a provider billed above the bound, and the cap that was sent", async () => {
    const event = usageEvent({
      rootId: tenant.rootId,
      ...{ costNano: 9_000, listCostNano: 4_000, providerCostNano: 9_000, heldNano: 5_000, outputCap: 2_048 },
    });
    await recordEvents(world.database.database, tenant.rootId, [event]);
    expect((await get(`/api/requests/${event.eventId}`)).body).toMatchObject({
      cost_nano: 9_000,
      list_cost_usd: "0.000004",
      provider_cost_usd: "0.000009",
      held_usd: "0.000005",
      over_bound_nano: 4_000,
      over_bound_usd: "0.000004",
      output_cap: 2_048,
    });
  });

  it("shows what the cost is the sum of", async () => {
    const cost = async (change: Partial<UsageEvent>) => {
      const event = usageEvent({ rootId: tenant.rootId, upstreamModel: "o3", rawUsage: null, ...change });
      await recordEvents(world.database.database, tenant.rootId, [event]);
      const { body } = await get(`/api/requests/${event.eventId}`);
      const terms: { name: string; pico_usd: string }[] = body.cost_terms;
      expect(terms.reduce((sum, { pico_usd: pico }) => sum + BigInt(pico), 0n)).toBe(1000n * BigInt(body.cost_nano));
      return { names: terms.map(({ name }) => name), terms };
    };
    const o3 = findModel("openai", "o3");
    const priceVersion = (o3 && priceAt(o3, Date.now())?.version) ?? null;
    // 2, 8 and cached 0.5 USD per million: 12 + 4 written at the input's rate, 3 cached, 50 out.
    const listCostNano = 16 * 2_000 + 3 * 500 + 50 * 8_000;
    const rated = { priceVersion, listCostNano, costNano: listCostNano };
    const { names, terms } = await cost(rated);
    expect(names).toEqual(["input", "cacheRead", "cacheWrite", "output"]);
    expect(terms[0]).toEqual({ name: "input", count: "12", pico_usd_each: "2000000", pico_usd: "24000000" });
    const failed = await cost({ ...rated, costNano: listCostNano + 700, failedCostNano: 700 });
    expect(failed.terms.at(-1)).toEqual({
      name: "failed_attempts",
      count: null,
      pico_usd_each: null,
      pico_usd: "700000",
    });
    expect((await cost({ ...rated, costNano: 9, providerCostNano: 9 })).names).toEqual(["provider_charge"]);
    expect((await cost({ ...rated, priceVersion: "gone" })).names).toEqual(["charged"]);
    expect((await cost({ ...rated, listCostNano: 5, costNano: 5 })).names).toEqual(["charged"]);
    expect((await cost({ ...rated, outcome: "expired", costNano: 77 })).names).toEqual(["charged"]);
    expect((await cost({ costNano: 0, listCostNano: null, priceVersion: null })).names).toEqual([]);
  });

  it("shows the route, each attempt, and what those cost that failed", async () => {
    const failed = {
      ...{ provider: "openai", model: "gpt-6", credential: "second", outcome: "failed" as const },
      ...{ reason: "server_error", status: 503, startMs: 12, durationMs: 340, costNano: 700 },
    };
    const event = usageEvent({
      ...{ rootId: tenant.rootId, routeId: "rte_000000000000", attempts: 2 },
      ...{ costNano: 1_934, failedCostNano: 700, tries: [failed] },
    });
    await recordEvents(world.database.database, tenant.rootId, [event]);
    expect((await get(`/api/requests/${event.eventId}`)).body).toMatchObject({
      ...{ route_id: "rte_000000000000", attempts: 2, cost_nano: 1_934 },
      ...{ failed_cost_nano: 700, failed_cost_usd: "0.0000007" },
      tries: [
        {
          ...{ provider: "openai", model: "gpt-6", credential: "second", outcome: "failed", reason: "server_error" },
          ...{ status: 503, start_ms: 12, duration_ms: 340, cost_nano: 700 },
        },
      ],
    });
  });

  it.each(["nonsense", "' OR 1=1--", "%25%25%25%25", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01arz3ndektsv4rrffq69g5fav"])(
    "refuses the id %s",
    async (id) => {
      expect(await get(`/api/requests/${id}`)).toMatchObject({
        status: 400,
        body: { error: { code: "invalid_id", param: "id" } },
      });
    },
  );

  it("does not find an id of a time that no database holds", async () => {
    expect(await get("/api/requests/7ZZZZZZZZZZZZZZZZZZZZZZZZZ")).toMatchObject({ status: 404 });
    expect(ids(await get("/api/requests?cursor=7ZZZZZZZZZZZZZZZZZZZZZZZZZ&limit=1"))).toHaveLength(1);
  });

  it("does not find what is not there", async () => {
    expect(await get("/api/requests/01ARZ3NDEKTSV4RRFFQ69G5FAV")).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
  });
});
