import type { KeyRecord, Permission, Principal } from "../canonical/tenant.ts";
import { timingSafeEqual } from "../lib/encoding.ts";
import type { KeyDenial, PresentedKey } from "./contract.ts";

const denied = (code: KeyDenial["code"]): KeyDenial => ({ ok: false, code });

/**
 * Whether the key is ours and in force; `permission` is asked for where one is needed. Null: nothing stands against it.
 * A revoked key is answered like one that never was.
 */
export function refusalOf(
  record: KeyRecord,
  presented: PresentedKey,
  now: number,
  permission: Permission | null,
): KeyDenial | null {
  if (!timingSafeEqual(record.mac, presented.mac)) return denied("invalid_api_key");
  if (record.revoked) return denied("invalid_api_key");
  if (record.disabled) return denied("key_disabled");
  if (record.expiresAt !== null && record.expiresAt <= now) return denied("key_expired");
  if (permission !== null && !record.permissions.includes(permission)) return denied("permission_denied");
  return null;
}

/** @param limited whether a limit that blocks stands on the key or above it */
export function principalOf(record: KeyRecord, rootId: string, limited: boolean): Principal {
  return {
    keyId: record.id,
    rootId,
    organizationId: record.organizationId,
    permissions: record.permissions,
    strict: record.strict,
    limited,
  };
}
