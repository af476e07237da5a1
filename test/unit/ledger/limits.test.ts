import { afterEach, describe, expect, test } from "vitest";
import {
  type LimitMetric,
  type LimitRecord,
  type LimitWindow,
  NO_SETTINGS,
  type OrganizationSettings,
  type TenantConfiguration,
} from "../../../worker/canonical/tenant.ts";
import type { AdmitAnswer, AdmitRequest, Bound, OutputTerms } from "../../../worker/ledger/contract.ts";
import { BEGINNING, KEYS, organization, ROOT, SQUAD, TEAM, tenant, World } from "./world.ts";

const [ROOT_KEY, TEAM_KEY, SQUAD_KEY] = KEYS as [string, string, string];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let world: World;
let version = 1;

let made = 0;
const limit = (
  nodeId: string,
  metric: LimitMetric,
  window: LimitWindow,
  amount: number,
  more: Partial<LimitRecord> = {},
): LimitRecord => ({
  id: `lim_${String(++made).padStart(12, "0")}`,
  ...{ nodeId, metric, window, amount },
  mode: "block",
  thresholds: [50, 80, 100],
  override: null,
  fallback: null,
  removed: false,
  ...more,
});

const start = (limits: LimitRecord[], more: Partial<TenantConfiguration> = {}) => {
  version = 1;
  world = new World({ configuration: { ...tenant(), limits, ...more } });
  return world;
};
afterEach(() => world.storage.close());

const push = (change: Partial<Pick<TenantConfiguration, "limits" | "organizations" | "keys">>) =>
  world.core.configure({
    ...{ rootId: ROOT, previous: version, version: ++version },
    ...{ organizations: [], keys: [], limits: [], prices: [], webhooks: [], ...change },
  });

const bound = (more: Partial<Bound> = {}): Bound => ({ inputTokens: 100, outputTokens: 50, costNano: 1_000, ...more });

const ask = (key: string, more: Partial<AdmitRequest> & { bound?: Bound } = {}): Promise<AdmitAnswer> =>
  world.core.admit({ ...world.request(key, { bound: more.bound ?? bound() }), ...more });

async function admitted(key: string, more: Parameters<typeof ask>[1] = {}) {
  const request = { ...world.request(key, { bound: more.bound ?? bound() }), ...more };
  const answer = await world.core.admit(request);
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return { handle: answer.handle, eventId: request.draft.eventId, answer };
}

/** Uses so much of everything, at once. */
async function use(key: string, used: { requests?: number; input?: number; output?: number; cost?: number }) {
  for (let i = 0; i < (used.requests ?? 1); i++) {
    const one = await admitted(key, { bound: { inputTokens: 0, outputTokens: 0, costNano: 0 } });
    const last = i === (used.requests ?? 1) - 1;
    world.settle(one, {
      inputUncached: last ? (used.input ?? 0) : 0,
      cacheRead: 0,
      cacheWrite: 0,
      output: last ? (used.output ?? 0) : 0,
      costNano: last ? (used.cost ?? 0) : 0,
    });
  }
}

const refusal = (answer: AdmitAnswer) => (answer.ok || answer.code !== "limit" ? answer : answer.limit);

/** What one request of the usual bound needs of each metric. */
const NEED: Record<LimitMetric, number> = {
  requests: 1,
  input_tokens: 100,
  output_tokens: 50,
  total_tokens: 150,
  cost: 1_000,
  concurrent_requests: 1,
};

