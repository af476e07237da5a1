import { PRICES } from "./prices.ts";
import { circumstances, figure, table, told } from "./report.ts";
import { median, spread, sum } from "./statistics.ts";

/** A way of calling the Ledger, by its path at the benchmark's Worker. Another is a line here and a path there. */
export interface Way {
  path: string;
  title: string;
  /** Whether requests are admitted and settled. */
  asks: boolean;
  /** Calls of a Durable Object a request, apart from alarms and from what shards ask the Ledger. */
  calls: number;
}

/** The first is the floor. */
export const WAYS: readonly Way[] = [
  { path: "", title: "empty Worker", asks: false, calls: 0 },
  { path: "rpc", title: "one call that does nothing", asks: false, calls: 1 },
  { path: "pair", title: "admit and settle, one by one", asks: true, calls: 2 },
  { path: "batch", title: "admit; settle by fifties", asks: true, calls: 1 + 1 / 50 },
  { path: "near", title: "by regional shards, one by one", asks: true, calls: 2 },
];

/** What one way did in one round. */
export interface LedgerLeg {
  requests: number;
  /** Milliseconds of load. */
  elapsed: number;
  /** CPU milliseconds of the workerd process until everything was settled and drained. */
  cpu: number;
  ledgerRows: number;
  shardRows: number;
  /** At Ledger and shards. */
  alarmsSet: number;
  /** Leases and reports. */
  shardCalls: number;
  /** Requests the shards had no room for. */
  elsewhere: number;
}

/** By path. */
export type LedgerRound = ReadonlyMap<string, LedgerLeg>;

const perSecond = ({ requests, elapsed }: LedgerLeg): number => requests / (elapsed / 1_000);
const cpuEach = ({ requests, cpu }: LedgerLeg): number => cpu / requests;

/** USD a million requests, beyond what is included, by what it is paid for. */
function cost(way: Way, legs: readonly LedgerLeg[]) {
  const requests = sum(legs.map((leg) => leg.requests));
  const rows = sum(legs.map(({ ledgerRows, shardRows, alarmsSet }) => ledgerRows + shardRows + alarmsSet)) / requests;
  const more = sum(legs.map(({ shardCalls, elsewhere }) => shardCalls + elsewhere)) / requests;
  const alarms = sum(legs.map((leg) => leg.alarmsSet)) / requests;
  const seconds = sum(legs.map((leg) => leg.elapsed / 1_000)) / requests;
  return {
    workerRequests: PRICES.workerRequests,
    cpu: PRICES.cpuMilliseconds * median(legs.map(cpuEach)),
    objectRequests: PRICES.objectRequests * (way.calls + more + alarms),
    duration: way.calls === 0 ? 0 : PRICES.objectGigabyteSeconds * PRICES.objectGigabytes * seconds,
    rows: PRICES.rowsWritten * rows,
  };
}

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

/** The tables as they stand in docs/benchmarks.md. */
export function ledgerReport(rounds: readonly LedgerRound[], at: Date): string {
  const legsOf = ({ path }: Way): LedgerLeg[] => rounds.map((round) => round.get(path) as LedgerLeg);
  const [floor] = WAYS as [Way];
  const against = (way: Way, of: (leg: LedgerLeg) => number): string =>
    told(spread(legsOf(way).map((leg, round) => of(leg) / of(legsOf(floor)[round] as LedgerLeg))));
  const speed = table(
    [
      "a request",
      "a second",
      "**÷ empty**",
      "CPU, ms",
      "CPU ÷ empty",
      "**rows, Ledger**",
      "rows, shards",
      "alarms set",
    ],
    WAYS.map((way) => {
      const legs = legsOf(way);
      const each = (of: (leg: LedgerLeg) => number): string =>
        way.asks ? (sum(legs.map(of)) / sum(legs.map((leg) => leg.requests))).toFixed(3) : "–";
      return [
        way.title,
        told(spread(legs.map(perSecond))),
        `**${against(way, perSecond)}**`,
        figure(median(legs.map(cpuEach))),
        against(way, cpuEach),
        `**${each((leg) => leg.ledgerRows)}**`,
        each((leg) => leg.shardRows),
        each((leg) => leg.alarmsSet),
      ];
    }),
  );
  const money = table(
    ["a million requests", "Worker requests", "CPU", "Ledger requests", "duration", "rows", "**together**"],
    WAYS.map((way) => {
      const parts = Object.values(cost(way, legsOf(way)));
      return [way.title, ...parts.map(dollars), `**${dollars(sum(parts))}**`];
    }),
  );
  const near = WAYS.filter(({ path }) => path === "near").flatMap(legsOf);
  const part = 1 - sum(near.map((leg) => leg.elsewhere)) / sum(near.map((leg) => leg.requests));
  const asked = sum(near.map((leg) => leg.shardCalls)) / sum(near.map((leg) => leg.requests));
  const shards = `Of what the shards were asked they admitted ${(100 * part).toFixed(1)} %, for ${asked.toFixed(3)} leases and reports a request.`;
  return [circumstances(at, rounds.length), speed, money, shards].join("\n\n");
}
