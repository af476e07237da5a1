import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { newUlid } from "../../../worker/lib/ulid.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { recordRefused } from "../../../worker/usage/record-refused.ts";
import { usageEvent } from "../../support/usage-event.ts";
import { ROUTE } from "./routes.ts";
import { type AdminWorld, BROWSER, type CallOptions, type Person, startAdminWorld, type Tenant } from "./support.ts";

const HOUR = 3_600_000;
const START = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (at: number) => new Date(at).toISOString();
const PERIOD = `from=${iso(START)}&to=${iso(START + HOUR)}`;

let world: AdminWorld;
let tenant: Tenant;
let other: Tenant;
const orgs = { root: "", team: "", child: "", other: "" };
const keys = { own: "", given: "", service: "", owners: "" };
const routes = { here: "", gone: "", other: "" };
let member: Person;
/** Who asks: the root's admin key, and people of the team. */
const by: Record<"root" | "member" | "viewer" | "lead", CallOptions> = Object.create(null);
const names = new Map<string, string>();
const eventIds: Record<string, string> = {};

const nothing = { inputUncached: 0, cacheWrite: 0, output: 0, reasoning: 0, heldNano: 0, costNano: 0, listCostNano: 0 };

beforeAll(async () => {
  world = await startAdminWorld();
  world.clock.now = START + HOUR / 2;
  [tenant, other] = [await world.tenant("Acme"), await world.tenant("Other")];
  const make = async (method: string, path: string, body: object, options: CallOptions = { key: tenant.adminKey }) => {
    const answer = await world.call(method, path, { ...options, body });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body.id as string;
  };
  orgs.root = tenant.rootId;
  orgs.other = other.rootId;
  orgs.team = await make("POST", "/api/organizations", { name: "Team" });
  orgs.child = await make("POST", "/api/organizations", { name: "Child", parent_id: orgs.team });
  member = await world.member(tenant, orgs.team, "member");
  const person = async (of: Pick<Person, "email">) => ({ cookie: await world.signIn(of), headers: BROWSER });
  by.root = { key: tenant.adminKey };
  by.member = await person(member);
  by.viewer = await person(await world.member(tenant, orgs.team, "viewer"));
  by.lead = await person(await world.member(tenant, orgs.team, "admin"));
  keys.own = await make("POST", "/api/keys", { name: "Mine" }, by.member);
  const inTeam = { organization_id: orgs.team };
  keys.given = await make("POST", "/api/keys", { name: "Given", owner: `user:${member.userId}`, ...inTeam });
  keys.service = await make("POST", "/api/keys", { name: "Robot", ...inTeam });
  keys.owners = await make("POST", "/api/keys", { name: "Above", ...inTeam }, await person(tenant));
  routes.here = await make("PUT", "/api/routes", { ...ROUTE, ...inTeam });
  routes.gone = await make("PUT", "/api/routes", { ...ROUTE, name: "old" });
  await world.call("DELETE", `/api/routes/${routes.gone}`, by.root);
  routes.other = await make("PUT", "/api/routes", ROUTE, { key: other.adminKey });
  const event = (name: string, organizationId: string, keyId: string, changes: Partial<UsageEvent>) => {
    const at = { startedAt: START + names.size, rootId: tenant.rootId };
    const made = usageEvent({ ...at, organizationId, keyId, cacheRead: 0, sessionId: "s", ...changes });
    names.set(made.eventId, name);
    eventIds[name] = made.eventId;
    return made;
  };
  const corrected = event("corrected", orgs.child, keys.given, { cacheRead: 5, settledAt: START + 10 });
  await recordEvents(world.database.database, tenant.rootId, [
    event("cached", orgs.team, keys.own, { cacheRead: 3, routeId: routes.here, agentId: "a1" }),
    event("plain", orgs.team, keys.own, {}),
    event("retried", orgs.child, keys.service, {
      attempts: 2,
      routeId: routes.gone,
      provider: "google",
      agentId: "a2",
    }),
    corrected,
    { ...corrected, ...nothing, rev: 1, attempts: 0, cacheRead: -5 },
    event("above", orgs.team, keys.owners, {}),
    event("root", orgs.root, `key_${tenant.apiKey.slice(19, 31)}`, {}),
  ]);
});
afterAll(() => world?.close());

