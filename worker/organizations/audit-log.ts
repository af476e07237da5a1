import { and, asc, eq, getTableColumns, gt, gte, inArray, like, lt, type SQL, sql } from "drizzle-orm";
import { type ChainState, verifyChain } from "../../drizzle/audit-chain.ts";
import type { Database } from "../../drizzle/client.ts";
import { auditLog } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import { byNumber, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Actor } from "./actor.ts";
import { atRoot } from "./authority.ts";
import { inBranch, pathWithin } from "./tree.ts";

export type AuditRow = typeof auditLog.$inferSelect;

/** Which rows of the audit log. */
export interface AuditFilter {
  /** Rows about this organization and those below. */
  organizationId?: string | undefined;
  actorId?: string | undefined;
  /** `key.revoke`, or `key` for all that is done to keys. */
  action?: string | undefined;
  target?: string | undefined;
  /** One of these hashes of addresses. */
  addressHashes?: string[] | undefined;
  /** From a moment on, and before another. */
  from?: Date | undefined;
  to?: Date | undefined;
}

/** Rows an export reads at once. */
const EXPORT_PAGE = 500;

/** What an actor may read: at the root everything, elsewhere what is about its branch. */
function visible({ rootId, organizationId }: Actor, filter: AuditFilter): SQL | undefined {
  const { action } = filter;
  return and(
    eq(auditLog.rootId, rootId),
    inBranch(auditLog.organizationId, rootId, filter.organizationId ?? organizationId),
    filter.actorId === undefined ? undefined : eq(auditLog.actor, filter.actorId),
    action === undefined
      ? undefined
      : action.includes(".")
        ? eq(auditLog.action, action)
        : like(auditLog.action, `${action.replaceAll("_", "\\_")}.%`),
    filter.target === undefined ? undefined : eq(auditLog.target, filter.target),
    filter.addressHashes && inArray(auditLog.addressHash, filter.addressHashes),
    filter.from && gte(auditLog.at, filter.from),
    filter.to && lt(auditLog.at, filter.to),
  );
}

export const AUDIT_SORTS = ["at"] as const;

/** Rows stand in the order in which they were chained. */
const ORDERS = { at: byNumber(auditLog.id) };

/** Rows that the actor may see, page by page. Throws `not_found` for the branch. */
export async function listAudit(
  database: Database,
  actor: Actor,
  listing: AuditFilter & PageRequest<(typeof AUDIT_SORTS)[number]>,
): Promise<Page<AuditRow>> {
  const { limit, cursor, sort, ...filter } = listing;
  const { place, order, after } = pageOf(ORDERS, sql`${auditLog.id}::text`, { limit, cursor, sort });
  if (filter.organizationId !== undefined) await pathWithin(database, actor, filter.organizationId);
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .select({ ...getTableColumns(auditLog), place })
      .from(auditLog)
      .where(and(visible(actor, filter), after))
      .orderBy(...order)
      .limit(limit + 1),
  ]);
  return cutPage(rows, listing);
}

/** The same rows oldest first, in pieces, as many as there are. Throws as `listAudit` does, before the first piece. */
export async function exportAudit(
  database: Database,
  actor: Actor,
  filter: AuditFilter,
): Promise<AsyncGenerator<AuditRow[]>> {
  if (filter.organizationId !== undefined) await pathWithin(database, actor, filter.organizationId);
  async function* pieces() {
    for (let after = 0; ; ) {
      const [rows] = await forRoot(database, actor.rootId).batch([
        database
          .select()
          .from(auditLog)
          .where(and(visible(actor, filter), gt(auditLog.id, after)))
          .orderBy(asc(auditLog.id))
          .limit(EXPORT_PAGE),
      ]);
      if (rows.length > 0) yield rows;
      if (rows.length < EXPORT_PAGE) return;
      after = rows.at(-1)?.id ?? after;
    }
  }
  return pieces();
}

/** Verifies the tenant's whole chain; for actors at the root, whose it is. */
export const verifyAudit = (database: Database, actor: Actor, expected: string | undefined): Promise<ChainState> =>
  verifyChain(database, atRoot(actor).rootId, expected);
