import {
  type KeyRecord,
  NO_SETTINGS,
  type OrganizationRecord,
  type TenantConfiguration,
} from "../../../worker/canonical/tenant.ts";
import type { EventDraft, EventResult } from "../../../worker/canonical/usage-event.ts";
import type { Notice } from "../../../worker/ledger/announcer.ts";
import type { Boundary, BoundarySums } from "../../../worker/ledger/boundaries.ts";
import type { AdmitAnswer, AdmitRequest, Bound, PresentedKey, SettleAnswer } from "../../../worker/ledger/contract.ts";
import { LedgerCore } from "../../../worker/ledger/core.ts";
import type { LogEntry } from "../../../worker/lib/log.ts";
import { FakePostgres } from "./fake-postgres.ts";
import { SqliteStorage } from "./sqlite-storage.ts";

export const ROOT = "org_root0000";
export const TEAM = "org_team0000";
export const SQUAD = "org_squad000";

/** The organization of each key: one at every level of the tree. */
const KEY_AT: Readonly<Record<string, string>> = {
  key_root00000000: ROOT,
  key_team00000000: TEAM,
  key_squad0000000: SQUAD,
};
export const KEYS = Object.keys(KEY_AT);

const macOf = (keyId: string): string => keyId.padEnd(64, "f");

export const keyRecord = (id: string, more: Partial<KeyRecord> = {}): KeyRecord => ({
  id,
  organizationId: KEY_AT[id] ?? ROOT,
  name: `Key ${id}`,
  mac: macOf(id),
  previous: null,
  permissions: ["read", "write"],
  disabled: false,
  revoked: false,
  expiresAt: null,
  strict: false,
  ...{ models: null, ipRanges: null, origins: null },
  ...more,
});

export const organization = (
  id: string,
  parentId: string | null,
  name: string,
  more: Partial<OrganizationRecord> = {},
): OrganizationRecord => ({ id, parentId, name, timeZone: "UTC", archived: false, settings: NO_SETTINGS, ...more });

export const tenant = (): TenantConfiguration => ({
  rootId: ROOT,
  version: 1,
  organizations: [
    organization(ROOT, null, "Root"),
    organization(TEAM, ROOT, "Team"),
    organization(SQUAD, TEAM, "Squad"),
  ],
  keys: KEYS.map((id) => keyRecord(id)),
  limits: [],
  prices: [],
  webhooks: [],
  routes: [],
  models: [],
});

export const presented = (keyId: string): PresentedKey => ({ rootId: ROOT, keyId, mac: macOf(keyId) });

const BOUND: Bound = { inputTokens: 1_000, outputTokens: 500, costNano: 70_000 };

const draft = (eventId: string, keyId: string, startedAt: number): EventDraft => ({
  eventId,
  rootId: ROOT,
  organizationId: ROOT,
  keyId,
  sessionId: null,
  agentId: null,
  client: "openai-js/7.57.0",
  endUser: null,
  tags: { team: "search" },
  dialect: "openai-chat",
  operation: "generate",
  provider: "openai",
  simulated: true,
  requestedModel: "gpt-6",
  upstreamModel: "gpt-6",
  streamed: true,
  priceVersion: "2026-11-01",
  routeId: null,
  startedAt,
});

export const result = (settledAt: number, more: Partial<EventResult> = {}): EventResult => ({
  outcome: "ok",
  status: 200,
  errorCode: null,
  attempts: 1,
  tries: null,
  failedCostNano: 0,
  stopReason: "stop",
  inputUncached: 100,
  cacheRead: 20,
  cacheWrite: 3,
  output: 40,
  reasoning: 10,
  rawUsage: { prompt_tokens: 123, completion_tokens: 40 },
  exact: true,
  costNano: 5_000,
  listCostNano: 5_000,
  providerCostNano: null,
  outputCap: null,
  ttftMs: 12,
  durationMs: 34,
  upstreamRequestId: "req_1",
  upstreamDialect: "openai-chat",
  warnings: [],
  servedModel: "gpt-6",
  settledAt,
  ...more,
});

/** When the tests' time begins: in workerd an alarm set for a time that has passed would ring by itself. */
export const BEGINNING = Date.UTC(2126, 10, 24, 12);

export const eventIdOf = (nth: number): string => `01KAV${String(nth).padStart(21, "0")}`;

/** A request whose output cap is its own affair, and that does not wait. */
const UNADJUSTED = {
  ...{ output: null, unboundedBy: null, priced: true, patience: 0, substituted: false },
  ...{ from: { address: null, origin: null }, named: [] },
  ...{ route: null, facts: null, target: "openai/gpt-6@", alternatives: false, replaces: null },
};

export const requestOf = (
  keyId: string,
  now: number,
  { eventId, bound = BOUND }: { eventId: string; bound?: Bound | undefined },
): AdmitRequest => ({ ...presented(keyId), draft: draft(eventId, keyId, now), bound, ...UNADJUSTED });

