import type { KeyState } from "../../organizations/key-list.ts";
import type { KeyView } from "../../organizations/key-views.ts";
import type { KeyRow } from "../../organizations/records.ts";

function statusOf(row: KeyRow, now: number): KeyState {
  if (row.revokedAt) return "revoked";
  if (row.disabledAt) return "disabled";
  return row.expiresAt && row.expiresAt.getTime() <= now ? "expired" : "active";
}

/** The text the key had before it was rotated, as long as it opens anything. */
const previousOf = ({ previousHint, previousExpiresAt }: KeyRow, now: number) =>
  previousExpiresAt === null || previousExpiresAt.getTime() <= now
    ? null
    : { hint: previousHint, expires_at: previousExpiresAt.toISOString() };

/** A key as the API shows it: never the key itself, nor its MAC. */
export const keyBody = (row: KeyView, now: number) => ({
  id: row.id,
  kind: row.kind,
  organization_id: row.organizationId,
  organization_name: row.organizationName,
  organization_archived: row.organizationArchived,
  name: row.name,
  hint: row.hint,
  previous: previousOf(row, now),
  permissions: row.permissions,
  strict: row.strict,
  models: row.models,
  ip_ranges: row.ipRanges,
  origins: row.origins,
  tags: row.tags,
  owner: row.owner,
  note: row.note,
  status: statusOf(row, now),
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  last_used_at: row.lastUsedAt?.toISOString() ?? null,
  expires_at: row.expiresAt?.toISOString() ?? null,
  disabled_at: row.disabledAt?.toISOString() ?? null,
  disabled_by: row.disabledBy,
  revoked_at: row.revokedAt?.toISOString() ?? null,
  version: row.version,
});
