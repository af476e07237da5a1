import { afterEach, describe, expect, test } from "vitest";
import type { LimitMetric, LimitRecord, LimitWindow } from "../../../worker/canonical/tenant.ts";
import type { AdmitRequest, Bound } from "../../../worker/ledger/contract.ts";
import {
  admitted,
  ask,
  bound,
  DAY,
  limit,
  NEED,
  push,
  ROOT_KEY,
  refusal,
  SQUAD_KEY,
  start,
  world,
} from "./limit-world.ts";
import { BEGINNING, keyRecord, ROOT, TEAM } from "./world.ts";

afterEach(() => world.storage.close());

interface Attempt {
  handle: number;
  eventId: string;
  startedAt: number;
}

/** A first attempt that is held. */
async function first(key = SQUAD_KEY, of: Bound = bound()): Promise<Attempt> {
  const startedAt = world.now;
  return { ...(await admitted(key, { bound: of })), startedAt };
}

/** A further attempt of it, as the inference side asks for it. */
function further(of: Attempt, more: Partial<AdmitRequest> = {}, key = SQUAD_KEY): AdmitRequest {
  const request = world.request(key, { eventId: of.eventId, bound: more.bound ?? bound() });
  const draft = { ...request.draft, startedAt: of.startedAt, provider: "anthropic", upstreamModel: "claude-opus-5-5" };
  return { ...request, draft, target: "anthropic/claude-opus-5-5@", replaces: of.handle, ...more };
}
const replace = (...asking: Parameters<typeof further>) => world.core.admit(further(...asking));

const heldAt = (node: string, window = "total") => world.core.counters.of(node, window).held;
const rows = () => world.storage.inspect<{ seq: number; admission: string }>("SELECT seq, admission FROM journal");
const held = (of: Partial<Bound>) => ({ requests: 1, ...bound(of) });
const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };

const LIMITS: [LimitMetric, LimitWindow][] = [
  ...(["requests", "input_tokens", "output_tokens", "total_tokens", "cost"] as const).flatMap((metric) =>
    (["minute", "hour", "day", "week", "month", "total"] as const).map((window): [LimitMetric, LimitWindow] => [
      metric,
      window,
    ]),
  ),
  ["concurrent_requests", "now"],
];

