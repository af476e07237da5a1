import type { AdmitRequest, LedgerHealth, SettleAnswer, Settlement } from "./contract.ts";
import type { ShardCore } from "./shard-core.ts";

/** What other parts of the Worker may ask of a shard of a root organization's Ledger (Durable Object RPC). */
export interface ShardApi {
  /** Admits nearby, or says `elsewhere`. */
  admit(request: AdmitRequest): ReturnType<ShardCore["admit"]>;
  /** Borrows a slice for the key, so that its next request finds one. */
  prepare(request: AdmitRequest): Promise<void>;
  /** Admits what the key's organization allows while the Ledger is away. Only the shard of that name may be asked. */
  admitAway(request: AdmitRequest): ReturnType<ShardCore["admitAway"]>;
  /** Takes back admissions whose answers never arrived: they were made elsewhere. */
  withdraw(eventIds: string[]): Promise<void>;
  settle(settlements: Settlement[]): Promise<SettleAnswer[]>;
  touch(handles: number[]): Promise<void>;
  /** The configuration has come to a version: nothing more is admitted by what was lent under an older one. */
  recall(version: number): Promise<void>;
  health(): Promise<LedgerHealth & { leases: number }>;
}

/** The shard that keeps what is allowed while the Ledger is away; one a root, wherever it is asked from. */
export const AWAY_SHARD = "away";
