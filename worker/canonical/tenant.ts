/** The copy of a tenant's configuration that its Ledger keeps. Postgres is the system of record. */

/** What a key may do: `read` models and own usage, `write` inference, `admin` the management API. */
export type Permission = "read" | "write" | "admin";

export interface OrganizationRecord {
  /** `org_` + 8 characters of [0-9a-z]. */
  id: string;
  parentId: string | null;
  name: string;
}

export interface KeyRecord {
  /** `key_` + 12 characters of [0-9a-z]. */
  id: string;
  organizationId: string;
  /** Lower-case hex of HMAC-SHA-256(pepper, whole key). */
  mac: string;
  permissions: Permission[];
  disabled: boolean;
  revoked: boolean;
  /** Milliseconds since the epoch, or null. */
  expiresAt: number | null;
  /** Isolates must not remember this key at all (0 s instead of 10 s). */
  strict: boolean;
}

/** The whole configuration of one root organization. */
export interface TenantConfiguration {
  rootId: string;
  version: number;
  organizations: OrganizationRecord[];
  keys: KeyRecord[];
}

/** A change: the rows that differ between `previous` and `version`. A revoked key is sent as a row, not left out. */
export interface ConfigurationChange {
  rootId: string;
  previous: number;
  version: number;
  organizations: OrganizationRecord[];
  keys: KeyRecord[];
}

/** Who is asking, once the Ledger knows the key. */
export interface Principal {
  keyId: string;
  rootId: string;
  organizationId: string;
  permissions: Permission[];
  strict: boolean;
  /** A limit stands somewhere between the key and the root, so that `admit` must come before the upstream call. */
  limited: boolean;
}
