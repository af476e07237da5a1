import { desc, eq, sql } from "drizzle-orm";
import { auditHash } from "../../drizzle/audit-chain.ts";
import type { Database } from "../../drizzle/client.ts";
import { auditLog, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { Actor } from "./actor.ts";

/** What happened, for the audit log. `before` and `after` hold no secrets. */
export interface AuditEntry {
  /** The whole actor, of which the log keeps the id and the origin. */
  actor: Pick<Actor, "id" | "origin" | "claim">;
  /** `resource.verb`. */
  action: string;
  /** Id of what was changed. */
  target: string;
  /** The organization that it is, or belongs to: its administrators, and those above, may read the row. */
  organizationId: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

const NO_ORIGIN = { sessionId: null, addressHash: null, agentHash: null };

const asJson = (value: Record<string, unknown> | null): string | null => value && JSON.stringify(value);

/**
 * The statement that adds a row to the root's chain, for the batch that makes the change. The batch must hold the lock on
 * the root's row by then (`commitChange`), so that no other row can come between the last one and this.
 */
export function insertAudit(database: Database, rootId: string, now: number, { actor, ...entry }: AuditEntry) {
  const last = database
    .select({ hash: auditLog.hash })
    .from(auditLog)
    .where(eq(auditLog.rootId, rootId))
    .orderBy(desc(auditLog.id))
    .limit(1);
  const at = new Date(now);
  const row = { ...entry, ...NO_ORIGIN, ...actor.origin, actor: actor.id, rootId };
  const hashed = { ...row, before: asJson(entry.before), after: asJson(entry.after), at: at.toISOString() };
  return database.insert(auditLog).values({
    ...row,
    at,
    prevHash: sql`${last}`,
    hash: auditHash({ ...hashed, prevHash: last }),
  });
}

/**
 * The statements that add a row to a batch that makes no change of the configuration: the lock on the root, and the row. They come
 * first there, since changes lock the root before anything else.
 */
export const auditAlone = (database: Database, rootId: string, now: number, entry: AuditEntry) =>
  [
    database.select({ id: organizations.id }).from(organizations).where(eq(organizations.id, rootId)).for("update"),
    insertAudit(database, rootId, now, entry),
  ] as const;

/** Adds a row for an act that changes no configuration, in a transaction of its own. */
export async function recordAct(database: Database, rootId: string, now: number, entry: AuditEntry): Promise<void> {
  await forRoot(database, rootId).batch(auditAlone(database, rootId, now, entry));
}