describe("every metric, in every window, on every node above the key", () => {
  const metrics: LimitMetric[] = ["requests", "input_tokens", "output_tokens", "total_tokens", "cost"];
  const windows: LimitWindow[] = ["minute", "hour", "day", "week", "month", "total"];
  const rows = metrics.flatMap((metric) => windows.map((window) => [metric, window] as const));
  test.each([...rows, ["concurrent_requests", "now"] as const])("%s a %s", async (metric, window) => {
    for (const node of [SQUAD_KEY, SQUAD, TEAM, ROOT]) {
      start([limit(node, metric, window, 3 * NEED[metric])]);
      for (let i = 0; i < 3; i++) await admitted(SQUAD_KEY);
      expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: node, metric, window, held: 3 * NEED[metric] });
      world.storage.close();
    }
    start([limit(SQUAD, metric, window, 3 * NEED[metric])]);
    for (let i = 0; i < 4; i++) await admitted(TEAM_KEY);
  });
});

describe("the edge", () => {
  test("a limit of N allows N, not N - 1: the original's off by one", async () => {
    start([limit(ROOT, "requests", "month", 3)]);
    await use(ROOT_KEY, { requests: 3 });
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ settled: 3, held: 0, needed: 1, reason: "exhausted" });
  });

  test("0 means none, no row means no limit", async () => {
    start([limit(SQUAD, "requests", "total", 0)]);
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ amount: 0, reason: "exhausted" });
    await admitted(TEAM_KEY);
  });

  test("a stream counts like any other: the original's streams bypassed every limit", async () => {
    start([limit(ROOT, "requests", "total", 1)]);
    const request = world.request(ROOT_KEY, { bound: bound() });
    const answer = await world.core.admit({ ...request, draft: { ...request.draft, streamed: true } });
    expect(answer.ok).toBe(true);
    expect((await ask(ROOT_KEY)).ok).toBe(false);
  });

  test("nothing is written, held or told upstream for a request that an ancestor refuses", async () => {
    start([limit(SQUAD, "cost", "day", 10_000), limit(ROOT, "cost", "total", 500)]);
    await world.core.authenticate({ rootId: ROOT, keyId: SQUAD_KEY, mac: SQUAD_KEY.padEnd(64, "f") });
    const { statements } = world.storage;
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: ROOT, nodeName: "Root" });
    expect(world.storage.statements).toBe(statements);
    expect(world.core.counters.of(SQUAD).held.requests).toBe(0);
  });

  test("a request at the month's end is charged to the month it began in", async () => {
    start([limit(ROOT, "requests", "month", 1)]);
    world.now = Date.UTC(2126, 10, 30, 23, 59, 59);
    const one = await admitted(ROOT_KEY);
    world.now += 2_000;
    const other = await admitted(ROOT_KEY);
    world.settle(one);
    world.settle(other);
    const { counters } = world.core;
    expect(counters.of(ROOT, "month/2126-11").settled.requests).toBe(1);
    expect(counters.of(ROOT, "month/2126-12").settled.requests).toBe(1);
  });

  test("days begin at midnight of the limit's own node", async () => {
    const organizations = [
      organization(ROOT, null, "Root"),
      organization(TEAM, ROOT, "Team", { timeZone: "Asia/Tokyo" }),
    ];
    start([limit(TEAM, "requests", "day", 1)], { organizations });
    world.now = Date.UTC(2126, 10, 24, 14, 59);
    await use(TEAM_KEY, {});
    expect(refusal(await ask(TEAM_KEY))).toMatchObject({ resetsAt: Date.UTC(2126, 10, 24, 15) });
    world.now += 60_000;
    await admitted(TEAM_KEY);
  });
});

describe("a bucket", () => {
  test("fills again as time passes, and says when there will be room", async () => {
    start([limit(ROOT, "requests", "minute", 6)]);
    await use(ROOT_KEY, { requests: 6 });
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ reason: "rate", resetsAt: BEGINNING + 10_000 });
    world.now += 10_000;
    await use(ROOT_KEY, {});
    expect((await ask(ROOT_KEY)).ok).toBe(false);
  });

  test("a request larger than the whole bucket is not told to wait", async () => {
    start([limit(ROOT, "input_tokens", "minute", 50)]);
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ reason: "exhausted" });
  });

  test.each([true, false])("is what it was after a restart (snapshot: %s)", async (snapshot) => {
    start([limit(ROOT, "requests", "hour", 60)]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 10 * 60_000;
    await use(ROOT_KEY, { requests: 15 });
    if (snapshot) await world.pass(5_000);
    const before = world.core.limits([ROOT]);
    world.evict();
    expect(world.core.limits([ROOT])).toEqual(before);
    expect(before[0]).toMatchObject({ settled: 35 });
  });
});

