import { createHash, timingSafeEqual } from "node:crypto";
import { type PGlite, protocol } from "@electric-sql/pglite";
import {
  type Backend,
  type BatchOptions,
  beginStatement,
  type Field,
  type Login,
  type Statement,
  type StatementResult,
  wrongPassword,
} from "./backend.ts";

const { serialize } = protocol;

/** The user as whom PGlite runs: a superuser, who makes the schema and for whom row-level security does not hold. */
export const PGLITE_OWNER = "postgres";

const DEFAULT_BATCH: BatchOptions = { isolationLevel: null, readOnly: false, deferrable: false };

/**
 * The embedded Postgres: one connection, so one transaction at a time. It knows no sign-in of its own; `passwords` names
 * who may come, and whoever is not the owner gets `SET LOCAL ROLE` around all they do.
 */
export function createPgliteBackend(pglite: PGlite, passwords: ReadonlyMap<string, string>): Backend {
  const inTransaction = async (role: string | null, statements: Statement[], batch: BatchOptions) => {
    await execute(pglite, { query: beginStatement(batch), params: [] });
    try {
      if (role !== null) await execute(pglite, { query: `set local role ${quoteIdentifier(role)}`, params: [] });
      const results: StatementResult[] = [];
      for (const statement of statements) results.push(await execute(pglite, statement));
      await execute(pglite, { query: "commit", params: [] });
      return results;
    } catch (error) {
      await execute(pglite, { query: "rollback", params: [] });
      throw error;
    }
  };

  return {
    async run(login, statements, batch) {
      checkPassword(passwords, login);
      const role = login.user === PGLITE_OWNER ? null : login.user;
      return pglite.runExclusive(async () => {
        const [only] = statements;
        // The owner's single statement stays bare, for those that refuse a transaction block.
        if (batch === null && role === null && only !== undefined) return [await execute(pglite, only)];
        return inTransaction(role, statements, batch ?? DEFAULT_BATCH);
      });
    },
    close: () => pglite.close(),
  };
}

function checkPassword(passwords: ReadonlyMap<string, string>, { user, password }: Login): void {
  const expected = passwords.get(user);
  if (expected === undefined || !timingSafeEqual(sha256(expected), sha256(password))) throw wrongPassword(user);
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * One statement by the extended protocol, parameters and results in text format. PGlite's own `query` parses values and
 * leaves the command and the columns' origin out, so this reads the messages itself.
 */
async function execute(pglite: PGlite, { query, params }: Statement): Promise<StatementResult> {
  const messages = Buffer.concat([
    serialize.parse({ text: query }),
    serialize.bind({ values: params }),
    serialize.describe({ type: "P" }),
    serialize.execute(),
    serialize.sync(),
  ]);
  const answer = await pglite.execProtocol(messages, { throwOnError: true });
  const result: StatementResult = { fields: [], rows: [], command: "", rowCount: null };
  for (const message of answer.messages) {
    if (isMessage<{ fields: Omit<Field, "format">[] }>(message, "rowDescription")) {
      result.fields = message.fields.map(
        ({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }): Field => {
          return { name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format: "text" };
        },
      );
    } else if (isMessage<{ fields: (string | null)[] }>(message, "dataRow")) {
      result.rows.push(message.fields);
    } else if (isMessage<{ text: string }>(message, "commandComplete")) {
      Object.assign(result, readCommandTag(message.text));
    }
  }
  return result;
}

const isMessage = <Body>(message: { name: string }, name: string): message is { name: string } & Body =>
  message.name === name;

/** `INSERT 0 3` → INSERT, 3; `SELECT 2` → SELECT, 2; `CREATE TABLE` → CREATE, null. */
function readCommandTag(tag: string): Pick<StatementResult, "command" | "rowCount"> {
  const [command = "", ...rest] = tag.split(" ");
  const last = rest.at(-1);
  return { command, rowCount: last !== undefined && /^\d+$/.test(last) ? Number(last) : null };
}
