import { DurableObject } from "cloudflare:workers";
import type { ConfigurationChange, TenantConfiguration } from "../canonical/tenant.ts";
import type { UsageEvent } from "../canonical/usage-event.ts";
import { StorageError } from "../errors.ts";
import type { Boundary, BoundarySums } from "./boundaries.ts";
import type {
  Adjustment,
  AdmitAnswer,
  AdmitRequest,
  AuthenticateAnswer,
  LedgerApi,
  LedgerHealth,
  LedgerSums,
  LimitStatus,
  PresentedKey,
  SettleAnswer,
  Settlement,
} from "./contract.ts";
import { LedgerCore } from "./core.ts";
import type { LedgerClock, LedgerLog } from "./storage.ts";

/** A database that does not answer must not hold up the drain; what it does later is absorbed. */
const DATABASE_PATIENCE_MS = 20_000;

/** What a Ledger needs from its neighbours; wired where the class is exported. */
export interface LedgerDependencies extends LedgerClock {
  /** Reads a root organization's configuration from Postgres; null when there is no such root. */
  loadConfiguration(rootId: string): Promise<TenantConfiguration | null>;
  /** Writes events and their sums in one idempotent statement; throws `StorageError`. */
  recordEvents(rootId: string, events: UsageEvent[]): Promise<{ configVersion: number }>;
  /** What the events of the root add up to since each boundary. */
  loadSums(rootId: string, boundaries: readonly Boundary[]): Promise<BoundarySums[]>;
  log: LedgerLog;
  holdSeconds: number;
  /** Settlements between two snapshots; the Ledger's own number when left out. */
  snapshotEvery?: number | undefined;
}

async function withPatience<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StorageError(`${what} took too long`, null)), DATABASE_PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer ?? null);
  }
}

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
      announce: () => {},
      holdSeconds: dependencies.holdSeconds,
      snapshotEvery: dependencies.snapshotEvery,
    });
  }

  authenticate(key: PresentedKey): Promise<AuthenticateAnswer> {
    return this.core.authenticate(key);
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

  async limits(nodeIds: string[]): Promise<LimitStatus[]> {
    return this.core.limits(nodeIds);
  }

  async sums(): Promise<LedgerSums> {
    return this.core.sums();
  }

  async adjust(adjustments: Adjustment[]): Promise<void> {
    this.core.adjust(adjustments);
  }

  override alarm(): Promise<void> {
    return this.core.alarm();
  }
}
