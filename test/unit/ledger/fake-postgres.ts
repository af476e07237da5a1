import type { ConfigurationChange, KeyRecord, TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { StorageError } from "../../../worker/errors.ts";

/** How the database answers: `ack lost` stores and then fails, `hang` waits to be told. */
export type Weather = "fine" | "down" | "ack lost" | "hang";

export interface Sums {
  requests: number;
  inputTokens: number;
  outputTokens: number;
  costNano: number;
}

const HOUR_MS = 3_600_000;

/** Records as they shall be. */
export type Edit = Partial<Pick<TenantConfiguration, "organizations" | "keys" | "limits">>;

const merged = <Item extends { id: string }>(known: readonly Item[], changed: readonly Item[]): Item[] => [
  ...known.filter(({ id }) => !changed.some((one) => one.id === id)),
  ...changed,
];

export const sumsOf = (event: UsageEvent): Sums => ({
  requests: event.rev === 0 ? 1 : 0,
  inputTokens: event.inputUncached + event.cacheRead + event.cacheWrite,
  outputTokens: event.output,
  costNano: event.costNano,
});

export function addSums(into: Map<string, Sums>, name: string, sums: Sums): void {
  const known = into.get(name) ?? { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
  known.requests += sums.requests;
  known.inputTokens += sums.inputTokens;
  known.outputTokens += sums.outputTokens;
  known.costNano += sums.costNano;
  into.set(name, known);
}

export const rollupName = (event: UsageEvent): string =>
  `${Math.floor(event.startedAt / HOUR_MS)}/${event.organizationId}/${event.keyId}`;

/** Postgres as the Ledger sees it: absorbs by (event, revision) and adds what is new to the rollup, or does neither. */
export class FakePostgres {
  weather: Weather = "fine";
  readonly events = new Map<string, UsageEvent>();
  readonly rollup = new Map<string, Sums>();
  readonly poison = new Set<string>();
  readonly batches: UsageEvent[][] = [];
  loads = 0;
  configuration: TenantConfiguration;
  /** Resolves when a call hangs. */
  hung: Promise<void>;
  #hangs = () => {};
  #continue: ((weather: Weather) => void) | null = null;

  constructor(configuration: TenantConfiguration) {
    this.configuration = configuration;
    this.hung = this.#nextHung();
  }

  #nextHung(): Promise<void> {
    return new Promise((resolve) => {
      this.#hangs = resolve;
    });
  }

  /** Continues a hanging call as the weather says; null: its caller is gone and nobody waits. */
  release(weather: Weather | null): void {
    const proceed = this.#continue;
    this.#continue = null;
    this.hung = this.#nextHung();
    if (weather !== null) proceed?.(weather);
  }

  /** One statement: all events of the batch or none. */
  store(events: readonly UsageEvent[]): void {
    const bad = events.find(({ eventId }) => this.poison.has(eventId));
    if (bad !== undefined) throw new StorageError(`invalid input in ${bad.eventId}`, "22P02");
    for (const event of events) {
      const id = `${event.eventId}/${event.rev}`;
      if (this.events.has(id)) continue;
      this.events.set(id, event);
      addSums(this.rollup, rollupName(event), sumsOf(event));
    }
  }

  async recordEvents(events: UsageEvent[]): Promise<{ configVersion: number }> {
    this.batches.push(events);
    let weather = this.weather;
    if (weather === "hang") {
      const released = new Promise<Weather>((resolve) => {
        this.#continue = resolve;
      });
      this.#hangs();
      weather = await released;
    }
    if (weather === "down") throw new StorageError("connection refused", null);
    this.store(events);
    if (weather === "ack lost") throw new StorageError("connection reset", null);
    return { configVersion: this.configuration.version };
  }

  /** Delivers what is stored of an earlier batch once more: twice, and backwards. */
  deliverAgain(nth: number): void {
    const batch = this.batches[nth % Math.max(1, this.batches.length)] ?? [];
    const stored = batch.filter(({ eventId, rev }) => this.events.has(`${eventId}/${rev}`));
    this.store([...stored, ...stored].reverse());
  }

  async load(rootId: string): Promise<TenantConfiguration | null> {
    this.loads++;
    if (this.weather === "down" || this.weather === "hang") throw new StorageError("connection refused", null);
    return rootId === this.configuration.rootId ? structuredClone(this.configuration) : null;
  }

  /** Commits a change of one key and returns what the administrator's side would push. */
  change(keyId: string, to: Partial<KeyRecord>): ConfigurationChange {
    const changed = this.configuration.keys.filter(({ id }) => id === keyId);
    return this.commit({ keys: changed.map((key) => ({ ...key, ...to })) });
  }

  /** The same for any records. */
  commit({ organizations = [], keys = [], limits = [] }: Edit): ConfigurationChange {
    const { configuration } = this;
    const [{ rootId, version: previous }, version] = [configuration, configuration.version + 1];
    this.configuration = {
      ...{ ...configuration, version },
      organizations: merged(configuration.organizations, organizations),
      keys: merged(configuration.keys, keys),
      limits: merged(configuration.limits, limits).filter(({ removed }) => !removed),
    };
    return { rootId, previous, version, organizations, keys, limits, prices: [], webhooks: [], routes: [], models: [] };
  }
}
