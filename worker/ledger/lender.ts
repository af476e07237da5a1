import type { Caller } from "./admission.ts";
import { nothing } from "./amounts.ts";
import type { Books } from "./books.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AwayLease, Cooling, LeaseAnswer, LeaseReport, LeaseRequest, ReportAnswer } from "./contract.ts";
import type { Gate } from "./gate.ts";
import type { LedgerClock } from "./storage.ts";
import { dayAt } from "./windows.ts";

/** So long a shard may admit by a lease. */
const LEASE_MS = 30_000;

const STRICT = { ok: false, code: "strict" } as const;

export interface LenderOptions {
  /** The highest version heard of: changes of it may be in force already. */
  newest(): number;
  /** Targets that are cooling: shards are told of them with every answer. */
  cooling(): Cooling[];
  copy: ConfigurationCopy;
  books: Books;
  gate: Gate;
  clock: LedgerClock;
}

/** Lends shards parts of what the limits leave, and counts what they say they have used. Nothing in it waits. */
export class Lender {
  readonly #options: LenderOptions;

  constructor(options: LenderOptions) {
    this.#options = options;
  }

  /** What a shard may borrow for a key; see `sliceFor`. */
  lend(request: LeaseRequest, { principal, path }: Caller): LeaseAnswer {
    const { books, clock, copy, gate } = this.#options;
    const now = clock.now();
    // Its revocation holds at once, also where a shard cannot be told of it.
    if (principal.strict) return STRICT;
    const nodes = [principal.keyId, ...path];
    const { leases } = books;
    const shards = new Set([...leases.shards, request.shard]).size;
    const offer = leases.has(request.id) ? null : gate.offer(nodes, { ...request, shards }, now);
    if (offer === null) return STRICT;
    const { slice, concurrent } = offer;
    leases.grant({ id: request.id, shard: request.shard, nodes, slice, concurrent, startedAt: now });
    return {
      ok: true,
      ...offer,
      from: Math.max(...this.#daysOf(nodes, now).map((day) => day.from)),
      until: this.#leaseEnd(nodes, now, now),
      version: copy.version ?? 0,
      ...gate.outlook(nodes, now, now),
      cooling: this.#options.cooling(),
    };
  }

  /** Counts what shards have used. */
  report(reports: readonly LeaseReport[]): ReportAnswer {
    for (const { id, away } of reports) if (away !== null) this.#adopt(id, away);
    const answer: ReportAnswer = { unknown: [], stale: [], extended: [], cooling: this.#options.cooling() };
    for (const report of reports) {
      const known = this.#options.books.report(report);
      if (known === false) answer.unknown.push(report.id);
      else if (known !== true) answer.stale.push({ id: report.id, number: known });
      else answer.extended.push(...this.#extended(report));
    }
    return answer;
  }

  /** A lease ends within the days it began in, in whose windows all of it is counted, and with an override above it. */
  #leaseEnd(nodes: readonly string[], startedAt: number, now: number): number {
    const days = this.#daysOf(nodes, startedAt).map((day) => day.until);
    return Math.min(now + LEASE_MS, this.#options.gate.overrideEnd(nodes, now), ...days);
  }

  #daysOf(nodes: readonly string[], at: number) {
    return nodes.map((node) => dayAt(at, this.#options.copy.zoneOf(node)));
  }

  /** A lease that may be used for longer: nothing has changed since it was lent, and there is plenty left. */
  #extended({ id, extend }: LeaseReport): ReportAnswer["extended"] {
    const { books, clock, copy, gate, newest } = this.#options;
    const lease = books.leases.open(id);
    const now = clock.now();
    const unchanged = extend !== null && extend === copy.version && extend === newest();
    if (lease === null || !unchanged || !gate.ample(lease.nodes, now)) return [];
    const { nodes, startedAt } = lease;
    return [{ id, until: this.#leaseEnd(nodes, startedAt, now), ...gate.outlook(nodes, now, now) }];
  }

  /** What was allowed while the Ledger was away becomes a lease like any other. */
  #adopt(id: string, { shard, keyId, organizationId, startedAt, eventIds }: AwayLease): void {
    const { books, copy } = this.#options;
    for (const eventId of eventIds) books.withdraw(eventId);
    if (books.leases.has(id)) return;
    const nodes = [keyId, ...(copy.path(organizationId) ?? [])];
    books.leases.grant({ id, shard, nodes, slice: nothing(), concurrent: 0, startedAt, away: true });
  }
}
