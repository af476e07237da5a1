import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../../drizzle/client.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";

/** Organizations from a root to its deepest descendant. */
export const MAXIMUM_DEPTH = 8;

/** The ids of an organization and all below it, as a subquery: `id in ${subtree(…)}`. */
const subtree = (rootId: string, organizationId: string): SQL => sql`(
  with recursive branch (id) as (
    select id from ${organizations} where root_id = ${rootId} and id = ${organizationId}
    union
    select child.id from ${organizations} child join branch on child.parent_id = branch.id where child.root_id = ${rootId}
  )
  select id from branch
)`;

/** The condition that an organization's id is that of a branch. Nothing to check from the root on: its id says it all. */
export const inBranch = (column: PgColumn, rootId: string, organizationId: string): SQL | undefined =>
  organizationId === rootId ? undefined : sql`${column} in ${subtree(rootId, organizationId)}`;

/**
 * The organizations from `organizationId` up to its root. Throws `not_found` when it is not in the actor's part of the tree,
 * whether it exists elsewhere or not.
 */
export async function pathWithin(database: Database, actor: Actor, organizationId: string): Promise<string[]> {
  const [{ rows }] = await forRoot(database, actor.rootId).batch([
    database.execute<{ id: string }>(sql`
      with recursive path (id, parent_id, height) as (
        select id, parent_id, 1 from ${organizations} where root_id = ${actor.rootId} and id = ${organizationId}
        union all
        select above.id, above.parent_id, height + 1
        from ${organizations} above join path on above.id = path.parent_id
        where above.root_id = ${actor.rootId} and height <= ${MAXIMUM_DEPTH}
      )
      select id from path order by height
    `),
  ]);
  const path = rows.map(({ id }) => id);
  if (!path.includes(actor.organizationId)) throw noSuchOrganization();
  return path;
}

export const noSuchOrganization = (): GatewayError =>
  new GatewayError("not_found", "There is no such organization, or it is not yours to see.");

/** The ids an actor may see, of one branch when it is named; null means all of the tenant. */
export async function visibleOrganizations(
  database: Database,
  actor: Actor,
  branch: string | undefined,
): Promise<string[] | null> {
  if (branch !== undefined) await pathWithin(database, actor, branch);
  const top = branch ?? actor.organizationId;
  if (top === actor.rootId) return null;
  const [{ rows }] = await forRoot(database, actor.rootId).batch([
    database.execute<{ id: string }>(sql`select id from ${organizations} where id in ${subtree(actor.rootId, top)}`),
  ]);
  return rows.map(({ id }) => id);
}
