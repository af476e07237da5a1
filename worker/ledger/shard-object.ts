import { DurableObject } from "cloudflare:workers";
import type { TenantConfiguration } from "../canonical/tenant.ts";
import type { UsageEvent } from "../canonical/usage-event.ts";
import type { AdmitRequest, LedgerApi, SettleAnswer, Settlement } from "./contract.ts";
import { withPatience } from "./patience.ts";
import type { ShardApi } from "./shard-contract.ts";
import { ShardCore } from "./shard-core.ts";
import type { LedgerClock, LedgerLog } from "./storage.ts";

/** What a shard needs from its neighbours; wired where the class is exported. */
export interface ShardDependencies extends LedgerClock {
  loadConfiguration(rootId: string): Promise<TenantConfiguration | null>;
  recordEvents(rootId: string, events: UsageEvent[]): Promise<{ configVersion: number }>;
  /** The root's own Ledger. */
  ledger(rootId: string): Pick<LedgerApi, "lease" | "report">;
  newId(): string;
  log: LedgerLog;
  holdSeconds: number;
}

/** The Ledger is on another continent, not on another planet. */
const LEDGER_PATIENCE_MS = 10_000;

/** A regional shard as a Durable Object: `ShardCore` over the object's own SQLite and alarm. */
export class LedgerShardObject<Env = unknown> extends DurableObject<Env> implements ShardApi {
  protected readonly core: ShardCore;

  constructor(ctx: DurableObjectState, env: Env, dependencies: ShardDependencies) {
    super(ctx, env);
    const { holdSeconds, newId } = dependencies;
    this.core = new ShardCore({
      name: ctx.id.toString(),
      storage: ctx.storage,
      clock: dependencies,
      log: (entry) => dependencies.log(entry),
      setAlarm: (at) => void ctx.storage.setAlarm(at),
      loadConfiguration: (rootId) => withPatience("configuration", dependencies.loadConfiguration(rootId)),
      recordEvents: (rootId, events) => withPatience("recording", dependencies.recordEvents(rootId, events)),
      ledger: (rootId) => {
        const ledger = dependencies.ledger(rootId);
        return {
          lease: (request) => withPatience("lease", ledger.lease(request), LEDGER_PATIENCE_MS),
          report: (root, reports) => withPatience("report", ledger.report(root, reports), LEDGER_PATIENCE_MS),
        };
      },
      newId: () => newId(),
      holdSeconds,
    });
  }

  admit(request: AdmitRequest): ReturnType<ShardCore["admit"]> {
    return this.core.admit(request);
  }

  prepare(request: AdmitRequest): Promise<void> {
    return this.core.prepare(request);
  }

  admitAway(request: AdmitRequest): ReturnType<ShardCore["admitAway"]> {
    return this.core.admitAway(request);
  }

  async withdraw(eventIds: string[]): Promise<void> {
    this.core.withdraw(eventIds);
  }

  async settle(settlements: Settlement[]): Promise<SettleAnswer[]> {
    return this.core.settle(settlements);
  }

  async touch(handles: number[]): Promise<void> {
    this.core.touch(handles);
  }

  recall(version: number): Promise<void> {
    return this.core.recall(version);
  }

  async health(): ReturnType<ShardApi["health"]> {
    return this.core.health();
  }

  override alarm(): Promise<void> {
    return this.core.alarm();
  }
}