export interface WorldOptions {
  snapshotEvery?: number;
  configuration?: TenantConfiguration;
  /** Decides when what the Ledger waits for comes. */
  delay?: <Value>(promise: Promise<Value>, what: string) => Promise<Value>;
}

/** A Ledger with its storage, alarm, clock and database, all in memory; the Ledger can be lost and started again. */
export class World {
  now = BEGINNING;
  /** The durable alarm. */
  armedAt: number | null = null;
  alarmsSet = 0;
  readonly storage = new SqliteStorage();
  readonly postgres: FakePostgres;
  readonly logs: LogEntry[] = [];
  /** What webhooks would be told, by key. */
  readonly notices = new Map<string, Notice>();
  /** What Postgres answers a Ledger that begins. */
  sums: (boundaries: readonly Boundary[]) => BoundarySums[] = () => [];
  /** What shards are told of a new configuration. */
  recall: (shards: readonly string[], version: number) => Promise<void> = async () => {};
  readonly #sleepers: { until: number; wake: () => void }[] = [];
  core: LedgerCore;
  readonly #options: WorldOptions;
  #generation = 0;
  #events = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.postgres = new FakePostgres(options.configuration ?? tenant());
    this.core = this.#start();
  }

  /** The object is lost with all its memory; the next call finds a new one over the same storage. */
  evict(): void {
    this.postgres.release(null);
    this.core = this.#start();
  }

  request(keyId: string, more: { eventId?: string; bound?: Bound } = {}): AdmitRequest {
    return requestOf(keyId, this.now, { eventId: more.eventId ?? eventIdOf(++this.#events), bound: more.bound });
  }

  /** Admits and returns the handle; throws when it was refused. */
  async admitted(keyId = KEYS[2] as string, bound = BOUND): Promise<{ handle: number; eventId: string }> {
    const request = this.request(keyId, { bound });
    const answer: AdmitAnswer = await this.core.admit(request);
    if (!answer.ok) throw new Error(`refused: ${answer.code}`);
    return { handle: answer.handle, eventId: request.draft.eventId };
  }

  settle(one: { handle: number; eventId: string }, more: Partial<EventResult> = {}): SettleAnswer {
    return this.core.settle([{ ...one, result: result(this.now, more) }])[0] as SettleAnswer;
  }

  /** Lets time pass, running the alarm whenever it is due. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    while (this.armedAt !== null && this.armedAt <= until) {
      this.now = Math.max(this.now, this.armedAt);
      await this.ring();
    }
    this.now = until;
    await this.wake();
  }

  /** Wakes those whose time has come. */
  async wake(): Promise<void> {
    const due = this.#sleepers.filter(({ until }) => until <= this.now).sort((a, b) => a.until - b.until);
    for (const sleeper of due) {
      this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
      sleeper.wake();
    }
    await Promise.resolve();
  }

  /** The clock is set back; those who sleep do not sleep longer for it. */
  setBack(milliseconds: number): void {
    this.now -= milliseconds;
    for (const sleeper of this.#sleepers) sleeper.until -= milliseconds;
  }

  /** Runs the alarm now. */
  ring(): Promise<void> {
    this.armedAt = null;
    return this.core.alarm();
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ until: this.now + milliseconds, wake });
    });
  }

  logged(event: string): LogEntry[] {
    return this.logs.filter((entry) => entry.event === event);
  }

  #start(): LedgerCore {
    const generation = ++this.#generation;
    // What a lost object had asked for is never answered: its memory is gone.
    const alive = <T>(promise: Promise<T>, what: string): Promise<T> =>
      new Promise((resolve, reject) => {
        (this.#options.delay?.(promise, what) ?? promise).then(
          (value) => generation === this.#generation && resolve(value),
          (error: unknown) => generation === this.#generation && reject(error),
        );
      });
    return new LedgerCore({
      storage: this.storage,
      clock: { now: () => this.now, random: () => 0.5 },
      log: (entry) => this.logs.push(entry),
      setAlarm: (at) => {
        this.armedAt = at;
        this.alarmsSet++;
      },
      loadConfiguration: (rootId) => alive(this.postgres.load(rootId), "load"),
      recordEvents: (_rootId, events) => alive(this.postgres.recordEvents(events), "record"),
      loadSums: async (_rootId, boundaries) => this.sums(boundaries),
      sleep: (milliseconds) => alive(this.#sleep(milliseconds), "sleep"),
      recallShards: async (_rootId, shards, version) => this.recall(shards, version),
      announcer: () => ({
        announce: (notice) => void this.notices.set(notice.key, notice),
        test: async () => null,
        run: async () => {},
        dueAt: null,
      }),
      holdSeconds: 90,
      ...(this.#options.snapshotEvery === undefined ? {} : { snapshotEvery: this.#options.snapshotEvery }),
    });
  }
}
