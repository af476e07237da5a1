import type { LimitMetric, LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { Bound } from "../../../worker/ledger/contract.ts";
import { windowsAt } from "./calendar.ts";
import { addSums, type Edit, type Sums } from "./fake-postgres.ts";
import { PlainBuckets } from "./plain-bucket.ts";
import { flows, isCalendar, needOf, unitsOf, windowOf } from "./plain-ledger.ts";
import { lineOf, zoneOf } from "./tree.ts";

const HOLD_MS = 90_000;
/** So long a lease may be used. */
const LEASE_MS = 30_000;

export const NOTHING: Sums = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
export const METRICS = ["requests", "inputTokens", "outputTokens", "costNano"] as const;

/** An admitted request as it truly is, whoever knows of it. */
export interface True {
  eventId: string;
  /** The Ledger's name, or a shard's. */
  at: string;
  handle: number;
  keyId: string;
  startedAt: number;
  bound: Bound;
  /** Null until it has settled: it may still use all of its bound, and if nobody settles it, it is charged that. */
  used: Sums | null;
  /** Until then it is held for certain; afterwards it may have expired. */
  deadline: number;
  /** The lease it is counted by; null at the Ledger. */
  lease: string | null;
  /** What that lease is limited in. Of everything else the Ledger learns with the next report; null: it knows all. */
  metrics: readonly LimitMetric[] | null;
}

const FIELDS = {
  requests: "requests",
  inputTokens: "input_tokens",
  outputTokens: "output_tokens",
  costNano: "cost",
} as const;

/** Of an amount, what the Ledger holds for a request while it hears nothing. */
function heldOf({ metrics }: True, amount: Sums): Sums {
  const held = { ...amount };
  for (const field of METRICS) if (metrics?.includes(FIELDS[field]) === false) held[field] = 0;
  return held;
}

/** Where a request of a key is counted: every node up to the root, in each of its windows. */
export function placesOf(keyId: string, startedAt: number): string[] {
  return lineOf(keyId).flatMap((node) =>
    Object.values(windowsAt(startedAt, zoneOf(node))).map((window) => `${node} ${window}`),
  );
}

const full = ({ bound }: True): Sums => ({ requests: 1, ...bound });

/** A limit as it was set, and since when nobody admits against it: by a push at once, else with the last lease's end. */
interface Force {
  limit: LimitRecord;
  version: number;
  since: number;
}

/** What is truly used and under way, whatever Ledger and shards know of it. */
export class Truth {
  readonly requests: True[] = [];
  /** By place: what the Ledger must have at least, of what was admitted by it or by what it lent. */
  readonly least = new Map<string, Sums>();
  readonly #forces = new Map<string, Force>();
  readonly #disabled = new Map<string, { version: number; since: number }>();
  readonly #buckets = new PlainBuckets();

  get limits(): LimitRecord[] {
    return [...this.#forces.values()].map(({ limit }) => limit);
  }

  edited({ limits = [], keys = [] }: Edit, version: number): void {
    for (const limit of limits) {
      if (limit.removed) this.#forces.delete(limit.id);
      else this.#forces.set(limit.id, { limit, version, since: Number.POSITIVE_INFINITY });
    }
    for (const { id, disabled } of keys) {
      if (disabled) this.#disabled.set(id, { version, since: Number.POSITIVE_INFINITY });
      else this.#disabled.delete(id);
    }
  }

  /** The Ledger knows this version; `everywhere`: no shard admits by an older one. */
  known(version: number | null, everywhere: boolean, now: number): void {
    for (const force of [...this.#forces.values(), ...this.#disabled.values()]) {
      if (version === null || force.version > version) continue;
      force.since = Math.min(force.since, everywhere ? now : now + LEASE_MS);
    }
  }

  /** B1: an admission fits beside all that is truly used and under way, under what whoever made it could know. */
  admitted(request: True, now: number): void {
    this.requests.push(request);
    if (request.at === "away") return;
    const disabled = this.#disabled.get(request.keyId);
    if (disabled !== undefined && disabled.since <= now) throw new Error(`B1 ${request.keyId} is disabled`);
    for (const place of placesOf(request.keyId, request.startedAt))
      addSums(this.least, place, heldOf(request, full(request)));
    for (const force of this.#forces.values()) this.#checkFits(request, force, now);
  }

  /** Nobody has admitted it, or another attempt has taken its place. */
  withdrawn(request: True): void {
    this.requests.splice(this.requests.indexOf(request), 1);
    if (request.at === "away") return;
    const less = negative(heldOf(request, full(request)));
    for (const place of placesOf(request.keyId, request.startedAt)) addSums(this.least, place, less);
  }

  settled(request: True, used: Sums, inTime: boolean, now: number): void {
    request.used = used;
    if (request.at === "away") return;
    // What was used above a bound the Ledger learns with the next report.
    const less = { ...NOTHING };
    for (const metric of METRICS) less[metric] = Math.min(0, used[metric] - full(request)[metric]);
    for (const place of placesOf(request.keyId, request.startedAt)) addSums(this.least, place, heldOf(request, less));
    // One that had expired was poured in full before, and has flowed off in part.
    if (!inTime) return;
    for (const { limit, version, since } of this.#forces.values()) {
      if (!flows(limit) || !lineOf(request.keyId).includes(limit.nodeId) || request.startedAt < since) continue;
      this.#buckets.pour(ownBucket(limit, version), unitsOf(limit, used), now);
    }
  }

  charged(request: True): Sums {
    return request.used ?? full(request);
  }

  #checkFits(request: True, { limit, version, since }: Force, now: number): void {
    if (limit.mode !== "block" || since > now || !lineOf(request.keyId).includes(limit.nodeId)) return;
    const { override } = limit;
    const amount = override !== null && now < override.until ? override.amount : limit.amount;
    const counts = this.requests.filter(
      ({ at, keyId, metrics }) =>
        at !== "away" && lineOf(keyId).includes(limit.nodeId) && metrics?.includes(limit.metric) !== false,
    );
    let [used, excess] = [0, 0];
    if (flows(limit)) used += this.#buckets.debt(ownBucket(limit, version), now);
    for (const one of counts) {
      if (isCalendar(limit) && windowOf(limit, one.startedAt) !== windowOf(limit, request.startedAt)) continue;
      if (one.used !== null) {
        const units = unitsOf(limit, one.used);
        if (isCalendar(limit)) used += units;
        if (limit.window !== "now") excess += Math.max(0, units - needOf(limit, one.bound));
      } else if (isCalendar(limit) || now < one.deadline) used += needOf(limit, one.bound);
    }
    if (used <= amount + excess) return;
    const what = `${limit.metric}/${limit.window} of ${limit.nodeId}`;
    throw new Error(`B1 ${request.eventId} at ${request.at}: ${used} of ${amount} + ${excess}, ${what}`);
  }
}

export const holdUntil = (now: number): number => now + HOLD_MS;

const negative = (sums: Sums): Sums => ({
  requests: -sums.requests,
  inputTokens: -sums.inputTokens,
  outputTokens: -sums.outputTokens,
  costNano: -sums.costNano,
});

/** A bucket that begins with the limit as it is: what was used before may have flowed off at another pace. */
const ownBucket = (limit: LimitRecord, version: number): LimitRecord => ({
  ...limit,
  nodeId: `${limit.id}/${version}`,
});

/** What events add up to, by place. */
export function sumsOfEvents(events: Iterable<UsageEvent>, sumsOf: (event: UsageEvent) => Sums): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const event of events) {
    for (const place of placesOf(event.keyId, event.startedAt)) addSums(sums, place, sumsOf(event));
  }
  return sums;
}
