import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { LedgerStorage, SqlCursor, SqlRow, SqlValue } from "../../../worker/ledger/storage.ts";

/** The storage of one Durable Object, in memory; counts the statements it is asked to run. */
export class SqliteStorage implements LedgerStorage {
  statements = 0;
  /** What the Ledger is told of the database's size; the file's own when null. */
  pretendedSize: number | null = null;
  /** Set to make the next writes fail, as a full disk would. */
  failWrites = false;
  /** Told of every write that was made, in their order. */
  written: (query: string, bindings: readonly SqlValue[]) => void = () => {};
  readonly #database = new DatabaseSync(":memory:");
  readonly #prepared = new Map<string, StatementSync>();
  readonly sql: LedgerStorage["sql"];

  constructor() {
    const exec = <Row extends SqlRow>(query: string, ...bindings: SqlValue[]) => this.#exec<Row>(query, bindings);
    const size = () => this.pretendedSize ?? 0;
    this.sql = {
      exec,
      get databaseSize() {
        return size();
      },
    };
  }

  transactionSync<T>(closure: () => T): T {
    this.#database.exec("SAVEPOINT s");
    try {
      const result = closure();
      this.#database.exec("RELEASE s");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK TO s");
      this.#database.exec("RELEASE s");
      throw error;
    }
  }

  /** Reads without being counted. */
  inspect<Row extends SqlRow>(query: string, ...bindings: SqlValue[]): Row[] {
    return this.#statement(query).all(...bindings) as Row[];
  }

  tables(): string[] {
    return this.inspect<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").map(
      ({ name }) => name,
    );
  }

  close(): void {
    this.#database.close();
  }

  #exec<Row extends SqlRow>(query: string, bindings: SqlValue[]): SqlCursor<Row> {
    this.statements++;
    if (/^\s*SELECT/.test(query)) {
      const rows = this.#statement(query).all(...bindings) as Row[];
      return { toArray: () => rows, [Symbol.iterator]: () => rows[Symbol.iterator](), rowsWritten: 0 };
    }
    if (this.failWrites) throw new Error("database or disk is full");
    if (query.startsWith("CREATE")) {
      this.#database.exec(query);
      return { toArray: () => [], [Symbol.iterator]: () => [][Symbol.iterator](), rowsWritten: 0 };
    }
    const rowsWritten = Number(this.#statement(query).run(...bindings).changes);
    this.written(query, bindings);
    return { toArray: () => [], [Symbol.iterator]: () => [][Symbol.iterator](), rowsWritten };
  }

  #statement(query: string): StatementSync {
    const known = this.#prepared.get(query);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(query);
    this.#prepared.set(query, statement);
    return statement;
  }
}
