import { createDatabase, type Database } from "../drizzle/client.ts";
import type { Jurisdiction, Peppers } from "./auth/api-key.ts";
import type { SignOn } from "./auth/sign-on.ts";
import { signOnFrom } from "./auth/sign-on-settings.ts";
import type { Settings } from "./env.ts";
import { Admitter } from "./ledger/admitter.ts";
import { type LedgerNamespace, ledgerFor, type TenantLedger } from "./ledger/client.ts";
import { Distances } from "./ledger/distance.ts";
import { PrincipalCache } from "./ledger/principal-cache.ts";
import { RouteCache } from "./ledger/route-cache.ts";
import { SettlementBatcher } from "./ledger/settlement-batcher.ts";
import { type ShardNamespace, type ShardPlace, TenantShard } from "./ledger/shard-client.ts";
import { TenantModelCache } from "./ledger/tenant-model-cache.ts";
import { TenantPriceCache } from "./ledger/tenant-price-cache.ts";
import { Toucher } from "./ledger/toucher.ts";
import { Cooldowns } from "./lib/cooldowns.ts";
import { toHex } from "./lib/encoding.ts";
import { hmacSha256 } from "./lib/hmac.ts";
import type { LogEntry } from "./lib/log.ts";
import { type Random, secureRandom } from "./lib/random.ts";
import { newUlid } from "./lib/ulid.ts";
import type { ProviderSettings } from "./providers/connection.ts";
import { Breakers } from "./router/breaker.ts";
import { CountedPrompts } from "./router/counted-prompts.ts";
import { Drains } from "./router/drains.ts";
import { EndpointMemory } from "./router/endpoint-memory.ts";
import { Health } from "./router/health.ts";
import type { Fetch } from "./router/inline-media.ts";
import { RetryBudget } from "./router/retry-budget.ts";
import { RefusedThoughts } from "./router/sealed-thoughts.ts";
import { countTimeoutFrom, type TimeoutsFor, timeoutsFrom } from "./router/timeouts.ts";
import { TokenCountCache } from "./router/token-count-cache.ts";
import { telemetrySettings } from "./telemetry/settings.ts";
import { createTelemetry, type Telemetry } from "./telemetry/telemetry.ts";
import { recordRefused } from "./usage/record-refused.ts";
import { RefusalLog } from "./usage/refusal-log.ts";

/** What handlers work with; made once per isolate, from bindings that have been checked. Holds nothing of a request. */
export interface Services {
  database: Database;
  /** For how many whole months requests are kept in the log; 0: for ever. */
  retentionMonths: number;
  ledger(rootId: string, jurisdiction: Jurisdiction): TenantLedger;
  /** A shard of a root's Ledger: the one of a region that a key comes to, or the one for when the Ledger is away. */
  shard(place: ShardPlace): TenantShard;
  admitter: Admitter;
  principals: PrincipalCache;
  tenantPrices: TenantPriceCache;
  tenantModels: TenantModelCache;
  routes: RouteCache;
  health: Health;
  endpoints: EndpointMemory;
  refusedThoughts: RefusedThoughts;
  tokenCounts: TokenCountCache;
  countedPrompts: CountedPrompts;
  settlements: SettlementBatcher;
  refusals: Pick<RefusalLog, "add">;
  toucher: Toucher;
  drains: Drains;
  telemetry: Telemetry;
  providers: ProviderSettings;
  peppers: Peppers;
  sessionSecret: string;
  /** Seals what is stored and must be read again (`lib/seal.ts`). */
  masterKey: string;
  setupToken: string | null;
  /** Signing in at identity providers; null where none is set up. */
  signOn: SignOn | null;
  timeoutsFor: TimeoutsFor;
  /** Milliseconds until a token count is here; then it is estimated. */
  countTimeout: number;
  /** Milliseconds since the epoch. */
  now(): number;
  random: Random;
  newRequestId(): string;
  /** Keyed hash of a text, hex: for what must be countable and not readable. */
  hash(text: string): Promise<string>;
  /** The files of /docs and /redoc; null where the gateway was set up without. */
  assets: Fetching | null;
  /** Fetches an address that a client named. */
  fetchMedia: Fetch;
  /** Notes what the client is not told; in the log of the request that it happened to, where that is given. */
  report(failure: Failure, request?: { log(entry: LogEntry): void }): void;
}

/** What went wrong on the gateway's side. */
interface Failure {
  requestId: string;
  what: string;
  cause: unknown;
}

type Fetching = Pick<Fetcher, "fetch">;

const SECOND = 1000;

