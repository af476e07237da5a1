import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../../drizzle/client.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";

/** Organizations from a root to its deepest descendant. */
export const MAXIMUM_DEPTH = 8;

/**
 * A recursive table `branch` of an organization and all below it, removed ones included: what they used counts on. `depth`
 * is 1 for the organization itself; the bound ends a cycle, which only a hand in the database could make.
 */
const branch = (rootId: string, organizationId: string): SQL => sql`recursive branch (id, depth) as (
  select id, 1 from ${organizations} where root_id = ${rootId} and id = ${organizationId}
  union
  select child.id, depth + 1 from ${organizations} child join branch on child.parent_id = branch.id
  where child.root_id = ${rootId} and depth < 2 * ${MAXIMUM_DEPTH}
)`;

/** A recursive table `path` of an organization and those above it; `height` is 1 for the organization itself. */
const path = (
  rootId: string,
  organizationId: string,
): SQL => sql`recursive path (id, parent_id, removed_at, height) as (
  select id, parent_id, removed_at, 1 from ${organizations} where root_id = ${rootId} and id = ${organizationId}
  union all
  select above.id, above.parent_id, above.removed_at, height + 1
  from ${organizations} above join path on above.id = path.parent_id
  where above.root_id = ${rootId} and height <= ${MAXIMUM_DEPTH}
)`;

/** The ids of an organization and all below it, as a subquery: `id in ${subtree(…)}`. */
export const subtree = (rootId: string, organizationId: string): SQL =>
  sql`(with ${branch(rootId, organizationId)} select id from branch)`;

/**
 * A recursive table `below` of some organizations, each with all below it: `top` and `id`, a `top` its own included, removed ones as
 * well. For a `with`.
 */
export const branchesOf = (rootId: string, tops: readonly string[]): SQL => sql`recursive below (top, id, depth) as (
  select id, id, 1 from ${organizations}
  where root_id = ${rootId} and id in (select jsonb_array_elements_text(${JSON.stringify(tops)}::jsonb))
  union
  select below.top, child.id, depth + 1 from ${organizations} child join below on child.parent_id = below.id
  where child.root_id = ${rootId} and depth < 2 * ${MAXIMUM_DEPTH}
)`;

/** The ids of some organizations and those above them, as a subquery. */
export const ancestry = (rootId: string, organizationIds: readonly string[]): SQL => sql`(
  with recursive line (id, parent_id) as (
    select id, parent_id from ${organizations}
    where root_id = ${rootId} and id in (select jsonb_array_elements_text(${JSON.stringify(organizationIds)}::jsonb))
    union
    select above.id, above.parent_id from ${organizations} above join line on above.id = line.parent_id
    where above.root_id = ${rootId}
  )
  select id from line)`;

/** How many levels an organization and those below it make that were not removed, as a subquery. */
export const levelsOf = (rootId: string, organizationId: string): SQL => sql`(
  with ${branch(rootId, organizationId)}
  select max(depth) from branch join ${organizations} one using (id) where one.removed_at is null)`;

/** The condition that there is an organization and it was not removed. */
export const isThere = (rootId: string, organizationId: SQLWrapper | string): SQL => sql`exists (
  select from ${organizations} one where one.root_id = ${rootId} and one.id = ${organizationId} and one.removed_at is null)`;

/** The condition that another may be made right below an organization: it was not removed, and the tree has room there. */
export const hasRoomBelow = (rootId: string, organizationId: string): SQL => sql`(
  with ${path(rootId, organizationId)}
  select count(*) between 1 and ${MAXIMUM_DEPTH - 1} and bool_and(removed_at is null) from path)`;

/** The condition that an organization's id is that of a branch. Nothing to check from the root on: its id says it all. */
export const inBranch = (column: PgColumn, rootId: string, organizationId: string): SQL | undefined =>
  organizationId === rootId ? undefined : sql`${column} in ${subtree(rootId, organizationId)}`;

/**
 * The organizations from `organizationId` up to its root. Throws `not_found` when it is not in the actor's part of the tree,
 * whether it exists elsewhere or not, and when it was removed.
 */
export async function pathWithin(database: Database, actor: Actor, organizationId: string): Promise<string[]> {
  const [{ rows }] = await forRoot(database, actor.rootId).batch([
    database.execute<{ id: string; removed: boolean }>(sql`
      with ${path(actor.rootId, organizationId)} select id, removed_at is not null as removed from path order by height
    `),
  ]);
  const ids = rows.map(({ id }) => id);
  if (!ids.includes(actor.organizationId) || rows[0]?.removed) throw noSuchOrganization();
  return ids;
}

export const noSuchOrganization = (): GatewayError =>
  new GatewayError("not_found", "There is no such organization, or it is not yours to see.");

/** The refusal of an organization that would stand too deep. */
export const tooDeep = (): GatewayError =>
  new GatewayError("tree_too_deep", `A tree of organizations is at most ${MAXIMUM_DEPTH} deep.`, {
    param: "parent_id",
  });

/**
 * Whether an organization may not spend, since it or one above it is archived or was removed. Columns only in a query that joins
 * tables: of one table alone they would stand without its name, and mean the subquery's.
 */
export const isArchived = (
  rootId: SQLWrapper | string,
  organizationId: SQLWrapper | string,
): SQL<boolean> => sql<boolean>`exists (
  with recursive line (id, parent_id, ended) as (
    select own.id, own.parent_id, coalesce(own.archived_at, own.removed_at) is not null from ${organizations} own
    where own.id = ${organizationId} and own.root_id = ${rootId}
    union all
    select one.id, one.parent_id, coalesce(one.archived_at, one.removed_at) is not null
    from line join ${organizations} one on one.id = line.parent_id
  )
  select from line where ended
)`;

/** The ids an actor may see, of one branch when it is named; null means all of the tenant. */
export async function visibleOrganizations(
  database: Database,
  actor: Actor,
  top: string | undefined,
): Promise<string[] | null> {
  if (top !== undefined) await pathWithin(database, actor, top);
  const highest = top ?? actor.organizationId;
  if (highest === actor.rootId) return null;
  const [{ rows }] = await forRoot(database, actor.rootId).batch([
    database.execute<{ id: string }>(
      sql`select id from ${organizations} where id in ${subtree(actor.rootId, highest)}`,
    ),
  ]);
  return rows.map(({ id }) => id);
}
