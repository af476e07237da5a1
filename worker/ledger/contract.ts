import type { AccessRule } from "../canonical/model-access.ts";
import type {
  ConfigurationChange,
  LimitMetric,
  LimitRecord,
  LimitWindow,
  ModelRecord,
  Principal,
  RouteRecord,
  TenantPriceRecord,
} from "../canonical/tenant.ts";
import type { EventDraft, EventResult } from "../canonical/usage-event.ts";
import type { Amount } from "./amounts.ts";

/** The most a request can use; the Ledger holds it until the request settles. Tokens, and nano-USD. */
export interface Bound {
  inputTokens: number;
  outputTokens: number;
  costNano: number;
}

/** A key as the client presented it: what its text names, and its lower-case hex HMAC. */
export interface PresentedKey {
  /** The root organization the key names, hence its Ledger. */
  rootId: string;
  keyId: string;
  mac: string;
}

/** What the Ledger needs in order to choose or lower an output cap. All tokens are those of one candidate. */
export interface OutputTerms {
  /** The client's own cap; null when it named none. */
  requested: number | null;
  /** The cap that `bound` assumes: the client's, else the model's maximum. */
  assumed: number;
  candidates: number;
  /** Pico-USD one token of output costs at most. */
  picoEach: number;
  /** No lower cap works: a thinking budget needs room, and some providers have a least of their own. */
  least: number;
}

/** Where a request comes from, as far as it is known. */
export interface Whence {
  /** The client's IP address. */
  address: string | null;
  /** The origin of the web page that sends it, where one does that is not the gateway's own. */
  origin: string | null;
}

/** A model as the client names it. */
export interface NamedModel {
  name: string;
  /** `provider/model` that the name stands for where no route has it; null: nothing. */
  meaning: string | null;
  /** Where in the request it is named. */
  param: string;
}

export interface AdmitRequest extends PresentedKey {
  from: Whence;
  /** The model that is asked for, and then the client's own fallbacks. */
  named: NamedModel[];
  /** Everything but what only the Ledger knows: it fills in `organizationId` and `rootId`. */
  draft: EventDraft;
  bound: Bound;
  /** Null where no output cap can be sent (embeddings, token counts). */
  output: OutputTerms | null;
  /** The field for which no bound can be told; null when `bound` is one. */
  unboundedBy: string | null;
  /** False for a model without a price: its cost cannot be limited. */
  priced: boolean;
  /** Milliseconds it may wait for what others hold, unless its organization says how long. 0: not at all. */
  patience: number;
  /** It goes to the cheaper model of a limit already. */
  substituted: boolean;
  /** The route by which its target was found; null: without one. */
  route: { id: string; version: number } | null;
  /** What the tenant knows of the target's model, as it was planned by; null: nothing beside the catalogue. */
  facts: { id: string; version: number } | null;
  /** The target it is planned for (`targetKey`). */
  target: string;
  /** Another target could serve it: it need not go to one that is cooling. */
  alternatives: boolean;
  /**
   * The handle under which an earlier attempt of the same event is held, at whom this is asked of; null: the first attempt.
   * `draft.startedAt` is the event's, and `bound` includes what the earlier attempts may have cost.
   *
   * - The event is open: this attempt takes its place, in one write. It keeps its row, its handle and its windows; its
   *   hold, its output cap and what the row says of provider, model, price and route are this attempt's, and its time
   *   begins anew. Limits are checked as if nothing was held for the event yet. It may wait like any other; whatever is
   *   answered but a yes, the earlier hold stands. So it is also where the event is open under another handle: then the
   *   answer that told it was lost.
   * - The same attempt asked for once more (`target` and `bound` are those of the one in place): the same answer.
   * - The event has ended, by its settlement or because nobody touched it: the answer of any repeat, its handle. Nothing is
   *   held for it any more, and of one that had expired a late settlement corrects what was charged.
   * - The event is not known here (it was admitted elsewhere, or taken back): a first admission.
   */
  replaces: number | null;
}

