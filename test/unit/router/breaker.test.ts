import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Breakers, type Passage } from "../../../worker/router/breaker.ts";

const NOW = Date.UTC(2026, 10, 26);
const SECOND = 1_000;
const MIDDLE = () => 0.5;
const TARGET = "openai/gpt-6-sol@";

/** A breaker that has just opened. */
function opened(random = MIDDLE): Breakers {
  const breakers = new Breakers(random);
  for (let n = 0; n < 5; n++) breakers.failed(TARGET, 0, NOW);
  return breakers;
}

describe("it opens", () => {
  test("after five failures in a row", () => {
    const breakers = new Breakers(MIDDLE);
    for (let n = 0; n < 4; n++) breakers.failed(TARGET, 0, NOW);
    breakers.succeeded(TARGET, 0, NOW);
    for (let n = 0; n < 4; n++) breakers.failed(TARGET, 0, NOW);
    expect(breakers.state(TARGET, NOW)).toBe("closed");
    breakers.failed(TARGET, 0, NOW);
    expect([breakers.state(TARGET, NOW), breakers.mayTry(TARGET, NOW)]).toEqual(["open", null]);
  });

  /** Pairs of a failure and a success at the beginning, then one more success and one more failure. */
  test.each([
    ["when half of twenty calls fail within half a minute", 9, 29, "open"],
    ["but not when half of fewer do", 8, 29, "closed"],
    ["nor over a longer time", 9, 30, "closed"],
  ])("%s", (_, pairs, seconds, state) => {
    const breakers = new Breakers(MIDDLE);
    for (let n = 0; n < pairs; n++) {
      breakers.failed(TARGET, 0, NOW);
      breakers.succeeded(TARGET, 0, NOW);
    }
    // Of an odd number, less than twenty.
    if (pairs < 9) breakers.failed(TARGET, 0, NOW);
    const then = NOW + seconds * SECOND;
    breakers.succeeded(TARGET, 0, then);
    expect(breakers.state(TARGET, then)).toBe("closed");
    breakers.failed(TARGET, 0, then);
    expect(breakers.state(TARGET, then)).toBe(state);
  });

  /** Successes, then failures, the last of which comes when retries are scarce. */
  test.each([
    ["where retries are scarce, when more than a fifth of the calls fail", 7, 2, true, "open"],
    ["but not when a fifth do", 8, 2, true, "closed"],
    ["nor at the first one", 0, 1, true, "closed"],
    ["nor where there are enough", 7, 2, false, "closed"],
  ])("%s", (_, successes, failures, scarce, state) => {
    const breakers = new Breakers(MIDDLE);
    for (let n = 0; n < successes; n++) breakers.succeeded(TARGET, 0, NOW);
    for (let n = 1; n < failures; n++) breakers.failed(TARGET, 0, NOW);
    breakers.failed(TARGET, 0, NOW, scarce);
    expect(breakers.state(TARGET, NOW)).toBe(state);
  });

  test("and knows nothing of other targets", () => {
    expect(opened().mayTry("openai/gpt-6-sol@second", NOW)).toBe(0);
  });
});

