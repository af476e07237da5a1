import { and, desc, eq, gte, isNull, not, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { webhookDeliveries, webhooks } from "../../drizzle/schema/index.ts";
import { forList } from "../../drizzle/tenant.ts";
import type { Actor } from "./actor.ts";
import { firstKeys } from "./key-list.ts";
import { inBranch, pathWithin } from "./tree.ts";

const DAY_MS = 86_400_000;
/** Keys that end so soon are told of, and those that were not used for so long. */
const EXPIRING_MS = 14 * DAY_MS;
const UNUSED_MS = 90 * DAY_MS;
/** A webhook that was told nothing for so long is not known to fail. */
const DELIVERED_MS = 7 * DAY_MS;

/** A row of what needs attention, and how many such rows there are. */
interface Found {
  id: string;
  name: string;
  at: Date | null;
  total: number;
}

export interface ConfigurationAttention {
  expiring: Found[];
  /** Active keys end before this moment. */
  expiringBefore: Date;
  unused: Found[];
  /** Active keys were not used since, and made before. */
  unusedSince: Date;
  /** Webhooks whose last attempt of a week was in vain, the latest first. */
  failing: Found[];
}

/**
 * Which keys and webhooks of a branch need attention, of the actor's when none is named: the first `most` of each. Throws
 * `not_found`.
 */
export async function configurationAttention(
  database: Database,
  actor: Actor,
  { organizationId, now, most }: { organizationId: string | undefined; now: number; most: number },
): Promise<ConfigurationAttention> {
  const { rootId } = actor;
  if (organizationId !== undefined) await pathWithin(database, actor, organizationId);
  const [expiringBefore, unusedSince] = [new Date(now + EXPIRING_MS), new Date(now - UNUSED_MS)];
  const keys = { organizationId, most, state: "active", kind: "api" } as const;
  const last = database
    .select({ at: webhookDeliveries.at, delivered: webhookDeliveries.delivered })
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.rootId, rootId),
        eq(webhookDeliveries.webhookId, webhooks.id),
        gte(webhookDeliveries.at, new Date(now - DELIVERED_MS)),
      ),
    )
    .orderBy(desc(webhookDeliveries.at), desc(webhookDeliveries.attempt))
    .limit(1)
    .as("last");
  const [expiring, unused, failing] = await forList(database, rootId).batch([
    firstKeys(database, actor, now, { ...keys, expiringBefore, by: "expires_at" }),
    firstKeys(database, actor, now, { ...keys, unusedSince, createdBefore: unusedSince, by: "last_used_at" }),
    database
      .select({ id: webhooks.id, name: webhooks.url, at: last.at, total: sql<number>`(count(*) over ())::int` })
      .from(webhooks)
      .innerJoinLateral(last, sql`true`)
      .where(
        and(
          eq(webhooks.rootId, rootId),
          inBranch(webhooks.organizationId, rootId, organizationId ?? actor.organizationId),
          isNull(webhooks.removedAt),
          isNull(webhooks.disabledAt),
          not(last.delivered),
        ),
      )
      .orderBy(desc(last.at), webhooks.id)
      .limit(most),
  ]);
  return {
    expiring: expiring.map(({ expiresAt: at, ...key }) => ({ ...key, at })),
    expiringBefore,
    unused: unused.map(({ lastUsed, ...key }) => ({ ...key, at: lastUsed === null ? null : new Date(lastUsed) })),
    unusedSince,
    failing,
  };
}
