import { and, eq, getTableColumns, isNotNull, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { users, views } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { byInstant, byText, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Actor } from "./actor.ts";
import { holdsText } from "./search.ts";
import { ancestry, inBranch } from "./tree.ts";

/** Somebody signed in, and what of others' they may do with views. */
export interface Viewer extends Actor {
  /** They share views with organizations where they stand, or below. */
  shares: boolean;
  /** They change and delete what others have shared there. */
  manages: boolean;
}

export type ViewRow = typeof views.$inferSelect;

/** A view as people see it. */
export interface View extends ViewRow {
  ownerName: string;
}

export const VIEW_SORTS = ["name", "created_at", "updated_at"] as const;

const ORDERS = {
  name: byText(views.name),
  created_at: byInstant(views.createdAt),
  updated_at: byInstant(views.updatedAt),
};

/** One's own, and what is shared with an organization where one stands, above it or below. */
const visible = ({ rootId, organizationId, id }: Viewer): SQL | undefined =>
  and(
    eq(views.rootId, rootId),
    or(
      eq(views.userId, id),
      and(
        isNotNull(views.organizationId),
        or(
          inBranch(views.organizationId, rootId, organizationId) ?? sql`true`,
          sql`${views.organizationId} in ${ancestry(rootId, [organizationId])}`,
        ),
      ),
    ),
  );

const COLUMNS = { ...getTableColumns(views), ownerName: users.name };
const ofItsOwner = and(eq(users.rootId, views.rootId), eq(users.id, views.userId));

/** The views that somebody sees, page by page. Throws CursorError. */
export async function listViews(
  database: Database,
  viewer: Viewer,
  listing: PageRequest<(typeof VIEW_SORTS)[number]> & { page?: string | undefined; q?: string | undefined },
): Promise<Page<View>> {
  const { place, order, after } = pageOf(ORDERS, views.id, listing);
  const [rows] = await forList(database, viewer.rootId).batch([
    database
      .select({ ...COLUMNS, place })
      .from(views)
      .innerJoin(users, ofItsOwner)
      .where(
        and(
          visible(viewer),
          listing.page === undefined ? undefined : eq(views.page, listing.page),
          listing.q === undefined ? undefined : holdsText([views.name], listing.q),
          after,
        ),
      )
      .orderBy(...order)
      .limit(listing.limit + 1),
  ]);
  return cutPage(rows, listing);
}

/** One of them; throws `not_found`, also for what others keep to themselves. */
export async function getView(database: Database, viewer: Viewer, id: string): Promise<View> {
  const [[row]] = await forRoot(database, viewer.rootId).batch([
    database
      .select(COLUMNS)
      .from(views)
      .innerJoin(users, ofItsOwner)
      .where(and(visible(viewer), eq(views.id, id))),
  ]);
  if (!row) throw new GatewayError("not_found", "There is no such view, or it is not yours to see.");
  return row;
}
