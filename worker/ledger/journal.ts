import type { EventDraft, EventResult, UsageEvent } from "../canonical/usage-event.ts";
import type { StoredBucket } from "./buckets.ts";
import type { AdmitRequest, Bound } from "./contract.ts";
import type { CountedLeases } from "./leases.ts";
import type { CountedSql } from "./storage.ts";

/** How a request is to be sent, so that its bound is one. */
export interface SentWith {
  outputCap: number | null;
  lowered: boolean;
}

/** What an attempt asked for that took an earlier one's place: the same asked again is a repeat. */
export type Asked = Pick<AdmitRequest, "target" | "bound">;

export const askedBy = ({ replaces, target, bound }: AdmitRequest): Asked | undefined =>
  replaces === null ? undefined : { target, bound };

/** What `admit` writes: all that a settlement, an expiry or a restart needs. */
export interface Admission {
  draft: EventDraft;
  /** Organization ids from the key's own to the root. */
  path: string[];
  bound: Bound;
  /** What the request was told to be sent with; see `Admitted`. */
  sentWith: SentWith;
  /** Left out by a first attempt. */
  asked?: Asked | undefined;
  /** When this attempt was admitted, in milliseconds since the epoch. */
  admittedAt: number;
}

/** A settled row as the drain and a late settlement read it. */
export interface SettledRow {
  seq: number;
  admission: Admission;
  result: EventResult;
  correction: EventResult | null;
  /** When Postgres acknowledged an expired row, which stays for a late settlement; null for every other. */
  drainedAt: number | null;
  /** Characters of the stored texts. */
  size: number;
}

/** A row as the start reads it: texts only where they are needed. */
export interface ReplayRow {
  seq: number;
  open: boolean;
  drainedAt: number | null;
  admission: Admission | null;
  /** Results not yet covered by the snapshot. */
  result: EventResult | null;
  correction: EventResult | null;
}

export interface SnapshotHeader {
  /** Rows settled under this number or a later one are not in the snapshot. */
  number: number;
  nextSeq: number;
  /** Token buckets that are not full. */
  buckets: StoredBucket[];
  /** What the counters contain of each lease. */
  leases: CountedLeases;
}

/** One statement a table, run when the tenant is first known; an unknown tenant leaves nothing behind. */
export const JOURNAL_TABLES = [
  `CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY,
    admission TEXT NOT NULL,
    snapshot INTEGER,
    result TEXT,
    correction_snapshot INTEGER,
    correction TEXT,
    drained_at INTEGER
  )`,
  "CREATE TABLE IF NOT EXISTS snapshot (part INTEGER PRIMARY KEY, body TEXT NOT NULL)",
  `CREATE TABLE IF NOT EXISTS dead (
    seq INTEGER PRIMARY KEY,
    events TEXT NOT NULL,
    reason TEXT NOT NULL,
    buried_at INTEGER NOT NULL
  )`,
];

const HEADER_PART = -1;
/** Characters. What is told of attempts is some 200 for each, of which an isolate tells at most 20. */
const LONGEST_RESULT = 65_536;

interface StoredRow extends Record<string, string | number | null> {
  seq: number;
  admission: string;
  snapshot: number | null;
  result: string | null;
  correction: string | null;
  drained_at: number | null;
}

const parsed = <T>(text: string | null | undefined): T | null => (text == null ? null : (JSON.parse(text) as T));

function settledRow(row: StoredRow): SettledRow {
  return {
    seq: row.seq,
    admission: JSON.parse(row.admission) as Admission,
    result: JSON.parse(row.result as string) as EventResult,
    correction: parsed<EventResult>(row.correction),
    drainedAt: row.drained_at,
    size: row.admission.length + (row.result?.length ?? 0) + (row.correction?.length ?? 0),
  };
}

/** The events of a settled row: revision 0, and the correction when there is one. */
export function eventsOf({ admission, result, correction }: SettledRow): UsageEvent[] {
  const { draft, bound } = admission;
  const events: UsageEvent[] = [{ ...draft, ...result, rev: 0, heldNano: bound.costNano }];
  if (correction !== null) events.push({ ...draft, ...correction, rev: 1, heldNano: 0 });
  return events;
}

/**
 * The journal's SQL: one row a request, keyed by an integer sequence and nothing else (an index would be billed as a
 * second row). Inserted by `admit`, rewritten by each further attempt, updated once by `settle`, deleted at a snapshot once Postgres has it.
 */
export class Journal {
  readonly #sql: CountedSql;

  constructor(sql: CountedSql) {
    this.#sql = sql;
  }

  /** Writes an admission and returns the length of its text. */
  insert(seq: number, admission: Admission): number {
    const text = JSON.stringify(admission);
    this.#sql.write("INSERT INTO journal (seq, admission) VALUES (?, ?)", seq, text);
    return text.length;
  }

  /** Puts another attempt's admission into an open row; throws when the row is not open. */
  rewrite(seq: number, admission: Admission): void {
    const text = JSON.stringify(admission);
    const written = this.#sql.write("UPDATE journal SET admission = ? WHERE seq = ? AND snapshot IS NULL", text, seq);
    if (written === 0) throw new Error(`journal row ${seq} is not open`);
  }

