import { createDatabase } from "../drizzle/client.ts";
import { createApp } from "./api/app.ts";
import { hintJurisdiction } from "./auth/api-key.ts";
import { webhookSecretPlace } from "./canonical/webhook-secret.ts";
import { parseEnvironment } from "./env.ts";
import { jurisdictionOf, type LedgerNamespace, ledgerFor } from "./ledger/client.ts";
import { LedgerObject } from "./ledger/ledger-object.ts";
import { type ShardNamespace, shardStub } from "./ledger/shard-client.ts";
import { LedgerShardObject } from "./ledger/shard-object.ts";
import { log, safeText } from "./lib/log.ts";
import { secureRandom } from "./lib/random.ts";
import { unseal } from "./lib/seal.ts";
import { newUlid } from "./lib/ulid.ts";
import { loadConfiguration } from "./organizations/load-configuration.ts";
import { createServices } from "./services.ts";
import { reconcileRoots } from "./usage/reconcile-roots.ts";
import { ensurePartitions, recordEvents } from "./usage/record.ts";
import { recordDeliveries } from "./usage/record-deliveries.ts";
import { sumsSince } from "./usage/sums-since.ts";

/** The bindings as wrangler.toml names them; the texts among them are checked by `parseEnvironment`. */
interface Env {
  LEDGER: LedgerNamespace;
  LEDGER_SHARD: ShardNamespace;
  /** Outside of Cloudflare: a network that reaches public addresses only. */
  INTERNET?: Fetcher;
}

/** As wrangler.toml has it. */
const DAILY = "17 3 * * *";

type App = ReturnType<typeof createApp>;

/** Made at the first request of an isolate: bindings do not change in its life. */
let app: App | null = null;

function appFor(env: Env): App {
  app ??= createApp(createServices(parseEnvironment(env), env.LEDGER, env.LEDGER_SHARD, env.INTERNET));
  return app;
}

/** A Worker that is configured wrongly serves nothing at all, and says in its log why. */
function misconfigured(error: unknown): Response {
  log({ level: "error", event: "configuration.invalid", message: safeText(String(error)) });
  const message = "This gateway is not configured. Its operator finds the reason in its log.";
  return Response.json(
    { error: { message, type: "server_error", param: null, code: "internal_error" } },
    { status: 500 },
  );
}

export default {
  async fetch(request, env, ctx) {
    let handler: App;
    try {
      handler = appFor(env);
    } catch (error) {
      return misconfigured(error);
    }
    const answering = Promise.resolve(handler.fetch(request, env, ctx));
    // The walk goes on when the client has left before its answer: the request still has to settle.
    ctx.waitUntil(answering.catch(() => {}));
    return answering;
  },

  /** Once an hour the books are compared; once a day all of them, and the months ahead get their partitions. */
  async scheduled({ cron }, env, ctx) {
    const settings = parseEnvironment(env);
    const database = createDatabase({ url: settings.DATABASE_URL, endpoint: settings.DATABASE_ENDPOINT });
    const daily = cron === DAILY;
    if (daily) ctx.waitUntil(ensurePartitions(database));
    const roots = {
      database,
      ledger: (rootId: string, hint: string | null) =>
        ledgerFor(env.LEDGER, rootId, hintJurisdiction(hint ?? "") ?? "global"),
      now: () => Date.now(),
      sleep: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)),
      random: secureRandom,
      log,
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
      log,
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
      log,
      holdSeconds: settings.LEDGER_HOLD_SECONDS,
    });
  }
}
