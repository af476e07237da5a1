import { asc, eq } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { TenantConfiguration } from "../canonical/tenant.ts";
import { keyRecord, organizationRecord } from "./records.ts";

/**
 * The whole configuration of a root organization as of one moment, for its Ledger; null when there is no such root.
 * Revoked keys are part of it: a Ledger that knows them says so, rather than loading again.
 */
export async function loadConfiguration(database: Database, rootId: string): Promise<TenantConfiguration | null> {
  const [tree, keys] = await forRoot(database, rootId).batch([
    database.select().from(organizations).where(eq(organizations.rootId, rootId)).orderBy(asc(organizations.id)),
    database.select().from(apiKeys).where(eq(apiKeys.rootId, rootId)).orderBy(asc(apiKeys.id)),
  ]);
  const root = tree.find(({ id }) => id === rootId);
  if (!root) return null;
  return {
    rootId,
    version: root.configVersion,
    organizations: tree.map(organizationRecord),
    keys: keys.map(keyRecord),
  };
}
