import fc from "fast-check";
import type { LimitMetric, LimitWindow } from "../../../worker/canonical/tenant.ts";
import type { Weather } from "./fake-postgres.ts";
import { KEYS, lineOf, NODES, ORGANIZATION_IDS } from "./tree.ts";

/** How the Ledger hears of a change: pushed at once, pushed later, or not at all. */
export type Push = "now" | "late" | "lost";

export interface Asked {
  inputTokens: number;
  /** Null: it has no output cap. */
  output: { requested: number | null; candidates: number; picoEach: number; least: number } | null;
  priced: boolean;
  unboundedBy: string | null;
  substituted: boolean;
  patience: number;
}

/** What may happen to a Ledger. `nth` picks one of the events, or limits, so far, modulo their number. */
export type Command =
  | { do: "admit"; key: number; asked: Asked }
  | { do: "admit again"; nth: number }
  /** A further attempt; `asked` null: the last one once more. `stray`: it names another handle than the event has. */
  | { do: "replace"; nth: number; asked: Asked | null; stray: boolean }
  | { do: "settle"; nths: number[]; percent: number }
  | { do: "touch"; nth: number }
  | { do: "pass"; seconds: number }
  | { do: "clock back" }
  | { do: "evict" }
  | { do: "weather"; weather: Weather }
  | { do: "release"; weather: Weather }
  | { do: "poison"; nth: number }
  | { do: "deliver again"; nth: number }
  | { do: "change key"; key: number; push: Push }
  | { do: "archive"; organization: number; push: Push }
  /** Puts an organization below another; where that is no tree, nothing. */
  | { do: "move"; organization: number; below: number; push: Push }
  | {
      do: "set limit";
      node: number;
      of: [LimitMetric, LimitWindow, amount: number];
      mode: "block" | "warn";
      fallback: number | null;
      push: Push;
    }
  /** Null removes it. */
  | { do: "change limit"; nth: number; to: number | null; push: Push }
  | { do: "override"; nth: number; to: number; seconds: number; push: Push }
  | { do: "push late" };

/** Those that change the configuration. */
export type Edition = Extract<Command, { push: Push }>;

const nth = fc.nat(40);
const weather = fc.constantFrom<Weather>("fine", "fine", "down", "ack lost", "hang");
const push = fc.constantFrom<Push>("now", "now", "now", "late", "lost");

const output = fc.record({
  requested: fc.constantFrom(null, 1, 20, 300, 5_000, 64_000),
  candidates: fc.constantFrom(1, 1, 3),
  picoEach: fc.constantFrom(10_000, 10_000, 333, 0),
  least: fc.constantFrom(1, 1, 16, 4_000),
});
const asked: fc.Arbitrary<Asked> = fc.record({
  inputTokens: fc.nat(1_000),
  output: fc.option(output, { freq: 5 }),
  priced: fc.constantFrom(true, true, true, true, true, true, true, false),
  unboundedBy: fc.constantFrom(null, null, null, null, null, null, null, "tools[0]"),
  substituted: fc.constantFrom(false, false, false, true),
  patience: fc.constantFrom(0, 2_000, 9_000),
});

/** So small that they bind, and one that seldom does. By place: the nth amount of each metric. */
export const AMOUNTS: Record<LimitMetric, number[]> = {
  requests: [0, 1, 2, 3, 5, 20],
  concurrent_requests: [0, 1, 2, 3, 4, 9],
  input_tokens: [0, 300, 700, 1_500, 4_000, 90_000],
  output_tokens: [0, 50, 2_500, 9_000, 66_000, 300_000],
  total_tokens: [0, 600, 3_000, 9_000, 66_000, 300_000],
  cost: [0, 1_000, 15_000, 60_000, 700_000, 5_000_000],
};
const amount = fc.constantFrom(0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5);

const WINDOWS: LimitWindow[] = ["minute", "hour", "day", "week", "month", "total"];
const counted = fc.tuple(
  fc.constantFrom<LimitMetric>("requests", "input_tokens", "output_tokens", "total_tokens", "cost", "cost"),
  fc.constantFrom(...WINDOWS),
  amount,
);
const concurrent = fc.tuple(fc.constant<LimitMetric>("concurrent_requests"), fc.constant<LimitWindow>("now"), amount);

const setLimit = (told: fc.Arbitrary<Push>) =>
  fc.record({
    do: fc.constant("set limit" as const),
    // Mostly on the longest line, so that limits bind beside and above each other.
    node: fc.oneof(
      fc.nat(NODES.length - 1),
      fc.constantFrom(...lineOf(KEYS[0] as string).map((id) => NODES.indexOf(id))),
    ),
    of: fc.oneof({ weight: 6, arbitrary: counted }, { weight: 1, arbitrary: concurrent }),
    mode: fc.constantFrom("block" as const, "block" as const, "block" as const, "warn" as const),
    fallback: fc.constantFrom(null, null, null, null, null, 60),
    push: told,
  });

const key = fc.oneof(fc.nat(KEYS.length - 1), fc.nat(1));
/** Tenths of a second to months: windows begin anew, buckets flow, holds expire. */
const seconds = fc.constantFrom(
  0.1,
  0.1,
  0.6,
  1,
  1.9,
  2.5,
  20,
  40,
  89,
  89,
  100,
  1_500,
  5_000,
  14_000,
  90_000,
  600_000,
  3_456_000,
);
const percent = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100) },
  { weight: 1, arbitrary: fc.constantFrom(100, 130, 250) },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ do: fc.constant("admit" as const), key, asked }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("admit again" as const), nth }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("replace" as const),
      nth,
      asked: fc.option(asked, { freq: 6 }),
      stray: fc.constantFrom(false, false, false, false, false, false, true),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      nths: fc.array(nth, { minLength: 1, maxLength: 4 }),
      percent,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("touch" as const), nth }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("pass" as const), seconds }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clock back" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("evict" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("weather" as const), weather }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("release" as const),
      weather: fc.constantFrom<Weather>("fine", "down", "ack lost"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("poison" as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deliver again" as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("change key" as const), key, push }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("archive" as const),
      organization: fc.integer({ min: 1, max: ORGANIZATION_IDS.length - 1 }),
      push,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      organization: fc.integer({ min: 1, max: ORGANIZATION_IDS.length - 1 }),
      below: fc.nat(ORGANIZATION_IDS.length - 1),
      push,
    }),
  },
  { weight: 2, arbitrary: setLimit(push) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("change limit" as const),
      nth,
      to: fc.oneof({ weight: 5, arbitrary: amount }, { weight: 1, arbitrary: fc.constant(null) }),
      push,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("override" as const),
      nth,
      to: amount,
      seconds: fc.constantFrom(1, 50, 4_000, 100_000),
      push,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("push late" as const) }) },
);

/** Some limits to begin with, then anything. */
export const commands = (maxLength: number): fc.Arbitrary<Command[]> =>
  fc
    .tuple(
      fc.array(setLimit(fc.constant("now")), { minLength: 1, maxLength: 6, size: "max" }),
      fc.array(command, { minLength: maxLength / 4, maxLength, size: "max" }),
    )
    .map((parts) => parts.flat());
