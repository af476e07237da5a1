import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { auditLog } from "./schema/index.ts";
import { forRoot } from "./tenant.ts";

/** What a row's hash covers, as columns or as values. `before` and `after` are JSON texts where they are values. */
export type HashedRow = Record<
  | "prevHash"
  | "rootId"
  | "at"
  | "actor"
  | "action"
  | "target"
  | "before"
  | "after"
  | "organizationId"
  | "sessionId"
  | "addressHash"
  | "agentHash",
  unknown
>;

/**
 * The SQL of a row's hash: lower-case hex SHA-256 of a JSON array of the hash before it and the row's own values. JSON marks
 * where each value ends, and Postgres writes `jsonb` in one way only, so the same expression over stored rows verifies
 * them. The last four values came later: rows of before have none of them and are hashed without.
 */
export const auditHash = (row: HashedRow): SQL<string> => sql<string>`encode(sha256(convert_to((jsonb_build_array(
  ${row.prevHash}::text, ${row.rootId}::text,
  to_char(${row.at}::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  ${row.actor}::text, ${row.action}::text, ${row.target}::text, ${row.before}::jsonb, ${row.after}::jsonb
) || case
  when coalesce(${row.organizationId}::text, ${row.sessionId}::text, ${row.addressHash}::text, ${row.agentHash}::text) is null
  then '[]'::jsonb
  else jsonb_build_array(${row.organizationId}::text, ${row.sessionId}::text, ${row.addressHash}::text, ${row.agentHash}::text)
end)::text, 'UTF8')), 'hex')`;

/** What was found of a root's chain. */
export interface ChainState {
  /** Its rows follow from each other. An empty chain does not count as whole: every tenant's begins with its set-up. */
  intact: boolean;
  rows: number;
  /** Id of the first row that does not follow from the one before it, or not from its own values. */
  firstBroken: number | null;
  /** Hash of the last row. Kept elsewhere it tells later that no row up to that one was taken away or made anew. */
  lastHash: string | null;
}

/**
 * Walks a root's whole audit log inside Postgres, in one statement. With `expected`, the chain must also still have a row of
 * that hash. What it cannot see by itself: rows taken away at the very end.
 */
export async function verifyChain(database: Database, rootId: string, expected?: string): Promise<ChainState> {
  const [{ rows: found }] = await forRoot(database, rootId).batch([
    database.execute<{ rows: string; broken: string | null; last: string | null; met: boolean }>(sql`
      with chain as (
        select id, hash, prev_hash is distinct from lag(hash) over (order by id)
          or hash is distinct from ${auditHash(auditLog)} as broken
        from ${auditLog} where root_id = ${rootId}
      )
      select count(*) as rows, min(id) filter (where broken) as broken,
        (select hash from ${auditLog} where root_id = ${rootId} order by id desc limit 1) as last,
        coalesce(bool_or(hash = ${expected ?? null}::text), false) as met
      from chain`),
  ]);
  const [{ rows, broken, last, met } = { rows: "0", broken: null, last: null, met: false }] = found;
  const firstBroken = broken === null ? null : Number(broken);
  const intact = Number(rows) > 0 && firstBroken === null && (expected === undefined || met);
  return { intact, rows: Number(rows), firstBroken, lastHash: last };
}
