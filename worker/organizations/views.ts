import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { views } from "../../drizzle/schema/index.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";
import { commitAct } from "./change.ts";
import { isThere, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";
import { getView, type View, type Viewer, type ViewRow } from "./view-list.ts";

/** How many one person may have. */
const MOST_VIEWS = 100;

/** What of a view its owner decides. */
export type ViewTerms = Pick<ViewRow, "name" | "page" | "query" | "organizationId">;

interface Act {
  database: Database;
  viewer: Viewer;
  now: number;
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
