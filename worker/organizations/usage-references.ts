import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, routes, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { noSuchMember } from "./members.ts";
import { ancestry, subtree } from "./tree.ts";

/** Some ids, as a subquery: few parameters, however many there are. */
export const idList = (ids: readonly string[]): SQL =>
  sql`(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;

/** The condition that somebody has a role in the actor's branch; of the root, that they are of the tenant at all. */
export const isOfBranch = ({ rootId, organizationId }: Actor): SQL =>
  organizationId === rootId
    ? sql`true`
    : sql`exists (select from ${memberships} held where held.root_id = ${rootId} and held.user_id = one.id
        and held.organization_id in ${subtree(rootId, organizationId)})`;

/** The same, or a key in it, which its requests name though its holder went. */
const isKnown = (actor: Actor): SQL => sql`(${isOfBranch(actor)} or exists (
  select from ${apiKeys} own where own.root_id = ${actor.rootId} and own.owner = 'user:' || one.id
    and own.organization_id in ${subtree(actor.rootId, actor.organizationId)}))`;

/**
 * Throws `not_found` unless the actor may see each of these members and routes: members with a role or a key in its branch, routes
 * that stand in it or above it, where they serve it. Removed routes and people without a role any more count too: what they used is
 * there still.
 */
export async function requireReferences(
  database: Database,
  actor: Actor,
  wanted: { members: readonly string[]; routes: readonly string[] },
): Promise<void> {
  const { rootId, organizationId } = actor;
  const [members, ways] = [[...new Set(wanted.members)], [...new Set(wanted.routes)]];
  if (members.length + ways.length === 0) return;
  const [{ rows }] = await forRoot(database, rootId).batch([
    database.execute<{ members: number; ways: number }>(sql`select
      (select count(*)::int from ${users} one
        where one.root_id = ${rootId} and one.id in ${idList(members)} and ${isKnown(actor)}) as members,
      (select count(*)::int from ${routes} one where one.root_id = ${rootId} and one.id in ${idList(ways)} and (
        one.organization_id in ${subtree(rootId, organizationId)}
        or one.organization_id in ${ancestry(rootId, [organizationId])})) as ways`),
  ]);
  if (rows[0]?.members !== members.length) throw noSuchMember();
  if (rows[0].ways !== ways.length) {
    throw new GatewayError("not_found", "There is no such route, or it is not yours to see.");
  }
}
