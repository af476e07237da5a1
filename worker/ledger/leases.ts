import { type Amount, add, METRICS as FIELDS, nothing } from "./amounts.ts";
import type { LeaseReport } from "./contract.ts";
import type { Counters } from "./counters.ts";
import type { CountedSql, LedgerClock, LedgerLog } from "./storage.ts";

/** What a shard has borrowed. */
export interface Lease {
  /** `shard/ULID`, chosen by the shard. */
  id: string;
  shard: string;
  /** The key, then the organizations up to the root; none of one that must not be lent any more. */
  nodes: readonly string[];
  slice: Amount;
  /** So many requests at once may be under way by it, whatever has been used. */
  concurrent: number;
  /** Decides the windows all of it is counted in; a lease never spans two. */
  startedAt: number;
  /** It collects what was allowed while the Ledger was away. */
  away?: true;
}

interface Known extends Lease {
  windows: string[][];
  /** What of it has been counted as used, and the number of the report that told it. */
  used: Amount;
  report: number;
  /** Until then the shard must have been heard of; null once it has ended. */
  deadline: number | null;
  /**
   * Of one that ended in a way that may still be corrected, without a word or with a request that had expired: when it was
   * heard of last.
   */
  expiredAt: number | null;
}

interface StoredRow extends Record<string, string | number | null> {
  id: string;
  body: string;
  used: string | null;
  expired_at: number | null;
}

export const LEASE_TABLES = [
  `CREATE TABLE IF NOT EXISTS lease (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    used TEXT,
    expired_at INTEGER
  ) WITHOUT ROWID`,
];

/** What the snapshot's counters contain of each lease. */
export type CountedLeases = [id: string, used: Amount][];

const HOUR_MS = 3_600_000;
/** What ended so may be corrected for a day, and then its shard may be silent for another before it says so. */
const KEPT_MS = 49 * HOUR_MS;
/**
 * What was allowed while the Ledger was away is counted for whoever tells of it: such a lease must be known again even when
 * the answer to its last report was lost, and weeks later.
 */
const AWAY_KEPT_MS = 40 * 24 * HOUR_MS;
/** So long a report whose answer was lost, or a question for a lease that was given back, may come after the end. */
const GONE_MS = 600_000;

/** The row of one that was never lent: no shard has this name. */
const FORBIDDEN = { shard: "", nodes: [], slice: nothing(), concurrent: 0 };

const isNothing = (amount: Amount): boolean => FIELDS.every((field) => amount[field] === 0);

const minus = (one: Amount, other: Amount): Amount => {
  const difference = { ...one };
  add(difference, other, -1);
  return difference;
};

/** What is left of a slice; a shard whose providers billed above a bound has used more than it. */
const unused = ({ slice, used }: Pick<Known, "slice" | "used">): Amount => {
  const rest = minus(slice, used);
  for (const field of FIELDS) rest[field] = Math.max(0, rest[field]);
  return rest;
};

export interface LeasesOptions {
  sql: CountedSql;
  clock: LedgerClock;
  log: LedgerLog;
  counters: Counters;
  /** How long a shard may be silent. */
  holdSeconds: number;
  /** Adds to the token buckets, and tells who watches. */
  counted(nodes: readonly string[], startedAt: number, amount: Amount): void;
}

/**
 * What regional shards have borrowed: one row a lease, three writes in its life. Reports are cumulative and live in memory
 * between snapshots; the shard keeps the figures, so that a lost report is made good by the next.
 */
export class Leases {
  readonly #options: LeasesOptions;
  readonly #known = new Map<string, Known>();
  /** Ended and told: their rows are to be deleted with the next snapshot. */
  readonly #done = new Set<string>();
  /** Those that were told of and never lent, and when: to be lent no more. They have a row and no figures. */
  readonly #forbidden = new Map<string, number>();
  /** Those of which there is no row any more, and when it was deleted. */
  readonly #gone = new Map<string, number>();

  constructor(options: LeasesOptions) {
    this.#options = options;
  }