/** A target that asked to be left alone. */
export interface Cooling {
  /** `provider/model@credential`; nothing after the `@` for the default one. */
  target: string;
  /** Milliseconds since the epoch. */
  until: number;
  /** What it failed by, in a word of `AttemptFailure`; left out by a Worker of before it was told. */
  reason?: string | undefined;
}

/** What stands in the way. Amounts are requests, tokens or nano-USD. */
export interface LimitRefusal {
  limitId: string;
  nodeId: string;
  /** The organization's name; null for a key. */
  nodeName: string | null;
  metric: LimitMetric;
  window: LimitWindow;
  amount: number;
  settled: number;
  held: number;
  /** What the request needs at least. */
  needed: number;
  /**
   * `exhausted`: what is left is less than the request needs, and waiting a moment will not help; `rate`: a bucket fills
   * again; `held`: other requests hold what it needs; `concurrency`: too many are under way.
   */
  reason: "exhausted" | "rate" | "held" | "concurrency";
  /** When the window begins anew, or the bucket holds enough; milliseconds since the epoch, null: never by itself. */
  resetsAt: number | null;
}

/** Why a key may not. */
export interface KeyDenial {
  ok: false;
  code: "invalid_api_key" | "key_disabled" | "key_expired" | "permission_denied" | "organization_archived";
}

/** What of a request is not on its key's allow-lists. */
export type ListDenial =
  | { ok: false; code: "ip_not_allowed"; address: string | null }
  | { ok: false; code: "origin_not_allowed"; origin: string }
  | { ok: false; code: "model_not_allowed"; name: string; param: string; allowed: string[] };

/** A model that an organization does not allow, told with the organization's name. */
export interface ModelDenial {
  ok: false;
  code: "model_not_enabled";
  model: string;
  param: string;
  organization: string;
}

/** Why the Ledger says no. The codes are those of `worker/errors.ts`. */
export type Denial =
  | KeyDenial
  | ListDenial
  | ModelDenial
  | { ok: false; code: "model_not_priced" }
  | { ok: false; code: "unbounded_request"; param: string }
  | { ok: false; code: "max_tokens_too_large"; most: number }
  | { ok: false; code: "limit"; limit: LimitRefusal };

/** Not a no: the request must be planned anew. */
export type Replan =
  | { ok: false; code: "use_price"; price: TenantPriceRecord | null }
  | { ok: false; code: "use_model"; model: string; limitId: string }
  /** Another route holds for the model's name than the one it was planned by; null: none does any more. */
  | { ok: false; code: "use_route"; route: RouteRecord | null }
  /** The tenant knows something else of the target's model than it was planned by. */
  | { ok: false; code: "use_facts"; model: string; record: ModelRecord | null }
  /** An organization does not allow the target, which a route led to: what all of them say. */
  | { ok: false; code: "use_access"; access: AccessRule[] }
  /** The target is cooling, and others could serve: everything that is. */
  | { ok: false; code: "cooling"; cooling: Cooling[] };

/** How a limit of a metric stands after an admission; of several, the one with the least left. */
export interface RateState {
  metric: "requests" | "input_tokens" | "output_tokens" | "total_tokens";
  limit: number;
  remaining: number;
  /** Milliseconds since the epoch; null: never by itself. */
  resetsAt: number | null;
}

export interface Admitted {
  ok: true;
  handle: number;
  principal: Principal;
  /** The output cap to send, where it is not the client's own; null: as the client has it. */
  outputCap: number | null;
  /** That cap is lower than what the client asked for, because a limit left no more. */
  lowered: boolean;
  rates: RateState[];
  /** Limits of mode `warn` that are exceeded, as `metric/window`. */
  exceeded: string[];
}

export type AdmitAnswer = Admitted | Denial | Replan;
export type AuthenticateAnswer = { ok: true; principal: Principal } | KeyDenial | ListDenial;
/**
 * With the routes that hold for the key, each name once, the models it may ask for (null: all), what organizations say of
 * models, and what the tenant knows of some.
 */
