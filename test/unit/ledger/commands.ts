import fc from "fast-check";
import type { Bound } from "../../../worker/ledger/contract.ts";
import type { Weather } from "./fake-postgres.ts";

/** What may happen to a Ledger. `nth` picks one of the events so far, modulo their number. */
export type Command =
  | { do: "admit"; key: number; bound: Bound }
  | { do: "admit again"; nth: number }
  | { do: "settle"; nths: number[]; used: number }
  | { do: "touch"; nth: number }
  | { do: "pass"; seconds: number }
  | { do: "evict" }
  | { do: "weather"; weather: Weather }
  | { do: "release"; weather: Weather }
  | { do: "poison"; nth: number }
  | { do: "deliver again"; nth: number }
  | { do: "change key"; key: number; push: "now" | "late" | "lost" }
  | { do: "push late" };

const nth = fc.nat(40);
const weather = fc.constantFrom<Weather>("fine", "fine", "down", "ack lost", "hang");
const bound = fc.record({ inputTokens: fc.nat(5_000), outputTokens: fc.nat(5_000), costNano: fc.nat(1_000_000) });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("admit" as const), key: fc.nat(2), bound }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("admit again" as const), nth }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      nths: fc.array(nth, { minLength: 1, maxLength: 4 }),
      used: fc.nat(6_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("touch" as const), nth }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.constantFrom(0.1, 1, 40, 100, 90_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("evict" as const) }) },
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
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("change key" as const),
      key: fc.nat(2),
      push: fc.constantFrom("now" as const, "late" as const, "lost" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("push late" as const) }) },
);

export const commands = (maxLength: number): fc.Arbitrary<Command[]> => fc.array(command, { maxLength, size: "max" });
