import type { EventResult, UsageEvent } from "../canonical/usage-event.ts";
import {
  type Amount,
  add,
  amountOfResult,
  correctionOf,
  expiredResult,
  isBound,
  isResult,
  nothing,
} from "./amounts.ts";
import { Buckets, isFlowing } from "./buckets.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AdmitRequest, LeaseReport, SettleAnswer, Settlement } from "./contract.ts";
import { Counters } from "./counters.ts";
import { EventIndex, RECENT_EVENTS } from "./event-index.ts";
import { type Hold, Holds, isRepeat } from "./holds.ts";
import { type Admission, Journal, type SentWith } from "./journal.ts";
import { JournalRoom } from "./journal-room.ts";
import { Leases } from "./leases.ts";
import { metricOf } from "./limit-check.ts";
import { Outbox } from "./outbox.ts";
import type { CountedSql, LedgerClock, LedgerLog } from "./storage.ts";
import type { NodeSum } from "./sums.ts";

const DAY_MS = 86_400_000;
/** Settlements, or acknowledged rows, that make a snapshot due. */
const SNAPSHOT_EVERY = 256;
/**
 * The part of them, for each row the snapshot would write, that is worth one once nothing waits: 32 for a small tenant.
 * Bounds what a quiet tenant sends again after a restart, for at most a sixteenth of a row a request.
 */
const AT_REST = 1 / 16;

/** Of a request that has ended. */
const AS_IT_IS: SentWith = { outputCap: null, lowered: false };

/** A settlement that no retry can make right: impossible figures, or a handle of another event. */
export class ImpossibleSettlement extends Error {
  override readonly name = "ImpossibleSettlement";
}

export interface BooksOptions {
  sql: CountedSql;
  clock: LedgerClock;
  log: LedgerLog;
  /** How long a request may stay untouched before its hold is charged. */
  holdSeconds: number;
  snapshotEvery?: number | undefined;
  recordEvents(events: UsageEvent[]): Promise<{ configVersion: number }>;
  /** The tenant's limits and time zones. */
  copy: ConfigurationCopy;
  /** Told of every change of what is settled, once it is counted, and of what was taken back. */
  counted(nodes: readonly string[], startedAt: number, expired: boolean): void;
}

/**
 * What is held, what was used and what Postgres has yet to learn: counters and holds in memory, the journal that rebuilds
 * them, and its snapshot. Every change writes SQL first and memory after, with no `await` in between.
 */
export class Books {
  readonly counters: Counters;
  readonly buckets = new Buckets();
  readonly holds: Holds;
  readonly outbox: Outbox;
  readonly leases: Leases;
  readonly #options: BooksOptions;
  readonly #journal: Journal;
  readonly #room: JournalRoom;
  readonly #snapshotEvery: number;
  readonly #events = new EventIndex();
  #snapshot = 1;
  #settledAt = 0;
  #nextSeq = 1;
  #settledSince = 0;

