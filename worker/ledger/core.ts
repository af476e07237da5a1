import type { ConfigurationChange, Permission, Principal, TenantConfiguration } from "../canonical/tenant.ts";
import type { UsageEvent } from "../canonical/usage-event.ts";
import { principalOf, refusalOf } from "./admission.ts";
import { Books, ImpossibleSettlement } from "./books.ts";
import type {
  Adjustment,
  AdmitAnswer,
  AdmitRequest,
  AuthenticateAnswer,
  KeyDenial,
  LedgerHealth,
  LedgerSums,
  LimitStatus,
  PresentedKey,
  SettleAnswer,
  Settlement,
} from "./contract.ts";
import type { Counters } from "./counters.ts";
import { backOff, CountedSql, type LedgerClock, type LedgerLog, type LedgerStorage } from "./storage.ts";
import { Tenant } from "./tenant.ts";

export interface LedgerOptions {
  storage: LedgerStorage;
  clock: LedgerClock;
  log: LedgerLog;
  /** Arms the one alarm, replacing an earlier setting. */
  setAlarm(at: number): void;
  /** Reads the configuration from Postgres; null when there is no such root. */
  loadConfiguration(rootId: string): Promise<TenantConfiguration | null>;
  /** Writes the events to Postgres, absorbing those it has; answers the configuration's version there. */
  recordEvents(rootId: string, events: UsageEvent[]): Promise<{ configVersion: number }>;
  /** How long a request may stay untouched before its hold is charged. */
  holdSeconds: number;
  /** Settlements between two snapshots. */
  snapshotEvery?: number | undefined;
}

interface Caller {
  ok: true;
  principal: Principal;
  /** Organization ids from the key's own to the root. */
  path: readonly string[];
}

const unknownKey: KeyDenial = { ok: false, code: "invalid_api_key" };

const isDue = (at: number | null, now: number): boolean => at !== null && at <= now;

/**
 * A root organization's Ledger without the platform. It decides who may, keeps the books, and wakes itself while
 * something waits; an idle tenant costs neither alarm nor SQL.
 */
export class LedgerCore {
  readonly #options: LedgerOptions;
  readonly #sql: CountedSql;
  readonly #tenant: Tenant;
  readonly #books: Books;
  #armedAt: number | null = null;
  #alarmsSet = 0;

