import { and, arrayContains, eq, gt, isNotNull, isNull, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations, usageRollups } from "../../drizzle/schema/index.ts";
import { forList } from "../../drizzle/tenant.ts";
import {
  byInstant,
  byNumber,
  byText,
  cutPage,
  milliseconds,
  type Page,
  type PageRequest,
  pageOf,
} from "../lib/page.ts";
import type { Actor } from "./actor.ts";
import { KEY_COLUMNS, type KeyView, ofItsOrganization } from "./key-views.ts";
import { inBranch, pathWithin } from "./tree.ts";

/** Keys that people were given, those of members' playgrounds, or both. */
export const KEY_KINDS = ["api", "playground", "any"] as const;

export const KEY_STATES = ["active", "disabled", "expired", "revoked"] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** The hour in which a key was used last, out of an index of the hourly sums. */
const lastHour = sql`(
  select max(${usageRollups.hour}) from ${usageRollups}
  where ${usageRollups.rootId} = ${apiKeys.rootId} and ${usageRollups.keyId} = ${apiKeys.id}
)`;

/** What keys are ordered by. One that never expires expires last of all; one that was never used was used first. */
const ORDERS = {
  name: byText(apiKeys.name),
  created_at: byInstant(apiKeys.createdAt),
  last_used_at: byNumber(milliseconds(lastHour), -1),
  expires_at: byNumber(milliseconds(apiKeys.expiresAt), Number.MAX_SAFE_INTEGER),
};

export const KEY_SORTS = ["name", "created_at", "last_used_at", "expires_at"] as const;

export interface KeyQuery extends PageRequest<(typeof KEY_SORTS)[number]> {
  /** Part of a name or of a hint. */
  q?: string | undefined;
  state?: KeyState | undefined;
  owner?: string | undefined;
  /** Of this organization and those below. */
  organizationId?: string | undefined;
  expiringBefore?: Date | undefined;
  /** Not used since, to the hour; never used ones too. */
  unusedSince?: Date | undefined;
  tag?: string | undefined;
  kind: (typeof KEY_KINDS)[number];
}

/** Keys of the actor's organizations; of one branch when it is named (`not_found`). Throws CursorError. */
export async function listKeys(database: Database, actor: Actor, now: number, keys: KeyQuery): Promise<Page<KeyView>> {
  const { rootId } = actor;
  const { organizationId = actor.organizationId, limit } = keys;
  if (keys.organizationId !== undefined) await pathWithin(database, actor, organizationId);
  const { place, order, after } = pageOf(ORDERS, apiKeys.id, keys);
  const [rows] = await forList(database, rootId).batch([
    database
      .select({ ...KEY_COLUMNS, place })
      .from(apiKeys)
      .innerJoin(organizations, ofItsOrganization)
      .where(
        and(
          eq(apiKeys.rootId, rootId),
          inBranch(apiKeys.organizationId, rootId, organizationId),
          ...conditionsOf(keys, new Date(now)),
          after,
        ),
      )
      .orderBy(...order)
      .limit(limit + 1),
  ]);
  return cutPage(rows, keys);
}

function conditionsOf({ q, state, owner, expiringBefore, unusedSince, tag, kind }: KeyQuery, now: Date) {
  return [
    kind === "any" ? undefined : eq(apiKeys.kind, kind),
    q === undefined
      ? undefined
      : sql`(position(lower(${q}) in lower(${apiKeys.name})) > 0 or position(${q} in ${apiKeys.hint}) > 0)`,
    state === undefined ? undefined : STATES[state](now),
    owner === undefined ? undefined : eq(apiKeys.owner, owner),
    expiringBefore === undefined ? undefined : lt(apiKeys.expiresAt, expiringBefore),
    unusedSince === undefined
      ? undefined
      : sql`coalesce(${lastHour} < ${unusedSince.toISOString()}::timestamptz, true)`,
    tag === undefined ? undefined : arrayContains(apiKeys.tags, [tag]),
  ];
}

const notRevoked = isNull(apiKeys.revokedAt);

/** A key is in one state: the first of revoked, disabled, expired that it is, else active. */
const STATES: Record<KeyState, (now: Date) => SQL | undefined> = {
  revoked: () => isNotNull(apiKeys.revokedAt),
  disabled: () => and(notRevoked, isNotNull(apiKeys.disabledAt)),
  expired: (now) => and(notRevoked, isNull(apiKeys.disabledAt), lte(apiKeys.expiresAt, now)),
  active: (now) =>
    and(notRevoked, isNull(apiKeys.disabledAt), or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now))),
};
