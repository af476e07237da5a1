import { desc, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { auditLog, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";

/** What happened, for the audit log. `before` and `after` hold no secrets. */
export interface AuditEntry {
  actor: string;
  /** `resource.verb`. */
  action: string;
  /** Id of what was changed. */
  target: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/**
 * The SQL of a row's hash: lower-case hex SHA-256 of a JSON array of the hash before it and the row's own values. JSON marks
 * where each value ends, and Postgres writes `jsonb` in one way only, so the same expression over stored rows verifies them.
 */
export const auditHash = (
  row: Record<"prevHash" | "rootId" | "at" | "actor" | "action" | "target", unknown> & {
    before: unknown;
    after: unknown;
  },
): SQL<string> => sql<string>`encode(sha256(convert_to(jsonb_build_array(
  ${row.prevHash}::text, ${row.rootId}::text,
  to_char(${row.at}::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  ${row.actor}::text, ${row.action}::text, ${row.target}::text, ${row.before}::jsonb, ${row.after}::jsonb
)::text, 'UTF8')), 'hex')`;

const asJson = (value: Record<string, unknown> | null): string | null => value && JSON.stringify(value);

/**
 * The statement that adds a row to the root's chain, for the batch that makes the change. The batch must hold the lock on
 * the root's row by then (`commitChange`), so that no other row can come between the last one and this.
 */
export function insertAudit(database: Database, rootId: string, now: number, entry: AuditEntry) {
  const last = database
    .select({ hash: auditLog.hash })
    .from(auditLog)
    .where(eq(auditLog.rootId, rootId))
    .orderBy(desc(auditLog.id))
    .limit(1);
  const at = new Date(now);
  const row = { ...entry, before: asJson(entry.before), after: asJson(entry.after), rootId };
  return database.insert(auditLog).values({
    ...entry,
    rootId,
    at,
    prevHash: sql`${last}`,
    hash: auditHash({ ...row, at: at.toISOString(), prevHash: last }),
  });
}

/** Adds a row for an act that changes no configuration, in a transaction of its own. */
export async function recordAct(database: Database, rootId: string, now: number, entry: AuditEntry): Promise<void> {
  await forRoot(database, rootId).batch([
    database.select({ id: organizations.id }).from(organizations).where(eq(organizations.id, rootId)).for("update"),
    insertAudit(database, rootId, now, entry),
  ]);
}
