import { describe, expect, test } from "vitest";
import { recordedLane, recordedRequests } from "./recorded.ts";
import { type Outcome, replay } from "./replay.ts";
import { type Agent, agentLane, chance, type Lane } from "./trace.ts";

/**
 * Refusals of requests that would have fitted, as docs/false-blocks.md tells them: eight agents side by side come near the
 * end of a budget of 10 USD. With RECORDINGS set to a folder of recorded traffic, that is replayed too.
 */

const LANES = 8;
/** Shares of what a level left, at which the counts are taken. */
const SHARES = [0.5, 0.8, 0.95];
/** Of 1. Behind each figure that is asserted stand some 700 requests or more, mostly thousands. */
const MOST_BLOCKED = 0.001;
/** Percent of the budget used before, and the seeds. */
const LEVELS: [percent: number, seeds: number][] = [
  [50, 8],
  [80, 12],
  [95, 24],
  [99, 60],
];

/** 80 KB and 20,000 tokens a request on average, five sixths of them read from the cache. */
const shape = { firstBytes: 12_000, turnBytes: 1_500 };
const MINI: Agent = { model: "openai/gpt-5-mini", ...shape };
const HAIKU: Agent = { model: "anthropic/claude-haiku-4-5", ...shape };
const SONNET: Agent = { model: "anthropic/claude-sonnet-4-5", ...shape };

interface Pooled {
  until: Map<number, Outcome & { seeds: number }>;
  /** What was left in the end, where it was least. */
  least: number;
}

/** The same level again and again, with other agents; counts of requests are added up. */
async function pooled(
  laneOf: (random: () => number) => Lane,
  { percent, seeds, waitSeconds }: { percent: number; seeds: number; waitSeconds: number },
): Promise<Pooled> {
  const all: Pooled = { until: new Map(), least: Number.POSITIVE_INFINITY };
  for (let seed = 1; seed <= seeds; seed++) {
    const lanes = Array.from({ length: LANES }, (_, lane) => laneOf(chance(seed * 1_000 + lane)));
    const { until, left } = await replay(lanes, percent, SHARES, waitSeconds);
    all.least = Math.min(all.least, left);
    for (const [share, outcome] of until) {
      const sum = all.until.get(share) ?? { ...outcome, ...NONE, seeds: 0 };
      sum.seeds++;
      for (const name of COUNTED) sum[name] += outcome[name];
      sum.longestWait = Math.max(sum.longestWait, outcome.longestWait);
      all.until.set(share, sum);
    }
  }
  return all;
}

const COUNTED = ["asked", "blocked", "held", "blockedInTheEnd", "truncated", "lowered"] as const;
const NONE = { asked: 0, blocked: 0, held: 0, blockedInTheEnd: 0, truncated: 0, lowered: 0 };

const percentOf = (part: number, whole: number): string => ((100 * part) / whole).toFixed(2);

/** A row of the table in docs/false-blocks.md. */
function print(name: string, percent: number, { until, least }: Pooled): void {
  for (const [share, one] of until) {
    const of = (part: number): string => percentOf(part, one.asked);
    console.info(
      `| ${name} | ${percent} | ${share * 100} | ${one.seeds} | ${one.asked} | ${of(one.blocked)} | ${of(one.held)} | ` +
        `${of(one.blockedInTheEnd)} | ${of(one.lowered)} | ${of(one.truncated)} | ${one.longestWait / 1_000} | ` +
        `${(least / 1e9).toFixed(4)} |`,
    );
  }
}

/** Up to which share of what is left the promise holds, by the percent used before. */
type Promised = Partial<Record<number, number>>;

describe.each<[string, number, Promised[]]>([
  ["as by default", 2, [{ 50: 0.95, 80: 0.8, 95: 0.5 }, { 50: 0.8, 80: 0.5 }, { 50: 0.5 }]],
  [
    "for a minute",
    60,
    [
      { 50: 0.95, 80: 0.95, 95: 0.8, 99: 0.8 },
      { 50: 0.95, 80: 0.8, 95: 0.8 },
      { 50: 0.8, 80: 0.8 },
    ],
  ],
])("requests that may wait %s", (_, waitSeconds, promised) => {
  describe.each(LEVELS)("for a budget of which %i percent are used", (percent, seeds) => {
    test.each<[string, Agent, number]>([
      ["a small model", MINI, 0],
      ["a middling model", HAIKU, 1],
      ["a large model", SONNET, 2],
    ])("agents of %s are hardly ever refused what would have fitted", async (name, agent, nth) => {
      const found = await pooled((random) => agentLane(agent, random), { percent, seeds, waitSeconds });
      print(`${name}, ${waitSeconds} s`, percent, found);
      expect(found.least).toBeGreaterThanOrEqual(0);
      for (const share of SHARES.filter((one) => one <= (promised[nth]?.[percent] ?? 0))) {
        const until = found.until.get(share);
        expect([share, until?.seeds]).toEqual([share, seeds]);
        expect((until?.blocked ?? 1) / (until?.asked ?? 1)).toBeLessThanOrEqual(MOST_BLOCKED);
      }
    });

    test.runIf(process.env.RECORDINGS !== undefined)("recorded requests never spend more than there is", async () => {
      const requests = recordedRequests(process.env.RECORDINGS as string);
      const found = await pooled((random) => recordedLane(requests, random), { percent, seeds, waitSeconds });
      print(`recorded, ${waitSeconds} s`, percent, found);
      expect(found.least).toBeGreaterThanOrEqual(0);
    });
  });
});