const get = (path: string, options: CallOptions = by.root) => world.call("GET", path, options);
const ALL = ["root", "above", "retried", "plain", "cached", "corrected"];
const sum = (list: { requests: number }[]) => list.reduce((total, { requests }) => total + requests, 0);

/** Every question that takes the fields, and how many requests its answer is of. */
const QUESTIONS: [path: string, requests: (body: ReturnType<typeof JSON.parse>) => number][] = [
  ["/api/requests/count?", ({ count }) => count],
  ["/api/requests/facets?fields=key&", ({ count }) => count],
  [`/api/requests/histogram?bars=3&${PERIOD}&`, ({ data }) => sum(data)],
  ["/api/requests/export?format=jsonl&", (text: string) => text.split("\n").length - 1],
  [`/api/stats/summary?${PERIOD}&`, ({ requests }) => requests],
  [`/api/stats/series?${PERIOD}&group=member&metric=requests&`, ({ data }) => sum(data)],
  [`/api/stats/breakdown?${PERIOD}&group=key&`, ({ total }) => total.requests],
  [`/api/stats/sessions?${PERIOD}&`, ({ data }) => sum(data)],
];

async function expectAnswers(search: string, expected: string[], caller: CallOptions) {
  const { status, body } = await get(`/api/requests?${search}`, caller);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body.data.map(({ id }: { id: string }) => names.get(id))).toEqual(expected);
  for (const [path, requests] of QUESTIONS) {
    const answer = await get(path + search, caller);
    expect([path, answer.status, requests(answer.body)]).toEqual([path, 200, expected.length]);
  }
}

describe("fields of statistics and log alike", () => {
  it.each<[search: () => string, expected: string[]]>([
    [() => "", ALL],
    [() => `route=${routes.here}`, ["cached"]],
    [() => `route=${routes.here}&route=${routes.gone}`, ["retried", "cached"]],
    [() => "agent=a1&agent=a2", ["retried", "cached"]],
    [() => "agent=a2&agent=a3&streamed=true", ["retried"]],
    [() => "cached=true", ["cached"]],
    [() => "cached=false", ALL.filter((name) => name !== "cached")],
    [() => "retried=true", ["retried"]],
    [() => "retried=false&cached=false&provider=openai", ["root", "above", "plain", "corrected"]],
    [() => "depth=0", ["root"]],
    [() => `depth=0&organization=${orgs.team}`, ["above", "plain", "cached"]],
    [() => `organization=${orgs.team}`, ALL.slice(1)],
    [() => `member=${member.userId}`, ["plain", "cached", "corrected"]],
    [() => `member=${tenant.userId}`, ["above"]],
    [() => "session=nobodys", []],
  ])("%s", async (search, expected) => {
    await expectAnswers(search(), expected, by.root);
  });

  it.each(["cached=yes", "retried=2", "depth=1", "route=fast", "agent="])("refuses %s everywhere", async (search) => {
    const [field = ""] = search.split("=");
    for (const path of ["/api/requests?", "/api/requests/live?", ...QUESTIONS.map(([each]) => each)]) {
      const { status, body } = await get(path + search);
      const param = ["route", "agent"].includes(field) ? `${field}[0]` : field;
      expect([path, status, body.error?.param]).toEqual([path, 400, param]);
    }
  });

  it.each<[search: () => string, caller: keyof typeof by]>([
    [() => `member=${other.userId}`, "root"],
    [() => `route=${routes.other}`, "root"],
    [() => `organization=${orgs.other}&depth=0`, "root"],
    [() => `organization=${orgs.root}&depth=0`, "lead"],
    [() => `member=${other.userId}`, "member"],
  ])("does not find what is not the caller's to see: %s", async (search, caller) => {
    for (const path of ["/api/requests?", "/api/requests/live?", ...QUESTIONS.map(([each]) => each)]) {
      const { status, body } = await get(path + search(), by[caller]);
      expect([path, status, body.error?.code]).toEqual([path, 404, "not_found"]);
    }
  });

  it("finds somebody who owns a key here and has no role here, and routes of above", async () => {
    await expectAnswers(`member=${tenant.userId}`, ["above"], by.lead);
    await expectAnswers(`route=${routes.gone}`, ["retried"], by.lead);
  });
});

