import type { ConfigurationChange } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type {
  AdmitAnswer,
  AdmitRequest,
  LedgerHealth,
  SettleAnswer,
  Settlement,
} from "../../../worker/ledger/contract.ts";
import type { LedgerCore } from "../../../worker/ledger/core.ts";
import type { Sums, Weather } from "./fake-postgres.ts";
import { KEY_AT, KEYS } from "./world.ts";

/** A row of the journal as it is stored. */
export interface JournalRow extends Record<string, string | number | null> {
  seq: number;
  admission: string;
  result: string | null;
  correction: string | null;
}

/** Everything the invariants speak of, at one instant. */
export interface Observation {
  health: LedgerHealth;
  /** The durable alarm. */
  armedAt: number | null;
  counters: Record<string, { settled: Sums; held: Sums }>;
  journal: JournalRow[];
  dead: UsageEvent[];
  /** What Postgres has, by `event/revision`. */
  stored: ReadonlyMap<string, UsageEvent>;
  rollup: ReadonlyMap<string, Sums>;
}

/** A Ledger under test, in memory or in workerd, with its clock, its alarm and its database in the test's hands. */
export interface Subject {
  admit(request: AdmitRequest): Promise<AdmitAnswer>;
  settle(settlements: Settlement[]): Promise<SettleAnswer[]>;
  touch(handles: number[]): Promise<void>;
  configure(change: ConfigurationChange): Promise<void>;
  /** Loses the object's memory. */
  evict(): Promise<void>;
  setTime(now: number): Promise<void>;
  /** Runs the alarm; false when it waits for a database that hangs. */
  ring(): Promise<boolean>;
  weather(weather: Weather): Promise<void>;
  /** Lets a hanging call go on; false when the alarm then hangs again. */
  release(weather: Weather): Promise<boolean>;
  /** Makes Postgres refuse this event for its content. */
  poison(eventId: string): Promise<void>;
  /** Delivers the stored part of an earlier batch once more, backwards. */
  deliverAgain(nth: number): Promise<void>;
  /** Disables a key in Postgres; returns what the administrator's side would push. */
  disable(keyId: string): Promise<ConfigurationChange>;
  observe(): Promise<Observation>;
  close(): Promise<void>;
}

/** The counters of every key and organization of the test's tenant. */
export const countersOf = (core: LedgerCore): Observation["counters"] =>
  Object.fromEntries([...KEYS, ...Object.values(KEY_AT)].map((node) => [node, core.counters.of(node)]));
