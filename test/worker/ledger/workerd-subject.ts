import { createTestHarness, type TestHarness } from "wrangler";
import type { ConfigurationChange, LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { LedgerJurisdiction } from "../../../worker/ledger/client.ts";
import type { AdmitRequest, LedgerHealth, SettleAnswer, Settlement } from "../../../worker/ledger/contract.ts";
import type { ShardAnswer } from "../../../worker/ledger/shard-core.ts";
import type { Sums } from "../../unit/ledger/fake-postgres.ts";
import type { Observation, Subject } from "../../unit/ledger/subject.ts";
import { configurationOf } from "../../unit/ledger/subject.ts";

type OverTheWire = Omit<Observation, "stored" | "rollup" | "configuration"> & {
  records: { kind: string; body: string }[];
  stored: [string, UsageEvent][];
  rollup: [string, Sums][];
};

/** Starts workerd with the test Worker; one a test file. */
export async function startLedgers(): Promise<TestHarness> {
  const harness = createTestHarness({
    root: import.meta.dirname,
    workers: [
      {
        config: {
          name: "ledgers",
          main: "ledger-worker.ts",
          compatibility_date: "2026-10-23",
          compatibility_flags: ["nodejs_compat"],
          durable_objects: {
            bindings: [
              { name: "LEDGER", class_name: "TestLedger" },
              { name: "LEDGER_SHARD", class_name: "TestShard" },
            ],
          },
          migrations: [{ tag: "v1", new_sqlite_classes: ["TestLedger", "TestShard"] }],
        },
      },
    ],
  });
  await harness.listen();
  return harness;
}

/** The production Durable Object in workerd, reached through the test Worker. */
export class WorkerdSubject implements Subject {
  readonly #harness: TestHarness;
  readonly #name: string;

  constructor(harness: TestHarness, name: string) {
    this.#harness = harness;
    this.#name = name;
  }

  /** To be called first. `now` null leaves the Ledger the real clock and its alarms to workerd. */
  async begin(now: number | null, snapshotEvery?: number): Promise<this> {
    await this.#call("begin", now, snapshotEvery);
    return this;
  }

  admit: Subject["admit"] = (request) => this.#call("admit", request);
  settle: Subject["settle"] = (settlements) => this.#call("settle", settlements);
  touch: Subject["touch"] = (handles) => this.#call("touch", handles);
  configure: Subject["configure"] = (change) => this.#call("configure", change);
  setTime: Subject["setTime"] = (now) => this.#call("setTime", now);
  ring: Subject["ring"] = () => this.#call("ring");
  weather: Subject["weather"] = (weather) => this.#call("weather", weather);
  poison: Subject["poison"] = (eventId) => this.#call("poison", eventId);
  deliverAgain: Subject["deliverAgain"] = (nth) => this.#call("deliverAgain", nth);
  commit: Subject["commit"] = (edit) => this.#call("commit", edit);
  setBack: Subject["setBack"] = (milliseconds) => this.#call("setBack", milliseconds);

  /** Through the isolate's batcher, as the request path does. */
  settleInBatch = (settlement: Settlement): Promise<SettleAnswer> => this.#call("settleInBatch", settlement);
  settleCalls = (): Promise<number> => this.#call("settleCalls");
  /** Through the isolate's client, kept to a jurisdiction. */
  clientHealth = (jurisdiction: LedgerJurisdiction): Promise<LedgerHealth> =>
    this.#call("clientHealth", null, jurisdiction);

  /** Nobody waits here: every call is answered. */
  quiet(): Promise<void> {
    return new Promise(() => {});
  }

  /** Sets the limits in the database; answers the change that tells the Ledger of them. */
  limits = (limits: LimitRecord[]): Promise<ConfigurationChange> => this.#call("limits", limits);
  /** The Ledger's regional shard. */
  shardAdmit = (request: AdmitRequest): Promise<ShardAnswer> => this.#call("shardAdmit", request);
  shardSettle = (settlements: Settlement[]): Promise<SettleAnswer[]> => this.#call("shardSettle", settlements);
  shardHealth = (): Promise<LedgerHealth & { leases: number }> => this.#call("shardHealth");

  async evictShard(): Promise<void> {
    await this.#harness.getWorker().evictDurableObject("TestShard", { name: `${this.#name}/weur-0` });
  }

  /** The database never hangs here: a call that another request lets go on would test workerd, not the Ledger. */
  async release(): Promise<boolean> {
    return true;
  }

  async evict(): Promise<void> {
    await this.#harness.getWorker().evictDurableObject("TestLedger", { name: this.#name });
  }

  async observe(): Promise<Observation> {
    const { stored, rollup, records, ...seen } = await this.#call<OverTheWire>("observe");
    return { ...seen, configuration: configurationOf(records), stored: new Map(stored), rollup: new Map(rollup) };
  }

  async close(): Promise<void> {}

  async #call<T>(method: string, ...given: unknown[]): Promise<T> {
    const body = JSON.stringify(given);
    const response = await this.#harness.fetch(`/${this.#name}/${method}`, { method: "POST", body });
    const answer = (await response.json()) as { value: T } | { error: string };
    if ("error" in answer) throw new Error(answer.error);
    return answer.value;
  }
}
