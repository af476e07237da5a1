import { and, count, countDistinct, desc, eq, gte, isNull, sql, sum } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, organizations, usageEvents, usageRollups } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { Actor } from "./actor.ts";
import { pathWithin, subtree } from "./tree.ts";

const HOUR_MS = 3_600_000;

/** What an organization and those below it are to people now. */
export interface Impact {
  /** It included. */
  organizations: number;
  /** Not revoked. */
  keys: number;
  /** People with a role on one of them. */
  members: number;
  /** The beginning of the hour 24 hours ago, from which on requests and cost are counted. */
  since: Date;
  requests: number;
  costNano: number;
  lastUsedAt: Date | null;
}

/** Tells what archiving or moving an organization would touch. Throws `not_found`. */
export async function impactOf(database: Database, actor: Actor, id: string, now: number): Promise<Impact> {
  const { rootId } = actor;
  await pathWithin(database, actor, id);
  const since = new Date((Math.floor(now / HOUR_MS) - 24) * HOUR_MS);
  const branch = subtree(rootId, id);
  // One look at the end of each organization's index, rather than all their requests.
  const last = database
    .select({ startedAt: usageEvents.startedAt })
    .from(usageEvents)
    .where(and(eq(usageEvents.rootId, rootId), eq(usageEvents.organizationId, organizations.id)))
    .orderBy(desc(usageEvents.eventId))
    .limit(1)
    .as("last");
  const [[tree], [keys], [members], [used], [latest]] = await forRoot(database, rootId).batch([
    database
      .select({ count: count() })
      .from(organizations)
      .where(
        and(eq(organizations.rootId, rootId), isNull(organizations.removedAt), sql`${organizations.id} in ${branch}`),
      ),
    database
      .select({ count: count() })
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.rootId, rootId),
          isNull(apiKeys.revokedAt),
          eq(apiKeys.kind, "api"),
          sql`${apiKeys.organizationId} in ${branch}`,
        ),
      ),
    database
      .select({ count: countDistinct(memberships.userId) })
      .from(memberships)
      .where(and(eq(memberships.rootId, rootId), sql`${memberships.organizationId} in ${branch}`)),
    database
      .select({ requests: sum(usageRollups.requests), costNano: sum(usageRollups.costNano) })
      .from(usageRollups)
      .where(
        and(
          eq(usageRollups.rootId, rootId),
          gte(usageRollups.hour, since),
          sql`${usageRollups.organizationId} in ${branch}`,
        ),
      ),
    database
      .select({ startedAt: last.startedAt })
      .from(organizations)
      .innerJoinLateral(last, sql`true`)
      .where(and(eq(organizations.rootId, rootId), sql`${organizations.id} in ${branch}`))
      .orderBy(desc(last.startedAt))
      .limit(1),
  ]);
  return {
    ...{ organizations: tree?.count ?? 0, keys: keys?.count ?? 0, members: members?.count ?? 0, since },
    ...{ requests: Number(used?.requests ?? 0), costNano: Number(used?.costNano ?? 0) },
    lastUsedAt: latest?.startedAt ?? null,
  };
}
