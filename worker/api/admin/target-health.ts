import type { Cooling } from "../../ledger/contract.ts";
import type { RouteRow } from "../../organizations/records.ts";
import { factsOf, failureOf } from "../../router/failures.ts";
import { targetKey } from "../../router/targets.ts";
import type { AttemptCount, AttemptEnd, Attempts, AttemptTarget } from "../../usage/attempts.ts";

/** How a target stands, the worst first. */
export const TARGET_STATES = ["failing", "cooling", "degraded", "untested", "ok"] as const;
export type TargetState = (typeof TARGET_STATES)[number];

/** As many failures in a row as open an isolate's breaker. */
const IN_A_ROW = 5;
/** Of so many attempts, half. */
const ENOUGH = 20;
/** A failure alone is no share. */
const LEAST = 2;
const DEGRADED = 0.1;

/** Attempts at a target in a time, and in its parts. Durations are of answers, in milliseconds; null: there was none. */
export interface TargetFigures {
  attempts: number;
  failures: number;
  p50: number | null;
  p95: number | null;
  /** For each part of the time: attempts, and those of them that failed. */
  series: [attempts: number, failures: number][];
}

export interface TargetHealth extends AttemptTarget {
  /** `targetKey` of it. */
  key: string;
  state: TargetState;
  cooling: Cooling | null;
  /** The names of routes in sight that lead to it. */
  routes: string[];
  recent: TargetFigures;
  /** When an attempt began last, milliseconds since the epoch; null: none is known. */
  lastAttempt: number | null;
  lastFailure: (AttemptEnd & { at: number }) | null;
}

const keyOf = ({ provider, model, credential }: AttemptTarget): string =>
  targetKey(provider as Parameters<typeof targetKey>[0], model, credential);

/** A target behind its key; a model's name may have any character but the provider's end, and credentials have no `@`. */
function targetOf(key: string): AttemptTarget {
  const [slash, at] = [key.indexOf("/"), key.lastIndexOf("@")];
  const credential = key.slice(at + 1);
  return { provider: key.slice(0, slash), model: key.slice(slash + 1, at), credential: credential || null };
}

/** Whether an attempt speaks against its target: what the request itself was refused for does not. */
function isFailure({ outcome, status, code }: AttemptEnd): boolean {
  if (outcome !== "failed") return false;
  const { countsAgainst, cools } = factsOf(failureOf({ status, code: code ?? "" }));
  return countsAgainst || cools === "always";
}

const sumOf = (counts: readonly AttemptCount[]): number => counts.reduce((sum, { count }) => sum + count, 0);

/** The figures of attempts by target's key, in `slots` parts. */
export function figuresByTarget({ counts, latencies }: Attempts, slots: number): Map<string, TargetFigures> {
  const byTarget = Map.groupBy(counts, keyOf);
  const latency = new Map(latencies.map((one) => [keyOf(one), one]));
  return new Map(
    [...byTarget].map(([key, all]) => {
      const within = all.filter(({ slot }) => slot >= 0);
      const { p50 = null, p95 = null } = latency.get(key) ?? {};
      const series = Array.from({ length: slots }, (_, slot): [number, number] => {
        const ofSlot = within.filter((one) => one.slot === slot);
        return [sumOf(ofSlot), sumOf(ofSlot.filter(isFailure))];
      });
      return [key, { attempts: sumOf(within), failures: sumOf(within.filter(isFailure)), p50, p95, series }];
    }),
  );
}

export const noFigures = (slots: number): TargetFigures => ({
  ...{ attempts: 0, failures: 0, p50: null, p95: null },
  series: Array.from({ length: slots }, () => [0, 0]),
});

/** By the newest attempts (the newest first) and the share of the last minutes. */
function stateOf(newest: readonly AttemptEnd[], { attempts, failures }: TargetFigures): TargetState {
  if (newest.length === 0) return "untested";
  const failed = newest.map(isFailure);
  const inARow = failed.length >= IN_A_ROW && failed.slice(0, IN_A_ROW).every(Boolean);
  const half = failed.length >= ENOUGH && failed.filter(Boolean).length * 2 >= failed.length;
  if (inARow || (half && failed[0])) return "failing";
  if (failed[0] || (failures >= LEAST && failures >= DEGRADED * attempts)) return "degraded";
  return "ok";
}

/**
 * How every target stands: those of routes in sight, those that were asked, and those that are cooling where `showsAll`. What is
 * cooling is that whatever else it is.
 */
export function targetHealth({
  routes,
  attempts,
  cooling,
  slots,
  showsAll,
}: {
  routes: readonly Pick<RouteRow, "name" | "targets">[];
  attempts: Attempts;
  cooling: readonly Cooling[];
  slots: number;
  showsAll: boolean;
}): TargetHealth[] {
  const cools = new Map(cooling.map((one) => [one.target, one]));
  const named = Map.groupBy(
    routes.flatMap(({ name, targets }) =>
      targets.map(({ model, credential }) => ({ name, key: `${model}@${credential ?? ""}` })),
    ),
    ({ key }) => key,
  );
  const counts = Map.groupBy(attempts.counts, keyOf);
  const latest = Map.groupBy(attempts.latest, keyOf);
  const figures = figuresByTarget(attempts, slots);
  const keys = new Set([...named.keys(), ...counts.keys(), ...(showsAll ? cools.keys() : [])]);
  return [...keys].map((key) => {
    const ofTarget = counts.get(key) ?? [];
    const newest = (latest.get(key) ?? []).toSorted((a, b) => a.place - b.place);
    const recent = figures.get(key) ?? noFigures(slots);
    const failed = ofTarget.filter(isFailure).sort((a, b) => b.last - a.last)[0];
    const cool = cools.get(key) ?? null;
    return {
      ...{ ...targetOf(key), key, cooling: cool, recent },
      state: cool === null ? stateOf(newest, recent) : "cooling",
      routes: [...new Set((named.get(key) ?? []).map(({ name }) => name))].sort(),
      lastAttempt: ofTarget.length === 0 ? null : Math.max(...ofTarget.map(({ last }) => last)),
      lastFailure:
        failed === undefined
          ? null
          : { outcome: failed.outcome, status: failed.status, code: failed.code, at: failed.last },
    };
  });
}
