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
  cost: byNumber(sql`spent.cost_nano::bigint`, 0),
};

export const KEY_SORTS = ["name", "created_at", "last_used_at", "expires_at", "cost"] as const;

/** Where nobody asks for what keys or members have spent. */
export const NOTHING_SPENT = sql`select null::text as value, 0::bigint as cost_nano where false`;

export interface KeyFilter {
  /** Part of a name or of a hint. */
  q?: string | undefined;
  state?: KeyState | undefined;
  owner?: string | undefined;
  /** Of this organization and those below. */
  organizationId?: string | undefined;
  expiringBefore?: Date | undefined;
  /** Not used since, to the hour; never used ones too. */
  unusedSince?: Date | undefined;
  createdBefore?: Date | undefined;
  tag?: string | undefined;
  kind: (typeof KEY_KINDS)[number];
  /** Only these; undefined: whichever. */
  among?: readonly string[] | undefined;
}

export interface KeyQuery extends KeyFilter, PageRequest<(typeof KEY_SORTS)[number]> {
  /** A select of what keys have spent (`value`, `cost_nano`), for the order by cost. */
  spent?: SQL | undefined;
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
      .leftJoin(sql`(${keys.spent ?? NOTHING_SPENT}) spent`, sql`spent.value = ${apiKeys.id}`)
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

/** A key in few words. */
interface BriefKey {
  id: string;
  name: string;
  expiresAt: Date | null;
  /** Milliseconds since the epoch at which the hour began in which it was used last; null: never. */
  lastUsed: number | null;
  /** How many fit, this one included. */
  total: number;
}

/** The query of the first few keys of a branch that fit, in an order, and of how many do. */
export const firstKeys = (
  database: Database,
  actor: Actor,
  now: number,
  { by, most, ...keys }: KeyFilter & { by: "expires_at" | "last_used_at"; most: number },
) =>
  database
    .select({
      ...{ id: apiKeys.id, name: apiKeys.name, expiresAt: apiKeys.expiresAt },
      lastUsed: sql<number | null>`${milliseconds(lastHour)}`.mapWith((at) => (at === null ? null : Number(at))),
      total: sql<number>`(count(*) over ())::int`,
    } satisfies Record<keyof BriefKey, unknown>)
    .from(apiKeys)
    .innerJoin(organizations, ofItsOrganization)
    .where(
      and(
        eq(apiKeys.rootId, actor.rootId),
        inBranch(apiKeys.organizationId, actor.rootId, keys.organizationId ?? actor.organizationId),
        ...conditionsOf(keys, new Date(now)),
      ),
    )
    .orderBy(sql`${ORDERS[by].place}`, apiKeys.id)
    .limit(most);

function conditionsOf(keys: KeyFilter, now: Date) {
  const { q, state, owner, expiringBefore, unusedSince, createdBefore, tag, among, kind } = keys;
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
    createdBefore === undefined ? undefined : lt(apiKeys.createdAt, createdBefore),
    tag === undefined ? undefined : arrayContains(apiKeys.tags, [tag]),
    among && sql`${apiKeys.id} in (select jsonb_array_elements_text(${JSON.stringify(among)}::jsonb))`,
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
