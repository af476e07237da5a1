import type { LimitMetric, LimitRecord } from "../canonical/tenant.ts";
import { type Amount, add, METRICS as FIELDS, nothing } from "./amounts.ts";
import type { LeaseReport, RateState, ReportAnswer } from "./contract.ts";
import type { Counters } from "./counters.ts";
import { limitsOfSlice } from "./slice.ts";
import type { CountedSql } from "./storage.ts";

/** A lease as the shard that borrowed it knows it. */
export interface ShardLease {
  /** `shard/ULID`. */
  id: string;
  keyId: string;
  slice: Amount;
  /** Requests at once, where that is limited. */
  concurrent: number;
  metrics: LimitMetric[];
  /** Requests begun in this time may be counted by it; nothing is admitted after it. */
  from: number;
  until: number;
  rates: RateState[];
  exceeded: string[];
  /** For what was allowed while the Ledger was away; null for what it lent. */
  away: { organizationId: string; startedAt: number; allowedBy: string } | null;
}

interface Stored extends ShardLease {
  /** A request of it expired: what was used may be corrected for a day. */
  expiredAt: number | null;
  /** When it admitted last, as far as it is stored: written when it is extended. */
  usedAt: number;
}

interface Known extends Stored {
  limits: readonly LimitRecord[];
  /** Nothing more is admitted by it, whatever its time. */
  closed: boolean;
  /** The number of its last report. */
  report: number;
  /** The Ledger knows its present figures. */
  told: boolean;
  /** Whether the Ledger has been asked to extend it; `refused`: it has not. */
  extension: "none" | "asked" | "refused";
}

export const SHARD_TABLES = [
  "CREATE TABLE IF NOT EXISTS borrowed (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
];

const DAY_MS = 86_400_000;
/** A lease is kept beyond its time while it was used within so long; it is asked for so long before its end. */
const WARM_MS = 180_000;
const EXTEND_BEFORE_MS = 10_000;
/** With this part of it used it is as good as gone. */
const LOW = 0.5;
const PREFIX = "lease/";

/** It was never granted: the Ledger was asked and has not answered, or it collects what was allowed without it. */
const isNote = ({ until }: ShardLease): boolean => until === 0;

/** The node under which a lease's requests are counted. */
export const nodeOf = (id: string): string => PREFIX + id;

/** Whether a node stands for a lease, known or not. */
export const isLease = (node: string): boolean => node.startsWith(PREFIX);

/**
 * A shard's leases: a row each, so that after a restart it still knows what it has to tell. What was used of each is counted
 * like everything else, on a node of its own.
 */
export class ShardLeases {
  readonly #sql: CountedSql;
  readonly #counters: Counters;
  readonly #known = new Map<string, Known>();
  /** The Ledger is being asked for these: a report would give back what it is about to lend. */
  readonly #asking = new Set<string>();

  constructor(sql: CountedSql, counters: Counters) {
    this.#sql = sql;
    this.#counters = counters;
  }

  /** Reads what is stored; the tables must exist. */
  load(): void {
    for (const { body } of this.#sql.rows<{ body: string }>("SELECT body FROM borrowed")) {
      this.#remember(JSON.parse(body) as Stored);
    }
  }

  /** Notes a lease before the Ledger is asked for it: an answer that is lost must not strand the slice. */
  note(id: string, keyId: string, away: ShardLease["away"] = null): void {
    const nothingYet = { slice: nothing(), concurrent: 0, metrics: [], from: 0, until: 0, rates: [], exceeded: [] };
    this.granted({ id, keyId, away, ...nothingYet }, 0);
    if (away === null) this.#asking.add(id);
  }

  /** The Ledger has not answered; it may have lent it all the same. */
  unanswered(id: string): void {
    this.#asking.delete(id);
  }

