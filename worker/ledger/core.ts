import type { ConfigurationChange, TenantConfiguration } from "../canonical/tenant.ts";
import type { EventDraft, UsageEvent } from "../canonical/usage-event.ts";
import { askerOf, callerFrom, callerOf, unknownKey } from "./admission.ts";
import { Alarm } from "./alarm.ts";
import type { Announcer, AnnouncerOptions, Notice } from "./announcer.ts";
import { Books } from "./books.ts";
import { type Boundary, type BoundarySums, boundariesOf } from "./boundaries.ts";
import type {
  Adjustment,
  AdmitAnswer,
  AdmitRequest,
  AuthenticateAnswer,
  Cooling,
  LeaseAnswer,
  LeaseReport,
  LeaseRequest,
  LedgerHealth,
  LedgerSums,
  LimitStatus,
  OwnKeyAnswer,
  PresentedKey,
  ReportAnswer,
  RoutesAnswer,
  SettleAnswer,
  Settlement,
  Whence,
} from "./contract.ts";
import { replanOfCooling } from "./cooling.ts";
import type { Counters } from "./counters.ts";
import { Gate, type Place } from "./gate.ts";
import { askedBy } from "./journal.ts";
import { KeptCooldowns } from "./kept-cooldowns.ts";
import { NOWHERE } from "./key-lists.ts";
import { Lender } from "./lender.ts";
import type { Figures } from "./limit-check.ts";
import { statusOf } from "./limit-status.ts";
import { waitOf } from "./longest-wait.ts";
import { ownKeyOf } from "./own-key.ts";
import { settleEach } from "./settle-each.ts";
import { AWAY_SHARD } from "./shard-contract.ts";
import { backOff, CountedSql, type LedgerClock, type LedgerLog, type LedgerStorage } from "./storage.ts";
import { adjustedSums, recalledSums, storedSums } from "./sums.ts";
import { verdictOfTarget } from "./target-check.ts";
import { Tenant } from "./tenant.ts";
import { Thresholds } from "./thresholds.ts";
import { WaitingRoom, type WaitsFor } from "./waiting-room.ts";

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
  /** What the events of the root add up to since each boundary, by key and its organization. */
  loadSums(rootId: string, boundaries: readonly Boundary[]): Promise<BoundarySums[]>;
  /** Resolves after so many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
  /** Tells shards that nothing more is to be admitted by what was lent under an older configuration. Never rejects. */
  recallShards(rootId: string, shards: readonly string[], version: number): Promise<void>;
  /** Makes what tells webhooks, over this object's storage. */
  announcer(own: AnnouncerPlace): Pick<Announcer, "announce" | "test" | "run" | "dueAt">;
  /** How long a request may stay untouched before its hold is charged. */
  holdSeconds: number;
  /** Settlements between two snapshots. */
  snapshotEvery?: number | undefined;
}

/** Corrections that are recognized when they are told again. */
const MOST_ADJUSTED = 20_000;

/** What an announcer is made over. */
export interface AnnouncerPlace extends Pick<AnnouncerOptions, "sql" | "clock" | "log" | "webhooks"> {
  rootId(): string;
}

const rootOf = ({ copy }: Tenant): string => copy.rootId as string;

const isDue = (at: number | null, now: number): boolean => at !== null && at <= now;

/** What of a configuration decides whom a change is told. */
interface Standing {
  /** Changes with the configuration: also where a change is in force, but its version not, because one before it is missing. */
  version: string;
  /** An organization says what is allowed without the Ledger, or that nothing is: nobody else tells that shard. */
  allows: boolean;
}

/**
 * A root organization's Ledger without the platform. It decides who may, keeps the books, and wakes itself while
 * something waits; an idle tenant costs neither alarm nor SQL.
 */
export class LedgerCore {
  readonly #options: LedgerOptions;
  readonly #sql: CountedSql;
  readonly #tenant: Tenant;
  readonly #books: Books;
  readonly #figures: Figures;
  readonly #gate: Gate;
  readonly #lender: Lender;
  readonly #thresholds: Thresholds;
  readonly #waiting: WaitingRoom<AdmitAnswer>;
  readonly #cooldowns: KeptCooldowns;
  readonly #announcer: ReturnType<LedgerOptions["announcer"]>;
  /** Corrections told a moment ago: a call whose answer was lost comes again. */
  #adjusted = new Set<string>();
  readonly #alarm: Alarm;

