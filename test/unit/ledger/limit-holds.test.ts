import { afterEach, describe, expect, test } from "vitest";
import { NO_SETTINGS, type OrganizationSettings } from "../../../worker/canonical/tenant.ts";
import type { OutputTerms } from "../../../worker/ledger/contract.ts";
import { admitted, ask, limit, ROOT_KEY, refusal, start, TEAM_KEY, world } from "./limit-world.ts";
import { organization, ROOT, TEAM } from "./world.ts";

afterEach(() => world.storage.close());

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

  test.each(["output_tokens", "total_tokens"] as const)(
    "what of a prediction is not taken counts against %s",
    async (metric) => {
      const most = 3_000 + 600;
      start([limit(ROOT, metric, "total", metric === "total_tokens" ? most + 100 : most)]);
      const predicted = (tokens: number) => ({
        ...agent({ requested: 3_000, assumed: 3_000 }),
        bound: { inputTokens: 100, outputTokens: 3_000 + tokens, costNano: 31_000 },
      });
      const { handle, eventId } = await admitted(ROOT_KEY, predicted(600));
      const held = world.core.counters.of(ROOT).held;
      expect(held.outputTokens).toBe(3_600);
      world.settle({ handle, eventId }, { inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0 });
      expect((await admitted(ROOT_KEY, predicted(700))).answer).toMatchObject({ lowered: true, outputCap: 2_900 });
    },
  );

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