describe("once open", () => {
  const then = NOW + 10 * SECOND;

  test("it lets one probe through when its time is over", () => {
    const breakers = opened();
    expect(breakers.blockedUntil(TARGET, NOW)).toBe(then);
    expect(breakers.mayTry(TARGET, then - 1)).toBeNull();
    expect([breakers.state(TARGET, then), breakers.blockedUntil(TARGET, then)]).toEqual(["half_open", null]);
    expect([breakers.mayTry(TARGET, then), breakers.mayTry(TARGET, then)]).toEqual([expect.any(Number), null]);
    expect(breakers.blockedUntil(TARGET, then)).toBe(then);
  });

  test("a probe that goes well closes it, with everything forgotten", () => {
    const breakers = opened();
    breakers.succeeded(TARGET, breakers.mayTry(TARGET, then), then);
    const passage = breakers.mayTry(TARGET, then);
    expect(passage).not.toBeNull();
    for (let n = 0; n < 4; n++) breakers.failed(TARGET, passage, then);
    expect(breakers.state(TARGET, then)).toBe("closed");
    breakers.failed(TARGET, passage, then);
    expect(breakers.blockedUntil(TARGET, then)).toBe(then + 10 * SECOND);
  });

  test("each probe that fails doubles its time, up to five minutes", () => {
    const breakers = opened();
    let now = then;
    const times: number[] = [];
    for (let n = 0; n < 7; n++) {
      breakers.failed(TARGET, breakers.mayTry(TARGET, now) as number, now);
      const until = breakers.blockedUntil(TARGET, now) as number;
      times.push((until - now) / SECOND);
      now = until;
    }
    expect(times).toEqual([20, 40, 80, 160, 300, 300, 300]);
  });

  test("a probe whose client leaves makes room for another; a client of before makes none", () => {
    const breakers = opened();
    const probe = breakers.mayTry(TARGET, then);
    breakers.abandoned(TARGET, 0);
    expect(breakers.mayTry(TARGET, then)).toBeNull();
    breakers.abandoned(TARGET, probe);
    expect(breakers.mayTry(TARGET, then)).not.toBeNull();
  });

  test("a probe that nobody reports on is given up after five minutes, and heard no more", () => {
    const breakers = opened();
    const lost = breakers.mayTry(TARGET, then);
    expect(breakers.mayTry(TARGET, then + 299_999)).toBeNull();
    expect(breakers.mayTry(TARGET, then + 300_000)).not.toBeNull();
    breakers.succeeded(TARGET, lost, then + 300_000);
    expect(breakers.state(TARGET, then + 300_000)).toBe("half_open");
  });

  test("calls from before tell nothing, whatever becomes of them", () => {
    const breakers = opened();
    breakers.failed(TARGET, 0, then);
    breakers.succeeded(TARGET, 0, then);
    expect(breakers.state(TARGET, then)).toBe("half_open");
  });

  test("a call in spite of it closes it when it goes well, and changes nothing else", () => {
    const breakers = opened();
    breakers.failed(TARGET, null, NOW + SECOND);
    expect(breakers.blockedUntil(TARGET, NOW + SECOND)).toBe(then);
    breakers.succeeded(TARGET, null, NOW + SECOND);
    expect(breakers.state(TARGET, NOW + SECOND)).toBe("closed");
  });

  test.each([
    [0, 8],
    [0.5, 10],
    [0.999_999_999, 12],
  ])("its time is spread by a fifth: a random number of %d means %d seconds", (random, seconds) => {
    expect(opened(() => random).blockedUntil(TARGET, NOW)).toBe(NOW + seconds * SECOND);
  });
});

test("of many targets the longest untouched are forgotten, those that are open last", () => {
  const breakers = opened();
  for (let n = 0; n < 3_000; n++) breakers.failed(`compatible/model-${n}@`, 0, NOW);
  expect(breakers.state(TARGET, NOW)).toBe("open");
  // The oldest that is still known needs four more failures, a forgotten one five.
  const openAfterFour = (n: number) => {
    for (let more = 0; more < 4; more++) breakers.failed(`compatible/model-${n}@`, 0, NOW);
    return breakers.state(`compatible/model-${n}@`, NOW);
  };
  expect([2_001, 0].map(openAfterFour)).toEqual(["open", "closed"]);
});

/** What has come of calls since it last closed. */
type Calls = { at: number; ok: boolean }[];

/** The rule once more, over the list of all of them. */
function shouldOpen(calls: Calls, now: number, scarce: boolean): boolean {
  const inARow = calls.length - 1 - calls.findLastIndex(({ ok }) => ok);
  const recent = calls.filter(({ at }) => Math.floor(at / 1000) > Math.floor(now / 1000) - 30);
  const failures = recent.filter(({ ok }) => !ok).length;
  if (scarce && failures >= 2 && failures * 5 > recent.length) return true;
  return inARow >= 5 || (recent.length >= 20 && failures * 2 >= recent.length);
}

