import type { ConfigurationChange, TenantConfiguration } from "../canonical/tenant.ts";
import { CONFIGURATION_TABLES, ConfigurationCopy } from "./configuration-copy.ts";
import { JOURNAL_TABLES } from "./journal.ts";
import { LEASE_TABLES } from "./leases.ts";
import { backOff, type CountedSql, type LedgerClock, type LedgerLog } from "./storage.ts";

const TABLES = [...CONFIGURATION_TABLES, ...JOURNAL_TABLES, ...LEASE_TABLES];

export interface TenantOptions {
  sql: CountedSql;
  clock: LedgerClock;
  log: LedgerLog;
  /** Reads the configuration from Postgres; null when there is no such root. */
  loadConfiguration(rootId: string): Promise<TenantConfiguration | null>;
  /** Makes a change of the copy, with what must be done before and after it. */
  reconfigure(change: () => void): void;
  /** Asks what was counted before this storage began; the answer takes it in, once there are tables. */
  recall(configuration: TenantConfiguration): Promise<() => void>;
  /** More tables than every storage has. */
  tables?: readonly string[];
}

/**
 * Keeps the configuration copy in step with Postgres: loads it when cold, applies what is pushed, and loads again when a
 * push was lost. Loads run one at a time.
 */
export class Tenant {
  readonly copy: ConfigurationCopy;
  /** When to try again after a load that failed, null when nothing is missing. */
  reloadAt: number | null = null;
  readonly #options: TenantOptions;
  #stored: boolean;
  #loading: Promise<boolean> | null = null;
  /** The highest version heard of. */
  #wanted = 0;
  #failures = 0;

  constructor(options: TenantOptions) {
    this.#options = options;
    this.copy = new ConfigurationCopy(options.sql);
    this.#stored = hasTables(options.sql);
    if (!this.#stored) return;
    // A table that a later version added.
    for (const table of [...TABLES, ...(options.tables ?? [])]) options.sql.write(table);
    this.copy.load();
  }

  /** True when a configuration is here, so that requests can be decided without an `await`. */
  get known(): boolean {
    return this.copy.version !== null;
  }

  /** Loads the configuration of a cold tenant. False when there is no such root; throws when Postgres cannot be asked. */
  async ensure(rootId: string): Promise<boolean> {
    return this.known || (await this.#load(rootId));
  }

  /** The highest version heard of; ours may be older while it cannot be loaded. */
  get newest(): number {
    return Math.max(this.#wanted, this.copy.version ?? 0);
  }

  /** True for a version above ours: something was missed. */
  behind(version: number): boolean {
    return this.copy.version !== null && version > this.copy.version;
  }

  /** Brings the copy to at least `version`. Never throws: a failure is tried again at `reloadAt`. */
  async catchUp(version: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, version);
    if (this.copy.rootId === null) return;
    try {
      await this.#load(this.copy.rootId);
    } catch {
      // Logged and scheduled by the load itself.
    }
  }

  /** Asks Postgres for whatever is new: where nobody tells, or after a failure. Never throws: what is here is used then. */
  async refresh(): Promise<void> {
    await this.catchUp(this.#wanted);
  }

  /**
   * Applies a pushed change. On a gap its records are taken at once (a revoked key is revoked now), its version is not,
   * and the rest is loaded. Throws when the copy is not at the change's version afterwards.
   */
  async configure(change: ConfigurationChange): Promise<void> {
    if (!this.known) {
      this.#wanted = Math.max(this.#wanted, change.version);
      await this.#load(change.rootId);
    }
    const { version, rootId } = this.copy;
    if (version === null || change.version <= version) return;
    if (change.rootId !== rootId) throw new Error(`a change of ${change.rootId} came to the Ledger of ${rootId}`);
    if (change.previous === version && this.#wanted <= change.version) {
      this.#options.reconfigure(() => this.copy.apply(change, change.version));
      this.#settled();
      return;
    }
    if (change.version >= this.#wanted) this.#options.reconfigure(() => this.copy.apply(change, null));
    this.#wanted = Math.max(this.#wanted, change.version);
    await this.#load(rootId);
  }

  #load(rootId: string): Promise<boolean> {
    this.#loading ??= this.#loadNow(rootId).finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #loadNow(rootId: string): Promise<boolean> {
    const { clock, log } = this.#options;
    try {
      // A version heard of while a load ran may have been committed after that load read: then a second one sees it.
      for (let loads = 0; loads < 2; loads++) {
        const configuration = await this.#options.loadConfiguration(rootId);
        if (configuration === null) {
          if (this.known) log({ level: "error", event: "ledger.configuration_gone", root: rootId });
          this.#settled();
          return this.known;
        }
        if (configuration.rootId !== rootId) throw new Error(`asked for ${rootId}, got ${configuration.rootId}`);
        if (this.#stored) this.#take(configuration);
        else await this.#begin(configuration);
        if (configuration.version >= this.#wanted) {
          this.#settled();
          return true;
        }
      }
      throw new Error(`version ${this.#wanted} is not to be had yet`);
    } catch (error) {
      if (this.known) {
        this.reloadAt = clock.now() + backOff(this.#failures, clock.random);
        this.#failures++;
      }
      log({ level: "warn", event: "ledger.configuration_load_failed", root: rootId, message: String(error) });
      throw error;
    }
  }

  #settled(): void {
    this.reloadAt = null;
    this.#failures = 0;
    this.#wanted = this.copy.version ?? 0;
  }

  /** The first configuration: budgets that were used before this storage began are used. */
  async #begin(configuration: TenantConfiguration): Promise<void> {
    const takeIn = await this.#options.recall(configuration);
    for (const table of [...TABLES, ...(this.#options.tables ?? [])]) this.#options.sql.write(table);
    this.#stored = true;
    this.#take(configuration);
    takeIn();
  }

  #take(configuration: TenantConfiguration): void {
    if (this.copy.version !== null && configuration.version <= this.copy.version) return;
    this.#options.reconfigure(() => this.copy.replace(configuration));
  }
}

/** Whether this object has ever belonged to a tenant. */
function hasTables(sql: CountedSql): boolean {
  return sql.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'tenant'").length > 0;
}
