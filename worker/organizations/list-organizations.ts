import { and, eq, getTableColumns, isNull, notInArray, or, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forList } from "../../drizzle/tenant.ts";
import { byInstant, byText, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Actor } from "./actor.ts";
import type { OrganizationRow } from "./records.ts";
import { ancestry, inBranch, pathWithin } from "./tree.ts";

export const ORGANIZATION_SORTS = ["created_at", "name"] as const;

const ORDERS = { created_at: byInstant(organizations.createdAt), name: byText(organizations.name) };

export interface OrganizationListing extends PageRequest<(typeof ORGANIZATION_SORTS)[number]> {
  /** Only those right below this one. */
  parentId?: string | undefined;
  /** Only those whose name has this text in it, in whatever case, or whose id it is. */
  q?: string | undefined;
}

/** An organization and how many stand right below it. */
type Listed = OrganizationRow & { children: number };

/** Column names by hand: within a select list they would stand without their table, and mean the child's. */
const children = sql<number>`(
  select count(*)::int from ${organizations} child
  where child.root_id = organizations.root_id and child.parent_id = organizations.id and child.removed_at is null
)`;
const columns = { ...getTableColumns(organizations), children };

const notRemoved = (rootId: string) => and(eq(organizations.rootId, rootId), isNull(organizations.removedAt));

/**
 * The actor's organization and those below, page by page, by default newest first; with `q` also those above each that was
 * found (`ancestors`), as far as the actor may see them and the page does not have them itself, so that a tree can be drawn of
 * it. Throws `not_found` for the parent.
 */
export async function listOrganizations(
  database: Database,
  actor: Actor,
  listing: OrganizationListing,
): Promise<Page<Listed> & { ancestors: Listed[] }> {
  const { rootId, organizationId } = actor;
  const { parentId, q } = listing;
  if (parentId !== undefined) await pathWithin(database, actor, parentId);
  const { place, order, after } = pageOf(ORDERS, organizations.id, listing);
  const found =
    q === undefined
      ? undefined
      : or(sql`position(lower(${q}) in lower(${organizations.name})) > 0`, eq(organizations.id, q));
  const [rows] = await forList(database, rootId).batch([
    database
      .select({ ...columns, place })
      .from(organizations)
      .where(
        and(
          notRemoved(rootId),
          inBranch(organizations.id, rootId, organizationId),
          parentId === undefined ? undefined : eq(organizations.parentId, parentId),
          found,
          after,
        ),
      )
      .orderBy(...order)
      .limit(listing.limit + 1),
  ]);
  const page = cutPage(rows, listing);
  return { ...page, ancestors: q === undefined ? [] : await ancestorsOf(database, actor, page.rows) };
}

/** What stands above some organizations and is not among them, as far as the actor may see it. */
async function ancestorsOf(database: Database, actor: Actor, rows: readonly OrganizationRow[]): Promise<Listed[]> {
  const { rootId, organizationId } = actor;
  const ids = rows.map(({ id }) => id);
  const parents = [...new Set(rows.flatMap(({ parentId }) => parentId ?? []))];
  if (parents.length === 0) return [];
  const [above] = await forList(database, rootId).batch([
    database
      .select(columns)
      .from(organizations)
      .where(
        and(
          notRemoved(rootId),
          inBranch(organizations.id, rootId, organizationId),
          notInArray(organizations.id, ids),
          sql`${organizations.id} in ${ancestry(rootId, parents)}`,
        ),
      ),
  ]);
  return above;
}
