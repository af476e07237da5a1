import { and, getTableColumns, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database } from "../../../drizzle/client.ts";
import { refusedRequests } from "../../../drizzle/schema/index.ts";
import { forList } from "../../../drizzle/tenant.ts";
import { byInstant, cutPage, type Page, type PageRequest, pageOf } from "../../lib/page.ts";
import { eventConditions, type UsageFilter } from "../stats/filter.ts";

/** A row of `refused_requests`. */
export type RefusedRecord = typeof refusedRequests.$inferSelect;

export const REFUSED_SORTS = ["at"] as const;

/** Which refused requests are shown; of a request's fields those that a refused one has. */
export interface RefusedFilter
  extends Pick<
    UsageFilter,
    "organizationIds" | "keyIds" | "memberIds" | "statusClasses" | "errorCodes" | "clients" | "dialects"
  > {
  /** Those of [from, to), milliseconds since the epoch. */
  from?: number | undefined;
  to?: number | undefined;
  /** The beginning of an id, or a part of the model's name. */
  search?: string | undefined;
}

const e = alias(refusedRequests, "e");
const ORDERS = { at: byInstant(e.at) };

/** Ids and models have no `%` of their own. */
const searched = (search: string): SQL => {
  const text = search.replace(/[\\%_]/g, "\\$&");
  return sql`(${e.id} like ${`${text.toUpperCase()}%`} or ${e.requestedModel} ilike ${`%${text}%`})`;
};

/** Refused requests of a root that match, by itself the newest first. Throws CursorError, and as the database does. */
export async function listRefused(
  database: Database,
  rootId: string,
  { from, to, search, ...filter }: RefusedFilter,
  page: PageRequest<(typeof REFUSED_SORTS)[number]>,
): Promise<Page<RefusedRecord>> {
  const { place, order, after } = pageOf(ORDERS, e.id, page);
  const conditions = [
    eventConditions(rootId, filter),
    from === undefined ? undefined : sql`${e.at} >= ${new Date(from).toISOString()}::timestamptz`,
    to === undefined ? undefined : sql`${e.at} < ${new Date(to).toISOString()}::timestamptz`,
    search === undefined ? undefined : searched(search),
    after,
  ];
  const [rows] = await forList(database, rootId).batch([
    database
      .select({ ...getTableColumns(e), place })
      .from(e)
      .where(and(...conditions))
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}
