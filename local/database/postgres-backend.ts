import pg from "pg";
import {
  type Backend,
  type BatchOptions,
  beginStatement,
  isPostgresError,
  type Login,
  type Statement,
  type StatementResult,
} from "./backend.ts";

const CONNECTIONS_PER_LOGIN = 10;

/** Every value as Postgres prints it. */
const rawText = { getTypeParser: () => (text: unknown) => text };

/**
 * A real Postgres, at the host and database of `url`. Whoever asks signs in there as themselves: Postgres checks the
 * password and the role's rights. Each login has its own pool of connections.
 */
export function createPostgresBackend(url: string): Backend {
  const pools = new Map<string, pg.Pool>();

  const poolOf = ({ user, password }: Login): pg.Pool => {
    const key = JSON.stringify([user, password]);
    const existing = pools.get(key);
    if (existing !== undefined) return existing;
    const connectionString = new URL(url);
    connectionString.username = encodeURIComponent(user);
    connectionString.password = encodeURIComponent(password);
    const pool = new pg.Pool({ connectionString: connectionString.href, max: CONNECTIONS_PER_LOGIN });
    // An idle connection that breaks is replaced by the pool; unheard, its event would end the process.
    pool.on("error", () => {});
    pools.set(key, pool);
    return pool;
  };

  /** A login that Postgres refuses (class 28) keeps no pool. */
  const connect = async (login: Login): Promise<pg.PoolClient> => {
    const pool = poolOf(login);
    try {
      return await pool.connect();
    } catch (error) {
      if (isPostgresError(error) && error.code.startsWith("28")) {
        for (const [key, candidate] of pools) if (candidate === pool) pools.delete(key);
        void pool.end();
      }
      throw error;
    }
  };

  return {
    async run(login, statements, batch) {
      const client = await connect(login);
      let broken = false;
      try {
        return batch === null
          ? await runEach(client, statements)
          : await inTransaction(client, statements, batch, () => {
              broken = true;
            });
      } finally {
        client.release(broken);
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

async function runEach(client: pg.PoolClient, statements: Statement[]): Promise<StatementResult[]> {
  const results: StatementResult[] = [];
  for (const statement of statements) results.push(await execute(client, statement));
  return results;
}

async function inTransaction(
  client: pg.PoolClient,
  statements: Statement[],
  batch: BatchOptions,
  onBroken: () => void,
): Promise<StatementResult[]> {
  try {
    await client.query(beginStatement(batch));
    const results = await runEach(client, statements);
    await client.query("commit");
    return results;
  } catch (error) {
    // A connection that cannot even roll back must not go back to the pool.
    await client.query("rollback").catch(onBroken);
    throw error;
  }
}

async function execute(client: pg.PoolClient, { query, params }: Statement): Promise<StatementResult> {
  // `extended`: one statement a query, as Neon has it, also when there are no parameters.
  const config: pg.QueryArrayConfig & { queryMode: "extended" } = {
    text: query,
    values: params,
    rowMode: "array",
    types: rawText,
    queryMode: "extended",
  };
  const { fields, rows, command, rowCount } = await client.query<(string | null)[]>(config);
  return {
    fields: fields.map(({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format }) => {
      return { name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier, format };
    }),
    rows,
    command,
    rowCount,
  };
}
