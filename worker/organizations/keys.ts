import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange, Permission } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { commitChange } from "./change.ts";
import { cutPage, type Page, type PageRequest, pageOf } from "./page.ts";
import { type KeyRow, keyRecord } from "./records.ts";
import { inBranch, pathWithin } from "./tree.ts";

/** What is stored of a key that was just made (`worker/auth/api-key.ts`). The key itself does not come here. */
export interface KeyToStore {
  keyId: string;
  mac: string;
  hint: string;
}

export interface CreateKey {
  database: Database;
  actor: Actor;
  now: number;
  key: KeyToStore;
  input: {
    name: string;
    /** The actor's own organization when not given. */
    organizationId?: string | undefined;
    permissions: Permission[];
    expiresAt: Date | null;
    strict: boolean;
  };
}

/** Stores a new key for one of the actor's organizations. Throws `not_found` for the organization. */
export async function createKey({
  database,
  actor,
  now,
  key,
  input,
}: CreateKey): Promise<{ key: KeyRow; change: ConfigurationChange }> {
  const organizationId = input.organizationId ?? actor.organizationId;
  await pathWithin(database, actor, organizationId);
  const row = keyRow({ rootId: actor.rootId, organizationId, createdBy: actor.id, now, key, input });
  const change = await commitChange(database, {
    rootId: actor.rootId,
    now,
    statements: [database.insert(apiKeys).values(row)],
    audit: { actor: actor.id, action: "key.create", target: row.id, before: null, after: auditedKey(row) },
    keys: [keyRecord(row)],
  });
  if (!change) throw new Error("a change without a condition was not made");
  return { key: row, change };
}

/** A key's row as it is first stored. */
export const keyRow = ({
  rootId,
  organizationId,
  createdBy,
  now,
  key,
  input,
}: {
  rootId: string;
  organizationId: string;
  createdBy: string;
  now: number;
  key: KeyToStore;
  input: Pick<CreateKey["input"], "name" | "permissions" | "expiresAt" | "strict">;
}): KeyRow => ({
  id: key.keyId,
  rootId,
  organizationId,
  name: input.name,
  mac: key.mac,
  hint: key.hint,
  permissions: [...new Set(input.permissions)],
  strict: input.strict,
  createdBy,
  createdAt: new Date(now),
  expiresAt: input.expiresAt,
  disabledAt: null,
  revokedAt: null,
});

/** What the audit log says of a key: everything but its MAC. */
export const auditedKey = (row: KeyRow) => ({
  name: row.name,
  organization_id: row.organizationId,
  hint: row.hint,
  permissions: row.permissions,
  strict: row.strict,
  expires_at: row.expiresAt?.toISOString() ?? null,
});

/** Keys of the actor's organizations, newest first; of one branch when `organizationId` is given (`not_found`). */
export async function listKeys(
  database: Database,
  actor: Actor,
  page: PageRequest & { organizationId?: string | undefined },
): Promise<Page<KeyRow>> {
  if (page.organizationId !== undefined) await pathWithin(database, actor, page.organizationId);
  const { order, after } = pageOf(apiKeys, page);
  const branch = page.organizationId ?? actor.organizationId;
  const [rows] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.rootId, actor.rootId), inBranch(apiKeys.organizationId, actor.rootId, branch), after))
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}

/** One key; throws `not_found` when the actor may not see it, whether it exists or not. */
export async function getKey(database: Database, actor: Actor, id: string): Promise<KeyRow> {
  const [[row]] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.rootId, actor.rootId),
          eq(apiKeys.id, id),
          inBranch(apiKeys.organizationId, actor.rootId, actor.organizationId),
        ),
      ),
  ]);
  if (!row) throw noSuchKey();
  return row;
}

/**
 * Ends a key for good. Ending it again changes nothing and is no error; `change` then carries the key's record once more,
 * under the version in force, so that a Ledger which missed the first one learns it now.
 */
export async function revokeKey({
  database,
  actor,
  now,
  id,
}: {
  database: Database;
  actor: Actor;
  now: number;
  id: string;
}): Promise<{ key: KeyRow; change: ConfigurationChange }> {
  const found = await getKey(database, actor, id);
  if (found.revokedAt === null) {
    const key = { ...found, revokedAt: new Date(now) };
    const unrevoked = and(eq(apiKeys.id, id), eq(apiKeys.rootId, actor.rootId), isNull(apiKeys.revokedAt));
    const change = await commitChange(database, {
      rootId: actor.rootId,
      now,
      onlyIf: sql`exists ${database.select({ id: apiKeys.id }).from(apiKeys).where(unrevoked)}`,
      statements: [database.update(apiKeys).set({ revokedAt: key.revokedAt }).where(unrevoked)],
      audit: {
        actor: actor.id,
        action: "key.revoke",
        target: id,
        before: { revoked_at: null },
        after: { revoked_at: key.revokedAt.toISOString() },
      },
      keys: [keyRecord(key)],
    });
    if (change) return { key, change };
  }
  return currentState(database, actor.rootId, id);
}

/** A change that changes nothing: the key as it stands, under the version in force. */
async function currentState(database: Database, rootId: string, id: string) {
  const [[key], [root]] = await forRoot(database, rootId).batch([
    database
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.rootId, rootId), eq(apiKeys.id, id))),
    database.select({ version: organizations.configVersion }).from(organizations).where(eq(organizations.id, rootId)),
  ]);
  if (!key || !root) throw noSuchKey();
  const { version } = root;
  const change = { rootId, previous: version, version, organizations: [], keys: [keyRecord(key)] };
  return { key, change: { ...change, limits: [], prices: [], webhooks: [], routes: [] } };
}

const noSuchKey = () => new GatewayError("not_found", "There is no such key, or it is not yours to see.");

/** Throws `not_found` unless the actor may see each of these keys. */
export async function requireKeys(database: Database, actor: Actor, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const wanted = [...new Set(ids)];
  const [rows] = await forRoot(database, actor.rootId).batch([
    database
      .select({ id: apiKeys.id })
      .from(apiKeys)
      .where(
        and(
          eq(apiKeys.rootId, actor.rootId),
          inArray(apiKeys.id, wanted),
          inBranch(apiKeys.organizationId, actor.rootId, actor.organizationId),
        ),
      ),
  ]);
  if (rows.length < wanted.length) throw noSuchKey();
}