describe("a bucket whose limit changes", () => {
  const settled = () => world.core.limits([ROOT])[0]?.settled;

  test("is what it was after a restart: what flowed off did so under the old amount", async () => {
    const hourly = limit(ROOT, "requests", "hour", 60);
    start([hourly]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 10 * 60_000;
    await use(ROOT_KEY, { requests: 1 });
    world.now += 10 * 60_000;
    await push({ limits: [{ ...hourly, amount: 120 }] });
    expect(settled()).toBe(11);
    world.now += 60_000;
    expect(settled()).toBe(9);
    world.evict();
    expect(settled()).toBe(9);
  });

  test("is not filled again by a lower amount", async () => {
    const hourly = limit(ROOT, "requests", "hour", 60);
    start([hourly]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 29 * 60_000;
    await push({ limits: [{ ...hourly, amount: 6 }] });
    expect(settled()).toBe(1);
  });

  test("is not filled again when an override ends", async () => {
    start([limit(ROOT, "requests", "hour", 6, { override: { amount: 60, until: BEGINNING + 20 * 60_000 } })]);
    await use(ROOT_KEY, { requests: 30 });
    world.now += 30 * 60_000;
    expect(settled()).toBe(9);
  });

  test("is what it was after a restart though the clock had gone back", async () => {
    start([limit(ROOT, "requests", "hour", 60)]);
    await use(ROOT_KEY, { requests: 30 });
    world.setBack(HOUR);
    await use(ROOT_KEY, { requests: 10 });
    world.evict();
    expect(settled()).toBe(40);
  });

  test("begins empty when it is made, also after a restart", async () => {
    start([]);
    await use(ROOT_KEY, { requests: 5 });
    await push({ limits: [limit(ROOT, "requests", "hour", 60)] });
    await use(ROOT_KEY, {});
    world.evict();
    expect(settled()).toBe(1);
  });
});

describe("changing a limit holds at the next request", () => {
  test("raised, lowered, removed, overridden for a while", async () => {
    const month = limit(ROOT, "requests", "month", 1);
    start([month]);
    await use(ROOT_KEY, {});
    expect((await ask(ROOT_KEY)).ok).toBe(false);
    await push({ limits: [{ ...month, amount: 3 }] });
    await use(ROOT_KEY, {});
    await push({ limits: [{ ...month, amount: 2 }] });
    expect((await ask(ROOT_KEY)).ok).toBe(false);
    await push({ limits: [{ ...month, amount: 2, override: { amount: 9, until: world.now + HOUR } }] });
    await use(ROOT_KEY, {});
    world.now += HOUR;
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ amount: 2, settled: 3 });
    await push({ limits: [{ ...month, removed: true }] });
    expect((await admitted(ROOT_KEY)).answer.principal.limited).toBe(false);
  });

  test("one that is made in the middle of the month finds what was used in it", async () => {
    start([]);
    await use(SQUAD_KEY, { cost: 700 });
    await push({ limits: [limit(TEAM, "cost", "month", 1_500)] });
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ settled: 700, needed: 1_000 });
  });

  test("an archived organization spends nothing, nor do those below it: the original's deleted ones did", async () => {
    start([]);
    await admitted(SQUAD_KEY);
    await push({ organizations: [organization(TEAM, ROOT, "Team", { archived: true })] });
    expect(await ask(SQUAD_KEY)).toEqual({ ok: false, code: "organization_archived" });
    await admitted(ROOT_KEY);
    await push({ organizations: [organization(TEAM, ROOT, "Team")] });
    await admitted(SQUAD_KEY);
  });

  test("whoever waits goes when the limit is raised", async () => {
    const total = limit(ROOT, "requests", "total", 1);
    start([total]);
    await admitted(ROOT_KEY);
    const waiting = ask(ROOT_KEY, { patience: 2_000 });
    await push({ limits: [{ ...total, amount: 2 }] });
    expect((await waiting).ok).toBe(true);
  });

  test("whoever waits goes when a drain brings the raised limit whose push was lost", async () => {
    const total = limit(ROOT, "requests", "total", 2);
    start([total]);
    await use(ROOT_KEY, {});
    await admitted(ROOT_KEY);
    const waiting = ask(ROOT_KEY, { patience: 2_000 });
    const { configuration } = world.postgres;
    world.postgres.configuration = { ...configuration, version: 2, limits: [{ ...total, amount: 3 }] };
    await world.pass(1_000);
    expect(world.core.counters.of(ROOT).held.requests).toBe(2);
    expect((await waiting).ok).toBe(true);
  });
});

