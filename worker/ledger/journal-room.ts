import type { CountedSql, LedgerLog } from "./storage.ts";

/** A Durable Object holds 10 GB; refuse new requests rather than lose the events of the running ones. */
const WARN_BYTES = 5e9;
const FULL_BYTES = 9e9;

/** The journal has no room for new requests; running ones still settle. */
export class LedgerFullError extends Error {
  override readonly name = "LedgerFullError";
}

export interface JournalRoomOptions {
  sql: CountedSql;
  log: LedgerLog;
  /** Settled rows that Postgres has not acknowledged. */
  waiting(): number;
}

/** How much the journal holds: counted as it is written, and measured now and then. */
export class JournalRoom {
  readonly #options: JournalRoomOptions;
  #bytes = 0;
  #warned = false;

  constructor(options: JournalRoomOptions) {
    this.#options = options;
  }

  /** So many characters were written. */
  took(characters: number): void {
    this.#bytes += characters;
  }

  measure(): void {
    this.#bytes = this.#options.sql.databaseSize;
    this.#warned &&= this.#bytes >= WARN_BYTES;
  }

  /** @throws LedgerFullError when nothing new may be admitted */
  check(): void {
    if (this.#bytes < WARN_BYTES) return;
    if (this.#bytes >= FULL_BYTES) throw new LedgerFullError("the journal is full: Postgres has been away too long");
    if (this.#warned) return;
    this.#warned = true;
    const { log, waiting } = this.#options;
    log({ level: "error", event: "ledger.journal_large", bytes: this.#bytes, waiting: waiting() });
  }
}