  constructor(options: BooksOptions) {
    this.#options = options;
    this.#snapshotEvery = options.snapshotEvery ?? SNAPSHOT_EVERY;
    this.#journal = new Journal(options.sql);
    this.counters = new Counters((node) => options.copy.zoneOf(node));
    this.holds = new Holds(this.counters, options.holdSeconds);
    this.leases = new Leases({
      ...options,
      counters: this.counters,
      counted: (nodes, startedAt, amount) => {
        this.#pour(nodes, amount, options.clock.now());
        options.counted(nodes, startedAt, false);
      },
    });
    this.outbox = new Outbox({
      ...options,
      journal: this.#journal,
      acknowledged: () => {
        if (this.outbox.committed.size >= this.#snapshotEvery) this.#takeSnapshot();
      },
    });
    this.#room = new JournalRoom({ ...options, waiting: () => this.outbox.waiting });
  }

  /**
   * A request that is decided already: its sequence, and how it is to be sent. Null for an event that was not admitted
   * before, or long ago, and for a further attempt that is to take another's place; see `AdmitRequest.replaces`.
   */
  known({ draft: { eventId }, target, bound, replaces }: AdmitRequest): ({ handle: number } & SentWith) | null {
    const seq = this.#events.seqOf(eventId) ?? this.#endedAs(replaces, eventId);
    if (seq === null) return null;
    const hold = this.holds.get(seq);
    const isAnother = hold !== undefined && replaces !== null && !isRepeat(hold, { target, bound });
    return isAnother ? null : { handle: seq, ...(hold?.sentWith ?? AS_IT_IS) };
  }

  /** What is decided as if nothing was held for an event that is open: another attempt of it is to take its place. */
  without<Decision>(eventId: string, decide: () => Decision): Decision {
    return this.holds.without(this.#events.seqOf(eventId) ?? -1, decide);
  }

  /**
   * Holds the bound and writes the row, or rewrites the row of an event that is open; returns its sequence. To be asked
   * only of a request that is not `known`.
   * @throws LedgerFullError when there is no room, RangeError when the bound is no bound, or the event another's
   */
  admit(asking: Omit<Admission, "admittedAt">): number {
    const { draft, bound } = asking;
    if (!isBound(bound)) throw new RangeError("a bound must consist of non-negative safe integers");
    const now = this.#options.clock.now();
    const admission: Admission = { ...asking, admittedAt: now };
    const earlier = this.#holdOf(draft.eventId);
    if (earlier !== undefined) return this.#replace(earlier, admission, now);
    this.#room.check();
    const seq = this.#nextSeq;
    this.#room.took(this.#journal.insert(seq, admission));
    this.#nextSeq++;
    this.#open(seq, admission, now);
    return seq;
  }

  /**
   * Releases the hold, counts what was used, and makes the row an event that waits for Postgres.
   * @throws ImpossibleSettlement, or what SQLite throws; nothing has changed then.
   */
  settle({ handle, eventId, result }: Settlement): SettleAnswer {
    if (!isResult(result)) throw new ImpossibleSettlement("counted fields must be non-negative safe integers");
    const hold = this.holds.get(handle);
    if (hold === undefined) return this.#settleLate(handle, eventId, result);
    if (hold.eventId !== eventId) throw new ImpossibleSettlement(`handle ${handle} is of event ${hold.eventId}`);
    this.#complete(hold, result);
    return "settled";
  }

  /**
   * Takes back an admission whose answer never arrived, and which was made elsewhere meanwhile: its event must not stand
   * in the way of the other.
   */
  withdraw(eventId: string): void {
    const hold = this.#holdOf(eventId);
    if (hold === undefined) return;
    this.#journal.remove(hold.seq);
    this.holds.close(hold.seq);
    this.#events.forget(eventId);
    // A shard has told the Ledger that it was under way.
    this.#options.counted(hold.nodes, hold.startedAt, false);
  }

  /** Charges the holds that nobody has touched in time, and the leases of silent shards. */
  expire(): void {
    this.leases.expire();
    const now = this.#options.clock.now();
    for (const hold of this.holds.expired(now)) {
      this.#complete(hold, expiredResult(hold, hold.bound, now));
      this.#options.log({ level: "warn", event: "ledger.hold_expired", event_id: hold.eventId });
    }
  }

  /** Counts a lease's report; one that ends it is worth a part of a snapshot. */
  report(report: LeaseReport): boolean | number {
    if (report.end !== "open") this.#settledSince++;
    return this.leases.report(report);
  }

  /** Takes the snapshot when enough was settled. */
  snapshotWhenDue(): void {
    if (this.#settledSince >= this.#snapshotEvery) this.#takeSnapshot();
  }

  /** Takes the snapshot when nothing waits and enough rows can go. */
  snapshotAtRest(): void {
    const worth = this.#snapshotEvery * AT_REST * (1 + this.counters.partsChanged);
    if (this.outbox.waiting === 0 && this.outbox.committed.size >= worth) this.#takeSnapshot();
  }

  /** Counts what Postgres has already, of a Ledger that starts without its storage. False: it is not stored yet. */
  adopt(sums: Iterable<NodeSum>): boolean {
    for (const { node, window, amount } of sums) this.counters.settleIn(node, window, amount);
    return this.#takeSnapshot();
  }

  /**
   * The same of requests that were rated anew: nobody else knows of these, so that they are stored or not counted.
   * @throws Error when they could not be stored
   */
  adjust(sums: readonly NodeSum[]): void {
    if (this.adopt(sums)) return;
    for (const { node, window, amount } of sums) {
      const less = nothing();
      add(less, amount, -1);
      this.counters.settleIn(node, window, less);
    }
    throw new Error("the corrections could not be stored");
  }

  /**
   * Changes the configuration. What has flowed off did so under the old limits, and must not be reckoned anew under the new
   * ones after a restart: where such limits change, a snapshot parts the two.
   */
  reconfigure(change: () => void): void {
    const { copy, clock } = this.#options;
    const flowing = () => copy.limits.filter(isFlowing).map((limit) => [JSON.stringify(limit), limit] as const);
    const before = flowing();
    change();
    const after = new Set(flowing().map(([text]) => text));
    const ended = before.filter(([text]) => !after.has(text));
    for (const [, limit] of ended) this.buckets.flow(limit, clock.now());
    if (ended.length > 0 || after.size > before.length) this.#takeSnapshot();
  }

  /** Rebuilds the memory: the snapshot, the results it does not cover, and the holds of all open rows. */
  replay(): void {
    const now = this.#options.clock.now();
    const { header, parts } = this.#journal.readSnapshot();
    this.counters.load(parts);
    this.buckets.load(header.buckets);
    this.leases.replay(header.leases);
    const flowing: { nodes: string[]; amount: Amount; at: number }[] = [];
    this.#snapshot = header.number;
    const lastSeq = this.#journal.lastSeq();
    this.#nextSeq = Math.max(header.nextSeq, lastSeq + 1);
    for (const row of this.#journal.replay(header.number, lastSeq - RECENT_EVENTS)) {
      if (row.open) {
        if (row.admission !== null) this.#open(row.seq, row.admission, now);
        continue;
      }
      if (row.drainedAt === null) this.outbox.add(row.seq);
      else this.outbox.kept.set(row.seq, row.drainedAt);
      if (row.admission === null) continue;
      const { draft, path } = row.admission;
      const nodes = [draft.keyId, ...path];
      for (const [result, requests] of [[row.result, 1] as const, [row.correction, 0] as const]) {
        if (result === null) continue;
        const amount = amountOfResult(result, requests);
        this.#charge(nodes, draft.startedAt, amount);
        flowing.push({ nodes, amount, at: result.settledAt });
      }
      if (row.result !== null || row.correction !== null) this.#settledSince++;
      this.#events.ended(draft.eventId, row.seq);
    }
    // What flows off depends on the order in which it came.
    flowing.sort((one, other) => one.at - other.at);
    for (const { nodes, amount, at } of flowing) {
      this.#pour(nodes, amount, at);
      this.#settledAt = at;
    }
    this.#room.measure();
  }

  #holdOf(eventId: string): Hold | undefined {
    return this.holds.get(this.#events.seqOf(eventId) ?? -1);
  }

  /** The handle under which an event ended so long ago that only its row, if there still is one, tells of it. */
  #endedAs(handle: number | null, eventId: string): number | null {
    // An isolate of before further attempts were made names no handle, not even null.
    if (typeof handle !== "number") return null;
    return this.#journal.settled(handle)?.admission.draft.eventId === eventId ? handle : null;
  }

  /** Puts another attempt in the place of the one that is held. */
  #replace(earlier: Hold, admission: Admission, now: number): number {
    const { seq, nodes, startedAt } = earlier;
    const { draft, path } = admission;
    if (draft.keyId !== nodes[0] || draft.startedAt !== startedAt) {
      throw new RangeError("an attempt has the key of its event and the time at which that began");
    }
    this.#journal.rewrite(seq, admission);
    this.#open(seq, admission, now);
    // A shard may count it by another lease now, and has told the Ledger that it was under way by the first.
    if (path.join() !== nodes.slice(1).join()) this.#options.counted(nodes, startedAt, false);
    return seq;
  }

  #open(seq: number, admission: Admission, now: number): void {
    this.holds.open(seq, admission, now);
    this.#events.opened(admission.draft.eventId, seq);
  }

