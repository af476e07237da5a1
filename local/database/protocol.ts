import type { IncomingHttpHeaders } from "node:http";
import {
  type BatchOptions,
  ISOLATION_LEVELS,
  type IsolationLevel,
  type Login,
  type Statement,
  type StatementResult,
} from "./backend.ts";

/**
 * Neon's SQL over HTTP, as `@neondatabase/serverless` 1.2 speaks it (its `index.mjs` is the source; Neon publishes no
 * specification). A query is `{query, params}`, a batch `{queries: [{query, params}, …]}`; the rest is in headers.
 */
export interface SqlRequest {
  login: Login;
  statements: Statement[];
  /** Null for a single query. */
  batch: BatchOptions | null;
  /** Rows as arrays, not as objects by column name. */
  arrayMode: boolean;
}

/** The request does not follow the protocol. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Reads a request. Throws `ProtocolError`. `Neon-Raw-Text-Output` is not looked at: every value is raw text here. */
export function readRequest(headers: IncomingHttpHeaders, body: string): SqlRequest {
  const login = readLogin(headers["neon-connection-string"]);
  const content = parseJson(body);
  const arrayMode = readFlag(headers, "neon-array-mode");
  if (!isObject(content)) throw new ProtocolError("the body must be a JSON object");
  if ("queries" in content) {
    if (!Array.isArray(content.queries)) throw new ProtocolError("queries must be an array");
    return { login, statements: content.queries.map(readStatement), batch: readBatchOptions(headers), arrayMode };
  }
  return { login, statements: [readStatement(content)], batch: null, arrayMode };
}

/** The answer's body. */
export function writeAnswer({ batch, arrayMode }: SqlRequest, results: StatementResult[]): unknown {
  const bodies = results.map((result) => ({
    ...result,
    rows: arrayMode ? result.rows : result.rows.map((row) => byColumnName(result, row)),
    rowAsArray: arrayMode,
  }));
  return batch === null ? bodies[0] : { results: bodies };
}

const byColumnName = ({ fields }: StatementResult, row: (string | null)[]) =>
  Object.fromEntries(fields.map((field, index) => [field.name, row[index] ?? null]));

function readLogin(header: string | string[] | undefined): Login {
  if (typeof header !== "string") throw new ProtocolError("the header Neon-Connection-String is missing");
  try {
    const { protocol, username, password } = new URL(header);
    if (!/^postgres(ql)?:$/.test(protocol) || username === "") throw new TypeError();
    return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    throw new ProtocolError("Neon-Connection-String must be postgresql://user:password@host/database");
  }
}

function readBatchOptions(headers: IncomingHttpHeaders): BatchOptions {
  return {
    isolationLevel: readIsolationLevel(headers["neon-batch-isolation-level"]),
    readOnly: readFlag(headers, "neon-batch-read-only"),
    deferrable: readFlag(headers, "neon-batch-deferrable"),
  };
}

function readIsolationLevel(header: string | string[] | undefined): IsolationLevel | null {
  if (header === undefined) return null;
  if (typeof header === "string" && Object.hasOwn(ISOLATION_LEVELS, header)) return header as IsolationLevel;
  throw new ProtocolError(`Neon-Batch-Isolation-Level must be one of ${Object.keys(ISOLATION_LEVELS).join(", ")}`);
}

function readFlag(headers: IncomingHttpHeaders, name: string): boolean {
  const value = headers[name];
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  throw new ProtocolError(`${name} must be true or false`);
}

function readStatement(content: unknown): Statement {
  if (!isObject(content) || typeof content.query !== "string") throw new ProtocolError("query must be a string");
  const params = content.params ?? [];
  if (!Array.isArray(params)) throw new ProtocolError("params must be an array");
  return { query: content.query, params: params.map(toText) };
}

/** The driver sends text and null; a hand-written client's numbers, booleans and objects become the text they mean. */
function toText(param: unknown): string | null {
  if (param === null || param === undefined) return null;
  if (typeof param === "string") return param;
  return typeof param === "object" ? JSON.stringify(param) : String(param);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ProtocolError("the body is not JSON");
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
