import { and, eq, getTableColumns, isNotNull, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { users, views } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { byInstant, byText, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { commitAct } from "./change.ts";
import { holdsText } from "./search.ts";
import { ancestry, inBranch, isThere, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

/** How many one person may have. */
const MOST_VIEWS = 100;

/** Somebody signed in, and what of others' they may do with views. */
export interface Viewer extends Actor {
  /** They share views with organizations where they stand, or below. */
  shares: boolean;
  /** They change and delete what others have shared there. */
  manages: boolean;
}

type ViewRow = typeof views.$inferSelect;

/** A view as people see it. */
export interface View extends ViewRow {
  ownerName: string;
}

/** What of a view its owner decides. */
export type ViewTerms = Pick<ViewRow, "name" | "page" | "query" | "organizationId">;

interface Act {
  database: Database;
  viewer: Viewer;
  now: number;
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

/** Throws where somebody may not share with an organization: `permission_denied`, or `not_found` for one out of reach. */
async function requireSharing(database: Database, viewer: Viewer, organizationId: string | null): Promise<void> {
  if (organizationId === null) return;
  if (!viewer.shares) throw new GatewayError("permission_denied", "Views are shared by members of an organization.");
  await pathWithin(database, viewer, organizationId);
}

/** Saves a view. Throws as `requireSharing`, and `conflict` for one too many. */
export async function createView({
  database,
  viewer,
  now,
  random,
  ownerName,
  terms,
}: Act & { random: Random; ownerName: string; terms: ViewTerms }): Promise<View> {
  const { rootId, id: userId } = viewer;
  await requireSharing(database, viewer, terms.organizationId);
  const at = new Date(now);
  const row = { ...{ id: newId("viw", random), rootId, userId, ...terms, createdAt: at, updatedAt: at, version: 1 } };
  const own = database
    .select({ count: sql`count(*)` })
    .from(views)
    .where(and(eq(views.rootId, rootId), eq(views.userId, userId)));
  const made = await commitAct(database, {
    ...{ rootId, now },
    onlyIf: sql`${own} < ${MOST_VIEWS} and ${stillThere(rootId, terms.organizationId)}`,
    statements: [database.insert(views).values(row)],
    audit: { ...entryOf(viewer, "view.create", row), before: null, after: audited(row) },
  });
  if (made) return { ...row, ownerName };
  if (terms.organizationId !== null) await pathWithin(database, viewer, terms.organizationId);
  throw new GatewayError("conflict", `You have ${MOST_VIEWS} views already. Delete one first.`);
}

/** Changes what is named of a view. Throws `not_found`, `permission_denied` for another's, and what `check` throws. */
export const changeView = ({
  id,
  terms,
  check,
  ...act
}: Act & { id: string; terms: Partial<ViewTerms>; check(version: number): void }): Promise<View> =>
  undisturbed(async () => {
    const { database, viewer, now } = act;
    const found = await changeable(act, id, check);
    if (terms.organizationId !== undefined) await requireSharing(database, viewer, terms.organizationId);
    const view = { ...found, ...terms, updatedAt: new Date(now), version: found.version + 1 };
    const { rootId } = viewer;
    const made = await commitAct(database, {
      ...{ rootId, now },
      onlyIf: sql`${asRead(database, found)} and ${stillThere(rootId, terms.organizationId ?? null)}`,
      statements: [
        database
          .update(views)
          .set({ ...terms, updatedAt: view.updatedAt, version: view.version })
          .where(and(eq(views.rootId, rootId), eq(views.id, id))),
      ],
      audit: { ...entryOf(viewer, "view.update", view), before: audited(found), after: audited(view) },
    });
    return made ? view : null;
  });

/** Deletes a view. Throws as `changeView`. */
export const removeView = ({ id, check, ...act }: Act & { id: string; check(version: number): void }): Promise<true> =>
  undisturbed(async () => {
    const { database, viewer, now } = act;
    const found = await changeable(act, id, check);
    const { rootId } = viewer;
    const made = await commitAct(database, {
      ...{ rootId, now },
      onlyIf: asRead(database, found),
      statements: [database.delete(views).where(and(eq(views.rootId, rootId), eq(views.id, id)))],
      audit: { ...entryOf(viewer, "view.delete", found), before: audited(found), after: null },
    });
    return made || null;
  });

/** A view that somebody may change: their own, or one shared where they manage. */
async function changeable({ database, viewer }: Act, id: string, check: (version: number) => void): Promise<View> {
  const found = await getView(database, viewer, id);
  check(found.version);
  if (found.userId === viewer.id) return found;
  const reached =
    viewer.manages &&
    found.organizationId !== null &&
    (await pathWithin(database, viewer, found.organizationId).then(
      () => true,
      () => false,
    ));
  if (reached) return found;
  throw new GatewayError(
    "permission_denied",
    "This is another's view. They, or an administrator there, may change it.",
  );
}

const asRead = (database: Database, { rootId, id, version }: ViewRow): SQL => {
  const row = database.select({ one: sql`1` }).from(views);
  return sql`exists ${row.where(and(eq(views.rootId, rootId), eq(views.id, id), eq(views.version, version)))}`;
};

const stillThere = (rootId: string, organizationId: string | null): SQL =>
  organizationId === null ? sql`true` : isThere(rootId, organizationId);

const entryOf = (viewer: Viewer, action: string, { id, organizationId }: ViewRow) => ({
  ...{ actor: viewer, action, target: id, organizationId: organizationId ?? viewer.organizationId },
});

const audited = ({ name, page, query, organizationId, userId }: ViewRow) => ({
  ...{ name, page, query, organization_id: organizationId, user_id: userId },
});