describe("a member", () => {
  const OWN = ["plain", "cached", "corrected"];

  it("sees what their own keys used, and nobody else's", async () => {
    await expectAnswers("", OWN, by.member);
    await expectAnswers(`member=${member.userId}`, OWN, by.member);
    await expectAnswers(`organization=${orgs.child}`, ["corrected"], by.member);
    await expectAnswers(`key=${keys.service}`, [], by.member);
    expect((await get("/api/me", by.member)).body.permissions).not.toContain("requests:read");
    const asked = { from: iso(START), to: iso(START + HOUR), model: "openai/o3" };
    const supposed = (caller: CallOptions, scope = {}) =>
      world.call("POST", "/api/stats/what-if", { ...caller, body: { ...asked, scope } });
    expect((await supposed(by.member)).body.events).toBe(3);
    expect((await supposed(by.viewer)).body.events).toBe(5);
    expect((await supposed(by.viewer, { cached: "true" })).body.events).toBe(1);
  });

  it("is refused another's by name, and finds no request of theirs", async () => {
    const { body } = await get("/api/members", by.member);
    const colleague = body.data.find(({ id }: { id: string }) => id !== member.userId).id;
    for (const path of ["/api/requests?", "/api/requests/live?", ...QUESTIONS.map(([each]) => each)]) {
      const answer = await get(`${path}member=${member.userId}&member=${colleague}`, by.member);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.body.error).toMatchObject({ code: "permission_denied", param: "member" });
    }
    const status = async (name: string) => (await get(`/api/requests/${eventIds[name]}`, by.member)).status;
    expect(await Promise.all(ALL.map(status))).toEqual([404, 404, 404, 200, 200, 200]);
  });

  it("sees of the live feed what is theirs, until they are given another role", async () => {
    let now = Date.now();
    const api = world.with({ now: () => now });
    const { cookie = "" } = by.member;
    const response = await api.request("https://gaia.example/api/requests/live?fields=id,key_name", {
      headers: { cookie },
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const common = {
      rootId: tenant.rootId,
      organizationId: orgs.team,
      startedAt: START - 3 * HOUR,
      settledAt: now + 1,
    };
    const [theirs, mine] = [keys.service, keys.own].map((keyId) => usageEvent({ ...common, keyId }));
    await recordEvents(world.database.database, tenant.rootId, [theirs, mine] as UsageEvent[]);
    now += 5_000;
    let text = "";
    while (!text.includes("event: request")) text += new TextDecoder().decode((await reader.read()).value);
    expect(text).toContain(`data: {"id":"${mine?.eventId}","key_name":"Mine"}\n`);
    expect(text).not.toContain(theirs?.eventId);
    const roles = (role: string) =>
      world.database.sql`update memberships set role = ${role} where user_id = ${member.userId}`;
    await roles("viewer");
    now += 15_000;
    expect(await reader.read()).toMatchObject({ done: true });
    await roles("member");
  });

  it("is everybody who looks after the branch not: viewers and administrators see all of it", async () => {
    for (const caller of [by.viewer, by.lead]) {
      const { body } = await get(`/api/stats/summary?${PERIOD}`, caller);
      expect(body.requests).toBe(5);
    }
  });
});

describe("refused requests", () => {
  const shown = async (search: string, caller: CallOptions) => {
    const { status, body } = await get(`/api/refusals?${search}`, caller);
    return status === 200 ? body.data.map(({ error_code: code }: { error_code: string }) => code) : status;
  };

  it("are seen by whom requests are seen by", async () => {
    const refused = (name: string, keyId: string) => ({
      ...{ id: newUlid(START, secureRandom), keyId, at: START + name.length, dialect: "openai-chat", errorCode: name },
      ...{ operation: "generate", requestedModel: null, client: null, status: 403, param: null, message: null },
      ...{ limitId: null, repeated: 0 },
    });
    await recordRefused(world.database.database, tenant.rootId, [
      refused("at the root", `key_${tenant.apiKey.slice(19, 31)}`),
      refused("above one", keys.owners),
      refused("a robot", keys.service),
      refused("mine", keys.own),
    ]);
    expect(await shown("", by.root)).toEqual(["at the root", "above one", "a robot", "mine"]);
    expect(await shown("", by.viewer)).toEqual(["above one", "a robot", "mine"]);
    expect(await shown("", by.member)).toEqual(["mine"]);
    expect(await shown("", { key: other.adminKey })).toEqual([]);
    expect(await shown(`key=${keys.service}`, by.member)).toEqual([]);
    expect(await shown(`member=${member.userId}`, by.lead)).toEqual(["mine"]);
    expect(await shown(`member=${tenant.userId}`, by.member)).toBe(403);
    expect(await shown(`organization=${orgs.other}`, by.root)).toBe(404);
    expect(await shown("depth=0", by.root)).toEqual(["at the root"]);
    expect(await shown("error_code=mine&error_code=a%20robot", by.root)).toEqual(["a robot", "mine"]);
    expect(await shown(`from=${iso(START + 8)}&to=${iso(START + 11)}`, by.root)).toEqual(["above one"]);
  });
});

describe("names beside ids", () => {
  const rows = async (caller: CallOptions) => {
    const { body } = await get(`/api/requests?from=${iso(START)}`, caller);
    return Object.fromEntries(body.data.map((row: { id: string }) => [names.get(row.id), row]));
  };
  const theMember = () => ({ member_id: member.userId, member_name: "member", member_email: member.email });

  it("are in the log, in a request's detail and in exports; what is gone has none", async () => {
    const all = await rows(by.root);
    expect(all.cached).toMatchObject({
      ...{ organization_name: "Team", key_name: "Mine", ...theMember() },
      ...{ route_id: routes.here, route_name: "fast" },
    });
    expect(all.corrected).toMatchObject({ organization_name: "Child", key_name: "Given", ...theMember() });
    expect(all.retried).toMatchObject({
      ...{ key_name: "Robot", member_id: null, member_name: null, member_email: null },
      ...{ route_id: routes.gone, route_name: null },
    });
    expect((await get(`/api/requests/${eventIds.cached}`)).body).toMatchObject({ ...theMember(), route_name: "fast" });
    const { body: csv } = await get(`/api/requests/export?key=${keys.own}`);
    const [head = "", first = ""] = csv.split("\r\n");
    expect(head).toMatch(/,route_id,organization_name,key_name,member_id,member_name,member_email,route_name,/);
    expect(first).toContain(`,Team,Mine,${member.userId},member,${member.email},`);
    await world.database.sql`update organizations set removed_at = now() where id = ${orgs.child}`;
    expect((await rows(by.root)).retried).toMatchObject({ organization_id: orgs.child, organization_name: null });
    await world.database.sql`update organizations set removed_at = null where id = ${orgs.child}`;
  });

  it("are those that the reader may see: whom they meet nowhere else stays an id", async () => {
    const owner = { member_id: tenant.userId };
    expect((await rows(by.root)).above).toMatchObject({ ...owner, member_email: tenant.email });
    expect((await rows(by.lead)).above).toMatchObject({ ...owner, member_name: null, member_email: null });
  });

  it("are in groups, facets and sessions; what is asked for has one also where nothing matches", async () => {
    const nought = (...named: [value: string, name: string][]) =>
      named.map(([value, name]) => ({ value, count: 0, name, email: null }));
    const labels = (list: Record<string, unknown>[]) =>
      list.map(({ kind, value, name, email }) => [kind, value, name, email]);
    const { body } = await get(`/api/stats/breakdown?${PERIOD}&group=member&sub=key&by=requests&top=1`);
    expect(labels(body.data)).toEqual([
      ["value", member.userId, "member", member.email],
      ["other", null, null, null],
      ["unattributed", null, null, null],
    ]);
    expect(labels(body.data[0].sub)[0]).toEqual(["value", keys.own, "Mine", null]);
    const routed = (await get(`/api/stats/breakdown?${PERIOD}&group=route&by=requests`)).body.data;
    expect(Object.fromEntries(labels(routed).map(([, value, name]) => [value, name]))).toEqual({
      ...{ [routes.here]: "fast", [routes.gone]: null, null: null },
    });
    const facets = (await get(`/api/requests/facets?fields=organization,model&route=${routes.here}`)).body.data;
    expect(facets.organization.values).toEqual([{ value: orgs.team, count: 1, name: "Team", email: null }]);
    expect(facets.model.values[0]).not.toHaveProperty("name");
    const chosen = await get(
      `/api/requests/facets?fields=key,member,route,model&key=${keys.own}&key=${keys.service}&route=${routes.here}&member=${member.userId}&model=openai/none`,
    );
    expect(chosen.body).toEqual({
      data: {
        key: { values: nought([keys.own, "Mine"], [keys.service, "Robot"]), more: false },
        member: { values: [{ ...nought([member.userId, "member"])[0], email: member.email }], more: false },
        route: { values: nought([routes.here, "fast"]), more: false },
        model: { values: [], more: false },
      },
      count: 0,
      capped: false,
    });
    const { data } = (await get(`/api/stats/sessions?${PERIOD}&route=${routes.here}`)).body;
    expect(data[0].keys).toEqual([
      { key_id: keys.own, organization_id: orgs.team, organization_name: "Team", key_name: "Mine", ...theMember() },
    ]);
  });
});

describe("GET /api/requests?fields=", () => {
  /** What the dashboard's table shows. */
  const COLUMNS =
    "id,created_at,status,error_code,upstream_model,route_name,provider,key_name,attempts,tokens,cost_nano,ttft_ms,duration_ms";

  it("has rows of at most 400 bytes with a table's columns", async () => {
    const { body } = await get(`/api/requests?fields=${COLUMNS}`);
    expect(Object.keys(body.data[0])).toEqual(COLUMNS.split(","));
    const sizes = body.data.map((row: object) => new TextEncoder().encode(JSON.stringify(row)).byteLength);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(400);
  });

  it("refuses a field that there is not", async () => {
    expect(await get("/api/requests?fields=id,colour")).toMatchObject({
      status: 400,
      body: { error: { param: "fields" } },
    });
  });
});

describe("GET /api/stats/series?group=", () => {
  it("has each bucket in parts that are the bucket, now and before, by the groups of the whole period", async () => {
    const { body } = await get(
      `/api/stats/series?bucket=hour&from=${iso(START)}&to=${iso(START + 2 * HOUR)}&compare=previous&group=key&top=1&by=requests&metric=requests&metric=input&metric=cost`,
    );
    expect(body.groups).toEqual([
      { kind: "value", value: keys.own, name: "Mine", email: null },
      { kind: "other", value: null, name: null, email: null },
    ]);
    expect(body.data[0]).toMatchObject({
      requests: 6,
      parts: { requests: [2, 4], input: [35, 64], cost: [2 * 1234, 4 * 1234] },
    });
    expect(body.data[1].parts).toEqual({ requests: [0, 0], input: [0, 0], cost: [0, 0] });
    expect(body.previous.map(({ parts }: { parts: object }) => parts)).toHaveLength(2);
  });

  it("tells what it ranks by where no metric is named, of six groups, and nothing without a group", async () => {
    const { body } = await get(`/api/stats/series?${PERIOD}&group=tag:team&by=errors`);
    expect(body.groups.map(({ kind }: { kind: string }) => kind)).toEqual(["unattributed"]);
    expect(body.data[0].parts).toEqual({ errors: [0] });
    expect((await get(`/api/stats/series?${PERIOD}`)).body).toMatchObject({ groups: null, data: [{ parts: null }] });
  });

  it.each([
    ["group=colour", "group"],
    ["group=key&top=13", "top"],
    ["group=key&top=0", "top"],
    ["group=key&metric=fame", "metric[0]"],
    ["group=key&by=fame", "by"],
    ["group=key&bucket=hour&from=-17d", "bucket"],
  ])("refuses %s", async (search, param) => {
    expect(await get(`/api/stats/series?${search}`)).toMatchObject({ status: 400, body: { error: { param } } });
  });
});