describe("mode warn", () => {
  test("lets everything pass and says what is exceeded", async () => {
    start([limit(ROOT, "requests", "day", 1, { mode: "warn" })]);
    expect((await admitted(ROOT_KEY)).answer).toMatchObject({ exceeded: [], principal: { limited: false } });
    expect((await admitted(ROOT_KEY)).answer.exceeded).toEqual(["requests/day"]);
  });
});

/** Ten nano-dollars for a token of output. */
const terms = (more: Partial<OutputTerms> = {}): OutputTerms => ({
  ...{ requested: 64_000, assumed: 64_000, candidates: 1, picoEach: 10_000, least: 1 },
  ...more,
});
const agent = (more: Partial<OutputTerms> = {}) => ({
  bound: { inputTokens: 100, outputTokens: 64_000, costNano: 1_000 + 640_000 },
  output: terms(more),
  patience: 2_000,
});
const settings = (more: Partial<OrganizationSettings>) => [
  organization(ROOT, null, "Root", { settings: { ...NO_SETTINGS, ...more } }),
];

describe("when only holds stand in the way", () => {
  test("a request waits for a release", async () => {
    start([limit(ROOT, "cost", "total", 700_000)]);
    const first = await admitted(ROOT_KEY, agent());
    const second = ask(ROOT_KEY, agent());
    await world.pass(1_000);
    world.settle(first, { costNano: 4_000 });
    expect(await second).toMatchObject({ ok: true, lowered: false, outputCap: null });
  });

  test("after two seconds its cap is lowered to a share of what fits", async () => {
    start([limit(ROOT, "cost", "total", 700_000)]);
    await admitted(ROOT_KEY, agent());
    const second = ask(ROOT_KEY, agent());
    await world.pass(2_000);
    // 700,000 - 641,000 held - 1,000 for the input leaves 5,800 tokens: of so little one request takes what is enough.
    expect(await second).toMatchObject({ ok: true, lowered: true, outputCap: 4_096 });
  });

  test("it waits on for the least that may be sent, as long as its organization says", async () => {
    start([limit(ROOT, "cost", "total", 650_000)], { organizations: settings({ waitSeconds: 60 }) });
    const first = await admitted(ROOT_KEY, agent());
    const [second, third] = [ask(ROOT_KEY, agent()), ask(ROOT_KEY, agent())];
    await world.pass(2_000);
    await world.pass(28_000);
    world.settle(first, { costNano: 630_000 });
    // Of 20,000 that are left the second takes all but 1,000 for its input, and the third finds nothing.
    expect(await second).toMatchObject({ ok: true, lowered: true, outputCap: 1_900 });
    await world.pass(30_000);
    expect(refusal(await third)).toMatchObject({ reason: "held", settled: 630_000, held: 20_000 });
  });

  test.each([
    ["an organization that wants no waiting", { waitSeconds: 0 }, 2_000],
    ["a request that wants none", { waitSeconds: 60 }, 0],
  ])("%s has none", async (_, own, patience) => {
    start([limit(ROOT, "cost", "total", 700_000)], { organizations: settings(own) });
    await admitted(ROOT_KEY, agent());
    expect(await ask(ROOT_KEY, { ...agent(), patience })).toMatchObject({ ok: true, lowered: true, outputCap: 4_096 });
  });

  test("the nearest organization says how long", async () => {
    const organizations = [
      organization(ROOT, null, "Root", { settings: { ...NO_SETTINGS, waitSeconds: 0 } }),
      organization(TEAM, ROOT, "Team", { settings: { ...NO_SETTINGS, waitSeconds: 1 } }),
    ];
    start([limit(ROOT, "cost", "total", 700_000)], { organizations });
    await admitted(ROOT_KEY, agent());
    const second = ask(TEAM_KEY, agent());
    let answered = false;
    void second.then(() => {
      answered = true;
    });
    await world.pass(999);
    expect(answered).toBe(false);
    await world.pass(1);
    expect(await second).toMatchObject({ ok: true, lowered: true });
  });

  test("rather a cheaper model than a long wait", async () => {
    const fallback = { percent: 100, model: "openai/gpt-6-mini" };
    start([limit(ROOT, "cost", "total", 650_000, { fallback })], { organizations: settings({ waitSeconds: 60 }) });
    await admitted(ROOT_KEY, agent());
    const second = ask(ROOT_KEY, agent());
    await world.pass(2_000);
    expect(await second).toMatchObject({ ok: false, code: "use_model", model: fallback.model });
  });

  test("a request that is asked for again is told the same cap", async () => {
    start([limit(ROOT, "cost", "total", 100_000)]);
    const request = { ...world.request(ROOT_KEY), ...agent() };
    const first = await world.core.admit(request);
    world.evict();
    expect(await world.core.admit(request)).toEqual(first);
  });

  test("a cap that could never fit is lowered at once", async () => {
    start([limit(ROOT, "cost", "total", 100_000)]);
    expect(await ask(ROOT_KEY, agent())).toMatchObject({ ok: true, lowered: true, outputCap: 4_096 });
    start([limit(ROOT, "cost", "total", 500_000)]);
    const quarter = 1_024 + Math.floor((49_900 - 1_024) / 4);
    expect(await ask(ROOT_KEY, agent())).toMatchObject({ ok: true, lowered: true, outputCap: quarter });
  });

  test("below the floor it is refused as held, with what is held", async () => {
    start([limit(ROOT, "cost", "total", 650_000)]);
    await admitted(ROOT_KEY, agent());
    const second = ask(ROOT_KEY, agent());
    await world.pass(2_000);
    expect(refusal(await second)).toMatchObject({ reason: "held", settled: 0, held: 641_000, needed: 11_240 });
  });

  test.each([
    ["the client's own cap, where it is lower than the floor", {}, { requested: 200, assumed: 200 }, 200, "exhausted"],
    ["a thinking budget", {}, { least: 40_000 }, null, "exhausted"],
    ["the organization's floor", { leastOutputTokens: 50_000 }, {}, null, "exhausted"],
    ["no lowering at all", { lowerCaps: false }, {}, null, "exhausted"],
  ])("%s bounds it from below", async (_, own, more, fits, reason) => {
    start([limit(ROOT, "cost", "total", 100_000)], { organizations: settings(own) });
    const request = { ...agent(more), patience: 0 };
    if (fits !== null) request.bound = { inputTokens: 100, outputTokens: fits, costNano: 1_000 + fits * 10 };
    const answer = await ask(ROOT_KEY, request);
    if (fits === null) expect(refusal(answer)).toMatchObject({ reason });
    else expect(answer).toMatchObject({ ok: true, lowered: false, outputCap: null });
  });

  test("an expired hold lets the next one go", async () => {
    start([limit(ROOT, "concurrent_requests", "now", 1)]);
    await admitted(ROOT_KEY);
    world.now += 89_000;
    const second = ask(ROOT_KEY, { patience: 2_000 });
    await world.pass(1_500);
    expect((await second).ok).toBe(true);
  });

  test("concurrency is told apart", async () => {
    start([limit(ROOT, "concurrent_requests", "now", 1)]);
    await admitted(ROOT_KEY);
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ reason: "concurrency", resetsAt: null });
  });

  test("several answers share the cap, and each token counts as often", async () => {
    start([limit(ROOT, "output_tokens", "total", 10_000)]);
    const request = agent({ candidates: 2, requested: 8_000, assumed: 8_000 });
    request.bound = { ...request.bound, outputTokens: 16_000 };
    expect(await ask(ROOT_KEY, request)).toMatchObject({ ok: true, outputCap: 4_096 });
    expect(world.core.counters.of(ROOT).held.outputTokens).toBe(2 * 4_096);
  });
});

