import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, organizations } from "../../drizzle/schema/index.ts";
import { forList } from "../../drizzle/tenant.ts";
import type { Actor } from "./actor.ts";
import { ancestry, branchesOf } from "./tree.ts";

/** An organization by its name, as lists of something else show it. */
export interface NamedOrganization {
  id: string;
  parentId: string | null;
  name: string;
  timeZone: string;
}

/** How much there is in an organization and all below it. */
export interface BranchCounts {
  /** Not revoked. */
  keys: number;
  /** People with a role on one of them. */
  members: number;
}

const named = {
  id: organizations.id,
  parentId: organizations.parentId,
  name: organizations.name,
  timeZone: organizations.timeZone,
};

/** The query of some organizations and all above them, in no order. */
const selectAbove = (database: Database, rootId: string, ids: readonly string[]) =>
  database
    .select(named)
    .from(organizations)
    .where(and(eq(organizations.rootId, rootId), sql`${organizations.id} in ${ancestry(rootId, ids)}`));

/** The way from each of some organizations up to the actor's own, the nearest first: what is above is not the actor's to see. */
export type WaysUp = (id: string) => NamedOrganization[];

function waysOf(rows: readonly NamedOrganization[], { organizationId }: Actor): WaysUp {
  const known = new Map(rows.map((row) => [row.id, row]));
  return (id) => {
    const way: NamedOrganization[] = [];
    for (let row = known.get(id); row !== undefined; row = known.get(row.parentId ?? "")) {
      way.push(row);
      if (row.id === organizationId) return way;
    }
    return [];
  };
}

/** The ways up from some organizations. */
export async function readWaysUp(database: Database, actor: Actor, ids: readonly string[]): Promise<WaysUp> {
  const [rows] = await forList(database, actor.rootId).batch([selectAbove(database, actor.rootId, [...new Set(ids)])]);
  return waysOf(rows, actor);
}

/** The ways up from some organizations, and what there is in the branch of each. */
export async function readBranches(
  database: Database,
  actor: Actor,
  ids: readonly string[],
): Promise<{ ways: WaysUp; counts: Map<string, BranchCounts> }> {
  const { rootId } = actor;
  const [above, { rows }] = await forList(database, rootId).batch([
    selectAbove(database, rootId, ids),
    database.execute<{ id: string; keys: number; members: number }>(sql`
      with ${branchesOf(rootId, ids)}, held as (
        select top, count(*)::int as keys from below
        join ${apiKeys} one on one.root_id = ${rootId} and one.organization_id = below.id
          and one.revoked_at is null and one.kind = 'api'
        group by top
      ), people as (
        select top, count(distinct one.user_id)::int as members from below
        join ${memberships} one on one.root_id = ${rootId} and one.organization_id = below.id
        group by top
      )
      select coalesce(held.top, people.top) as id, coalesce(keys, 0) as keys, coalesce(members, 0) as members
      from held full join people on people.top = held.top`),
  ]);
  return {
    ways: waysOf(above, actor),
    counts: new Map(rows.map(({ id, keys, members }) => [id, { keys, members }])),
  };
}
