import { and, count, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import {
  apiKeys,
  limits,
  memberships,
  organizations,
  prices,
  routes,
  views,
  webhooks,
} from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { requireHigher } from "./authority.ts";
import { commitChange, isUnchangedSince } from "./change.ts";
import { auditedOrganization, ofVersion, organizationPath } from "./organizations.ts";
import { keyRecord, limitRecord, organizationRecord, priceRecord, routeRecord, webhookRecord } from "./records.ts";
import { undisturbed } from "./undisturbed.ts";

/**
 * Deletes an organization that has nothing below it, no member, and no key that is not revoked. Its row stays, since its
 * requests name it; what stood on it ends with it. Throws `not_found`, `permission_denied` for the actor's own, `conflict` for
 * the root, `not_empty` with what is in the way, and what `check` throws.
 */
export function removeOrganization({
  database,
  actor,
  now,
  id,
  check,
}: {
  database: Database;
  actor: Actor;
  now: number;
  id: string;
  check(version: number): void;
}): Promise<{ change: ConfigurationChange }> {
  const { rootId } = actor;
  return undisturbed(async () => {
    const [found] = await organizationPath(database, actor, id);
    check(found.version);
    requireHigher(actor, id);
    if (found.parentId === null) throw new GatewayError("conflict", "The root organization cannot be deleted.");
    const { version, playing, standing } = await readOccupants(database, rootId, id);
    const removedAt = new Date(now);
    const organization = { ...found, removedAt, version: found.version + 1 };
    const ended = { removedAt, updatedAt: removedAt };
    const change = await commitChange(database, {
      ...{ rootId, now },
      // Members do not count as configuration: the version does not tell of them.
      onlyIf: sql`${isUnchangedSince(version, rootId)} and not exists ${database
        .select({ id: memberships.userId })
        .from(memberships)
        .where(membersOf(rootId, id))}`,
      statements: [
        database.update(organizations).set({ removedAt, version: organization.version }).where(ofVersion(found)),
        // Those behind playgrounds: an organization with any other is not deleted.
        database
          .update(apiKeys)
          .set({ revokedAt: removedAt, updatedAt: removedAt, version: sql`${apiKeys.version} + 1` })
          .where(livingKeys(rootId, id)),
        // Its views are their owners' alone.
        database
          .update(views)
          .set({ organizationId: null, version: sql`${views.version} + 1` })
          .where(and(eq(views.rootId, rootId), eq(views.organizationId, id))),
        database
          .update(limits)
          .set({ ...ended, version: sql`${limits.version} + 1` })
          .where(on(limits, rootId, id)),
        database
          .update(routes)
          .set({ ...ended, version: sql`${routes.version} + 1` })
          .where(on(routes, rootId, id)),
        database
          .update(prices)
          .set({ removedAt, version: sql`${prices.version} + 1` })
          .where(on(prices, rootId, id)),
        database
          .update(webhooks)
          .set({ removedAt, version: sql`${webhooks.version} + 1` })
          .where(on(webhooks, rootId, id)),
      ],
      audit: {
        ...{ actor, action: "organization.delete", target: id, organizationId: id },
        before: {
          ...{ ...auditedOrganization(found), parent_id: found.parentId },
          ended: Object.values(standing).flatMap((rows) => rows.map((row) => row.id)),
        },
        after: null,
      },
      organizations: [organizationRecord(organization)],
      keys: playing.map((row) => keyRecord({ ...row, revokedAt: removedAt })),
      limits: standing.limits.map((row) => limitRecord({ ...row, removedAt })),
      routes: standing.routes.map((row) => routeRecord({ ...row, removedAt, version: row.version + 1 })),
      prices: standing.prices.map((row) => priceRecord({ ...row, removedAt })),
      webhooks: standing.webhooks.map((row) => webhookRecord({ ...row, removedAt })),
    });
    return change && { change };
  });
}

const on = (table: typeof limits | typeof routes | typeof prices | typeof webhooks, rootId: string, id: string) =>
  and(eq(table.rootId, rootId), eq(table.organizationId, id), isNull(table.removedAt));

const livingKeys = (rootId: string, id: string): SQL | undefined =>
  and(eq(apiKeys.rootId, rootId), eq(apiKeys.organizationId, id), isNull(apiKeys.revokedAt));

const membersOf = (rootId: string, id: string): SQL | undefined =>
  and(eq(memberships.rootId, rootId), eq(memberships.organizationId, id));

/** What stands on an organization, and the version of the configuration it was read at; throws `not_empty`. */
async function readOccupants(database: Database, rootId: string, id: string) {
  const [[root], [below], [keys], playing, [members], limitRows, routeRows, priceRows, webhookRows] = await forRoot(
    database,
    rootId,
  ).batch([
    database.select({ version: organizations.configVersion }).from(organizations).where(eq(organizations.id, rootId)),
    database
      .select({ count: count() })
      .from(organizations)
      .where(and(eq(organizations.rootId, rootId), eq(organizations.parentId, id), isNull(organizations.removedAt))),
    database
      .select({ count: count() })
      .from(apiKeys)
      .where(and(eq(apiKeys.kind, "api"), livingKeys(rootId, id))),
    database.select().from(apiKeys).where(livingKeys(rootId, id)),
    database.select({ count: count() }).from(memberships).where(membersOf(rootId, id)),
    database
      .select()
      .from(limits)
      .where(on(limits, rootId, id)),
    database
      .select()
      .from(routes)
      .where(on(routes, rootId, id)),
    database
      .select()
      .from(prices)
      .where(on(prices, rootId, id)),
    database
      .select()
      .from(webhooks)
      .where(on(webhooks, rootId, id)),
  ] as const);
  const inTheWay = [
    told(below?.count, "organization below it", "organizations below it"),
    told(keys?.count, "key that is not revoked", "keys that are not revoked"),
    told(members?.count, "member", "members"),
  ].filter((text) => text !== null);
  if (inTheWay.length > 0) throw new GatewayError("not_empty", `It still has ${inTheWay.join(", ")}.`);
  const standing = { limits: limitRows, routes: routeRows, prices: priceRows, webhooks: webhookRows };
  return { version: root?.version ?? 0, playing, standing };
}

const told = (number = 0, one: string, several: string): string | null =>
  number === 0 ? null : `${number} ${number === 1 ? one : several}`;
