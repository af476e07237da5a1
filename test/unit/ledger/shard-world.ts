import type { LimitRecord, TenantConfiguration } from "../../../worker/canonical/tenant.ts";
import type { AdmitRequest, Bound } from "../../../worker/ledger/contract.ts";
import { ShardCore } from "../../../worker/ledger/shard-core.ts";
import { SqliteStorage } from "./sqlite-storage.ts";
import { BEGINNING, eventIdOf, requestOf, result, World } from "./world.ts";

/** An admitted request, and who holds it. */
export interface Running {
  at: "ledger" | "shard" | "away";
  handle: number;
  request: AdmitRequest;
}

/** A Ledger and a regional shard of it, over one database and one clock; each can be lost, and the way between them. */
export class ShardWorld {
  readonly ledger: World;
  readonly storage = new SqliteStorage();
  armedAt: number | null = null;
  shard: ShardCore;
  /** The way from the shard to the Ledger: `cut` loses the call, `deaf` loses the answer. */
  way: "open" | "cut" | "deaf" = "open";
  calls = { lease: 0, report: 0 };
  /** The next lease's answer is on its way until then. */
  slow: Promise<unknown> | null = null;
  readonly logs: { event: string }[] = [];
  readonly #snapshotEvery: number | undefined;
  #generation = 0;
  #ids = 0;
  #events = 0;

  constructor(configuration: TenantConfiguration, snapshotEvery?: number) {
    this.#snapshotEvery = snapshotEvery;
    this.ledger = new World({ configuration, ...(snapshotEvery === undefined ? {} : { snapshotEvery }) });
    this.shard = this.#start();
    this.ledger.recall = async (_shards, version) => {
      if (this.way === "open") await this.shard.recall(version);
    };
  }

  get now(): number {
    return this.ledger.now;
  }

  request(keyId: string, bound: Bound, more: Partial<AdmitRequest> = {}): AdmitRequest {
    return { ...requestOf(keyId, this.now, { eventId: eventIdOf(++this.#events), bound }), ...more };
  }

  /** Asks the shard, and the Ledger where it has no room; null when it was refused. */
  async admit(request: AdmitRequest): Promise<Running | null> {
    const near = await this.shard.admit(request);
    if (near.ok) return { at: "shard", handle: near.handle, request };
    if (near.code !== "elsewhere") return null;
    const answer = await this.ledger.core.admit(request);
    return answer.ok ? { at: "ledger", handle: answer.handle, request } : null;
  }

  settle({ at, handle, request }: Running, used: Partial<Bound>) {
    const { inputTokens = 0, outputTokens = 0, costNano = 0 } = used;
    const cached = { cacheRead: 0, cacheWrite: 0 };
    const ending = result(this.now, { inputUncached: inputTokens, ...cached, output: outputTokens, costNano });
    const core = at === "ledger" ? this.ledger.core : this.shard;
    return core.settle([{ handle, eventId: request.draft.eventId, result: ending }])[0];
  }

  /** Lets time pass, running both alarms when they are due. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    for (let rings = 0; rings < 400; rings++) {
      const next = Math.min(this.armedAt ?? Infinity, this.ledger.armedAt ?? Infinity);
      if (next > until) break;
      this.ledger.now = Math.max(this.now, next);
      if (this.armedAt !== null && this.armedAt <= this.now) {
        this.armedAt = null;
        await this.shard.alarm();
      }
      if (this.ledger.armedAt !== null && this.ledger.armedAt <= this.now) await this.ledger.ring();
    }
    this.ledger.now = until;
    await this.ledger.wake();
  }

  /** Lets what was asked for in the background be answered. */
  async settled(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }

  evictShard(): void {
    this.shard = this.#start();
  }

  close(): void {
    this.storage.close();
    this.ledger.storage.close();
  }

  #start(): ShardCore {
    const generation = ++this.#generation;
    const alive = async <T>(promise: Promise<T>): Promise<T> => {
      const value = await promise;
      if (generation !== this.#generation) return new Promise(() => {});
      return value;
    };
    const call = async <T>(what: "lease" | "report", run: () => Promise<T> | T): Promise<T> => {
      this.calls[what]++;
      if (this.way === "cut") throw new Error("the Ledger cannot be reached");
      const answer = await run();
      if (what === "lease") await this.slow;
      if (this.way === "deaf") throw new Error("the answer was lost");
      return answer;
    };
    const { postgres } = this.ledger;
    return new ShardCore({
      name: "weur-1",
      storage: this.storage,
      clock: { now: () => this.now, random: () => 0.5 },
      log: (entry) => this.logs.push(entry),
      setAlarm: (at) => {
        this.armedAt = at;
      },
      loadConfiguration: (rootId) => alive(postgres.load(rootId)),
      recordEvents: (_rootId, events) => alive(postgres.recordEvents(events)),
      ledger: () => ({
        lease: (request) => alive(call("lease", () => this.ledger.core.lease(request))),
        report: (root, reports) => alive(call("report", () => this.ledger.core.report(root, reports))),
      }),
      newId: () => `${BEGINNING}${++this.#ids}`,
      holdSeconds: 90,
      snapshotEvery: this.#snapshotEvery,
    });
  }
}

/** A limit that blocks. */
export const limit = (
  nodeId: string,
  metric: LimitRecord["metric"],
  window: LimitRecord["window"],
  amount: number,
) => ({
  ...{ id: `lim_${nodeId}${metric}${window}`, nodeId, metric, window, amount, mode: "block" as const },
  ...{ thresholds: [50, 80, 100], override: null, fallback: null, removed: false },
});

/** What is held for a request of the tests. */
export const BOUND = { inputTokens: 100, outputTokens: 50, costNano: 1_000 };