  /** The shards that hold something. */
  get shards(): ReadonlySet<string> {
    return new Set([...this.#known.values()].filter(({ deadline }) => deadline !== null).map(({ shard }) => shard));
  }

  /** Leases that have not ended. */
  get size(): number {
    let open = 0;
    for (const { deadline } of this.#known.values()) if (deadline !== null) open++;
    return open;
  }

  has(id: string): boolean {
    return this.#known.has(id) || this.#done.has(id) || this.#forbidden.has(id) || this.#gone.has(id);
  }

  /** One that has not ended. */
  open(id: string): Readonly<Lease> | null {
    const lease = this.#known.get(id);
    return lease === undefined || lease.deadline === null ? null : lease;
  }

  /** When the next shard has been silent for too long. */
  get nextDeadline(): number | null {
    const deadlines = [...this.#known.values()].map(({ deadline }) => deadline).filter((at) => at !== null);
    return deadlines.length === 0 ? null : Math.min(...deadlines);
  }

  /** Holds a slice on every node of its path and writes its row. */
  grant(lease: Lease): void {
    const { sql } = this.#options;
    const { id, ...body } = lease;
    sql.write("INSERT INTO lease (id, body) VALUES (?, ?)", id, JSON.stringify(body));
    this.#open(lease, nothing());
  }

  /**
   * Counts what a shard says it has used so far, and what it still needs of the slice. Repeats and reports out of order
   * change nothing. Answers whether the lease is known (one that ended more than two days ago is not), or the number of a
   * later report that has come before.
   */
  report({ id, number, used, slice, concurrent, end }: LeaseReport): boolean | number {
    const lease = this.#known.get(id);
    if (lease === undefined) {
      if (this.#done.has(id) || this.#gone.has(id)) return true;
      if (!this.#forbidden.has(id)) this.#forbid(id);
      return false;
    }
    if (number <= lease.report) return lease.report;
    lease.report = number;
    const now = this.#options.clock.now();
    const ended = lease.deadline === null;
    // One that had been taken for lost holds nothing any more: what its requests still need is charged until they end.
    const charged = ended && end === "open" ? slice : used;
    const over = end === "final" && lease.away !== true;
    if (end !== "open" || ended) this.#end(id, charged, over ? null : now);
    if (!ended) this.#hold(lease, -1);
    this.#count(lease, minus(charged, lease.used));
    lease.slice = slice;
    lease.concurrent = concurrent;
    if (end === "open" && !ended) {
      lease.deadline = now + this.#options.holdSeconds * 1000;
      this.#hold(lease, 1);
      return true;
    }
    lease.deadline = null;
    lease.expiredAt = now;
    if (over) {
      this.#known.delete(id);
      this.#done.add(id);
    }
    return true;
  }

  /** Charges in full what silent shards have borrowed. */
  expire(): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    for (const lease of this.#known.values()) {
      if (lease.deadline === null || lease.deadline > now) continue;
      const rest = unused(lease);
      const charged = { ...lease.used };
      add(charged, rest);
      this.#end(lease.id, charged, now);
      this.#hold(lease, -1);
      this.#count(lease, rest);
      lease.deadline = null;
      lease.expiredAt = now;
      log({ level: "error", event: "ledger.lease_expired", lease: lease.id, shard: lease.shard });
    }
  }

  /**
   * What the counters of a snapshot taken now contain of each lease that will still have its row. All of it goes into one
   * row of the snapshot, which must not grow too large: what has used nothing is left out.
   */
  counted(superfluous: readonly string[]): CountedLeases {
    const without = new Set(superfluous);
    return [...this.#known.values()]
      .filter(({ id, used }) => !without.has(id) && !isNothing(used))
      .map(({ id, used }) => [id, { ...used }]);
  }

  /** The rows that a snapshot taken now makes superfluous. */
  superfluous(): string[] {
    const now = this.#options.clock.now();
    const given = [...this.#known.values()].filter(
      ({ expiredAt, away }) => expiredAt !== null && expiredAt + (away === true ? AWAY_KEPT_MS : KEPT_MS) <= now,
    );
    const forbidden = [...this.#forbidden].filter(([, at]) => at + KEPT_MS <= now);
    return [...this.#done, ...given.map(({ id }) => id), ...forbidden.map(([id]) => id)];
  }

  /** They have been deleted. */
  deleted(ids: readonly string[]): void {
    const now = this.#options.clock.now();
    for (const id of ids) {
      if (this.#done.delete(id)) this.#gone.set(id, now);
      this.#known.delete(id);
      this.#forbidden.delete(id);
    }
    for (const [id, at] of this.#gone) if (at + GONE_MS <= now) this.#gone.delete(id);
  }

  /** Rebuilds the memory from the rows and what the snapshot's counters contain of them. */
  replay(counted: CountedLeases): void {
    const before = new Map(counted);
    for (const row of this.#options.sql.rows<StoredRow>("SELECT * FROM lease")) {
      const lease: Lease = { id: row.id, ...(JSON.parse(row.body) as Omit<Lease, "id">) };
      if (lease.shard === FORBIDDEN.shard) {
        this.#forbidden.set(row.id, row.expired_at ?? lease.startedAt);
        continue;
      }
      const used = before.get(row.id) ?? nothing();
      if (row.used === null) {
        this.#open(lease, used);
        continue;
      }
      const told = JSON.parse(row.used) as Amount;
      const known = {
        ...lease,
        windows: this.#windowsOf(lease),
        used,
        report: 0,
        deadline: null,
        expiredAt: row.expired_at,
      };
      this.#count(known, minus(told, used));
      if (row.expired_at === null) this.#done.add(row.id);
      else this.#known.set(row.id, known);
    }
  }

  #open(lease: Lease, used: Amount): void {
    const deadline = this.#options.clock.now() + this.#options.holdSeconds * 1000;
    const known = {
      ...lease,
      windows: this.#windowsOf(lease),
      used: { ...used },
      report: 0,
      deadline,
      expiredAt: null,
    };
    this.#known.set(lease.id, known);
    this.#hold(known, 1);
  }

  #windowsOf({ nodes, startedAt }: Lease): string[][] {
    return nodes.map((node) => this.#options.counters.windowsOf(node, startedAt));
  }

  #hold(lease: Known, factor: 1 | -1): void {
    this.#options.counters.hold(lease.nodes, lease.windows, unused(lease), factor, lease.concurrent);
  }

  #count(lease: Known, more: Amount): void {
    if (isNothing(more)) return;
    add(lease.used, more);
    this.#options.counters.settle(lease.nodes, lease.startedAt, more);
    this.#options.counted(lease.nodes, lease.startedAt, more);
  }

  /**
   * A lease that is not known may have been asked for in a call that is still on its way: that one shall find it ended, also
   * after a restart, or it would be lent to nobody.
   */
  #forbid(id: string): void {
    const now = this.#options.clock.now();
    const [body, used] = [JSON.stringify({ ...FORBIDDEN, startedAt: now }), JSON.stringify(nothing())];
    this.#options.sql.write("INSERT INTO lease (id, body, used, expired_at) VALUES (?, ?, ?, ?)", id, body, used, now);
    this.#forbidden.set(id, now);
  }

  /** @param keptSince set where what was used may still be corrected */
  #end(id: string, used: Amount, keptSince: number | null): void {
    const text = JSON.stringify(used);
    this.#options.sql.write("UPDATE lease SET used = ?, expired_at = ? WHERE id = ?", text, keptSince, id);
  }
}