describe("while others hold something", () => {
  test.each<[string, number, Partial<OrganizationSettings>, ReturnType<typeof agent>, number | null]>([
    ["an eighth of what is left", 2_000_000, {}, agent(), 24_900],
    ["all that was asked for, where that is less", 6_000_000, {}, agent(), null],
    ["all that was asked for, where nothing may be lowered", 2_000_000, { lowerCaps: false }, agent(), null],
    ["all that was asked for, of a strict client", 2_000_000, {}, agent({ least: 64_000 }), null],
  ])("a request takes %s", async (_, amount, own, asked, cap) => {
    start([limit(ROOT, "cost", "total", amount)], { organizations: settings(own) });
    expect((await admitted(ROOT_KEY, agent())).answer).toMatchObject({ lowered: false, outputCap: null });
    expect(await ask(ROOT_KEY, asked)).toMatchObject({ ok: true, lowered: cap !== null, outputCap: cap });
  });

  test("a request takes enough for an answer, though that is more", async () => {
    start([limit(ROOT, "cost", "total", 200_000)]);
    const short = {
      ...agent({ requested: 8_000, assumed: 8_000 }),
      bound: { inputTokens: 100, outputTokens: 8_000, costNano: 1_000 + 80_000 },
    };
    await admitted(ROOT_KEY, short);
    expect(await ask(ROOT_KEY, short)).toMatchObject({ ok: true, lowered: true, outputCap: 4_096 });
  });

  test("other limits than on output lower nothing", async () => {
    start([limit(ROOT, "requests", "total", 9), limit(ROOT, "input_tokens", "total", 300)]);
    await admitted(ROOT_KEY, agent());
    expect(await ask(ROOT_KEY, agent())).toMatchObject({ ok: true, lowered: false, outputCap: null });
  });
});