  /** Whether the Ledger was asked for a lease of the key, and what may have been lent is not given back yet. */
  noted(keyId: string): boolean {
    return [...this.#known.values()].some((lease) => lease.keyId === keyId && lease.away === null && isNote(lease));
  }

  /** The Ledger has lent it. */
  granted(lease: ShardLease, now: number): void {
    this.#asking.delete(lease.id);
    this.#write({ ...lease, expiredAt: null, usedAt: now });
    this.#remember({ ...lease, expiredAt: null, usedAt: now });
  }

  /** It has admitted a request. */
  used(id: string, now: number): void {
    const lease = this.#known.get(id);
    if (lease !== undefined) lease.usedAt = now;
  }

  /** What the Ledger has answered to a report of these: some may be used for longer. */
  extended(reports: readonly LeaseReport[], longer: ReportAnswer["extended"]): void {
    const answers = new Map(longer.map((one) => [one.id, one]));
    for (const { id, extend } of reports) {
      const lease = this.#known.get(id);
      if (lease === undefined || extend === null) continue;
      const answer = answers.get(id);
      if (answer === undefined || answer.until <= lease.until) lease.extension = "refused";
      else if (!lease.closed) {
        lease.extension = "none";
        Object.assign(lease, answer);
        this.#write(lease);
      }
    }
  }

  /** Half of it is used or held, of any metric that is limited. */
  isLow(lease: ShardLease): boolean {
    const { settled, held } = this.#counters.peek(nodeOf(lease.id), "total");
    const low = (slice: number, used: number) => slice > 0 && used > slice * LOW;
    return (
      low(lease.concurrent, held.requests) ||
      FIELDS.some((field) => low(lease.slice[field], settled[field] + held[field]))
    );
  }

  /** How many requests of a key are under way by its leases. */
  running(keyId: string): number {
    const leases = [...this.#known.values()].filter((lease) => lease.keyId === keyId);
    return leases.reduce((sum, lease) => sum + this.#heldOf(lease), 0);
  }

  /** Whether something an organization allowed while the Ledger was away is not counted there yet. */
  away(organization: string): boolean {
    return [...this.#known.values()].some(
      (lease) => lease.away?.allowedBy === organization && (!lease.told || this.#heldOf(lease) > 0),
    );
  }

  get(id: string): ShardLease | undefined {
    return this.#known.get(id);
  }

  /** Whether the lease that a node stands for is known. */
  has(node: string): boolean {
    return this.#known.has(node.slice(PREFIX.length));
  }

  /** The leases of a key that may still admit. */
  open(keyId: string, now: number): ShardLease[] {
    return [...this.#known.values()].filter((lease) => lease.keyId === keyId && !lease.closed && now < lease.until);
  }

  limitsOn(node: string): readonly LimitRecord[] {
    return this.#known.get(node.slice(PREFIX.length))?.limits ?? [];
  }

  /** Nothing more is admitted by any of them, also after a restart: the Ledger is about to be told so. */
  close(now: number): void {
    for (const lease of this.#known.values()) {
      if (lease.closed) continue;
      lease.until = Math.min(lease.until, now);
      this.#write(lease);
      lease.closed = true;
      lease.told = false;
    }
  }

  /** What is used of a lease has changed. */
  changed(node: string): void {
    const lease = this.#known.get(node.slice(PREFIX.length));
    if (lease !== undefined) lease.told = false;
  }

  /** A request of a lease has expired. */
  expired(node: string, now: number): void {
    const lease = this.#known.get(node.slice(PREFIX.length));
    if (lease === undefined) return;
    lease.expiredAt = now;
    this.#write(lease);
  }

  get size(): number {
    return this.#known.size;
  }

  /** True when something is to be told: figures that changed, or a lease whose time is over. */
  untold(now: number): boolean {
    return this.#answered().some((lease) => !lease.told || (!lease.closed && lease.until <= now));
  }

  /** When the next lease's time is over, or the time in which it may be corrected; null when there is none. */
  get nextEnd(): number | null {
    const ends = this.#answered().flatMap((lease) => {
      const { closed, until, told, expiredAt } = lease;
      // A note waits for the next report: that one may be put off, because the Ledger cannot be reached.
      if (!closed) return isNote(lease) ? [] : [until];
      // It does not end while a request of it is under way.
      return told && expiredAt !== null && this.#heldOf(lease) === 0 ? [expiredAt + DAY_MS] : [];
    });
    return ends.length === 0 ? null : Math.min(...ends);
  }

  /** When the next lease is to be extended; null when none is, or the Ledger has been asked: then a report is due again. */
  get nextExtension(): number | null {
    const ends = this.#answered()
      .filter((lease) => lease.extension === "none" && this.#isToExtend(lease))
      .map(({ until }) => until - EXTEND_BEFORE_MS);
    return ends.length === 0 ? null : Math.min(...ends);
  }

  #isToExtend(lease: Known): boolean {
    const { closed, extension, away, until, usedAt } = lease;
    return (
      !closed &&
      !isNote(lease) &&
      extension !== "refused" &&
      away === null &&
      usedAt > until - WARM_MS &&
      !this.isLow(lease)
    );
  }

  /** Open or with requests under way: the Ledger must hear of it now and then. */
  alive(): boolean {
    return this.#answered().some((lease) => !lease.closed || this.#heldOf(lease) > 0);
  }

  /**
   * What the Ledger is to be told: of what has changed, and with `all` of everything that must not be forgotten.
   * @param version that of the configuration this shard knows
   */
  reports(now: number, all: boolean, version: number | null, eventIdsOf: (node: string) => string[]): LeaseReport[] {
    const reports: LeaseReport[] = [];
    for (const lease of this.#answered()) {
      if (!lease.closed && lease.until <= now) {
        lease.closed = true;
        lease.told = false;
      }
      // What could be corrected for a day cannot any more.
      if (lease.expiredAt !== null && now >= lease.expiredAt + DAY_MS && this.#heldOf(lease) === 0) lease.told = false;
      const extend = this.#isToExtend(lease) && now >= lease.until - EXTEND_BEFORE_MS ? version : null;
      if (lease.told && extend === null && !(all && (!lease.closed || this.#heldOf(lease) > 0))) continue;
      if (extend !== null) lease.extension = "asked";
      reports.push({ ...this.#report(lease, now, eventIdsOf), extend });
    }
    return reports;
  }

  /** The Ledger has heard these reports; what ended is forgotten. */
  heard(reports: readonly LeaseReport[]): void {
    for (const { id, end } of reports) if (end === "final" && this.#known.get(id)?.told === true) this.forget(id);
  }

  /** The Ledger has heard more of a lease than this shard remembers to have told. */
  goOnFrom(id: string, number: number): void {
    const lease = this.#known.get(id);
    if (lease === undefined) return;
    lease.report = Math.max(lease.report, number);
    lease.told = false;
  }

  /** These reports may not have arrived. */
  unheard(reports: readonly LeaseReport[]): void {
    for (const { id } of reports) {
      const lease = this.#known.get(id);
      if (lease !== undefined) lease.told = false;
    }
  }

  forget(id: string): void {
    this.#asking.delete(id);
    if (!this.#known.delete(id)) return;
    this.#sql.write("DELETE FROM borrowed WHERE id = ?", id);
    this.#counters.forget(nodeOf(id));
  }

  #answered(): Known[] {
    return [...this.#known.values()].filter(({ id }) => !this.#asking.has(id));
  }

  #heldOf({ id }: ShardLease): number {
    return this.#counters.peek(nodeOf(id), "total").held.requests;
  }

  #report(lease: Known, now: number, eventIdsOf: (node: string) => string[]): Omit<LeaseReport, "extend"> {
    const { settled, held } = this.#counters.of(nodeOf(lease.id));
    lease.report++;
    lease.told = true;
    const over = lease.closed && held.requests === 0;
    const kept = lease.expiredAt !== null && now < lease.expiredAt + DAY_MS;
    const needed = { ...settled };
    add(needed, held);
    const { away, id, keyId } = lease;
    const shard = id.slice(0, id.indexOf("/"));
    return {
      ...{ id, number: lease.report, used: settled },
      slice: lease.closed || away !== null ? needed : lease.slice,
      concurrent: lease.closed ? held.requests : Math.max(lease.concurrent, held.requests),
      end: over ? (kept ? "kept" : "final") : "open",
      away:
        away === null
          ? null
          : {
              ...{ shard, keyId, eventIds: eventIdsOf(nodeOf(id)) },
              ...{ organizationId: away.organizationId, startedAt: away.startedAt },
            },
    };
  }

  #remember(lease: Stored): void {
    const limits = limitsOfSlice(nodeOf(lease.id), lease.metrics, lease);
    this.#known.set(lease.id, { ...lease, limits, closed: false, report: 0, told: false, extension: "none" });
  }

  #write(known: Stored): void {
    const { id, keyId, slice, concurrent, metrics, from, until, rates, exceeded, away, expiredAt, usedAt } = known;
    const lease: Stored = {
      ...{ id, keyId, slice, concurrent, metrics, from, until, rates, exceeded },
      ...{ away, expiredAt, usedAt },
    };
    this.#sql.write(
      "INSERT INTO borrowed (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
      lease.id,
      JSON.stringify(lease),
    );
  }
}