  #complete(hold: Hold, ending: EventResult): void {
    const { nodes, startedAt } = hold;
    const result = { ...ending, settledAt: this.#settleTime() };
    const amount = amountOfResult(result, 1);
    this.#room.took(this.#journal.settle(hold.seq, this.#snapshot, result));
    this.holds.close(hold.seq);
    this.#charge(nodes, startedAt, amount);
    this.#pour(nodes, amount, result.settledAt);
    this.#events.ended(hold.eventId, hold.seq);
    this.#settledSince++;
    this.outbox.add(hold.seq);
    this.#options.counted(nodes, startedAt, result.outcome === "expired");
  }

  /** A settlement of a request that is not open: a repeat, unless the request had expired. */
  #settleLate(handle: number, eventId: string, late: EventResult): SettleAnswer {
    if (handle >= this.#nextSeq) return "unknown";
    const row = this.#journal.settled(handle);
    if (row === null) return "repeat";
    const { draft, path } = row.admission;
    if (draft.eventId !== eventId) throw new ImpossibleSettlement(`handle ${handle} is of event ${draft.eventId}`);
    if (row.result.outcome !== "expired" || row.correction !== null) return "repeat";
    // Not until it was drained: a shard's lease is kept as long as its requests may be corrected, and no longer.
    if (row.result.settledAt + DAY_MS <= this.#options.clock.now()) {
      this.#options.log({ level: "error", event: "ledger.settled_too_late", event_id: eventId });
      return "unknown";
    }
    const correction = { ...correctionOf(row.result, late), settledAt: this.#settleTime() };
    const nodes = [draft.keyId, ...path];
    const amount = amountOfResult(correction, 0);
    this.#journal.correct(handle, this.#snapshot, correction);
    this.#charge(nodes, draft.startedAt, amount);
    this.#pour(nodes, amount, correction.settledAt);
    this.#settledSince++;
    if (this.outbox.kept.delete(handle)) this.outbox.add(handle);
    else this.outbox.reconsider(handle);
    this.#options.counted(nodes, draft.startedAt, false);
    return "corrected";
  }

  /** Now. Where the clock has gone back a snapshot parts the times: a restart takes results in their order. */
  #settleTime(): number {
    const now = this.#options.clock.now();
    if (now < this.#settledAt) this.#takeSnapshot();
    this.#settledAt = now;
    return now;
  }

  #charge(nodes: readonly string[], startedAt: number, amount: Amount): void {
    const exact = this.counters.settle(nodes, startedAt, amount);
    if (!exact) this.#options.log({ level: "error", event: "ledger.counter_at_its_edge", key_id: nodes[0] ?? null });
  }

