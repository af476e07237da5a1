import type { LedgerCalls } from "./far.ts";
import { circumstances, figure, table, told } from "./report.ts";
import { median, quantile, spread, sum } from "./statistics.ts";

/** Milliseconds there and back that are added to every call of the Ledger. The first is what the others are held against. */
export const DISTANCES = [0, 80, 150, 250] as const;

/** Milliseconds from sending to arrival at the provider: one request after the other, and eight clients together. */
interface Times {
  alone: number[];
  together: number[];
}

/** What one distance did in one round. */
export interface DistanceLeg {
  free: Times;
  /** The first call of the key with limits. */
  first: number;
  limited: Times;
  /** Calls of the Ledger for the key with limits. */
  calls: LedgerCalls;
  rowsWritten: number;
}

/** By distance. */
export type DistanceRound = ReadonlyMap<number, DistanceLeg>;

const LOADS = [
  ["alone", "one client"],
  ["together", "eight clients"],
] as const;

/** How much later a request under limits arrives than one without, after the first. */
const added = ({ free, limited }: DistanceLeg, load: keyof Times, p: number): number =>
  quantile(limited[load], p) - quantile(free[load], p);

const requestsOf = ({ limited }: DistanceLeg): number => 1 + limited.alone.length + limited.together.length;

/** The tables as they stand in docs/benchmarks.md. */
export function distanceReport(rounds: readonly DistanceRound[], at: Date): string {
  const legsOf = (distance: number) => rounds.map((round) => round.get(distance) as DistanceLeg);
  const near = legsOf(DISTANCES[0]);
  const times = (load: keyof Times, title: string) =>
    table(
      [title, "first call", "p50", "p90", "**p50, added**", "p90, added", "**p90 ÷ zero**"],
      DISTANCES.map((distance) => {
        const legs = legsOf(distance);
        const of = (p: number) => told(spread(legs.map(({ limited }) => quantile(limited[load], p))));
        const more = (p: number) => told(spread(legs.map((leg) => added(leg, load, p))));
        const ratio = (one: (leg: DistanceLeg) => number) =>
          told(spread(legs.map((leg, round) => one(leg) / one(near[round] as DistanceLeg))));
        return [
          `${distance} ms`,
          figure(median(legs.map(({ first }) => first))),
          ...[of(0.5), of(0.9), `**${more(0.5)}**`, more(0.9)],
          `**${ratio(({ limited }) => quantile(limited[load], 0.9))}**`,
        ];
      }),
    );
  const counts = table(
    ["a request at the Ledger", "requests", "admitted nearby", "leases", "reports", "rows written"],
    DISTANCES.map((distance) => {
      const legs = legsOf(distance);
      const requests = sum(legs.map(requestsOf));
      const calls = (method: string) => sum(legs.map(({ calls }) => calls[method] ?? 0));
      return [
        `${distance} ms`,
        String(requests),
        `${(100 * (1 - calls("admit") / requests)).toFixed(1)} %`,
        ...[calls("lease"), calls("report"), sum(legs.map(({ rowsWritten }) => rowsWritten))].map((count) =>
          (count / requests).toFixed(3),
        ),
      ];
    }),
  );
  const loads = LOADS.map(([load, title]) => times(load, title));
  return [circumstances(at, rounds.length), ...loads, counts].join("\n\n");
}
