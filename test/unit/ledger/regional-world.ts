import type { Scheduler } from "fast-check";
import type { TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { LeaseAnswer, LeaseReport, LeaseRequest } from "../../../worker/ledger/contract.ts";
import { ShardCore } from "../../../worker/ledger/shard-core.ts";
import { SqliteStorage } from "./sqlite-storage.ts";
import { START } from "./tree.ts";
import { World } from "./world.ts";

export type Way = "open" | "cut" | "deaf";

/** After so long a caller gives up. What it has asked may come later all the same, but not for ever. */
const PATIENCE_MS = 10_000;
const LATEST_MS = 60_000;

/** What may be known of the way between shards and Ledger. */
export interface Traffic {
  granted(request: LeaseRequest, answer: LeaseAnswer & { ok: true }): void;
  /** Before the Ledger hears it. */
  reported(reports: readonly LeaseReport[]): void;
  /** The Ledger is about to look for what has expired. */
  rings(): void;
  /** Postgres is about to be given these. */
  recorded(by: string, events: readonly UsageEvent[]): void;
}

/** A shard with its storage and alarm, and its way to the Ledger. */
export interface Region {
  name: string;
  storage: SqliteStorage;
  armedAt: number | null;
  ringing: boolean;
  core: ShardCore;
  way: Way;
  generation: number;
  /** How long the Ledger has not heard of it, and how long at most. */
  silentMs: number;
  longestSilence: number;
}

/** The Ledger's own name beside those of its shards. */
export const LEDGER = "ledger";
const REGIONS = ["weur-1", "enam-1", "away"];

/** A Ledger, two shards and the one for outages, over one database and one clock; a scheduler decides when calls arrive. */
export class RegionalWorld {
  readonly ledger: World;
  readonly regions: Region[];
  readonly traffic: Traffic;
  readonly #scheduler: Scheduler;
  readonly #record: (by: string, events: UsageEvent[]) => Promise<{ configVersion: number }>;
  readonly #timers: { at: number; fire: () => void }[] = [];
  ledgerRinging = false;
  #ledgerGeneration = 0;
  #ids = 0;
  /** Recalls that did not reach their shard. */
  readonly missed = new Set<string>();

  constructor(configuration: TenantConfiguration, scheduler: Scheduler, traffic: Traffic) {
    this.#scheduler = scheduler;
    this.traffic = traffic;
    this.ledger = new World({ configuration, snapshotEvery: 4 });
    this.ledger.now = START;
    const { postgres } = this.ledger;
    const record = postgres.recordEvents.bind(postgres);
    this.#record = (by, events) => {
      if (postgres.weather !== "down") traffic.recorded(by, events);
      return record(events);
    };
    postgres.recordEvents = (events) => this.#record(LEDGER, events);
    this.ledger.recall = (shards, version) => this.#aliveLedger(this.#recall(shards, version));
    this.regions = REGIONS.map((name) => this.#region(name));
  }

  get now(): number {
    return this.ledger.now;
  }

  /** Lets everything happen that needs no call to arrive. */
  idle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Lets so many calls, or answers, arrive; all where no number is told. */
  async arrive(most = Number.POSITIVE_INFINITY): Promise<void> {
    await this.idle();
    for (let done = 0; done < most && this.#scheduler.count() > 0; done++) {
      await this.#scheduler.waitOne();
      await this.idle();
    }
  }

  /**
   * Lets time pass, running alarms when they are due.
   * @param smooth whether calls arrive at once; otherwise none does
   */
  async pass(milliseconds: number, smooth: boolean): Promise<void> {
    const until = this.now + milliseconds;
    for (let rings = 0; ; rings++) {
      if (smooth) await this.arrive();
      const next = this.#nextEvent();
      if (next > until) break;
      const disturbed = !smooth || this.ledger.postgres.weather !== "fine" || this.regions.some(isMute);
      if (rings > 300 && !disturbed) throw new Error("B4 the alarms do not come to rest");
      // A long outage is a thousand attempts alike; alarms may come late, so most of it is skipped.
      const skips = rings > 12 && disturbed;
      this.#silence((skips ? until : Math.max(this.now, next)) - this.now, skips || !smooth);
      this.ledger.now = skips ? until : Math.max(this.now, next);
      this.#fire();
      await this.idle();
      if (skips) break;
    }
    this.#silence(until - this.now, !smooth);
    this.ledger.now = until;
    await this.ledger.wake();
    if (smooth) await this.arrive();
  }

  evictLedger(): void {
    this.ledgerRinging = false;
    this.#ledgerGeneration++;
    this.ledger.evict();
  }

  evict(region: Region): void {
    region.ringing = false;
    region.core = this.#start(region);
  }

  /** A call that somebody makes without waiting for it. */
  later(what: string, run: () => void): void {
    void this.#scheduler.schedule(Promise.resolve(), what).then(run);
  }

  close(): void {
    this.ledger.storage.close();
    for (const { storage } of this.regions) storage.close();
  }

  #silence(milliseconds: number, all: boolean): void {
    for (const region of this.regions) {
      if (all || isMute(region)) region.silentMs += milliseconds;
      region.longestSilence = Math.max(region.longestSilence, region.silentMs);
    }
  }

  #nextEvent(): number {
    const alarms = this.regions.map(({ ringing, armedAt }) => (ringing ? null : armedAt));
    if (!this.ledgerRinging) alarms.push(this.ledger.armedAt);
    return Math.min(...alarms.map((at) => at ?? Number.POSITIVE_INFINITY), ...this.#timers.map(({ at }) => at));
  }

  /** Does what is due: an alarm does not run twice at once. */
  #fire(): void {
    for (const timer of this.#timers.filter(({ at }) => at <= this.now)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.fire();
    }
    for (const region of this.regions) {
      if (region.ringing || region.armedAt === null || region.armedAt > this.now) continue;
      const { generation } = region;
      region.armedAt = null;
      region.ringing = true;
      void region.core.alarm().then(() => {
        if (generation === region.generation) region.ringing = false;
      });
    }
    const { ledger } = this;
    if (this.ledgerRinging || ledger.armedAt === null || ledger.armedAt > this.now) return;
    const generation = this.#ledgerGeneration;
    this.ledgerRinging = true;
    this.traffic.rings();
    void ledger.ring().then(() => {
      if (generation === this.#ledgerGeneration) this.ledgerRinging = false;
    });
  }

  #patient<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = { at: this.now + PATIENCE_MS, fire: () => reject(new Error("no answer")) };
      const over = () => {
        const index = this.#timers.indexOf(timer);
        if (index >= 0) this.#timers.splice(index, 1);
      };
      this.#timers.push(timer);
      promise.finally(over).then(resolve, reject);
    });
  }

  #aliveLedger<T>(promise: Promise<T>): Promise<T> {
    const generation = this.#ledgerGeneration;
    return promise.then((value) => (generation === this.#ledgerGeneration ? value : new Promise(() => {})));
  }

  async #recall(shards: readonly string[], version: number): Promise<void> {
    const recalled = shards.map(async (name) => {
      const region = this.regions.find((one) => one.name === name) as Region;
      this.missed.add(`${name} ${version}`);
      await this.#scheduler.schedule(Promise.resolve(), `recall ${name}`);
      if (region.way !== "open") return;
      this.missed.delete(`${name} ${version}`);
      await region.core.recall(version);
    });
    await this.#patient(Promise.all(recalled)).catch(() => {});
  }

  /** A call of a shard to the Ledger, both ways of which take as long as the scheduler likes. */
  async #call<T>(region: Region, what: string, run: () => Promise<T>): Promise<T> {
    const begun = this.now;
    await this.#scheduler.schedule(Promise.resolve(), `${region.name} ${what}`);
    if (region.way === "cut" || this.now - begun > LATEST_MS) throw new Error("the Ledger cannot be reached");
    const answer = await run();
    await this.#scheduler.schedule(Promise.resolve(), `answer to ${region.name} ${what}`);
    if (region.way !== "open") throw new Error("the answer was lost");
    return answer;
  }

  #region(name: string): Region {
    const unstarted = { name, storage: new SqliteStorage(), armedAt: null, ringing: false, way: "open" as const };
    const region = { ...unstarted, generation: 0, silentMs: 0, longestSilence: 0 } as unknown as Region;
    region.core = this.#start(region);
    return region;
  }

  #start(region: Region): ShardCore {
    const generation = ++region.generation;
    const alive = <T>(promise: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        promise.then(
          (value) => generation === region.generation && resolve(value),
          (error: unknown) => generation === region.generation && reject(error),
        );
      });
    const { ledger, traffic } = this;
    const { postgres } = ledger;
    return new ShardCore({
      name: region.name,
      storage: region.storage,
      clock: { now: () => this.now, random: () => 0.5 },
      log: () => {},
      setAlarm: (at) => {
        region.armedAt = at;
      },
      loadConfiguration: (rootId) => alive(postgres.load(rootId)),
      recordEvents: (_rootId, events) => alive(this.#record(region.name, events)),
      ledger: () => ({
        lease: (request) => {
          const run = async () => {
            const answer = await ledger.core.lease(request);
            if (answer.ok) traffic.granted(request, answer);
            return answer;
          };
          return alive(this.#patient(this.#call(region, "lease", run)));
        },
        report: async (root, reports) => {
          const run = () => {
            traffic.reported(reports);
            return ledger.core.report(root, reports);
          };
          const answer = await alive(this.#patient(this.#call(region, "report", run)));
          region.silentMs = 0;
          return answer;
        },
      }),
      newId: () => String(++this.#ids).padStart(8, "0"),
      holdSeconds: 90,
      snapshotEvery: 4,
    });
  }
}

const isMute = ({ way }: Region): boolean => way !== "open";