  constructor(options: LedgerOptions) {
    const { storage, clock, log, holdSeconds, snapshotEvery } = options;
    const sql = new CountedSql(storage);
    const tenant = new Tenant({ sql, clock, log, loadConfiguration: (rootId) => options.loadConfiguration(rootId) });
    this.#options = options;
    this.#sql = sql;
    this.#tenant = tenant;
    this.#books = new Books({
      ...{ sql, clock, log, holdSeconds, snapshotEvery },
      recordEvents: (events) => options.recordEvents(tenant.copy.rootId as string, events),
    });
    if (!tenant.known) return;
    this.#books.replay();
    this.#arm();
  }

  /** What is held and settled, by key and organization. */
  get counters(): Counters {
    return this.#books.counters;
  }

  /** Checks a key and admits nothing. Throws when a cold tenant's configuration cannot be loaded. */
  async authenticate(key: PresentedKey): Promise<AuthenticateAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(key.rootId))) return unknownKey;
    const caller = this.#callerOf(key, null);
    return caller.ok ? { ok: true, principal: caller.principal } : caller;
  }

  /**
   * Admits a request: writes its row and holds its bound, or refuses and writes nothing. A warm tenant is decided before
   * the first `await`. A repeated event id gets the handle of the first time.
   * @throws LedgerFullError, RangeError for an impossible bound, or what loading a cold tenant's configuration throws.
   */
  async admit(request: AdmitRequest): Promise<AdmitAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(request.rootId))) return unknownKey;
    const caller = this.#callerOf(request, "write");
    if (!caller.ok) return caller;
    const { principal, path } = caller;
    const { rootId, organizationId, keyId } = principal;
    const handle = this.#books.admit({ ...request.draft, rootId, organizationId, keyId }, path, request.bound);
    this.#arm();
    return { ok: true, handle, principal, outputCap: null, lowered: false, rates: [], exceeded: [] };
  }

  /**
   * Settles requests, each for itself: an impossible one is logged and answered `unknown`; when one could not be stored,
   * the others are, and the error is thrown so that the caller tries again (repeats are absorbed).
   */
  settle(settlements: readonly Settlement[]): SettleAnswer[] {
    const failures: unknown[] = [];
    const answers = settlements.map((settlement): SettleAnswer => {
      try {
        return this.#tenant.known ? this.#books.settle(settlement) : "unknown";
      } catch (error) {
        this.#logError("ledger.settle_failed", error, settlement.eventId);
        if (!(error instanceof ImpossibleSettlement)) failures.push(error);
        return "unknown";
      }
    });
    this.#books.snapshotWhenDue();
    this.#arm();
    if (failures.length > 0) throw failures[0];
    return answers;
  }

  /** Gives holds their full time again; handles without an open request are ignored. */
  touch(handles: readonly number[]): void {
    const now = this.#options.clock.now();
    for (const handle of handles) this.#books.holds.touch(handle, now);
  }

  /** Applies a pushed change of the configuration; see `Tenant.configure`. */
  async configure(change: ConfigurationChange): Promise<void> {
    try {
      await this.#tenant.configure(change);
    } finally {
      this.#arm();
    }
  }

  limits(_nodeIds: readonly string[]): LimitStatus[] {
    return [];
  }

  sums(): LedgerSums {
    return { unsettled: this.#books.holds.size + this.#books.outbox.waiting, nodes: [] };
  }

  adjust(_adjustments: readonly Adjustment[]): void {}

  health(): LedgerHealth {
    return {
      open: this.#books.holds.size,
      waiting: this.#books.outbox.waiting,
      configVersion: this.#tenant.copy.version,
      rowsWritten: this.#sql.rowsWritten,
      alarmsSet: this.#alarmsSet,
    };
  }

  /** Does what is due and arms the alarm for what is not. Never throws: an alarm that fails six times is given up. */
  async alarm(): Promise<void> {
    const { clock } = this.#options;
    const { outbox } = this.#books;
    this.#armedAt = null;
    let notBefore = 0;
    try {
      this.#books.expire();
      this.#books.snapshotWhenDue();
      if (isDue(this.#tenant.reloadAt, clock.now())) await this.#tenant.retry();
      if (isDue(outbox.dueAt, clock.now())) {
        const version = await outbox.drain();
        this.#books.snapshotAtRest();
        if (this.#tenant.behind(version)) await this.#tenant.catchUp(version);
      }
    } catch (error) {
      this.#logError("ledger.alarm_failed", error);
      notBefore = clock.now() + backOff(0, clock.random);
    } finally {
      this.#arm(notBefore);
    }
  }

  #callerOf(key: PresentedKey, permission: Permission | null): Caller | KeyDenial {
    const { copy } = this.#tenant;
    if (key.rootId !== copy.rootId) throw new Error(`a key of ${key.rootId} came to the Ledger of ${copy.rootId}`);
    const record = copy.key(key.keyId);
    if (record === undefined) return unknownKey;
    const refusal = refusalOf(record, key, this.#options.clock.now(), permission);
    if (refusal !== null) return refusal;
    const path = copy.path(record.organizationId);
    if (path !== null) return { ok: true, principal: principalOf(record, path, key.rootId), path };
    this.#options.log({ level: "error", event: "ledger.organization_without_path", key_id: record.id });
    return unknownKey;
  }

  #logError(event: string, error: unknown, eventId: string | null = null): void {
    this.#options.log({ level: "error", event, event_id: eventId, message: String(error) });
  }

  /** Arms the alarm for the earliest thing that waits. Each setting is billed as a row: it is only ever moved earlier. */
  #arm(notBefore = 0): void {
    const { outbox, holds } = this.#books;
    const waiting = [outbox.dueAt, holds.nextDeadline, this.#tenant.reloadAt].filter((at) => at !== null);
    if (waiting.length === 0) return;
    const due = Math.max(notBefore, Math.min(...waiting));
    if (this.#armedAt !== null && this.#armedAt <= due) return;
    this.#options.setAlarm(due);
    this.#armedAt = due;
    this.#alarmsSet++;
  }
}