/** Which providers there are, and how they are reached. */
export const providerSettings = (settings: Settings): ProviderSettings => ({
  credentials: {
    openai: settings.OPENAI_API_KEY,
    anthropic: settings.ANTHROPIC_API_KEY,
    google: settings.GOOGLE_API_KEY,
    openrouter: settings.OPENROUTER_API_KEY,
    compatible: settings.COMPATIBLE_API_KEY,
  },
  namedCredentials: settings.PROVIDER_CREDENTIALS ?? {},
  baseUrls: {
    openai: settings.OPENAI_BASE_URL,
    anthropic: settings.ANTHROPIC_BASE_URL,
    google: settings.GOOGLE_BASE_URL,
    openrouter: settings.OPENROUTER_BASE_URL,
    compatible: settings.COMPATIBLE_BASE_URL,
  },
  simulatorUrl: settings.SIMULATOR_URL ?? null,
  anthropicVersion: settings.ANTHROPIC_VERSION ?? "2023-06-01",
});

/**
 * The composition root: the only place that knows which implementation stands behind which part. `internet` is the way to
 * addresses that clients name, where the host has one that leads to no private network; elsewhere the ordinary way does.
 * `assets`: the files of the API's reference.
 */
export function createServices(
  settings: Settings,
  namespace: LedgerNamespace,
  shards: ShardNamespace,
  { internet, assets = null }: { internet?: Fetching | undefined; assets?: Fetching | null | undefined } = {},
): Services {
  const now = () => Date.now();
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  const ledgers = new Map<string, TenantLedger>();
  const telemetry = createTelemetry(telemetrySettings(settings), {
    fetch: (url, init) => fetch(url, init),
    ...{ now, sleep },
  });
  const { log } = telemetry;
  const database = createDatabase({ url: settings.DATABASE_URL, endpoint: settings.DATABASE_ENDPOINT });
  return {
    database,
    retentionMonths: settings.USAGE_RETENTION_MONTHS,
    ledger(rootId, jurisdiction) {
      const name = `${jurisdiction}/${rootId}`;
      const known = ledgers.get(name);
      if (known !== undefined) return known;
      const ledger = ledgerFor(namespace, rootId, jurisdiction);
      ledgers.set(name, ledger);
      return ledger;
    },
    shard: (place) => new TenantShard(shards, place),
    admitter: new Admitter({ distances: new Distances(), now, sleep }),
    principals: new PrincipalCache(),
    tenantPrices: new TenantPriceCache(),
    tenantModels: new TenantModelCache(),
    routes: new RouteCache(),
    health: new Health({
      breakers: new Breakers(() => Math.random()),
      cooldowns: new Cooldowns(),
      budget: new RetryBudget(settings.UPSTREAM_RETRY_FLOOR),
    }),
    drains: new Drains(),
    telemetry,
    endpoints: new EndpointMemory(),
    refusedThoughts: new RefusedThoughts(),
    tokenCounts: new TokenCountCache(),
    countedPrompts: new CountedPrompts(),
    settlements: new SettlementBatcher({ now, sleep, log }),
    refusals: new RefusalLog({ now, sleep, log, record: (rootId, rows) => recordRefused(database, rootId, rows) }),
    toucher: new Toucher({
      every: (settings.LEDGER_HOLD_SECONDS * SECOND) / 3,
      now,
      setInterval: (run, milliseconds) => setInterval(run, milliseconds),
      clearInterval: (timer) => clearInterval(timer),
    }),
    providers: providerSettings(settings),
    peppers: { current: PEPPER_VERSION, secrets: { [PEPPER_VERSION]: settings.KEY_PEPPER } },
    sessionSecret: settings.SESSION_SECRET,
    masterKey: settings.MASTER_KEY,
    setupToken: settings.SETUP_TOKEN ?? null,
    signOn: signOnFrom(settings, { random: secureRandom, fetch: (url, init) => fetch(url, init) }),
    timeoutsFor: timeoutsFrom(settings),
    countTimeout: countTimeoutFrom(settings),
    now,
    random: secureRandom,
    newRequestId: () => newUlid(now(), secureRandom),
    hash: async (text) => toHex(await hmacSha256(settings.KEY_PEPPER, `gaia end user\n${text}`)),
    assets,
    fetchMedia: (url, init) => (internet ?? globalThis).fetch(url, init),
    report: ({ requestId, what, cause }, request = telemetry) =>
      request.log({ level: "error", event: "request.failed", requestId, what, cause: ownWords(cause) }),
  };
}

/**
 * Why something failed, in words of the gateway, its drivers and its runtime. A text that was kept as a cause is a
 * provider's, which may quote the prompt that it was sent.
 */
const ownWords = (cause: unknown): string | null => (cause instanceof Error ? String(cause) : null);

/** The first pepper's version; a rotated one gets the next letter, and old keys keep theirs. */
const PEPPER_VERSION = "1";