export type RoutesAnswer =
  | {
      ok: true;
      principal: Principal;
      routes: RouteRecord[];
      models: string[] | null;
      access: AccessRule[];
      facts: ModelRecord[];
    }
  | KeyDenial
  | ListDenial;

/** What a key is told of itself. */
export interface OwnKey {
  name: string;
  /** The organization's name; its id is the principal's. */
  organization: string;
  expiresAt: number | null;
  /** When the text that was presented ends, where the key was rotated since. */
  presentedUntil: number | null;
  models: string[] | null;
  ipRanges: string[] | null;
  origins: string[] | null;
  /** Every limit from the key up to the root. */
  limits: LimitStatus[];
  /** What is counted of the key itself, in the windows of its organization's time zone. */
  usage: { window: "day" | "month"; startedAt: number; resetsAt: number; settled: Amount; held: Amount }[];
}
export type OwnKeyAnswer = { ok: true; principal: Principal; key: OwnKey } | KeyDenial | ListDenial;

export interface Settlement {
  handle: number;
  eventId: string;
  result: EventResult;
}

/**
 * `repeat`: it was settled before, nothing changed. `corrected`: it had expired, a signed correction was written.
 * `unknown`: no such request, or it expired more than a day ago, or its figures are impossible; counted nowhere.
 */
export type SettleAnswer = "settled" | "repeat" | "corrected" | "unknown";

/** What other parts of the Worker may ask of a root organization's Ledger (Durable Object RPC). */
export interface LedgerApi {
  authenticate(key: PresentedKey, from: Whence): Promise<AuthenticateAnswer>;
  /** As `authenticate`, and which models' names are the tenant's own. */
  routes(key: PresentedKey, from: Whence): Promise<RoutesAnswer>;
  /** As `authenticate`, and what the key may know of itself. */
  ownKey(key: PresentedKey, from: Whence): Promise<OwnKeyAnswer>;
  admit(request: AdmitRequest): Promise<AdmitAnswer>;
  settle(settlements: Settlement[]): Promise<SettleAnswer[]>;
  /** Keeps holds from expiring; unknown handles are ignored. */
  touch(handles: number[]): Promise<void>;
  /** Applies an administrator's change at once; on a gap in versions the Ledger reloads from Postgres. */
  configure(change: ConfigurationChange): Promise<void>;
  health(): Promise<LedgerHealth>;
  /** Notes targets that asked to be left alone: no request that could go elsewhere is sent to them meanwhile. */
  cool(cooling: Cooling[]): Promise<void>;
  /** Every target that is cooling now, the soonest to end first. */
  cooling(): Promise<Cooling[]>;
  /** How every limit on these nodes (organization and key ids) stands now. */
  limits(nodeIds: string[]): Promise<LimitStatus[]>;
  /** Lends a shard a part of what is left, as an ordinary hold with a short life. */
  lease(request: LeaseRequest): Promise<LeaseAnswer>;
  /** What shards have used. */
  report(rootId: string, reports: LeaseReport[]): Promise<ReportAnswer>;
  /** What is counted for every node, to be compared with Postgres; not while `unsettled` says that something is missing. */
  sums(): Promise<LedgerSums>;
  /** Counts corrections that are in Postgres already (a period rated anew); rejects when they could not be stored. */
  adjust(adjustments: Adjustment[]): Promise<void>;
  /**
   * Sends a `webhook.test` event to one webhook; what became of it is in the log of its deliveries. False: the Ledger does
   * not know the webhook (yet), and sends nothing.
   */
  testWebhook(webhookId: string): Promise<boolean>;
}

export interface LeaseRequest extends PresentedKey {
  /** `shard/ULID`, chosen by the shard. */
  id: string;
  shard: string;
  /** What the request that brought it needs, and what the shard admits of the key in five seconds. */
  need: Amount;
  burn: Amount;
  /** How many requests of the key are under way at the shard. */
  running: number;
}