describe("output caps", () => {
  test.each<[string, Partial<OrganizationSettings>, Partial<OutputTerms>, boolean, number | null]>([
    ["none asked, nothing limited: none is sent", {}, { requested: null }, false, null],
    ["none asked under a limit on money: the model's own is sent", {}, { requested: null }, true, 64_000],
    ["none asked, the organization has a default", { defaultOutputTokens: 4_000 }, { requested: null }, true, 4_000],
    ["asked for: left as it is", { defaultOutputTokens: 4_000 }, { requested: 64_000 }, true, null],
    ["none asked, the organization has a maximum", { maxOutputTokens: 500 }, { requested: null }, false, 500],
  ])("%s", async (_, own, more, limited, cap) => {
    const limits = limited ? [limit(ROOT, "cost", "total", 10 ** 9)] : [];
    start(limits, { organizations: settings(own) });
    expect(await ask(ROOT_KEY, agent(more))).toMatchObject({ ok: true, outputCap: cap, lowered: false });
    if (cap !== null) expect(world.core.counters.of(ROOT).held.outputTokens).toBe(cap);
  });

  test("above the organization's maximum they are refused", async () => {
    start([], { organizations: settings({ maxOutputTokens: 500 }) });
    expect(await ask(ROOT_KEY, agent())).toEqual({ ok: false, code: "max_tokens_too_large", most: 500 });
  });
});

