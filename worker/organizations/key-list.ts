import { and, arrayContains, asc, desc, eq, gt, isNotNull, isNull, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations, usageRollups } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import { fromBase64, toBase64Url, utf8 } from "../lib/encoding.ts";
import { isId } from "../lib/ids.ts";
import type { Actor } from "./actor.ts";
import { KEY_COLUMNS, type KeyView, ofItsOrganization } from "./key-views.ts";
import type { Page } from "./page.ts";
import { inBranch, pathWithin } from "./tree.ts";

export const KEY_STATES = ["active", "disabled", "expired", "revoked"] as const;
export type KeyState = (typeof KEY_STATES)[number];

export const KEY_SORTS = ["name", "created_at", "last_used_at", "expires_at"] as const;

export interface KeyQuery {
  limit: number;
  cursor?: string | undefined;
  /** Ascending, or from the highest on. */
  sort: { by: (typeof KEY_SORTS)[number]; descending: boolean };
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
}

/** The hour in which a key was used last, out of an index of the hourly sums. */
const lastHour = sql`(
  select max(${usageRollups.hour}) from ${usageRollups}
  where ${usageRollups.rootId} = ${apiKeys.rootId} and ${usageRollups.keyId} = ${apiKeys.id}
)`;

const milliseconds = (instant: SQL, none: number): SQL<string> =>
  sql<string>`coalesce((extract(epoch from ${instant}) * 1000)::bigint, ${none}::bigint)`;

const NEVER = Number.MAX_SAFE_INTEGER;

/** What keys are ordered by. One that never expires expires last of all; one that was never used was used first. */
const SORTED: Record<KeyQuery["sort"]["by"], SQL<string>> = {
  name: sql<string>`lower(${apiKeys.name}) collate "C"`,
  created_at: milliseconds(sql`${apiKeys.createdAt}`, 0),
  last_used_at: milliseconds(lastHour, -1),
  expires_at: milliseconds(sql`${apiKeys.expiresAt}`, NEVER),
};

/** Keys of the actor's organizations; of one branch when it is named (`not_found`). Throws `invalid_value` for a cursor. */
export async function listKeys(database: Database, actor: Actor, now: number, keys: KeyQuery): Promise<Page<KeyView>> {
  const { rootId } = actor;
  const { organizationId = actor.organizationId, sort, limit, cursor } = keys;
  if (keys.organizationId !== undefined) await pathWithin(database, actor, organizationId);
  const place = SORTED[sort.by];
  const direction = sort.descending ? desc : asc;
  const [rows] = await forRoot(database, rootId).batch([
    database
      .select({ ...KEY_COLUMNS, place })
      .from(apiKeys)
      .innerJoin(organizations, ofItsOrganization)
      .where(
        and(
          eq(apiKeys.rootId, rootId),
          inBranch(apiKeys.organizationId, rootId, organizationId),
          ...conditionsOf(keys, new Date(now)),
          cursor === undefined ? undefined : beyond(readCursor(cursor, sort), place, sort.descending),
        ),
      )
      .orderBy(direction(place), direction(apiKeys.id))
      .limit(limit + 1),
  ]);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    rows: shown.map(({ place: _, ...row }) => row),
    nextCursor: last === undefined ? null : writeCursor(sort, [last.place, last.id]),
  };
}

function conditionsOf({ q, state, owner, expiringBefore, unusedSince, tag }: KeyQuery, now: Date) {
  return [
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

/** The rows after a place in the order. */
const beyond = ([place, id]: Place, by: SQL, descending: boolean): SQL =>
  descending ? sql`(${by}, ${apiKeys.id}) < (${place}, ${id})` : sql`(${by}, ${apiKeys.id}) > (${place}, ${id})`;

/** What a row is ordered by, and its id. */
type Place = [place: string, id: string];

/** A cursor holds of one order only: a place in another is none. */
const writeCursor = ({ by, descending }: KeyQuery["sort"], [place, id]: Place): string =>
  toBase64Url(utf8(JSON.stringify([by, descending, place, id])));

function readCursor(cursor: string, { by, descending }: KeyQuery["sort"]): Place {
  const bytes = fromBase64(cursor);
  const [sortedBy, direction, place, id] = asList(bytes === null ? "" : new TextDecoder().decode(bytes));
  const ofThisOrder = sortedBy === by && direction === descending && typeof place === "string";
  const isPlace = ofThisOrder && (by === "name" ? !place.includes("\0") : /^-?\d{1,16}$/.test(place));
  if (isPlace && typeof id === "string" && isId("key", id)) return [place, id];
  throw new GatewayError(
    "invalid_value",
    "This cursor is not one of this list. Take `next_cursor` of the page before.",
    {
      param: "cursor",
    },
  );
}

function asList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
