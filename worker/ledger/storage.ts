/**
 * What the Ledger's logic needs of the world, in so few words that a model test runs it over node:sqlite and production
 * over a Durable Object's storage.
 */

import type { LogEntry } from "../lib/log.ts";

export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;

export interface SqlCursor<Row> extends Iterable<Row> {
  toArray(): Row[];
  readonly rowsWritten: number;
}

/** The part of `DurableObjectStorage` in use. */
export interface LedgerStorage {
  sql: {
    exec<Row extends SqlRow>(query: string, ...bindings: SqlValue[]): SqlCursor<Row>;
    /** Bytes in use. */
    readonly databaseSize: number;
  };
  transactionSync<T>(closure: () => T): T;
}

export type LedgerLog = (entry: LogEntry) => void;

/** Time and chance, passed in so that tests own both. */
export interface LedgerClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
}

/** SQL that counts the rows it writes, as they are billed. */
export class CountedSql {
  rowsWritten = 0;
  readonly #storage: LedgerStorage;

  constructor(storage: LedgerStorage) {
    this.#storage = storage;
  }

  get databaseSize(): number {
    return this.#storage.sql.databaseSize;
  }

  /** Reads rows. */
  rows<Row extends SqlRow>(query: string, ...bindings: SqlValue[]): Row[] {
    return this.#storage.sql.exec<Row>(query, ...bindings).toArray();
  }

  /** Reads rows one by one; nothing may be written before the last. */
  eachRow<Row extends SqlRow>(query: string, ...bindings: SqlValue[]): Iterable<Row> {
    return this.#storage.sql.exec<Row>(query, ...bindings);
  }

  /** Runs one writing statement and returns how many rows it wrote. */
  write(query: string, ...bindings: SqlValue[]): number {
    const { rowsWritten } = this.#storage.sql.exec(query, ...bindings);
    this.rowsWritten += rowsWritten;
    return rowsWritten;
  }

  transaction<T>(closure: () => T): T {
    return this.#storage.transactionSync(closure);
  }
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Milliseconds to wait after the n-th failure in a row: doubling from 1 s to 60 s, the upper half of it by chance. */
export function backOff(failures: number, random: () => number): number {
  const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 6));
  return Math.max(FIRST_RETRY_MS, Math.round(full * (0.5 + random() / 2)));
}
