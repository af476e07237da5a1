import fc from "fast-check";
import type { LimitMetric, LimitWindow } from "../../../worker/canonical/tenant.ts";
import type { Edition } from "./commands.ts";
import type { Weather } from "./fake-postgres.ts";
import type { Way } from "./regional-world.ts";
import { KEYS, lineOf, NODES } from "./tree.ts";

/** Whom a request is brought to first: one of two shards, the Ledger, or, the Ledger being away, the shard for that. */
export type Route = 0 | 1 | "ledger" | "away";

/** What may happen to a Ledger with shards. `nth` picks one of the requests, limits or shards, modulo their number. */
export type ShardCommand =
  | {
      do: "admit";
      key: number;
      inputTokens: number;
      cap: number | null;
      picoEach: number;
      /** Milliseconds from the request's beginning until it is asked for. */
      lag: number;
      route: Route;
      /** The first answer is lost, and whoever asked goes on as if there was none. */
      lost: boolean;
    }
  | {
      do: "replace";
      nth: number;
      /** Of an event that a shard holds. */
      near: boolean;
      inputTokens: number;
      cap: number | null;
      picoEach: number;
      /** The answer of whoever holds the event is lost. */
      lost: boolean;
    }
  | { do: "settle"; nth: number; percent: number }
  | { do: "touch"; nth: number }
  | { do: "pass"; seconds: number }
  /** Until a few seconds before a day begins somewhere. */
  | { do: "evening" }
  | { do: "evict"; ledger: boolean; regions: number[] }
  | { do: "way"; region: number; way: Way }
  | { do: "weather"; weather: Weather }
  | Edition;

/** A command, and how many calls arrive before the next; null: all. */
export type Step = [command: ShardCommand, arrive: number | null];

const nth = fc.nat(40);
const push = fc.constantFrom("now" as const, "now" as const, "now" as const, "lost" as const);
/** By place, as in `AMOUNTS`: a slice is a small part of what is left, so most are roomy. */
const amount = fc.constantFrom(5, 5, 5, 5, 5, 5, 4, 4, 4, 3, 2, 0);

const counted = fc.tuple(
  fc.constantFrom<LimitMetric>("requests", "input_tokens", "output_tokens", "total_tokens", "cost", "cost", "cost"),
  fc.constantFrom<LimitWindow>("minute", "hour", "day", "week", "month", "total", "total"),
  amount,
);
const concurrent = fc.tuple(fc.constant<LimitMetric>("concurrent_requests"), fc.constant<LimitWindow>("now"), amount);

const setLimit = (told: fc.Arbitrary<"now" | "lost">) =>
  fc.record({
    do: fc.constant("set limit" as const),
    node: fc.oneof(
      fc.nat(NODES.length - 1),
      fc.constantFrom(...lineOf(KEYS[0] as string).map((id) => NODES.indexOf(id))),
    ),
    of: fc.oneof({ weight: 8, arbitrary: counted }, { weight: 1, arbitrary: concurrent }),
    mode: fc.constantFrom("block" as const, "block" as const, "block" as const, "block" as const, "warn" as const),
    fallback: fc.constant(null),
    push: told,
  });

const key = fc.oneof(
  { weight: 1, arbitrary: fc.nat(KEYS.length - 1) },
  { weight: 1, arbitrary: fc.constant(1) },
  { weight: 5, arbitrary: fc.constant(0) },
);
/** Tenths of a second to months: leases end, holds expire, days begin. */
const seconds = fc.constantFrom(
  ...[0.1, 0.1, 0.3, 0.3, 0.6, 0.6, 0.6, 1, 1, 1, 2, 2, 2.5, 2.5, 3, 3, 8, 12, 12, 20, 31, 40, 89, 100, 200],
  ...[1_500, 5_000, 14_000, 50_000, 90_000, 3_456_000],
);

const size = {
  inputTokens: fc.nat(200),
  cap: fc.constantFrom(null, 1, 1, 20, 20, 20, 100, 300),
  picoEach: fc.constantFrom(10_000, 1_000, 333),
};

const command: fc.Arbitrary<ShardCommand> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant("admit" as const),
      key,
      ...size,
      lag: fc.constantFrom(0, 0, 0, 0, 0, 0, 40, 2_000),
      route: fc.constantFrom<Route>(0, 0, 0, 0, 0, 0, 0, 1, 1, 1, "ledger", "away", "away"),
      lost: fc.constantFrom(false, false, false, false, false, false, true),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("replace" as const),
      nth,
      near: fc.boolean(),
      ...size,
      lost: fc.constantFrom(false, false, false, false, false, false, true),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      nth,
      percent: fc.oneof(
        { weight: 6, arbitrary: fc.nat(100) },
        { weight: 1, arbitrary: fc.constantFrom(100, 130, 250) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("touch" as const), nth }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant("pass" as const), seconds }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("evening" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("evict" as const),
      ledger: fc.boolean(),
      regions: fc.subarray([0, 1, 2]),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("way" as const),
      region: fc.nat(2),
      way: fc.constantFrom<Way>("open", "open", "cut", "deaf"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("weather" as const),
      weather: fc.constantFrom<Weather>("fine", "fine", "down", "ack lost"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("change key" as const), key, push }) },
  { weight: 2, arbitrary: setLimit(push) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("change limit" as const),
      nth,
      to: fc.oneof({ weight: 5, arbitrary: amount }, { weight: 1, arbitrary: fc.constant(null) }),
      push,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("override" as const),
      nth,
      to: amount,
      seconds: fc.constantFrom(1, 20, 50, 4_000),
      push,
    }),
  },
);

const arrive = fc.constantFrom(null, null, null, null, null, 0, 0, 1, 1, 2);

/** Some limits to begin with, then anything. */
export const shardSteps = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      fc.array(fc.tuple(setLimit(fc.constant("now" as const)), fc.constant(null)), {
        ...{ minLength: 1, maxLength: 5, size: "max" as const },
      }),
      fc.array(fc.tuple(command, arrive), { minLength: maxLength / 4, maxLength, size: "max" }),
    )
    .map((parts) => parts.flat());