describe("a further attempt of an open event", () => {
  test("takes the place of the one before: in its row, under its handle, at the cost of one row", async () => {
    start([]);
    const one = await first();
    const before = world.core.health().rowsWritten;
    const answer = await replace(one, { bound: bound({ outputTokens: 70, costNano: 2_000 }) });
    expect(answer).toMatchObject({ ok: true, handle: one.handle, outputCap: null, lowered: false });
    expect(world.core.health()).toMatchObject({ open: 1, rowsWritten: before + 1 });
    for (const node of [SQUAD_KEY, TEAM, ROOT])
      expect(heldAt(node)).toEqual(held({ outputTokens: 70, costNano: 2_000 }));
    expect(world.settle(one)).toBe("settled");
    await world.pass(1_000);
    const told = { provider: "anthropic", upstreamModel: "claude-opus-5-5", heldNano: 2_000 };
    expect([...world.postgres.events.values()]).toMatchObject([{ eventId: one.eventId, ...told }]);
    expect(heldAt(ROOT)).toEqual(NOTHING);
  });

  test.each(LIMITS)("is not refused by itself: %s a %s", async (metric, window) => {
    start([limit(TEAM, metric, window, NEED[metric])]);
    const one = await first();
    expect(await replace(one)).toMatchObject({ ok: true, handle: one.handle });
    expect(refusal(await ask(SQUAD_KEY))).toMatchObject({ settled: 0, held: NEED[metric] });
    world.settle(one, { inputUncached: 100, cacheRead: 0, cacheWrite: 0, output: 50, costNano: 1_000 });
    expect(world.core.counters.of(TEAM)).toEqual({ settled: held({}), held: NOTHING });
  });

  test.each(LIMITS.filter(([metric]) => metric !== "requests" && metric !== "concurrent_requests"))(
    "that does not fit beside others is refused, and what is held stands: %s a %s",
    async (metric, window) => {
      start([limit(TEAM, metric, window, 2 * NEED[metric])]);
      const one = await first();
      await first();
      const [before, text] = [heldAt(TEAM), rows()];
      const more = bound({ inputTokens: 101, outputTokens: 51, costNano: 1_001 });
      const needed = { input_tokens: 101, output_tokens: 51, total_tokens: 152, cost: 1_001 }[metric as "cost"];
      expect(refusal(await replace(one, { bound: more }))).toMatchObject({
        reason: "held",
        held: NEED[metric],
        needed,
      });
      expect([heldAt(TEAM), rows()]).toEqual([before, text]);
      expect(await replace(one)).toMatchObject({ ok: true, handle: one.handle });
    },
  );

  test.each([
    [
      "settled",
      (one: Attempt) => world.settle(one),
      { requests: 1, inputTokens: 123, outputTokens: 40, costNano: 5_000 },
    ],
    ["expired", () => world.pass(90_000), held({ costNano: 3_000 })],
  ])("is charged once when it is %s", async (_name, end, charged) => {
    start([]);
    const one = await first();
    await replace(one, { bound: bound({ costNano: 3_000 }) });
    await end(one);
    expect(world.core.counters.of(ROOT)).toEqual({ settled: charged, held: NOTHING });
  });

  test("has its full time again", async () => {
    start([]);
    const one = await first();
    const other = await first();
    await world.pass(60_000);
    await replace(one);
    await world.pass(60_000);
    expect(world.settle(other)).toBe("corrected");
    expect(world.core.health().open).toBe(1);
    await world.pass(30_000);
    expect(world.core.health().open).toBe(0);
  });

  test("is counted where the event began, also after midnight", async () => {
    start([limit(ROOT, "cost", "day", 1_000)]);
    world.now = BEGINNING + DAY / 2 - 1_000;
    const one = await first();
    world.now += 2_000;
    expect(await replace(one, { bound: bound({ costNano: 900 }) })).toMatchObject({ ok: true });
    const [yesterday, today] = [BEGINNING, world.now].map((at) => `day/${new Date(at).toISOString().slice(0, 10)}`);
    expect([heldAt(ROOT, yesterday), heldAt(ROOT, today)]).toEqual([held({ costNano: 900 }), NOTHING]);
    expect(await ask(ROOT_KEY)).toMatchObject({ ok: true });
  });

  test("has its cap lowered to what others leave", async () => {
    start([limit(ROOT, "output_tokens", "total", 10_000)]);
    const one = await first(SQUAD_KEY, bound({ outputTokens: 5_000 }));
    await first(SQUAD_KEY, bound({ outputTokens: 4_000 }));
    const output = { requested: 9_000, assumed: 9_000, candidates: 1, picoEach: 0, least: 1 };
    const answer = await replace(one, { bound: bound({ outputTokens: 9_000 }), output });
    expect(answer).toMatchObject({ ok: true, lowered: true, outputCap: 4_096 });
    expect(heldAt(ROOT).outputTokens).toBe(4_000 + 4_096);
  });

  test.each<[string, (one: Attempt) => Partial<AdmitRequest>]>([
    ["of another key", (one) => ({ ...further(one, {}, ROOT_KEY), replaces: one.handle })],
    ["that began at another time", (one) => ({ draft: { ...further(one).draft, startedAt: one.startedAt + 1 } })],
    ["with an impossible bound", () => ({ bound: bound({ costNano: -1 }) })],
  ])("%s changes nothing", async (_name, more) => {
    start([]);
    const one = await first();
    const before = rows();
    await expect(world.core.admit({ ...further(one), ...more(one) })).rejects.toThrow(RangeError);
    expect([rows(), heldAt(ROOT)]).toEqual([before, held({})]);
  });

  test("of a key that may not any more is refused, and what is held stands", async () => {
    start([]);
    const one = await first();
    await push({ keys: [keyRecord(SQUAD_KEY, { ...world.postgres.configuration.keys[2], disabled: true })] });
    expect(await replace(one, { bound: bound({ costNano: 9 }) })).toMatchObject({ ok: false, code: "key_disabled" });
    expect(heldAt(ROOT)).toEqual(held({}));
  });
});

