import type { KeyRecord, Permission, Principal } from "../canonical/tenant.ts";
import { timingSafeEqual } from "../lib/encoding.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AdmitRequest, KeyDenial, ListDenial, PresentedKey, Whence } from "./contract.ts";
import type { Gate } from "./gate.ts";
import { isRestricted, refusalOfModels, refusalOfWhence } from "./key-lists.ts";
import type { LedgerLog } from "./storage.ts";

const denied = (code: KeyDenial["code"]): KeyDenial => ({ ok: false, code });

/**
 * Whether the key is ours and in force; `permission` is asked for where one is needed. Null: nothing stands against it.
 * A revoked key is answered like one that never was.
 */
function refusalOf(
  record: KeyRecord,
  presented: PresentedKey,
  now: number,
  permission: Permission | null,
): KeyDenial | null {
  const ending = timingSafeEqual(record.mac, presented.mac) ? null : previousOf(record, presented);
  if (ending === undefined) return denied("invalid_api_key");
  if (record.revoked) return denied("invalid_api_key");
  if (record.disabled) return denied("key_disabled");
  if (record.expiresAt !== null && record.expiresAt <= now) return denied("key_expired");
  if (ending !== null && ending.expiresAt <= now) return denied("key_expired");
  if (permission !== null && !record.permissions.includes(permission)) return denied("permission_denied");
  return null;
}

/** The key's text before it was rotated, where it is that which was presented. */
const previousOf = ({ previous }: KeyRecord, { mac }: PresentedKey): KeyRecord["previous"] | undefined =>
  previous !== null && timingSafeEqual(previous.mac, mac) ? previous : undefined;

/** A key that may ask, and where it stands. */
export interface Caller {
  ok: true;
  principal: Principal;
  record: KeyRecord;
  /** Organization ids from the key's own to the root. */
  path: readonly string[];
}

export const unknownKey: KeyDenial = denied("invalid_api_key");

export interface CallerContext {
  copy: ConfigurationCopy;
  gate: Gate;
  log: LedgerLog;
}

/**
 * Who presents this key. Throws for a key of another root: it came to the wrong Ledger.
 * @param permission what is asked for; null: nothing but to be known
 */
export function callerOf(
  { copy, gate, log }: CallerContext,
  key: PresentedKey,
  permission: Permission | null,
  now: number,
): Caller | KeyDenial {
  if (key.rootId !== copy.rootId) throw new Error(`a key of ${key.rootId} came to the Ledger of ${copy.rootId}`);
  const record = copy.key(key.keyId);
  if (record === undefined) return unknownKey;
  const refusal = refusalOf(record, key, now, permission);
  if (refusal !== null) return refusal;
  const path = copy.path(record.organizationId);
  if (path === null) {
    log({ level: "error", event: "ledger.organization_without_path", key_id: record.id });
    return unknownKey;
  }
  if (path.some((id) => copy.organization(id)?.archived === true)) return denied("organization_archived");
  return {
    ok: true,
    record,
    principal: principalOf(record, key.rootId, {
      limited: gate.limited({ nodes: [record.id, ...path], path }),
      routed: copy.isRouted(path) || copy.knowsModels,
      restricted: isRestricted(record) || copy.access(path).length > 0,
    }),
    path,
  };
}

/** The same, of a request that comes from somewhere. */
export function callerFrom(context: CallerContext, key: PresentedKey, from: Whence, now: number) {
  const caller = callerOf(context, key, null, now);
  return caller.ok ? (refusalOfWhence(caller.record, from) ?? caller) : caller;
}

/** Who asks for an admission; a denial where the key, or one of its allow-lists, is against it. */
export function askerOf(context: CallerContext, request: AdmitRequest, now: number): Caller | KeyDenial | ListDenial {
  const caller = callerOf(context, request, "write", now);
  if (!caller.ok) return caller;
  const { record, path } = caller;
  const route = record.models === null ? null : context.copy.route(path, request.draft.requestedModel);
  return refusalOfWhence(record, request.from) ?? refusalOfModels(record, request, route) ?? caller;
}

/** @param stands what of the tenant's configuration stands on the key or above it */
function principalOf(
  record: KeyRecord,
  rootId: string,
  stands: Pick<Principal, "limited" | "routed" | "restricted">,
): Principal {
  return {
    keyId: record.id,
    rootId,
    organizationId: record.organizationId,
    permissions: record.permissions,
    strict: record.strict,
    ...stands,
  };
}
