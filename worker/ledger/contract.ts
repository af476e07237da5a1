import type { ConfigurationChange, Principal } from "../canonical/tenant.ts";
import type { EventDraft, EventResult } from "../canonical/usage-event.ts";

/** The most a request can use; the Ledger holds it until the request settles. Tokens, and nano-USD. */
export interface Bound {
  inputTokens: number;
  outputTokens: number;
  costNano: number;
}

/** A key as the client presented it: what its text names, and its lower-case hex HMAC. */
export interface PresentedKey {
  /** The root organization the key names, hence its Ledger. */
  rootId: string;
  keyId: string;
  mac: string;
}

/** Why the Ledger says no. The codes are those of `worker/errors.ts`. */
export interface Denial {
  ok: false;
  code: "invalid_api_key" | "key_disabled" | "key_expired" | "permission_denied";
}

export interface AdmitRequest extends PresentedKey {
  /** Everything but what only the Ledger knows: it fills in `organizationId` and `rootId`. */
  draft: EventDraft;
  bound: Bound;
}

export type AdmitAnswer = { ok: true; handle: number; principal: Principal } | Denial;
export type AuthenticateAnswer = { ok: true; principal: Principal } | Denial;

export interface Settlement {
  handle: number;
  eventId: string;
  result: EventResult;
}

/**
 * `repeat`: it was settled before, nothing changed. `corrected`: it had expired, a signed correction was written.
 * `unknown`: no such request, or it expired more than a day ago, or its figures are impossible; counted nowhere.
 */
export type SettleAnswer = "settled" | "repeat" | "corrected" | "unknown";

/** What other parts of the Worker may ask of a root organization's Ledger (Durable Object RPC). */
export interface LedgerApi {
  authenticate(key: PresentedKey): Promise<AuthenticateAnswer>;
  admit(request: AdmitRequest): Promise<AdmitAnswer>;
  settle(settlements: Settlement[]): Promise<SettleAnswer[]>;
  /** Keeps holds from expiring; unknown handles are ignored. */
  touch(handles: number[]): Promise<void>;
  /** Applies an administrator's change at once; on a gap in versions the Ledger reloads from Postgres. */
  configure(change: ConfigurationChange): Promise<void>;
  health(): Promise<LedgerHealth>;
}

/** What a Ledger says of itself; the counts of rows and alarms run since its start. */
export interface LedgerHealth {
  /** Requests admitted and not yet settled. */
  open: number;
  /** Settled rows that Postgres has not acknowledged. */
  waiting: number;
  configVersion: number | null;
  /** Rows written to SQLite, as Cloudflare bills them. */
  rowsWritten: number;
  /** Calls of `setAlarm`; each is billed as one row more. */
  alarmsSet: number;
}