describe("a further attempt, told again", () => {
  const more = { bound: bound({ costNano: 1_500 }) };

  test.each(["at once", "after a restart"])("%s, has the same answer, though nothing else would fit", async (when) => {
    start([limit(ROOT, "cost", "total", 3_000)]);
    const one = await first();
    const told = await replace(one, more);
    await first(SQUAD_KEY, bound({ costNano: 1_500 }));
    if (when === "after a restart") world.evict();
    await push({ limits: [{ ...(world.postgres.configuration.limits[0] as LimitRecord), amount: 100 }] });
    const { rates, ...same } = told as typeof told & { rates: unknown };
    expect(await replace(one, more)).toMatchObject(same);
    expect(await replace(one, { bound: bound({ costNano: 1_499 }) })).toMatchObject({ ok: false, code: "limit" });
    expect(heldAt(ROOT)).toMatchObject({ requests: 2, costNano: 3_000 });
  });

  test("has the cap it was sent with", async () => {
    start([limit(ROOT, "output_tokens", "total", 10_000)]);
    const one = await first(SQUAD_KEY, bound({ outputTokens: 5_000 }));
    await first(SQUAD_KEY, bound({ outputTokens: 4_000 }));
    const output = { requested: 9_000, assumed: 9_000, candidates: 1, picoEach: 0, least: 1 };
    const attempt = { bound: bound({ outputTokens: 9_000 }), output };
    await replace(one, attempt);
    await first(SQUAD_KEY, bound({ outputTokens: 1_900 }));
    expect(await replace(one, attempt)).toMatchObject({ ok: true, lowered: true, outputCap: 4_096 });
  });
});

describe("a Ledger that dies", () => {
  test("after the write knows the attempt that was written", async () => {
    start([]);
    const one = await first();
    await replace(one, { bound: bound({ costNano: 7_000 }) });
    world.evict();
    expect([world.core.health().open, heldAt(TEAM)]).toEqual([1, held({ costNano: 7_000 })]);
    await world.pass(90_000);
    expect(world.core.counters.of(TEAM).settled).toEqual(held({ costNano: 7_000 }));
  });

  test("before it knows the one before, as does one whose disk is full", async () => {
    start([]);
    const one = await first();
    world.storage.failWrites = true;
    await expect(replace(one, { bound: bound({ costNano: 7_000 }) })).rejects.toThrow("full");
    expect(heldAt(TEAM)).toEqual(held({}));
    world.storage.failWrites = false;
    world.evict();
    expect(heldAt(TEAM)).toEqual(held({}));
    expect(await replace(one, { bound: bound({ costNano: 7_000 }) })).toMatchObject({ ok: true, handle: one.handle });
  });
});

describe("a further attempt of an event that", () => {
  test("nobody knows is a first one, and once more the same", async () => {
    start([]);
    const stray = { handle: 77, eventId: "01KAV999999999999999999999", startedAt: world.now };
    const answer = await replace(stray);
    expect(answer).toMatchObject({ ok: true, handle: 1 });
    expect(await replace(stray)).toEqual(answer);
    expect([rows().length, heldAt(ROOT)]).toEqual([1, held({})]);
  });

  test("is open under another handle takes its place: that answer was lost", async () => {
    start([]);
    const one = await first();
    const asked = { ...one, handle: 77 };
    expect(await replace(asked, { bound: bound({ costNano: 5 }) })).toMatchObject({ ok: true, handle: one.handle });
    expect([rows().length, heldAt(ROOT)]).toEqual([1, held({ costNano: 5 })]);
  });

  test("has settled is answered as any repeat, and held no more", async () => {
    start([]);
    const one = await first();
    world.settle(one);
    expect(await replace(one)).toMatchObject({ ok: true, handle: one.handle });
    expect([rows().length, heldAt(ROOT), world.settle(one)]).toEqual([1, NOTHING, "repeat"]);
  });

  test.each(["a moment ago", "before thousands of others, and the Ledger has begun anew"])(
    "expired %s is corrected by its late settlement, and charged once",
    async (when) => {
      start([]);
      const one = await first();
      await world.pass(90_000);
      if (when !== "a moment ago") {
        for (let nth = 0; nth < 4_400; nth++) world.settle(await admitted(ROOT_KEY));
        world.evict();
      }
      const charged = { requests: 1, inputTokens: 123, outputTokens: 40, costNano: 5_000 };
      expect(await replace(one, { bound: bound({ costNano: 9_000 }) })).toMatchObject({ ok: true, handle: one.handle });
      expect(world.core.health().open).toBe(0);
      expect(world.settle(one)).toBe("corrected");
      expect(world.core.counters.of(TEAM)).toEqual({ settled: charged, held: NOTHING });
    },
  );

  test("stands in another's handle is a first one", async () => {
    start([]);
    const other = await first();
    world.settle(other);
    const answer = await replace({ ...other, eventId: "01KAV999999999999999999999" });
    expect(answer).toMatchObject({ ok: true, handle: other.handle + 1 });
  });
});