describe("what has no bound or no price", () => {
  test.each([
    ["an unpriced model", { priced: false }, { ok: false, code: "model_not_priced" }],
    ["an unbounded request", { unboundedBy: "tools[0]" }, { ok: false, code: "unbounded_request", param: "tools[0]" }],
  ])("%s is refused under a hard limit on cost, and under no other", async (_, more, denial) => {
    start([limit(TEAM, "cost", "month", 10 ** 9), limit(ROOT, "requests", "day", 9)]);
    expect(await ask(TEAM_KEY, more)).toEqual(denial);
    await admitted(ROOT_KEY, more);
    start([limit(TEAM, "cost", "month", 10 ** 9, { mode: "warn" })]);
    await admitted(TEAM_KEY, more);
  });

  test("a price of the tenant's own must be the one it is bounded by", async () => {
    const price = {
      ...{ id: "prc_000000000001", organizationId: TEAM, model: "openai/gpt-6", from: 0, until: null },
      ...{ price: { rates: { input: "1" } }, removed: false },
    };
    start([], { prices: [price] });
    expect(await ask(SQUAD_KEY)).toEqual({ ok: false, code: "use_price", price });
    const request = world.request(SQUAD_KEY, { bound: bound() });
    const priced = { ...request, draft: { ...request.draft, priceVersion: price.id } };
    expect((await world.core.admit(priced)).ok).toBe(true);
    const elsewhere = { ...world.request(ROOT_KEY, { bound: bound() }) };
    expect(await world.core.admit({ ...elsewhere, draft: { ...elsewhere.draft, priceVersion: price.id } })).toEqual({
      ok: false,
      code: "use_price",
      price: null,
    });
  });
});

describe("a cheaper model", () => {
  const fallback = { percent: 80, model: "openai/gpt-6-mini" };

  test("is used from the threshold on, and instead of a refusal", async () => {
    const budget = limit(ROOT, "cost", "month", 10_000, { fallback });
    start([budget]);
    await use(ROOT_KEY, { cost: 7_900 });
    await admitted(ROOT_KEY);
    const tight = bound({ costNano: 5_000 });
    expect(await ask(ROOT_KEY, { bound: tight })).toEqual({
      ...{ ok: false, code: "use_model", model: fallback.model, limitId: budget.id },
    });
    await use(ROOT_KEY, { cost: 100 });
    expect(await ask(ROOT_KEY)).toMatchObject({ code: "use_model" });
    await admitted(ROOT_KEY, { substituted: true });
    expect(refusal(await ask(ROOT_KEY, { substituted: true, bound: tight }))).toMatchObject({ limitId: budget.id });
  });
});