interface Running {
  passage: Passage | null;
  kind: "call" | "probe" | "despite";
  era: number;
  since: number;
}

/** One target, whose calls each know in which state of it they began. */
class PlainBreaker {
  readonly running: Running[] = [];
  era = 0;
  calls: Calls = [];
  open: number | null = null;
  opened = 0;

  expected(now: number): "call" | "probe" | null {
    if (this.open === null) return "call";
    const probes = this.running.filter(
      ({ kind, era, since }) => kind === "probe" && era === this.era && now - since < 300_000,
    );
    return now < this.open || probes.length > 0 ? null : "probe";
  }

  /** Whether it opens by what has come of a call. */
  ended({ kind, era }: Pick<Running, "kind" | "era">, ok: boolean, now: number, scarce: boolean): boolean {
    if (kind !== "despite" && era !== this.era) return false;
    if (this.open === null) {
      this.calls.push({ at: now, ok });
      return !ok && shouldOpen(this.calls, now, scarce);
    }
    if (ok) Object.assign(this, { open: null, opened: 0, calls: [], era: this.era + 1 });
    return !ok && kind === "probe";
  }

  opens(until: number, now: number): void {
    const usual = Math.min(10_000 * 2 ** this.opened, 300_000);
    expect(until - now).toBeGreaterThanOrEqual(usual * 0.8);
    expect(until - now).toBeLessThanOrEqual(Math.min(usual * 1.2, 300_000));
    Object.assign(this, { open: until, opened: this.opened + 1, calls: [], era: this.era + 1 });
  }
}

const step = fc.record({
  after: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 60_000 }) },
  ),
  act: fc.constantFrom("ask", "ask", "insist", "end", "end", "end"),
  which: fc.nat(),
  end: fc.constantFrom("ok", "ok", "fails", "fails", "fails", "abandoned"),
  scarce: fc.constantFrom(false, false, false, false, true),
});

test("it follows the rules, with any calls under way at once", () => {
  let [openings, probes] = [0, 0];
  const random = fc.double({ min: 0, max: 0.999, noNaN: true });
  const property = fc.property(fc.array(step, { minLength: 60, maxLength: 200 }), random, (steps, drawn) => {
    const breakers = new Breakers(() => drawn);
    const plain = new PlainBreaker();
    let now = NOW;
    for (const { after, act, which, end, scarce } of steps) {
      now += after;
      if (act !== "end") {
        const expected = plain.expected(now);
        expect(breakers.blockedUntil(TARGET, now) === null).toBe(expected !== null);
        const passage = breakers.mayTry(TARGET, now);
        expect(passage === null).toBe(expected === null);
        if (expected === "probe") [plain.era, probes] = [plain.era + 1, probes + 1];
        if (expected !== null || act === "insist") {
          plain.running.push({ passage, kind: expected ?? "despite", era: plain.era, since: now });
        }
        continue;
      }
      const [call] = plain.running.splice(which % Math.max(1, plain.running.length), 1);
      if (call === undefined) continue;
      if (end === "abandoned") breakers.abandoned(TARGET, call.passage);
      else {
        if (end === "ok") breakers.succeeded(TARGET, call.passage, now);
        else breakers.failed(TARGET, call.passage, now, scarce);
        if (plain.ended(call, end === "ok", now, scarce)) {
          openings++;
          plain.opens(breakers.blockedUntil(TARGET, now) as number, now);
        }
      }
      const { open } = plain;
      expect(breakers.state(TARGET, now)).toBe(open === null ? "closed" : now < open ? "open" : "half_open");
    }
  });
  fc.assert(property, { numRuns: 1_000 });
  // What has not happened is not proven.
  expect(openings).toBeGreaterThan(100);
  expect(probes).toBeGreaterThan(100);
});
