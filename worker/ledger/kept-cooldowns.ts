import { Cooldowns, type CoolingTarget } from "../lib/cooldowns.ts";
import type { CountedSql } from "./storage.ts";

const TABLE =
  "CREATE TABLE IF NOT EXISTS cooling (target TEXT PRIMARY KEY, until INTEGER NOT NULL, reason TEXT) WITHOUT ROWID";
/** Milliseconds. An object is not put to sleep sooner, and what ends by then needs no row. */
const AWAKE = 8_000;
/** An end that is later by less than this is not written again: every isolate tells what it has seen. */
const STEP = 5_000;
/** Names come from clients. */
const MOST = 500;

type Row = { target: string; until: number; reason: string | null };

/**
 * Cooldowns that outlast the sleep of their object, to which the platform puts it as soon as nobody asks: what asks to be left
 * alone for minutes would be forgotten when it is asked least. Throws where a row could not be written; it is known by then.
 */
export class KeptCooldowns extends Cooldowns {
  readonly #sql: CountedSql;
  /** The ends that are written, as far as they are not over. */
  readonly #written = new Map<string, number>();
  #hasTable: boolean;

  constructor(sql: CountedSql, now: number) {
    super();
    this.#sql = sql;
    this.#hasTable = sql.rows("SELECT 1 FROM sqlite_master WHERE name = 'cooling'").length > 0;
    if (!this.#hasTable) return;
    for (const { target, until, reason } of sql.rows<Row>("SELECT target, until, reason FROM cooling")) {
      if (until > now) this.#written.set(target, until);
      super.learn([{ target, until, ...(reason === null ? {} : { reason }) }], now);
    }
  }

  override learn(cooling: readonly CoolingTarget[], now: number): void {
    super.learn(cooling, now);
    for (const { target, reason } of cooling) {
      const until = this.until(target, now) ?? 0;
      if (until < now + AWAKE || until < (this.#written.get(target) ?? 0) + STEP) continue;
      this.#forget(now);
      if (this.#written.size < MOST || this.#written.has(target))
        this.#write({ target, until, reason: reason ?? null });
    }
  }

  #write({ target, until, reason }: Row): void {
    if (!this.#hasTable) this.#sql.write(TABLE);
    this.#hasTable = true;
    const insert = "INSERT OR REPLACE INTO cooling (target, until, reason) VALUES (?, ?, ?)";
    this.#sql.write(insert, target, Math.ceil(until), reason);
    this.#written.set(target, until);
  }

  /** Takes away what is over. */
  #forget(now: number): void {
    const over = [...this.#written].filter(([, until]) => until <= now);
    for (const [target] of over) this.#written.delete(target);
    if (over.length > 0) this.#sql.write("DELETE FROM cooling WHERE until <= ?", now);
  }
}
