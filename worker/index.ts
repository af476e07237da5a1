import { createDatabase, type Database } from "../drizzle/client.ts";
import { createApp } from "./api/app.ts";
import { syncModelLists } from "./api/model-sync.ts";
import { hintJurisdiction } from "./auth/api-key.ts";
import { webhookSecretPlace } from "./canonical/webhook-secret.ts";
import { parseEnvironment, type Settings } from "./env.ts";
import { jurisdictionOf, type LedgerNamespace, ledgerFor } from "./ledger/client.ts";
import { LedgerObject } from "./ledger/ledger-object.ts";
import { type ShardNamespace, shardStub } from "./ledger/shard-client.ts";
import { LedgerShardObject } from "./ledger/shard-object.ts";
import { type LogEntry, log } from "./lib/log.ts";
import { secureRandom } from "./lib/random.ts";
import { unseal } from "./lib/seal.ts";
import { newUlid } from "./lib/ulid.ts";
import { dropIdempotencyKeys } from "./organizations/idempotency.ts";
import { loadConfiguration } from "./organizations/load-configuration.ts";
import { createServices, providerSettings, type Services } from "./services.ts";
import { telemetrySettings } from "./telemetry/settings.ts";
import { createTelemetry } from "./telemetry/telemetry.ts";
import { reconcileRoots } from "./usage/reconcile-roots.ts";
import { ensurePartitions, recordEvents } from "./usage/record.ts";
import { recordDeliveries } from "./usage/record-deliveries.ts";
import { backfillUsage, expireRefused, expireUsage } from "./usage/retention.ts";
import { sumsSince } from "./usage/sums-since.ts";

/** The bindings as wrangler.toml names them; the texts among them are checked by `parseEnvironment`. */
interface Env {
  LEDGER: LedgerNamespace;
  LEDGER_SHARD: ShardNamespace;
  /** Outside of Cloudflare: a network that reaches public addresses only. */
  INTERNET?: Fetcher;
  /** The files of /docs and /redoc. */
  ASSETS?: Fetcher;
}

/** As wrangler.toml has it. */
const DAILY = "17 3 * * *";

type App = ReturnType<typeof createApp>;

interface Made {
  services: Services;
  app: App;
}

/** Made at the first request of an isolate: bindings do not change in its life. */
let made: Made | null = null;

function madeFor(env: Env): Made {
  if (made !== null) return made;
  const services = createServices(parseEnvironment(env), env.LEDGER, env.LEDGER_SHARD, {
    internet: env.INTERNET,
    assets: env.ASSETS,
  });
  made = { services, app: createApp(services) };
  return made;
}

/** What providers list is read once a day; what changed waits for administrators. */
async function readModelLists(database: Database, settings: Settings, logEntry: (entry: LogEntry) => void) {
  const reports = await syncModelLists({ database, providers: providerSettings(settings), now: () => Date.now() });
  for (const { provider, failure } of reports) {
    if (failure !== null) logEntry({ level: "warn", event: "models.list_failed", what: provider, code: failure });
  }
}