describe("who waits", () => {
  test("may be a further attempt, whose hold stands until there is room, and if there is none", async () => {
    start([limit(ROOT, "cost", "total", 3_000)]);
    const [one, other] = [await first(), await first()];
    const waiting = [0, 1].map((nth) => replace(one, { bound: bound({ costNano: 2_500 + nth }), patience: 2_000 }));
    await world.pass(1_000);
    expect(heldAt(ROOT)).toMatchObject({ requests: 2, costNano: 2_000 });
    await world.pass(1_000);
    for (const answer of await Promise.all(waiting)) expect(refusal(answer)).toMatchObject({ reason: "held" });
    expect(heldAt(ROOT)).toMatchObject({ requests: 2, costNano: 2_000 });
    const again = replace(one, { bound: bound({ costNano: 2_500 }), patience: 2_000 });
    world.settle(other, { costNano: 100 });
    expect(await again).toMatchObject({ ok: true, handle: one.handle });
    expect(heldAt(ROOT)).toMatchObject({ requests: 1, costNano: 2_500 });
  });

  test("goes once a further attempt needs less", async () => {
    start([limit(ROOT, "cost", "total", 3_000)]);
    const one = await first(SQUAD_KEY, bound({ costNano: 3_000 }));
    const waiting = ask(ROOT_KEY, { patience: 2_000 });
    await replace(one, { bound: bound({ costNano: 2_000 }) });
    expect(await waiting).toMatchObject({ ok: true });
    expect(heldAt(ROOT)).toMatchObject({ requests: 2, costNano: 3_000 });
  });

  test("and whose event ends meanwhile is answered like a repeat", async () => {
    start([limit(ROOT, "cost", "total", 3_000)]);
    const [one] = [await first(), await first()];
    const waiting = replace(one, { bound: bound({ costNano: 2_500 }), patience: 2_000 });
    world.settle(one, { costNano: 100 });
    expect(await waiting).toMatchObject({ ok: true, handle: one.handle });
    expect(heldAt(ROOT)).toMatchObject({ requests: 1, costNano: 1_000 });
  });
});

describe("a target that is cooling", () => {
  const target = "anthropic/claude-opus-5-5@";
  const cool = () => world.core.cool([{ target, until: world.now + 5_000 }]);
  const cooling = () => ({ ok: false, code: "cooling", cooling: [{ target, until: BEGINNING + 5_000 }] });

  test("is not given to a request that could go elsewhere, first attempt or not, until its time", async () => {
    start([]);
    const one = await first();
    cool();
    expect(await ask(SQUAD_KEY, { target, alternatives: true })).toEqual(cooling());
    expect(await replace(one, { alternatives: true, bound: bound({ costNano: 5 }) })).toEqual(cooling());
    expect([rows().length, heldAt(ROOT)]).toEqual([1, held({})]);
    expect(await ask(SQUAD_KEY, { target })).toMatchObject({ ok: true });
    expect(await ask(SQUAD_KEY, { target: "openai/gpt-6@", alternatives: true })).toMatchObject({ ok: true });
    world.now += 5_000;
    expect(await ask(SQUAD_KEY, { target, alternatives: true })).toMatchObject({ ok: true });
  });

  test("keeps what it was given before", async () => {
    start([]);
    const one = await first();
    const told = await replace(one, { alternatives: true });
    cool();
    expect(await replace(one, { alternatives: true })).toEqual(told);
  });
});
