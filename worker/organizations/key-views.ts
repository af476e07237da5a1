import { and, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations, usageEvents } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import type { KeyRow } from "./records.ts";
import { inBranch, isArchived } from "./tree.ts";

/** A key as people see it: its row, and what other tables know of it. */
export interface KeyView extends KeyRow {
  organizationName: string;
  /** Its organization, or one above it, may not spend. */
  organizationArchived: boolean;
  /** When its latest request began that is in Postgres; null: never. */
  lastUsedAt: Date | null;
}

/** One place of an index for each partition of the events, whatever the key has used. */
const lastUsedAt = sql<Date | null>`(
  select ${usageEvents.startedAt} from ${usageEvents}
  where ${usageEvents.rootId} = ${apiKeys.rootId} and ${usageEvents.keyId} = ${apiKeys.id}
  order by ${usageEvents.eventId} desc limit 1
)`.mapWith(apiKeys.createdAt);

/** What is read of a key, with its organization joined. */
export const KEY_COLUMNS = {
  ...getTableColumns(apiKeys),
  organizationName: organizations.name,
  organizationArchived: isArchived(organizations.rootId, organizations.id),
  lastUsedAt,
};
export const ofItsOrganization = eq(organizations.id, apiKeys.organizationId);

/** The keys among these that the actor may see, in no order. */
export const selectVisibleKeys = (database: Database, { rootId, organizationId }: Actor, ids: readonly string[]) =>
  database
    .select(KEY_COLUMNS)
    .from(apiKeys)
    .innerJoin(organizations, ofItsOrganization)
    .where(
      and(
        eq(apiKeys.rootId, rootId),
        inArray(apiKeys.id, [...ids]),
        inBranch(apiKeys.organizationId, rootId, organizationId),
      ),
    );

/** One key; throws `not_found` when the actor may not see it, whether it exists or not. */
export async function getKey(database: Database, actor: Actor, id: string): Promise<KeyView> {
  const [[row]] = await forRoot(database, actor.rootId).batch([selectVisibleKeys(database, actor, [id])]);
  if (!row) throw noSuchKey();
  return row;
}

/** Throws `not_found` unless the actor may see each of these keys. */
export async function requireKeys(database: Database, actor: Actor, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const wanted = [...new Set(ids)];
  const [rows] = await forRoot(database, actor.rootId).batch([selectVisibleKeys(database, actor, wanted)]);
  if (rows.length < wanted.length) throw noSuchKey();
}

export const noSuchKey = () => new GatewayError("not_found", "There is no such key, or it is not yours to see.");
