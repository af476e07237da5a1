import { DurableObject } from "cloudflare:workers";
import type { ConfigurationChange, TenantConfiguration, WebhookRecord } from "../canonical/tenant.ts";
import type { UsageEvent } from "../canonical/usage-event.ts";
import type { DeliveryLogRow } from "../canonical/webhook-delivery.ts";
import { Announcer } from "./announcer.ts";
import type { Boundary, BoundarySums } from "./boundaries.ts";
import type {
  Adjustment,
  AdmitAnswer,
  AdmitRequest,
  AuthenticateAnswer,
  Cooling,
  LeaseAnswer,
  LeaseReport,
  LeaseRequest,
  LedgerApi,
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
import { LedgerCore } from "./core.ts";
import { type Deliver, sender } from "./delivery-send.ts";
import { withPatience } from "./patience.ts";
import type { ShardApi } from "./shard-contract.ts";
import type { LedgerClock, LedgerLog } from "./storage.ts";

/** What a Ledger needs from its neighbours; wired where the class is exported. */
export interface LedgerDependencies extends LedgerClock {
  /** Reads a root organization's configuration from Postgres; null when there is no such root. */
  loadConfiguration(rootId: string): Promise<TenantConfiguration | null>;
  /** Writes events and their sums in one idempotent statement; throws `StorageError`. */
  recordEvents(rootId: string, events: UsageEvent[]): Promise<{ configVersion: number }>;
  /** A shard of the root, by its name. */
  shard(rootId: string, name: string): Pick<ShardApi, "recall">;
  /** What the events of the root add up to since each boundary. */
  loadSums(rootId: string, boundaries: readonly Boundary[]): Promise<BoundarySums[]>;
  recordDeliveries(rootId: string, rows: DeliveryLogRow[]): Promise<void>;
  /** Opens a webhook's signing secret. */
  unseal(rootId: string, webhook: WebhookRecord): Promise<string>;
  /** The way out to webhooks. */
  deliver: Deliver;
  log: LedgerLog;
  holdSeconds: number;
  /** Settlements between two snapshots; the Ledger's own number when left out. */
  snapshotEvery?: number | undefined;
}

/** A shard that does not answer must not hold up an administrator's change. */
const RECALL_PATIENCE_MS = 3_000;

/**
 * The Ledger as a Durable Object: `LedgerCore` over the object's own SQLite and alarm, called by RPC. A subclass names the
 * dependencies: `constructor(ctx, env) { super(ctx, env, { … }) }`.
 */
export class LedgerObject<Env = unknown> extends DurableObject<Env> implements LedgerApi {
  protected readonly core: LedgerCore;

  constructor(ctx: DurableObjectState, env: Env, dependencies: LedgerDependencies) {
    super(ctx, env);
    this.core = new LedgerCore({
      storage: ctx.storage,
      clock: dependencies,
      log: (entry) => dependencies.log(entry),
      // The write is confirmed with the transaction it belongs to; if it fails, the platform restarts the object.
      setAlarm: (at) => void ctx.storage.setAlarm(at),
      loadConfiguration: (rootId) => withPatience("configuration", dependencies.loadConfiguration(rootId)),
      recordEvents: (rootId, events) => withPatience("recording", dependencies.recordEvents(rootId, events)),
      loadSums: (rootId, boundaries) => withPatience("sums", dependencies.loadSums(rootId, boundaries)),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      recallShards: (rootId, shards, version) => this.#recall(dependencies, rootId, shards, version),
      announcer: ({ rootId, ...place }) =>
        new Announcer({
          ...place,
          unseal: (webhook) => dependencies.unseal(rootId(), webhook),
          send: sender((url, init) => dependencies.deliver(url, init)),
          recordDeliveries: (rows) => withPatience("deliveries", dependencies.recordDeliveries(rootId(), rows)),
        }),
      holdSeconds: dependencies.holdSeconds,
      snapshotEvery: dependencies.snapshotEvery,
    });
  }

  async #recall({ shard, log }: LedgerDependencies, rootId: string, shards: readonly string[], version: number) {
    const recalled = shards.map(async (name) => {
      try {
        await withPatience("recall", shard(rootId, name).recall(version), RECALL_PATIENCE_MS);
      } catch (error) {
        // What it was lent ends by itself within half a minute.
        log({ level: "warn", event: "ledger.recall_failed", shard: name, message: String(error) });
      }
    });
    await Promise.all(recalled);
  }

  authenticate(key: PresentedKey, from: Whence): Promise<AuthenticateAnswer> {
    return this.core.authenticate(key, from);
  }

  routes(key: PresentedKey, from: Whence): Promise<RoutesAnswer> {
    return this.core.routes(key, from);
  }

  ownKey(key: PresentedKey, from: Whence): Promise<OwnKeyAnswer> {
    return this.core.ownKey(key, from);
  }

  admit(request: AdmitRequest): Promise<AdmitAnswer> {
    return this.core.admit(request);
  }

  async settle(settlements: Settlement[]): Promise<SettleAnswer[]> {
    return this.core.settle(settlements);
  }

  async touch(handles: number[]): Promise<void> {
    this.core.touch(handles);
  }

  configure(change: ConfigurationChange): Promise<void> {
    return this.core.configure(change);
  }

  async health(): Promise<LedgerHealth> {
    return this.core.health();
  }

  async cool(cooling: Cooling[]): Promise<void> {
    this.core.cool(cooling);
  }

  async cooling(): Promise<Cooling[]> {
    return this.core.cooling();
  }

  async limits(nodeIds: string[]): Promise<LimitStatus[]> {
    return this.core.limits(nodeIds);
  }

  lease(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.core.lease(request);
  }

  report(rootId: string, reports: LeaseReport[]): Promise<ReportAnswer> {
    return this.core.report(rootId, reports);
  }

  async sums(): Promise<LedgerSums> {
    return this.core.sums();
  }

  async adjust(adjustments: Adjustment[]): Promise<void> {
    this.core.adjust(adjustments);
  }

  testWebhook(webhookId: string): Promise<boolean> {
    return this.core.testWebhook(webhookId);
  }

  override alarm(): Promise<void> {
    return this.core.alarm();
  }
}