  /** Completes an open row, which from now on waits for Postgres; returns the length of the result's text. */
  settle(seq: number, snapshot: number, result: EventResult): number {
    let text = JSON.stringify(result);
    // The provider's own object is kept for later reading, never at the price of the row.
    if (text.length > LONGEST_RESULT) text = JSON.stringify({ ...result, rawUsage: null });
    const written = this.#sql.write(
      "UPDATE journal SET snapshot = ?, result = ? WHERE seq = ? AND snapshot IS NULL",
      snapshot,
      text,
      seq,
    );
    if (written === 0) throw new Error(`journal row ${seq} is not open`);
    return text.length;
  }

  /** Adds the correction to an expired row, which from now on waits for Postgres again. */
  correct(seq: number, snapshot: number, correction: EventResult): void {
    this.#sql.write(
      "UPDATE journal SET correction_snapshot = ?, correction = ?, drained_at = NULL WHERE seq = ?",
      snapshot,
      JSON.stringify(correction),
      seq,
    );
  }

  /** Takes back an admission that nobody knows of. */
  remove(seq: number): void {
    this.#sql.write("DELETE FROM journal WHERE seq = ? AND snapshot IS NULL", seq);
  }

  /** A settled row, or null when there is no row of that sequence or it is open. */
  settled(seq: number): SettledRow | null {
    const [row] = this.#sql.rows<StoredRow>("SELECT * FROM journal WHERE seq = ? AND snapshot IS NOT NULL", seq);
    return row === undefined ? null : settledRow(row);
  }

  /** Settled rows that Postgres may not have, in order of sequence. */
  waiting(fromSeq: number, limit: number): SettledRow[] {
    const query =
      "SELECT * FROM journal WHERE seq >= ? AND snapshot IS NOT NULL AND drained_at IS NULL ORDER BY seq LIMIT ?";
    return this.#sql.rows<StoredRow>(query, fromSeq, limit).map(settledRow);
  }

  /** Notes that Postgres has an expired row. False when a correction was added meanwhile and the row waits again. */
  drained(seq: number, at: number): boolean {
    return this.#sql.write("UPDATE journal SET drained_at = ? WHERE seq = ? AND correction IS NULL", at, seq) > 0;
  }

  /** Keeps a copy of what Postgres will never take. */
  bury(row: SettledRow, reason: string, at: number): void {
    this.#sql.write(
      "INSERT OR REPLACE INTO dead (seq, events, reason, buried_at) VALUES (?, ?, ?, ?)",
      row.seq,
      JSON.stringify(eventsOf(row)),
      reason,
      at,
    );
  }

  /** Writes the snapshot and deletes the rows that it makes superfluous, in one transaction. */
  writeSnapshot(
    header: SnapshotHeader,
    parts: Map<number, string>,
    superfluous: readonly number[],
    leases: readonly string[],
  ): void {
    this.#sql.transaction(() => {
      this.#writePart(HEADER_PART, JSON.stringify(header));
      for (const [part, body] of parts) this.#writePart(part, body);
      if (superfluous.length > 0) {
        this.#sql.write(
          "DELETE FROM journal WHERE seq IN (SELECT value FROM json_each(?))",
          JSON.stringify(superfluous),
        );
      }
      for (const id of leases) this.#sql.write("DELETE FROM lease WHERE id = ?", id);
    });
  }

  /** The last snapshot; a journal without one begins at number 1 and sequence 1. */
  readSnapshot(): { header: SnapshotHeader; parts: string[] } {
    let header: SnapshotHeader = { number: 1, nextSeq: 1, buckets: [], leases: [] };
    const parts: string[] = [];
    const query = "SELECT part, body FROM snapshot ORDER BY part";
    for (const { part, body } of this.#sql.rows<{ part: number; body: string }>(query)) {
      if (part === HEADER_PART) header = { ...header, ...(JSON.parse(body) as SnapshotHeader) };
      else parts.push(body);
    }
    return { header, parts };
  }

  /** The highest sequence in the journal, 0 when it is empty. */
  lastSeq(): number {
    const [row] = this.#sql.rows<{ last: number | null }>("SELECT max(seq) AS last FROM journal");
    return row?.last ?? 0;
  }

  /**
   * Every row, for the start: with its admission where it is open, not covered by the snapshot or at `recentSeq` or
   * later, and with the results the snapshot does not cover. After a long outage there may be a million rows.
   */
  *replay(snapshot: number, recentSeq: number): Generator<ReplayRow> {
    const query = `SELECT seq, snapshot, drained_at,
        CASE WHEN snapshot IS NULL OR snapshot >= ? OR correction_snapshot >= ? OR seq >= ? THEN admission END AS admission,
        CASE WHEN snapshot >= ? THEN result END AS result,
        CASE WHEN correction_snapshot >= ? THEN correction END AS correction
      FROM journal ORDER BY seq`;
    for (const row of this.#sql.eachRow<StoredRow>(query, snapshot, snapshot, recentSeq, snapshot, snapshot)) {
      yield {
        seq: row.seq,
        open: row.snapshot === null,
        drainedAt: row.drained_at,
        admission: parsed<Admission>(row.admission),
        result: parsed<EventResult>(row.result),
        correction: parsed<EventResult>(row.correction),
      };
    }
  }

  #writePart(part: number, body: string): void {
    this.#sql.write(
      "INSERT INTO snapshot (part, body) VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET body = excluded.body",
      part,
      body,
    );
  }
}
