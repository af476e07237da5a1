import type { TenantConfiguration } from "../canonical/tenant.ts";
import type { UsageEvent } from "../canonical/usage-event.ts";
import { Cooldowns } from "../lib/cooldowns.ts";
import { askerOf, type Caller, unknownKey } from "./admission.ts";
import { Alarm } from "./alarm.ts";
import { amountOfBound } from "./amounts.ts";
import { AWAY_TABLES, AwayAllowances, isOutage } from "./away.ts";
import { Books } from "./books.ts";
import type {
  AdmitRequest,
  Admitted,
  Bound,
  Cooling,
  Denial,
  LedgerApi,
  LedgerHealth,
  Replan,
  SettleAnswer,
  Settlement,
} from "./contract.ts";
import { replanOfCooling } from "./cooling.ts";
import { Gate } from "./gate.ts";
import { askedBy, type SentWith } from "./journal.ts";
import { settleEach } from "./settle-each.ts";
import { ShardBorrower } from "./shard-borrower.ts";
import { isLease, nodeOf, SHARD_TABLES, type ShardLease, ShardLeases } from "./shard-leases.ts";
import { ShardReporter } from "./shard-reporter.ts";
import { backOff, CountedSql, type LedgerClock, type LedgerLog, type LedgerStorage } from "./storage.ts";
import { verdictOfTarget } from "./target-check.ts";
import { Tenant } from "./tenant.ts";

export interface ShardOptions {
  /** What the Ledger calls it by. */
  name: string;
  storage: LedgerStorage;
  clock: LedgerClock;
  log: LedgerLog;
  setAlarm(at: number): void;
  loadConfiguration(rootId: string): Promise<TenantConfiguration | null>;
  recordEvents(rootId: string, events: UsageEvent[]): Promise<{ configVersion: number }>;
  /** The root's own Ledger. */
  ledger(rootId: string): Pick<LedgerApi, "lease" | "report">;
  newId(): string;
  holdSeconds: number;
  snapshotEvery?: number | undefined;
}

/** `elsewhere`: this shard has no room for the request; the Ledger decides. */
export type ShardAnswer = Admitted | Denial | Replan | { ok: false; code: "elsewhere" };

const ELSEWHERE = { ok: false, code: "elsewhere" } as const;
const REFRESH_EVERY_MS = 5_000;

/**
 * A regional shard without the platform: it borrows slices of a tenant's limits from the Ledger, admits by them nearby, keeps
 * the journal of what it admitted, and brings it to Postgres. Where its slices have no room it says `elsewhere`. It also
 * keeps what is allowed while the Ledger cannot be reached at all.
 */
export class ShardCore {
  readonly #options: ShardOptions;
  readonly #sql: CountedSql;
  readonly #tenant: Tenant;
  readonly #books: Books;
  /** The limits of the slices. */
  readonly #gate: Gate;
  /** The limits of the configuration: they are the Ledger's to check, but whether there are any can be told. */
  readonly #wholeGate: Gate;
  readonly #leases: ShardLeases;
  readonly #away: AwayAllowances;
  readonly #borrower: ShardBorrower;
  readonly #reporter: ShardReporter;
  readonly #cooldowns = new Cooldowns();
  #refreshedAt = 0;
  #refreshing: Promise<void> = Promise.resolve();
  readonly #alarm: Alarm;