  constructor(options: LedgerOptions) {
    const { storage, clock, log, holdSeconds, snapshotEvery } = options;
    const sql = new CountedSql(storage);
    const tenant = new Tenant({
      ...{ sql, clock, log },
      loadConfiguration: (rootId) => options.loadConfiguration(rootId),
      reconfigure: (change) => this.#reconfigure(change),
      recall: (configuration) => this.#recall(configuration),
    });
    this.#options = options;
    this.#alarm = new Alarm(options.setAlarm);
    this.#sql = sql;
    this.#cooldowns = new KeptCooldowns(sql, clock.now());
    this.#tenant = tenant;
    this.#books = new Books({
      ...{ sql, clock, log, holdSeconds, snapshotEvery },
      recordEvents: (events) => options.recordEvents(tenant.copy.rootId as string, events),
      copy: tenant.copy,
      counted: (nodes, startedAt) => this.#counted(nodes, startedAt),
    });
    const { counters, buckets } = this.#books;
    this.#figures = { counters, buckets, zoneOf: (node) => tenant.copy.zoneOf(node) };
    this.#gate = new Gate(tenant.copy, this.#figures);
    this.#lender = new Lender({
      ...{ copy: tenant.copy, books: this.#books, gate: this.#gate, clock },
      newest: () => tenant.newest,
      cooling: () => this.cooling(),
    });
    this.#thresholds = new Thresholds(tenant.copy, this.#figures);
    this.#announcer = options.announcer({
      sql,
      clock,
      log,
      webhooks: () => tenant.copy.webhooks,
      rootId: () => rootOf(tenant),
    });
    this.#waiting = new WaitingRoom((milliseconds) => options.sleep(milliseconds));
    if (!tenant.known) return;
    this.#books.replay();
    this.#arm();
  }

  /** What is held and settled, by key and organization. */
  get counters(): Counters {
    return this.#books.counters;
  }

  /** Checks a key and admits nothing. Throws when a cold tenant's configuration cannot be loaded. */
  async authenticate(key: PresentedKey, from = NOWHERE): Promise<AuthenticateAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(key.rootId))) return unknownKey;
    const caller = this.#callerFrom(key, from);
    return caller.ok ? { ok: true, principal: caller.principal } : caller;
  }

  /** Checks a key as `authenticate` does, and tells the routes that hold for it. */
  async routes(key: PresentedKey, from = NOWHERE): Promise<RoutesAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(key.rootId))) return unknownKey;
    const caller = this.#callerFrom(key, from);
    if (!caller.ok) return caller;
    const { principal, path, record } = caller;
    const { copy } = this.#tenant;
    const listed = { routes: copy.routesFor(path), access: copy.access(path), facts: [...copy.models] };
    return { ok: true, principal, models: record.models, ...listed };
  }

  /** Checks a key as `authenticate` does, and tells what it may know of itself. */
  async ownKey(key: PresentedKey, from = NOWHERE): Promise<OwnKeyAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(key.rootId))) return unknownKey;
    const caller = this.#callerFrom(key, from);
    if (!caller.ok) return caller;
    const { copy } = this.#tenant;
    const limits = this.limits([caller.record.id, ...caller.path]);
    const about = { copy, counters: this.#books.counters, limits, now: this.#options.clock.now() };
    return { ok: true, principal: caller.principal, key: ownKeyOf(caller, key, about) };
  }

  /**
   * Admits a request: writes its row and holds its bound, or refuses and writes nothing. A warm tenant is decided before
   * the first `await`, unless only what other requests hold stands in the way: then it waits for them as long as the
   * request and its organization allow. A repeated event id gets the handle of the first time; a further attempt of an
   * event takes the place of the one before (see `AdmitRequest.replaces`).
   * @throws LedgerFullError, RangeError for an impossible bound, or what loading a cold tenant's configuration throws.
   */
  async admit(request: AdmitRequest): Promise<AdmitAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(request.rootId))) return unknownKey;
    const { whole, longest } = waitOf(request, this.#tenant.copy);
    const answer =
      this.#decide(request, whole > 0 ? "whole" : null) ??
      (await this.#waiting.wait(whole, longest, (waitsFor) => this.#decide(request, waitsFor)));
    // It may need less than the attempt before.
    if (answer.ok && request.replaces !== null) this.#waiting.released();
    return answer;
  }

  /** Checks the limits and writes the row, or says why not. Null: it is worth waiting, and the request may. */
  #admit(request: AdmitRequest, draft: EventDraft, place: Place, waitsFor: WaitsFor) {
    const now = this.#options.clock.now();
    const pass = this.#books.without(draft.eventId, () => this.#gate.decide(request, place, now, waitsFor));
    if (pass.ok) {
      const { bound, outputCap, lowered } = pass;
      const sentWith = { outputCap, lowered };
      const asking = { draft, path: [...place.path], bound, sentWith, asked: askedBy(request) };
      return { handle: this.#books.admit(asking), ...sentWith };
    }
    if (pass.code === "wait") return null;
    if (pass.code === "limit") this.#announce(this.#thresholds.exhausted(pass.limit, draft.startedAt, now));
    return pass;
  }

  /** Null: it is worth waiting, and the request may. */
  #decide(request: AdmitRequest, waitsFor: WaitsFor): AdmitAnswer | null {
    const now = this.#options.clock.now();
    const caller = askerOf(this.#callers, request, now);
    if (!caller.ok) return caller;
    const { principal, path } = caller;
    const { rootId, organizationId, keyId } = principal;
    const draft = { ...request.draft, rootId, organizationId, keyId };
    const nodes = [keyId, ...path];
    const decided =
      this.#books.known(request) ??
      verdictOfTarget(this.#tenant.copy, request, path) ??
      replanOfCooling(this.#cooldowns, request, now);
    const admitted = decided ?? this.#admit(request, draft, { nodes, path }, waitsFor);
    if (admitted === null || "ok" in admitted) return admitted;
    this.#arm();
    return {
      ...{ ok: true, principal, ...admitted },
      ...this.#gate.outlook(nodes, draft.startedAt, now),
    };
  }

  /**
   * Settles requests, each for itself: an impossible one is logged and answered `unknown`; when one could not be stored,
   * the others are, and the error is thrown so that the caller tries again (repeats are absorbed).
   */
  settle(settlements: readonly Settlement[]): SettleAnswer[] {
    const settle = (one: Settlement) => (this.#tenant.known ? this.#books.settle(one) : "unknown");
    const { answers, failures } = settleEach(settlements, settle, (error, eventId) =>
      this.#logError("ledger.settle_failed", error, eventId),
    );
    this.#books.snapshotWhenDue();
    this.#waiting.released();
    this.#arm();
    if (failures.length > 0) throw failures[0];
    return answers;
  }

  /** Gives holds their full time again; handles without an open request are ignored. */
  touch(handles: readonly number[]): void {
    const now = this.#options.clock.now();
    for (const handle of handles) this.#books.holds.touch(handle, now);
    // Sooner than the alarm that is armed only where the clock has gone back.
    this.#arm();
  }

  /** Notes targets that asked to be left alone. */
  cool(cooling: readonly Cooling[]): void {
    this.#cooldowns.learn(cooling, this.#options.clock.now());
  }

  /** Everything that is cooling, the soonest to end first. */
  cooling(): Cooling[] {
    return this.#cooldowns.active(this.#options.clock.now());
  }

  /** Applies a pushed change of the configuration; see `Tenant.configure`. */
  async configure(change: ConfigurationChange): Promise<void> {
    const before = this.#standing();
    try {
      await this.#tenant.configure(change);
    } finally {
      await this.#recallShards(before);
      this.#arm();
    }
  }

  /** How every limit on these nodes stands now. */
  limits(nodeIds: readonly string[]): LimitStatus[] {
    const now = this.#options.clock.now();
    const limits = nodeIds.flatMap((node) => this.#tenant.copy.limitsOn(node));
    return limits.map((limit) => statusOf(limit, this.#figures, now));
  }

  /** Everything counted by window, to be compared with Postgres. */
  sums(): LedgerSums {
    const { counters, holds, outbox, leases } = this.#books;
    return { unsettled: holds.size + outbox.waiting + leases.size, nodes: storedSums(counters) };
  }

  /** Counts corrections that are in Postgres already, durably when it returns. Throws when they could not be stored. */
  adjust(adjustments: readonly Adjustment[]): void {
    const fresh = adjustments.filter(({ id }) => !this.#adjusted.has(id));
    this.#books.adjust(adjustedSums(fresh, this.#books.counters, this.#tenant.copy));
    for (const { id } of fresh) this.#adjusted.add(id);
    if (this.#adjusted.size > MOST_ADJUSTED) this.#adjusted = new Set(fresh.map(({ id }) => id));
    this.#waiting.released();
    this.#arm();
  }

  /** Sends a `webhook.test`; false where no such webhook is known, and then nothing is sent. */
  async testWebhook(webhookId: string): Promise<boolean> {
    const delivery = await this.#announcer.test(webhookId);
    this.#arm();
    return delivery !== null;
  }

  health(): LedgerHealth {
    return {
      open: this.#books.holds.size,
      waiting: this.#books.outbox.waiting,
      configVersion: this.#tenant.copy.version,
      rowsWritten: this.#sql.rowsWritten,
      alarmsSet: this.#alarm.settings,
    };
  }

  /** Does what is due and arms the alarm for what is not. Never throws: an alarm that fails six times is given up. */
  async alarm(): Promise<void> {
    const { clock } = this.#options;
    const { outbox } = this.#books;
    this.#alarm.rings();
    let notBefore = 0;
    const before = this.#standing();
    try {
      if (isDue(this.#announcer.dueAt, clock.now())) this.#tellWebhooks();
      this.#books.expire();
      this.#waiting.released();
      this.#books.snapshotWhenDue();
      if (isDue(this.#tenant.reloadAt, clock.now())) await this.#tenant.refresh();
      if (isDue(outbox.dueAt, clock.now())) {
        const version = await outbox.drain();
        this.#books.snapshotAtRest();
        if (this.#tenant.behind(version)) await this.#tenant.catchUp(version);
      }
      await this.#recallShards(before);
    } catch (error) {
      this.#logError("ledger.alarm_failed", error);
      notBefore = clock.now() + backOff(0, clock.random);
    } finally {
      this.#arm(notBefore);
    }
  }

  /** However it came, by a push or a load: whoever waits may fit now. */
  #reconfigure(change: () => void): void {
    this.#books.reconfigure(change);
    this.#waiting.released();
  }

  get #callers() {
    return { copy: this.#tenant.copy, gate: this.#gate, log: this.#options.log };
  }

  #callerFrom(key: PresentedKey, from: Whence) {
    return callerFrom(this.#callers, key, from, this.#options.clock.now());
  }

  /** What a shard may borrow for a key; see `sliceFor`. */
  async lease(request: LeaseRequest): Promise<LeaseAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(request.rootId))) return unknownKey;
    const caller = callerOf(this.#callers, request, "write", this.#options.clock.now());
    if (!caller.ok) return caller;
    const answer = this.#lender.lend(request, caller);
    this.#arm();
    return answer;
  }

  /** Counts what shards say they have used. */
  async report(rootId: string, reports: readonly LeaseReport[]): Promise<ReportAnswer> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(rootId))) {
      return { unknown: reports.map(({ id }) => id), stale: [], extended: [], cooling: [] };
    }
    const answer = this.#lender.report(reports);
    this.#books.snapshotWhenDue();
    this.#waiting.released();
    this.#arm();
    return answer;
  }

  /** What Postgres has counted for the windows that are open now, asked for by a Ledger that begins. */
  async #recall(configuration: TenantConfiguration): Promise<() => void> {
    const boundaries = boundariesOf(configuration, this.#options.clock.now());
    const rows = await this.#options.loadSums(configuration.rootId, boundaries);
    return () => {
      const sums = recalledSums(rows, boundaries, this.#tenant.copy);
      if (sums.length > 0) this.#books.adopt(sums);
    };
  }

  /** Not awaited: a slow receiver must not hold up the drain. */
  #tellWebhooks(): void {
    void this.#announcer.run().then(() => this.#arm());
  }

  /** A changed configuration holds at the next request, also where a shard decides. */
  async #recallShards(before: Standing): Promise<void> {
    const { rootId } = this.#tenant.copy;
    const now = this.#standing();
    const shards = [...this.#books.leases.shards, ...(before.allows || now.allows ? [AWAY_SHARD] : [])];
    if (rootId === null || now.version === before.version || shards.length === 0) return;
    await this.#options.recallShards(rootId, shards, this.#tenant.newest);
  }

  #standing(): Standing {
    const { copy, newest } = this.#tenant;
    const policies = [...copy.organizations].map(({ settings }) => settings.onLedgerDown);
    return { version: `${copy.version}/${newest}`, allows: policies.some((policy) => policy !== null) };
  }

  #counted(nodes: readonly string[], startedAt: number): void {
    for (const notice of this.#thresholds.reached(nodes, startedAt, this.#options.clock.now())) this.#announce(notice);
  }

  #announce(notice: Notice | null): void {
    if (notice === null) return;
    try {
      this.#announcer.announce(notice);
    } catch (error) {
      // The next request that finds the limit so says it again.
      this.#logError("ledger.notice_failed", error);
    }
  }

  #logError(event: string, error: unknown, eventId: string | null = null): void {
    this.#options.log({ level: "error", event, event_id: eventId, message: String(error) });
  }

  /** Arms the alarm for the earliest thing that waits. */
  #arm(notBefore = 0): void {
    const { outbox, holds, leases } = this.#books;
    const { reloadAt } = this.#tenant;
    this.#alarm.arm(
      [outbox.dueAt, holds.nextDeadline, leases.nextDeadline, reloadAt, this.#announcer.dueAt],
      notBefore,
    );
  }
}