describe("what is told", () => {
  test("rate limits: of each metric the one with the least left", async () => {
    start([
      limit(ROOT, "requests", "day", 1_000),
      limit(TEAM, "requests", "minute", 60),
      limit(SQUAD_KEY, "total_tokens", "month", 10_000),
    ]);
    const { answer } = await admitted(SQUAD_KEY);
    expect(answer.rates).toEqual([
      { metric: "requests", limit: 60, remaining: 59, resetsAt: BEGINNING },
      { metric: "total_tokens", limit: 10_000, remaining: 9_850, resetsAt: Date.UTC(2126, 11, 1) },
    ]);
  });

  test("notices at 50, 80 and 100 percent and at a refusal, each with one name", async () => {
    const budget = limit(TEAM, "cost", "month", 1_000);
    start([budget, limit(ROOT, "requests", "minute", 100)]);
    const told = () => [...world.notices.keys()].map((key) => key.split("/").slice(3).join("/"));
    await use(SQUAD_KEY, { cost: 499 });
    expect(told()).toEqual([]);
    await use(SQUAD_KEY, { cost: 1 });
    await use(SQUAD_KEY, { cost: 0 });
    expect(told()).toEqual(["50/1000"]);
    await use(SQUAD_KEY, { cost: 500 });
    expect(told()).toEqual(["50/1000", "80/1000", "100/1000"]);
    await ask(SQUAD_KEY);
    expect(told()).toEqual(["50/1000", "80/1000", "100/1000", "exhausted/1000"]);
    expect([...world.notices.values()][0]).toMatchObject({ organizationPath: [TEAM, ROOT], event: "limit.threshold" });
  });

  test("how limits stand", async () => {
    start([limit(TEAM, "cost", "month", 1_000), limit(TEAM, "concurrent_requests", "now", 5)]);
    await use(SQUAD_KEY, { cost: 900 });
    await admitted(SQUAD_KEY, { bound: bound({ costNano: 60 }) });
    expect(world.core.limits([TEAM, ROOT])).toMatchObject([
      { amount: 1_000, settled: 900, held: 60, state: "warned", resetsAt: Date.UTC(2126, 11, 1) },
      { amount: 5, settled: 0, held: 1, state: "ok", resetsAt: null },
    ]);
  });
});

describe("a Ledger that begins without its storage", () => {
  test("finds what Postgres has counted, in the windows of each node's own zone", async () => {
    const organizations = [
      ...[organization(ROOT, null, "Root"), organization(TEAM, ROOT, "Team", { timeZone: "Asia/Tokyo" })],
      organization(SQUAD, TEAM, "Squad"),
    ];
    start([limit(ROOT, "cost", "total", 5_000), limit(TEAM, "cost", "day", 3_000)], { organizations });
    world.sums = (boundaries) =>
      boundaries.map((boundary, index) => ({
        ...{ boundary: index, keyId: SQUAD_KEY, organizationId: SQUAD },
        settled: [1, 10, 20, boundary.window === "total" ? 4_500 : 2_500] as [number, number, number, number],
      }));
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: TEAM, settled: 2_500 });
    expect(refusal(await ask(ROOT_KEY))).toMatchObject({ nodeId: ROOT, settled: 4_500 });
    world.evict();
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ nodeId: TEAM, settled: 2_500 });
    expect(world.core.sums().nodes.find(({ nodeId, window }) => nodeId === TEAM && window === "total")).toMatchObject({
      settled: [1, 10, 20, 4_500],
    });
  });

  test("is not to be had while Postgres is away", async () => {
    start([]);
    world.sums = () => {
      throw new Error("connection refused");
    };
    await expect(ask(ROOT_KEY)).rejects.toThrow("connection refused");
    world.sums = () => [];
    expect((await ask(ROOT_KEY)).ok).toBe(true);
  });
});

describe("corrections that Postgres has already", () => {
  test("are counted in the windows of their requests, durably", async () => {
    start([limit(ROOT, "cost", "month", 10_000)]);
    await use(SQUAD_KEY, { cost: 9_500 });
    const one = { id: "a/1", keyId: SQUAD_KEY, organizationId: SQUAD, startedAt: world.now, costNano: -9_000 };
    world.core.adjust([one, { ...one, id: "b/1", startedAt: world.now - 60 * DAY, costNano: -1 }]);
    world.core.adjust([one]);
    world.evict();
    expect(world.core.counters.of(ROOT).settled.costNano).toBe(499);
    expect(world.core.limits([ROOT])[0]).toMatchObject({ settled: 500 });
    await admitted(SQUAD_KEY);
  });
});