  constructor(options: ShardOptions) {
    const { storage, clock, log, holdSeconds, snapshotEvery } = options;
    const sql = new CountedSql(storage);
    const tenant = new Tenant({
      ...{ sql, clock, log },
      loadConfiguration: (rootId) => options.loadConfiguration(rootId),
      reconfigure: (change) => this.#books.reconfigure(change),
      // What was counted before this storage is the Ledger's affair.
      recall: async () => () => {},
      tables: [...SHARD_TABLES, ...AWAY_TABLES],
    });
    this.#options = options;
    this.#alarm = new Alarm(options.setAlarm);
    this.#sql = sql;
    this.#tenant = tenant;
    this.#books = new Books({
      ...{ sql, clock, log, holdSeconds, snapshotEvery },
      recordEvents: (events) => options.recordEvents(tenant.copy.rootId as string, events),
      copy: tenant.copy,
      counted: (nodes, _startedAt, expired) => this.#counted(nodes, expired),
    });
    const { counters, buckets } = this.#books;
    this.#leases = new ShardLeases(sql, counters);
    // A Ledger of before targets cooled tells of none.
    const cooling = (told?: readonly Cooling[]) => this.#cooldowns.learn(told ?? [], clock.now());
    this.#borrower = new ShardBorrower({
      ...options,
      ...{ tenant, leases: this.#leases, cooling },
      tell: () => this.#reporter.tell(),
      arm: () => this.#arm(),
    });
    this.#away = new AwayAllowances({ sql, copy: tenant.copy, counters, leases: this.#leases, ...options });
    this.#reporter = new ShardReporter({
      ...options,
      ...{ tenant, leases: this.#leases, away: this.#away, counters, cooling },
    });
    const figures = { counters, buckets, zoneOf: (node: string) => tenant.copy.zoneOf(node) };
    this.#gate = new Gate(tenant.copy, figures, (node) => this.#leases.limitsOn(node));
    this.#wholeGate = new Gate(tenant.copy, figures);
    if (!tenant.known) return;
    this.#leases.load();
    this.#away.load();
    this.#books.replay();
    // The snapshot may be older than their end.
    this.#forgetEnded(new Set([...this.#books.counters.all()].map(({ node }) => node)));
    this.#reporter.tell(0);
    this.#arm();
  }

  /** Admits by a slice that was borrowed before, or says `elsewhere` and sees to it that the next one finds a slice. */
  async admit(request: AdmitRequest): Promise<ShardAnswer> {
    if (!this.#tenant.known) {
      // The database may be far away too: nobody waits for it here.
      void this.#tenant.ensure(request.rootId).catch(() => {});
      return ELSEWHERE;
    }
    const caller = this.#callerOf(request);
    if (!caller.ok) {
      // Without a lease nobody tells this shard of a change, and the key may do this by now: the answer brings it up.
      void this.#borrower.ask(request);
      return ELSEWHERE;
    }
    if (caller.principal.strict) return ELSEWHERE;
    const { principal } = caller;
    const { keyId } = principal;
    const now = this.#options.clock.now();
    const known = this.#books.known(request);
    if (known !== null) return { ok: true, principal, ...known, rates: [], exceeded: [] };
    const replan = replanOfCooling(this.#cooldowns, request, now);
    if (replan !== null) return replan;
    const leases = this.#leases.open(keyId, now);
    const found = this.#books.without(request.draft.eventId, () => this.#find(request, caller, leases, now));
    if (found !== null && "code" in found) return found;
    if (found !== null) {
      const { lease, bound, outputCap } = found;
      const sentWith = { outputCap, lowered: false };
      const handle = this.#hold(request, caller, { nodes: [nodeOf(lease.id)], bound, sentWith });
      this.#leases.used(lease.id, now);
      this.#borrower.burnt(keyId, amountOfBound(bound));
      if (this.#borrower.isDue(leases)) void this.#borrower.ask(request);
      this.#arm();
      const { rates, exceeded } = lease;
      return { ok: true, handle, principal, ...sentWith, rates, exceeded };
    }
    // A key without limits has nothing to borrow.
    if (!principal.limited) return ELSEWHERE;
    this.#borrower.burnt(keyId, amountOfBound(request.bound));
    void this.#borrower.ask(request);
    return ELSEWHERE;
  }

  /** The first lease that has room for the request, and what it is to be sent with; null where none has. */
  #find(request: AdmitRequest, { path }: Caller, leases: readonly ShardLease[], now: number) {
    const { startedAt } = request.draft;
    for (const lease of leases) {
      if (startedAt < lease.from || startedAt >= lease.until) continue;
      // Only under a lease: without one this shard's configuration may be older than the Ledger's.
      const replan = verdictOfTarget(this.#tenant.copy, request, path);
      if (replan !== null) return replan;
      const pass = this.#gate.decide(request, { nodes: [nodeOf(lease.id)], path }, now, "whole");
      if (pass.ok) return { ...pass, lease };
      if (pass.code !== "wait" && pass.code !== "limit") return pass;
    }
    return null;
  }

  #hold(
    request: AdmitRequest,
    { principal }: Caller,
    { nodes, bound, sentWith }: { nodes: string[]; bound: Bound; sentWith: SentWith },
  ): number {
    const { rootId, organizationId, keyId } = principal;
    const draft = { ...request.draft, rootId, organizationId, keyId };
    return this.#books.admit({ draft, path: nodes, bound, sentWith, asked: askedBy(request) });
  }

  /**
   * Admits what the key's organization allows while the Ledger cannot be reached; refuses with `ledger_unavailable`
   * otherwise. Only one shard of a root may be asked, or each would allow the amount once.
   */
  async admitAway(
    request: AdmitRequest,
  ): Promise<Admitted | Denial | Replan | { ok: false; code: "ledger_unavailable" }> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(request.rootId))) return unknownKey;
    if (!this.#away.begun) await this.#refresh();
    const caller = this.#callerOf(request);
    if (!caller.ok) return caller;
    const { principal } = caller;
    // What it holds itself may be all that is allowed.
    const known = this.#books.known(request);
    if (known !== null) return { ok: true, principal, ...known, rates: [], exceeded: [] };
    const replan = verdictOfTarget(this.#tenant.copy, request, caller.path);
    if (replan !== null) return replan;
    const { eventId } = request.draft;
    const allow = () => this.#away.allow(request, caller, this.#options.clock.now());
    const allowed = this.#books.without(eventId, allow);
    if (!allowed.ok) return allowed;
    const { output, bound } = request;
    const outputCap = output === null || output.requested !== null ? null : output.assumed;
    const sentWith = { outputCap, lowered: false };
    const handle = this.#hold(request, caller, { nodes: allowed.nodes, bound, sentWith });
    this.#away.admitted(eventId, allowed.nodes);
    this.#reporter.tell();
    this.#arm();
    return { ok: true, handle, principal, ...sentWith, rates: [], exceeded: [] };
  }

  /** Nobody pushes changes to this shard while the Ledger is away: it asks for them, but not for each request anew. */
  #refresh(): Promise<void> {
    const now = this.#options.clock.now();
    if (now >= this.#refreshedAt + REFRESH_EVERY_MS) {
      this.#refreshedAt = now;
      this.#refreshing = this.#tenant.refresh();
    }
    return this.#refreshing;
  }

  /** Sees to it that the key's next request finds a slice here. */
  async prepare(request: AdmitRequest): Promise<void> {
    if (!this.#tenant.known && !(await this.#tenant.ensure(request.rootId))) return;
    const now = this.#options.clock.now();
    if (this.#leases.open(request.keyId, now).length === 0) await this.#borrower.ask(request);
  }

  /** Takes back admissions whose answers never arrived: they were made elsewhere. */
  withdraw(eventIds: readonly string[]): void {
    if (!this.#tenant.known) return;
    for (const eventId of eventIds) this.#books.withdraw(eventId);
    this.#arm();
  }

  /** As at the Ledger. */
  settle(settlements: readonly Settlement[]): SettleAnswer[] {
    const settle = (one: Settlement) => (this.#tenant.known ? this.#books.settle(one) : "unknown");
    const { answers, failures } = settleEach(settlements, settle, (error, eventId) =>
      this.#logError("shard.settle_failed", error, eventId),
    );
    this.#books.snapshotWhenDue();
    this.#arm();
    if (failures.length > 0) throw failures[0];
    return answers;
  }

  touch(handles: readonly number[]): void {
    const now = this.#options.clock.now();
    for (const handle of handles) this.#books.holds.touch(handle, now);
  }

  /** The configuration has changed: nothing more is admitted by what was lent under the old one. */
  async recall(version: number): Promise<void> {
    if (!this.#tenant.known) return;
    this.#leases.close(this.#options.clock.now());
    if (this.#tenant.behind(version)) await this.#tenant.catchUp(version);
    await this.#reporter.reportAnew();
    this.#arm();
  }

  health(): LedgerHealth & { leases: number } {
    return {
      open: this.#books.holds.size,
      waiting: this.#books.outbox.waiting,
      configVersion: this.#tenant.copy.version,
      rowsWritten: this.#sql.rowsWritten,
      alarmsSet: this.#alarm.settings,
      leases: this.#leases.size,
    };
  }

  /** Does what is due and arms the alarm for what is not. Never throws. */
  async alarm(): Promise<void> {
    const { clock } = this.#options;
    const { outbox } = this.#books;
    this.#alarm.rings();
    let notBefore = 0;
    try {
      this.#books.expire();
      this.#books.snapshotWhenDue();
      if (isDue(this.#tenant.reloadAt, clock.now())) await this.#tenant.refresh();
      if (isDue(this.#reporter.dueAt, clock.now())) await this.#reporter.report(true);
      if (isDue(outbox.dueAt, clock.now())) {
        const version = await outbox.drain();
        this.#books.snapshotAtRest();
        if (this.#tenant.behind(version)) await this.#tenant.catchUp(version);
      }
    } catch (error) {
      this.#logError("shard.alarm_failed", error);
      notBefore = clock.now() + backOff(0, clock.random);
    } finally {
      this.#arm(notBefore);
    }
  }

  #callerOf(request: AdmitRequest) {
    const { clock, log } = this.#options;
    return askerOf({ copy: this.#tenant.copy, gate: this.#wholeGate, log }, request, clock.now());
  }

  /** What is used has changed, of a lease or of what is allowed while the Ledger is away. */
  #counted(nodes: readonly string[], expired: boolean): void {
    const now = this.#options.clock.now();
    for (const node of nodes) {
      this.#leases.changed(node);
      if (expired) this.#leases.expired(node, now);
    }
    this.#reporter.tell();
    // Of a lease that was given up a request may still have been under way.
    this.#forgetEnded(nodes);
  }

  /** Counts no more what leases and outages have used that are not known any more. */
  #forgetEnded(nodes: Iterable<string>): void {
    for (const node of nodes) {
      const ended = isLease(node) ? !this.#leases.has(node) : isOutage(node) && !this.#away.has(node);
      if (ended) this.#books.counters.forget(node);
    }
  }

  #logError(event: string, error: unknown, eventId: string | null = null): void {
    this.#options.log({ level: "error", event, event_id: eventId, message: String(error) });
  }

  #arm(notBefore = 0): void {
    const { outbox, holds } = this.#books;
    this.#alarm.arm([outbox.dueAt, holds.nextDeadline, this.#tenant.reloadAt, this.#reporter.dueAt], notBefore);
  }
}

const isDue = (at: number | null, now: number): boolean => at !== null && at <= now;
