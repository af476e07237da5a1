import type { SettleAnswer, Settlement } from "./contract.ts";

/** Whoever admitted a request and holds it until it is settled: a Ledger, or a shard of one. */
export interface Holder {
  /** Tells holders apart within an isolate. */
  readonly name: string;
  settle(settlements: Settlement[]): Promise<SettleAnswer[]>;
  touch(handles: number[]): Promise<void>;
}

/** A request that is held, and by whom. */
export interface Held {
  holder: Holder;
  handle: number;
}
