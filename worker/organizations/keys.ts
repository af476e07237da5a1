import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, memberships, organizations, users } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { commitChange } from "./change.ts";
import { requireWithin, selectBounds } from "./key-bounds.ts";
import type { KeyView } from "./key-views.ts";
import { type KeyRow, keyRecord } from "./records.ts";
import { inBranch, isArchived, isThere, noSuchOrganization, pathWithin } from "./tree.ts";

/** What is stored of a key that was just made (`worker/auth/api-key.ts`). The key itself does not come here. */
export interface KeyToStore {
  keyId: string;
  mac: string;
  hint: string;
}

/** What of a key may change. */
export type KeyTerms = Pick<
  KeyRow,
  "name" | "permissions" | "expiresAt" | "strict" | "models" | "ipRanges" | "origins" | "tags" | "owner" | "note"
>;

/** Terms of a key that nothing is said of. */
export const PLAIN_TERMS = {
  ...{ expiresAt: null, strict: false, models: null, ipRanges: null, origins: null },
  ...{ tags: [], owner: "service", note: null },
} satisfies Partial<KeyTerms>;

export interface CreateKey {
  database: Database;
  actor: Actor;
  now: number;
  key: KeyToStore;
  /** The actor's own organization when not given. */
  organizationId?: string | undefined;
  terms: KeyTerms;
}

/**
 * Stores a new key for one of the actor's organizations. Throws `not_found` for the organization, and as `requireWithin` and
 * `requireOwner`.
 */
export async function createKey({
  database,
  actor,
  now,
  key,
  organizationId = actor.organizationId,
  terms,
}: CreateKey): Promise<{ key: KeyView; change: ConfigurationChange }> {
  const { rootId } = actor;
  await pathWithin(database, actor, organizationId);
  const [[standing], [bounds]] = await forRoot(database, rootId).batch([
    database
      .select({
        organizationName: organizations.name,
        organizationArchived: isArchived(rootId, organizationId),
      })
      .from(organizations)
      .where(eq(organizations.id, organizationId)),
    selectBounds(database, actor),
  ]);
  if (!standing) throw noSuchOrganization();
  requireWithin(bounds, terms);
  await requireOwner(database, actor, terms.owner);
  const row = keyRow({ rootId, organizationId, createdBy: actor.id, now, key, terms });
  const change = await commitChange(database, {
    rootId,
    now,
    // It may be deleted meanwhile.
    onlyIf: isThere(actor.rootId, organizationId),
    statements: [database.insert(apiKeys).values(row)],
    audit: { actor, action: "key.create", target: row.id, organizationId, before: null, after: auditedKey(row) },
    keys: [keyRecord(row)],
  });
  if (!change) throw noSuchOrganization();
  return { key: { ...row, ...standing, lastUsedAt: null }, change };
}

/**
 * Throws `not_found` for an owner that is a person and none whom the actor may see: of the tenant, or, below its root, with
 * a role in the actor's branch.
 */
export async function requireOwner(
  database: Database,
  { rootId, organizationId }: Actor,
  owner: string,
): Promise<void> {
  if (owner === "service") return;
  const id = owner.slice("user:".length);
  const seen = inBranch(memberships.organizationId, rootId, organizationId);
  const held = database
    .select({ one: sql`1` })
    .from(memberships)
    .where(and(eq(memberships.rootId, rootId), eq(memberships.userId, id), seen));
  const [found] = await forRoot(database, rootId).batch([
    database
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.rootId, rootId), eq(users.id, id), seen && sql`exists ${held}`)),
  ]);
  if (found.length === 0) {
    throw new GatewayError("not_found", "There is no such person, or they are not yours to see.", { param: "owner" });
  }
}

/** A key's row as it is first stored. */
export const keyRow = ({
  rootId,
  organizationId,
  createdBy,
  now,
  key,
  terms,
  kind = "api",
}: {
  rootId: string;
  organizationId: string;
  createdBy: string;
  now: number;
  key: KeyToStore;
  terms: KeyTerms;
  kind?: KeyRow["kind"];
}): KeyRow => ({
  id: key.keyId,
  kind,
  rootId,
  organizationId,
  mac: key.mac,
  hint: key.hint,
  ...{ previousMac: null, previousHint: null, previousExpiresAt: null },
  ...terms,
  permissions: [...new Set(terms.permissions)],
  createdBy,
  createdAt: new Date(now),
  disabledAt: null,
  disabledBy: null,
  revokedAt: null,
  updatedAt: new Date(now),
  version: 1,
});

/** What the audit log says of a key: everything but its MACs. */
export const auditedKey = (row: KeyRow): Record<string, unknown> => ({
  name: row.name,
  ...(row.kind === "api" ? {} : { kind: row.kind }),
  organization_id: row.organizationId,
  hint: row.hint,
  previous_hint: row.previousHint,
  previous_expires_at: row.previousExpiresAt?.toISOString() ?? null,
  permissions: row.permissions,
  strict: row.strict,
  models: row.models,
  ip_ranges: row.ipRanges,
  origins: row.origins,
  tags: row.tags,
  owner: row.owner,
  note: row.note,
  expires_at: row.expiresAt?.toISOString() ?? null,
  disabled_at: row.disabledAt?.toISOString() ?? null,
  disabled_by: row.disabledBy,
  revoked_at: row.revokedAt?.toISOString() ?? null,
});