/** The log of what is no request: a Durable Object, or a task of the cron. */
function logFor(settings: Settings, { waitUntil }: { waitUntil(promise: Promise<unknown>): void }) {
  const telemetry = createTelemetry(telemetrySettings(settings), {
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
  return (entry: LogEntry) => {
    telemetry.log(entry);
    waitUntil(telemetry.flush());
  };
}

/** A Worker that is configured wrongly serves nothing at all, and says in its log why. */
function misconfigured(error: unknown): Response {
  log({ level: "error", event: "configuration.invalid", message: String(error) });
  const message = "This gateway is not configured. Its operator finds the reason in its log.";
  return Response.json(
    { error: { message, type: "server_error", param: null, code: "internal_error" } },
    { status: 500 },
  );
}

export default {
  async fetch(request, env, ctx) {
    let handler: Made;
    try {
      handler = madeFor(env);
    } catch (error) {
      return misconfigured(error);
    }
    const { app, services } = handler;
    const answering = Promise.resolve(app.fetch(request, env, ctx));
    // The walk goes on when the client has left before its answer: the request still has to settle, and to be told of.
    ctx.waitUntil(answering.catch(() => {}).then(() => services.telemetry.flush()));
    return answering;
  },

  /**
   * Once an hour the books are compared, and answers that were kept for a day go; once a day all books, the months ahead get
   * their partitions, the providers' lists of models are read, and what was kept long enough goes.
   */
  async scheduled({ cron }, env, ctx) {
    const settings = parseEnvironment(env);
    const database = createDatabase({ url: settings.DATABASE_URL, endpoint: settings.DATABASE_ENDPOINT });
    const daily = cron === DAILY;
    const logEntry = logFor(settings, { waitUntil: (promise) => ctx.waitUntil(promise) });
    if (daily) {
      ctx.waitUntil(ensurePartitions(database));
      ctx.waitUntil(readModelLists(database, settings, logEntry));
      ctx.waitUntil(expireUsage(database, settings.USAGE_RETENTION_MONTHS, logEntry));
      ctx.waitUntil(expireRefused(database));
    }
    ctx.waitUntil(backfillUsage(database));
    ctx.waitUntil(dropIdempotencyKeys(database));
    const roots = {
      database,
      ledger: (rootId: string, hint: string | null) =>
        ledgerFor(env.LEDGER, rootId, hintJurisdiction(hint ?? "") ?? "global"),
      now: () => Date.now(),
      sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
      random: secureRandom,
      log: logEntry,
    };
    ctx.waitUntil(reconcileRoots(roots, { whole: daily }));
  },
} satisfies ExportedHandler<Env>;

/** The Ledger of a root organization, wired to Postgres. */
export class Ledger extends LedgerObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    const settings = parseEnvironment(env);
    const database = createDatabase({ url: settings.DATABASE_URL, endpoint: settings.DATABASE_ENDPOINT });
    super(ctx, env, {
      loadConfiguration: (rootId) => loadConfiguration(database, rootId),
      recordEvents: (rootId, events) => recordEvents(database, rootId, events),
      loadSums: (rootId, boundaries) => sumsSince(database, rootId, boundaries),
      unseal: (rootId, { id, sealedSecret }) =>
        unseal(settings.MASTER_KEY, webhookSecretPlace(rootId, id), sealedSecret),
      shard: (rootId, name) => shardStub(env.LEDGER_SHARD, { rootId, jurisdiction: jurisdictionOf(ctx.id), name }),
      recordDeliveries: (rootId, rows) => recordDeliveries(database, rootId, rows),
      deliver: (url, init) => (env.INTERNET ?? globalThis).fetch(url, init),
      now: () => Date.now(),
      random: () => Math.random(),
      log: logFor(settings, { waitUntil: (promise) => ctx.waitUntil(promise) }),
      holdSeconds: settings.LEDGER_HOLD_SECONDS,
    });
  }
}

/** A regional shard of a Ledger: it borrows from it, admits nearby, and brings what it admitted to Postgres. */
export class LedgerShard extends LedgerShardObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    const settings = parseEnvironment(env);
    const database = createDatabase({ url: settings.DATABASE_URL, endpoint: settings.DATABASE_ENDPOINT });
    super(ctx, env, {
      loadConfiguration: (rootId) => loadConfiguration(database, rootId),
      recordEvents: (rootId, events) => recordEvents(database, rootId, events),
      ledger: (rootId) => ledgerFor(env.LEDGER, rootId, jurisdictionOf(ctx.id)),
      newId: () => newUlid(Date.now(), secureRandom),
      now: () => Date.now(),
      random: () => Math.random(),
      log: logFor(settings, { waitUntil: (promise) => ctx.waitUntil(promise) }),
      holdSeconds: settings.LEDGER_HOLD_SECONDS,
    });
  }
}
