import type { ConfigurationChange, LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type {
  AdmitAnswer,
  AdmitRequest,
  LedgerHealth,
  LimitStatus,
  SettleAnswer,
  Settlement,
} from "../../../worker/ledger/contract.ts";
import type { LedgerCore } from "../../../worker/ledger/core.ts";
import type { Edit, Sums, Weather } from "./fake-postgres.ts";
import type { Configuration } from "./plain-ledger.ts";
import { NODES } from "./tree.ts";

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
  /** By node and window, `node window`. */
  counters: Record<string, { settled: Sums; held: Sums }>;
  /** The stored copy of the configuration; empty where there is none yet. */
  configuration: Configuration;
  limits: LimitStatus[];
  /** The names of all notices told so far; null where they cannot be seen. */
  notices: readonly string[] | null;
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
  /** Sets the clock forward, and wakes those whose time has come. */
  setTime(now: number): Promise<void>;
  /** Sets the clock back. */
  setBack(milliseconds: number): Promise<void>;
  /** Resolves when nothing happens any more without time or others; never where every call is answered anyway. */
  quiet(): Promise<void>;
  /** Runs the alarm; false when it waits for a database that hangs. */
  ring(): Promise<boolean>;
  weather(weather: Weather): Promise<void>;
  /** Lets a hanging call go on; false when the alarm then hangs again. */
  release(weather: Weather): Promise<boolean>;
  /** Makes Postgres refuse this event for its content. */
  poison(eventId: string): Promise<void>;
  /** Delivers the stored part of an earlier batch once more, backwards. */
  deliverAgain(nth: number): Promise<void>;
  /** Changes records in Postgres; returns what the administrator's side would push. */
  commit(edit: Edit): Promise<ConfigurationChange>;
  observe(): Promise<Observation>;
  close(): Promise<void>;
}

export const countersOf = ({ counters }: LedgerCore): Observation["counters"] =>
  Object.fromEntries([...counters.all()].map(({ node, window }) => [`${node} ${window}`, counters.of(node, window)]));

export const limitsOf = (core: LedgerCore): LimitStatus[] => core.limits(NODES);

export const CONFIGURATION_QUERY = "SELECT kind, body FROM record ORDER BY kind, id";

/** Records by their stored text, so that each is parsed once. */
const records = new Map<string, unknown>();
let last: { texts: string; configuration: Configuration } | null = null;

/** The configuration in rows of `CONFIGURATION_QUERY`; the same object for the same rows. */
export function configurationOf(rows: readonly { kind: string; body: string }[]): Configuration {
  const texts = rows.map(({ body }) => body).join();
  if (last?.texts === texts) return last.configuration;
  const of = <Item>(wanted: string): Item[] =>
    rows
      .filter(({ kind }) => kind === wanted)
      .map(({ body }) => {
        const known = records.get(body) ?? JSON.parse(body);
        records.set(body, known);
        return known as Item;
      });
  const limits = of<LimitRecord>("limit").filter(({ removed }) => !removed);
  last = { texts, configuration: { organizations: of("organization"), keys: of("key"), limits } };
  return last.configuration;
}
