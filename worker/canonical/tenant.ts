/** The copy of a tenant's configuration that its Ledger keeps. Postgres is the system of record. */
import type { ModelAccess } from "./model-access.ts";

/** What a key may do: `read` models and own usage, `write` inference, `admin` the management API. */
export type Permission = "read" | "write" | "admin";

/** What an organization decides for itself and those below; null: as the organization above, or the default. */
export interface OrganizationSettings {
  /** Output cap of a request that names none. Default: the model's own maximum. */
  defaultOutputTokens: number | null;
  /** A higher cap is refused. Default: none is. */
  maxOutputTokens: number | null;
  /** Whether a cap may be lowered to what a limit leaves. Default: it may. */
  lowerCaps: boolean | null;
  /** No cap is lowered below it. Default: `LEAST_OUTPUT_TOKENS`. */
  leastOutputTokens: number | null;
  /** How long a request may wait for what others hold. Default: `WAIT_SECONDS`. */
  waitSeconds: number | null;
  /** What may be spent, and how long, while the Ledger cannot be reached. Default: `block`. */
  onLedgerDown: "block" | { costNano: number; seconds: number } | null;
  /** Which models may be used. Default: all. It narrows what those above allow. */
  modelAccess: ModelAccess | null;
}

/** The floor of a lowered output cap, in tokens, where no organization sets one: twice what an agent's answer has. */
export const LEAST_OUTPUT_TOKENS = 1_024;

/** So long a request waits for its whole output cap, and for less where no organization says otherwise; the most one may say. */
export const WAIT_SECONDS = 2;
export const MOST_WAIT_SECONDS = 120;

export const NO_SETTINGS: OrganizationSettings = {
  defaultOutputTokens: null,
  maxOutputTokens: null,
  lowerCaps: null,
  leastOutputTokens: null,
  waitSeconds: null,
  onLedgerDown: null,
  modelAccess: null,
};

export interface OrganizationRecord {
  /** `org_` + 8 characters of [0-9a-z]. */
  id: string;
  parentId: string | null;
  name: string;
  /** IANA name; decides when the organization's days, weeks and months begin. */
  timeZone: string;
  /** Nothing below it may spend. */
  archived: boolean;
  settings: OrganizationSettings;
}

export const LIMIT_METRICS = [
  "requests",
  "input_tokens",
  "output_tokens",
  "total_tokens",
  "cost",
  "concurrent_requests",
] as const;
export type LimitMetric = (typeof LIMIT_METRICS)[number];

/**
 * `minute` and `hour` are token buckets; `day`, `week` (from Monday) and `month` follow the calendar of the node's time
 * zone; `total` never begins anew; `now` is for concurrent requests alone.
 */
export const LIMIT_WINDOWS = ["minute", "hour", "day", "week", "month", "total", "now"] as const;
export type LimitWindow = (typeof LIMIT_WINDOWS)[number];

export interface LimitRecord {
  /** `lim_` + 12 characters of [0-9a-z]. */
  id: string;
  /** The organization or key it stands on; it counts everything below. One limit a node, metric and window. */
  nodeId: string;
  metric: LimitMetric;
  window: LimitWindow;
  /** Requests, tokens or nano-USD; 0 allows nothing. */
  amount: number;
  mode: "block" | "warn";
  /** Percent of the amount at which an event is sent, ascending. */
  thresholds: number[];
  /** Another amount until a moment (milliseconds since the epoch). */
  override: { amount: number; until: number } | null;
  /** From so many percent of the amount on, requests go to this cheaper model (`provider/model`). */
  fallback: { percent: number; model: string } | null;
  /** It no longer holds. Sent once, so that the Ledger learns it. */
  removed: boolean;
}

/** A price of the tenant's own, in place of the catalogue's, for an organization and those below. */
export interface TenantPriceRecord {
  /** `prc_` + 12 characters of [0-9a-z]; also the price version of what it rates. */
  id: string;
  organizationId: string;
  /** `provider/model`, as it is sent upstream. */
  model: string;
  /** Milliseconds since the epoch; `until` null: open. */
  from: number;
  until: number | null;
  /** The price in the catalogue's own form (`PriceRecord` without its days). */
  price: { [field: string]: unknown };
  removed: boolean;
}