export type LeaseAnswer =
  | {
      ok: true;
      slice: Amount;
      /** How many requests of it may be under way at once, where that is limited; else 0. */
      concurrent: number;
      /** The metrics that are limited; the slice means nothing for others. */
      metrics: LimitMetric[];
      /** Requests begun in this time may be counted by it; milliseconds since the epoch. */
      from: number;
      until: number;
      /** The configuration it was granted under. */
      version: number;
      rates: RateState[];
      exceeded: string[];
      /** Everything that is cooling. */
      cooling: Cooling[];
    }
  /** `strict`: nothing is lent, near exhaustion or where it would be of no use. */
  | { ok: false; code: "strict" }
  | KeyDenial;

/** What a shard says of one lease. Figures are of the whole lease, so that a report may be lost or repeated. */
export interface LeaseReport {
  id: string;
  /** Grows with each report of the lease. */
  number: number;
  used: Amount;
  /** What the shard still needs, `used` included: the slice, or less once nothing more is admitted. */
  slice: Amount;
  /** How many requests may be under way by it: as lent, or those that are, once nothing more is admitted. */
  concurrent: number;
  /** The shard would go on using it beyond its time, under this version of the configuration; null: it would not. */
  extend: number | null;
  /** `kept`: it has ended, but a request that expired in it may still be corrected. */
  end: "open" | "kept" | "final";
  /** What was allowed while the Ledger was away: it has not granted this lease, and counts it now. */
  away: AwayLease | null;
}

export interface ReportAnswer {
  /** Leases that are no longer known: nothing more can be told of them. */
  unknown: string[];
  /** A later report has come before; the shard that made it has forgotten, and goes on from its number. */
  stale: { id: string; number: number }[];
  /** Leases that may be used for longer, until when, and how the limits stand by now. */
  extended: { id: string; until: number; rates: RateState[]; exceeded: string[] }[];
  /** Everything that is cooling. */
  cooling: Cooling[];
}

export interface AwayLease {
  shard: string;
  keyId: string;
  organizationId: string;
  startedAt: number;
  /** The requests in it: the Ledger may have admitted one whose answer never arrived. */
  eventIds: string[];
}

export interface LimitStatus {
  limit: LimitRecord;
  /** The amount in force: the limit's own, or its override's. */
  amount: number;
  settled: number;
  held: number;
  /** When the window began and when the next does; null for `total`, `now`, and a bucket that is full. */
  startedAt: number | null;
  resetsAt: number | null;
  state: "ok" | "warned" | "exhausted";
}

/** The Ledger's counters of calendar windows, each as `[requests, inputTokens, outputTokens, costNano]` settled. */
export interface LedgerSums {
  /** Open requests and leases, and rows that Postgres has not acknowledged: zero, or the sums cannot be compared. */
  unsettled: number;
  nodes: {
    nodeId: string;
    /** `total`, `day/2026-11-26`, `week/2026-11-23`, `month/2026-11`. */
    window: string;
    settled: [requests: number, inputTokens: number, outputTokens: number, costNano: number];
  }[];
}

/** A correction's effect on the counters. */
export interface Adjustment {
  /** The event's id and revision: told again, it counts once. */
  id: string;
  keyId: string;
  organizationId: string;
  /** The event's `startedAt`: decides the windows. */
  startedAt: number;
  costNano: number;
}

/** What a Ledger says of itself; the counts of rows and alarms run since its start. */
export interface LedgerHealth {
  /** Requests admitted and not yet settled. */
  open: number;
  /** Settled rows that Postgres has not acknowledged. */
  waiting: number;
  configVersion: number | null;
  /** Rows written to SQLite, as Cloudflare bills them. */
  rowsWritten: number;
  /** Calls of `setAlarm`; each is billed as one row more. */
  alarmsSet: number;
}
