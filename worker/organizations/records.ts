import type { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import type { KeyRecord, OrganizationRecord } from "../canonical/tenant.ts";

export type OrganizationRow = typeof organizations.$inferSelect;
export type KeyRow = typeof apiKeys.$inferSelect;

/** What a Ledger keeps of an organization. */
export const organizationRecord = ({ id, parentId, name }: Pick<OrganizationRow, "id" | "parentId" | "name">) =>
  ({ id, parentId, name }) satisfies OrganizationRecord;

/** What a Ledger keeps of a key. */
export const keyRecord = (row: Omit<KeyRow, "name" | "hint" | "createdBy" | "createdAt" | "rootId">): KeyRecord => ({
  id: row.id,
  organizationId: row.organizationId,
  mac: row.mac,
  permissions: row.permissions,
  disabled: row.disabledAt !== null,
  revoked: row.revokedAt !== null,
  expiresAt: row.expiresAt?.getTime() ?? null,
  strict: row.strict,
});