/** What a root organization knows of a model beside, or against, the shipped catalogue. */
export interface ModelRecord {
  /** `mdl_` + 12 characters of [0-9a-z]. */
  id: string;
  /** `provider/model`, as it is sent upstream. One record a model. */
  model: string;
  /** `ModelFacts` of the catalogue. */
  facts: { [field: string]: unknown };
  /** Counts its changes. */
  version: number;
  removed: boolean;
}

/** Where limit events are sent. */
export interface WebhookRecord {
  /** `whk_` + 12 characters of [0-9a-z]. */
  id: string;
  /** It is told of this organization and those below. */
  organizationId: string;
  url: string;
  /** The signing secret, sealed under the master key (`lib/seal.ts`). */
  sealedSecret: string;
  /** `limit.threshold`, `limit.exhausted`; empty: all. */
  events: string[];
  disabled: boolean;
  removed: boolean;
}

export const ROUTE_STRATEGIES = ["ordered", "weighted"] as const;

/** A public model name of an organization and those below, and the targets that serve it. */
export interface RouteRecord {
  /** `rte_` + 12 characters of [0-9a-z]. */
  id: string;
  organizationId: string;
  /** The model as clients name it. One route an organization and name; the nearest above a key decides. */
  name: string;
  /** `ordered`: the first that can; `weighted`: by conversation, in proportion to the weights. */
  strategy: (typeof ROUTE_STRATEGIES)[number];
  targets: RouteTarget[];
  timeouts: RouteTimeouts;
  /** Counts its changes. */
  version: number;
  removed: boolean;
}

export interface RouteTarget {
  /** `provider/model`, as it is sent upstream. */
  model: string;
  /** Which of the provider's credentials, by the operator's name for it; null: the default one. */
  credential: string | null;
  /** A whole number from 1 on; `ordered` does not look at it. */
  weight: number;
}

/** Milliseconds; null: as the model has it. */
export interface RouteTimeouts {
  /** Until the answer's headers are here. */
  headers: number | null;
  /** Until something of the answer itself is here. */
  firstToken: number | null;
  /** Between two pieces of a stream. */
  idle: number | null;
  /** For one attempt from its beginning to its end. */
  total: number | null;
}

export interface KeyRecord {
  /** `key_` + 12 characters of [0-9a-z]. */
  id: string;
  organizationId: string;
  name: string;
  /** Lower-case hex of HMAC-SHA-256(pepper, whole key). */
  mac: string;
  /** The key's text before it was rotated, which opens the same as long as the two overlap. */
  previous: { mac: string; expiresAt: number } | null;
  permissions: Permission[];
  disabled: boolean;
  revoked: boolean;
  /** Milliseconds since the epoch, or null. */
  expiresAt: number | null;
  /** Isolates must not remember this key at all (0 s instead of 10 s). */
  strict: boolean;
  /** Public names of the models it may ask for: `provider/model`, `provider/*` or a route's name. Null: all. */
  models: string[] | null;
  /** Addresses and ranges (CIDR) it may be used from. Null: anywhere. */
  ipRanges: string[] | null;
  /** Origins of the web pages that may use it. Null: no page may. */
  origins: string[] | null;
}

/** The whole configuration of one root organization. */
export interface TenantConfiguration {
  rootId: string;
  version: number;
  organizations: OrganizationRecord[];
  keys: KeyRecord[];
  limits: LimitRecord[];
  prices: TenantPriceRecord[];
  webhooks: WebhookRecord[];
  routes: RouteRecord[];
  models: ModelRecord[];
}

/** A change: the rows that differ between `previous` and `version`. What ended is sent as a row that says so, not left out. */
export interface ConfigurationChange {
  rootId: string;
  previous: number;
  version: number;
  organizations: OrganizationRecord[];
  keys: KeyRecord[];
  limits: LimitRecord[];
  prices: TenantPriceRecord[];
  webhooks: WebhookRecord[];
  routes: RouteRecord[];
  models: ModelRecord[];
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
  /** A route holds for the key, or facts of the tenant's own: a model's name may not mean what the catalogue says. */
  routed: boolean;
  /** The key, or an organization above it, has allow-lists: whether a request may be made only the Ledger can say. */
  restricted: boolean;
}
