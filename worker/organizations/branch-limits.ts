import { and, asc, eq, getTableColumns, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, limits, organizations } from "../../drizzle/schema/index.ts";
import { forList } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import type { LimitRow } from "./records.ts";
import { inBranch, pathWithin } from "./tree.ts";

/** So many limits are looked at together at most: a Ledger tells how each stands in one answer. */
const MOST_LIMITS = 10_000;

const tooMany = (what: string): GatewayError =>
  new GatewayError("invalid_value", `More than ${MOST_LIMITS} ${what}. Name an organization further below.`, {
    param: "organization",
  });

/** A limit with the names of what it stands on. */
export interface PlacedLimit extends LimitRow {
  organizationName: string;
  /** By whose clocks its days begin. */
  timeZone: string;
  /** Null for a limit of the organization itself. */
  keyName: string | null;
}

/** The condition for limits that hold for a branch: of its organizations, and of its keys that are not revoked. */
const heldIn = ({ rootId }: Actor, organizationId: string) =>
  and(
    eq(limits.rootId, rootId),
    isNull(limits.removedAt),
    inBranch(limits.organizationId, rootId, organizationId),
    isNull(apiKeys.revokedAt),
  );

const ofItsKey = and(eq(apiKeys.rootId, limits.rootId), eq(apiKeys.id, limits.keyId));

/**
 * Every limit on organizations and keys of a branch, of the actor's when none is named. Throws `not_found`, and `invalid_value` where
 * they are too many to be looked at together.
 */
export async function limitsOfBranch(
  database: Database,
  actor: Actor,
  organizationId: string | undefined,
): Promise<PlacedLimit[]> {
  if (organizationId !== undefined) await pathWithin(database, actor, organizationId);
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .select({
        ...getTableColumns(limits),
        organizationName: organizations.name,
        timeZone: organizations.timeZone,
        keyName: apiKeys.name,
      })
      .from(limits)
      .innerJoin(organizations, eq(organizations.id, limits.organizationId))
      .leftJoin(apiKeys, ofItsKey)
      .where(heldIn(actor, organizationId ?? actor.organizationId))
      .orderBy(asc(limits.id))
      .limit(MOST_LIMITS + 1),
  ]);
  if (rows.length > MOST_LIMITS) throw tooMany("limits stand here");
  return rows;
}

/** The keys of a branch that have limits of their own. Throws `invalid_value` where they are too many to be looked at together. */
export async function limitedKeys(database: Database, actor: Actor, organizationId: string): Promise<string[]> {
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .selectDistinct({ id: sql<string>`${limits.keyId}` })
      .from(limits)
      .innerJoin(apiKeys, ofItsKey)
      .where(and(heldIn(actor, organizationId), isNotNull(limits.keyId)))
      .limit(MOST_LIMITS + 1),
  ]);
  if (rows.length > MOST_LIMITS) throw tooMany("keys here have limits");
  return rows.map(({ id }) => id);
}