  /** Adds what was used to the token buckets of the nodes' limits. */
  #pour(nodes: readonly string[], amount: Amount, at: number): void {
    for (const limit of nodes.flatMap((node) => this.#options.copy.limitsOn(node))) {
      if (isFlowing(limit)) this.buckets.add(limit, metricOf(limit.metric, amount), at);
    }
  }

  /** Never throws: without the snapshot (false) the journal still has every row, and the next occasion tries again. */
  #takeSnapshot(): boolean {
    const { committed, kept } = this.outbox;
    const oldest = this.#options.clock.now() - DAY_MS;
    const outdated = [...kept].filter(([, drainedAt]) => drainedAt <= oldest).map(([seq]) => seq);
    const { leases, buckets } = this;
    const ended = leases.superfluous();
    const header = {
      ...{ number: this.#snapshot + 1, nextSeq: this.#nextSeq },
      ...{ buckets: buckets.stored(), leases: leases.counted(ended) },
    };
    try {
      this.#journal.writeSnapshot(header, this.counters.changedParts(), [...committed, ...outdated], ended);
    } catch (error) {
      this.#options.log({ level: "error", event: "ledger.snapshot_failed", message: String(error) });
      return false;
    }
    this.#snapshot = header.number;
    this.#settledSince = 0;
    this.counters.written();
    committed.clear();
    leases.deleted(ended);
    for (const seq of outdated) kept.delete(seq);
    this.#room.measure();
    return true;
  }
}
