/** What stands behind the endpoint: the embedded Postgres or a real one. */
export interface Backend {
  /**
   * Runs one statement as its own transaction (`batch` null), or all of them as one. Throws Postgres' own error
   * (`isPostgresError`) when a statement or the sign-in fails, with nothing kept, and any other error when Postgres
   * itself could not be reached.
   */
  run(login: Login, statements: Statement[], batch: BatchOptions | null): Promise<StatementResult[]>;
  close(): Promise<void>;
}

/** Who asks, out of the connection string. */
export interface Login {
  user: string;
  password: string;
}

/** One statement; `params` are in Postgres' text format. */
export interface Statement {
  query: string;
  params: (string | null)[];
}

export interface BatchOptions {
  isolationLevel: IsolationLevel | null;
  readOnly: boolean;
  deferrable: boolean;
}

export const ISOLATION_LEVELS = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
} as const;

export type IsolationLevel = keyof typeof ISOLATION_LEVELS;

/** A column as the wire protocol's RowDescription has it. */
export interface Field {
  name: string;
  tableID: number;
  columnID: number;
  dataTypeID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
  format: string;
}

/** `rows` are as Postgres prints them, whatever their type. `rowCount` is null for commands that count nothing. */
export interface StatementResult {
  fields: Field[];
  rows: (string | null)[][];
  command: string;
  rowCount: number | null;
}

export const beginStatement = ({ isolationLevel, readOnly, deferrable }: BatchOptions): string =>
  [
    "begin",
    isolationLevel === null ? "" : ` isolation level ${ISOLATION_LEVELS[isolationLevel]}`,
    readOnly ? " read only" : "",
    deferrable ? " deferrable" : "",
  ].join("");

/** The fields of Postgres' ErrorResponse, by the names that the Neon driver looks for. */
const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

type PostgresError = Error & { code: string; severity: string } & {
  [name in (typeof ERROR_FIELDS)[number]]?: string;
};

/** True for an error that Postgres itself reported; a socket's errors have a `code` too, but no `severity`. */
export const isPostgresError = (error: unknown): error is PostgresError =>
  error instanceof Error && "severity" in error && "code" in error && typeof error.code === "string";

/** Neon's error body: `message` and every field of the ErrorResponse, null where Postgres said nothing. */
export const errorBody = (error: PostgresError): Record<string, string | null> => ({
  message: error.message,
  ...Object.fromEntries(ERROR_FIELDS.map((name) => [name, error[name] ?? null])),
});

/** Postgres' refusal of a sign-in. */
export const wrongPassword = (user: string): PostgresError =>
  Object.assign(new Error(`password authentication failed for user "${user}"`), {
    severity: "FATAL",
    code: "28P01",
  });
