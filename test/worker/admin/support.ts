import "./remembered-scrypt.ts";
import type { Hono } from "hono";
import type { Database } from "../../../drizzle/client.ts";
import { type AdminApi, createAdminApi } from "../../../worker/api/admin/api.ts";
import type { AdminDependencies, AdminLedger } from "../../../worker/api/admin/dependencies.ts";
import { describeApi } from "../../../worker/api/contract/document.ts";
import { syncModelLists } from "../../../worker/api/model-sync.ts";
import type { Peppers } from "../../../worker/auth/api-key.ts";
import type { Role } from "../../../worker/canonical/role.ts";
import type { ConfigurationChange } from "../../../worker/canonical/tenant.ts";
import type { Adjustment, LimitStatus } from "../../../worker/ledger/contract.ts";
import { LedgerCore } from "../../../worker/ledger/core.ts";
import { toBase64Url } from "../../../worker/lib/encoding.ts";
import { newId } from "../../../worker/lib/ids.ts";
import { secureRandom } from "../../../worker/lib/random.ts";
import { loadConfiguration } from "../../../worker/organizations/load-configuration.ts";
import type { ProviderSettings } from "../../../worker/providers/connection.ts";
import { recordEvents } from "../../../worker/usage/record.ts";
import { Contract } from "../../support/contract.ts";
import { startTestDatabase, type TestDatabase } from "../../support/database.ts";
import { SqliteStorage } from "../../unit/ledger/sqlite-storage.ts";

const ORIGIN = "https://gaia.example";
export const PASSWORD = "correct horse battery staple";
export const PEPPERS: Peppers = { current: "1", secrets: { "1": "a pepper for tests of forty characters .." } };

/** A gateway that reaches no provider. */
export const NO_PROVIDERS: ProviderSettings = {
  ...{ credentials: {}, namedCredentials: {}, baseUrls: {}, simulatorUrl: null, anthropicVersion: "2023-06-01" },
};

/** One salt for the passwords of all that is set up, so that `remembered-scrypt.ts` derives them once. */
const SALT = secureRandom(16);
const withOneSalt = (bytes: number) => (bytes === SALT.length ? SALT : secureRandom(bytes));

/** The only name for which no provider has a credential. */
export const UNKNOWN_CREDENTIAL = "nobodys";

/** A real Ledger in this process, its storage in memory; it can be cut off and counts what it is asked. */
interface TestLedger extends AdminLedger {
  core: LedgerCore;
  pushed: ConfigurationChange[];
  adjusted: Adjustment[];
  asked: number;
  down: boolean;
  /** What it says of limits, whoever asks. */
  statuses: LimitStatus[];
  /** Which nodes' limits were asked for, and which webhooks' tests. */
  askedNodes: string[][];
  tested: string[];
  /** How often it was asked what is cooling. */
  askedCooling: number;
}

function createLedger(database: Database, now: () => number): TestLedger {
  const ledger: TestLedger = {
    core: new LedgerCore({
      storage: new SqliteStorage(),
      clock: { now, random: () => 0.5 },
      log: () => {},
      setAlarm: () => {},
      loadConfiguration: (rootId) => loadConfiguration(database, rootId),
      recordEvents: (rootId, events) => recordEvents(database, rootId, events),
      loadSums: async () => [],
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      recallShards: async () => {},
      announcer: () => ({ announce: () => {}, test: async () => null, run: async () => {}, dueAt: null }),
      holdSeconds: 90,
    }),
    pushed: [],
    adjusted: [],
    asked: 0,
    down: false,
    statuses: [],
    askedNodes: [],
    tested: [],
    askedCooling: 0,
    async limits(nodeIds) {
      if (ledger.down) throw new Error("the Ledger is away");
      ledger.askedNodes.push(nodeIds);
      return ledger.statuses;
    },
    async cooling() {
      ledger.askedCooling += 1;
      if (ledger.down) throw new Error("the Ledger is away");
      return ledger.core.cooling();
    },
    async testWebhook(webhookId) {
      if (ledger.down) throw new Error("the Ledger is away");
      ledger.tested.push(webhookId);
      return ledger.pushed.some(({ webhooks }) => webhooks.some(({ id }) => id === webhookId));
    },
    async authenticate(key, from) {
      ledger.asked += 1;
      if (ledger.down) throw new Error("the Ledger is away");
      return ledger.core.authenticate(key, from);
    },
    async configure(change) {
      if (ledger.down) throw new Error("the Ledger is away");
      ledger.pushed.push(change);
      await ledger.core.configure(change);
    },
    async sums() {
      if (ledger.down) throw new Error("the Ledger is away");
      return ledger.core.sums();
    },
    async adjust(adjustments) {
      if (ledger.down) throw new Error("the Ledger is away");
      ledger.adjusted.push(...adjustments);
      ledger.core.adjust(adjustments);
    },
  };
  return ledger;
}

/** A tenant that was set up. */
export interface Tenant {
  rootId: string;
  userId: string;
  email: string;
  apiKey: string;
  adminKey: string;
}

/** Somebody who can sign in. */
export interface Person {
  userId: string;
  email: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: ReturnType<typeof JSON.parse>;
}

export interface CallOptions {
  key?: string | undefined;
  cookie?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface AdminWorld {
  database: TestDatabase;
  api: AdminApi;
  dependencies: AdminDependencies;
  clock: { now: number };
  reports: { requestId: string; what: string; cause: unknown }[];
  ledger(rootId: string): TestLedger;
  /** Sends a request to the API in this process. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Another API over the same database, e.g. with another set-up token. */
  with(change: Partial<AdminDependencies>): AdminApi;
  /** Sets up another tenant with a token of its own. */
  tenant(name?: string): Promise<Tenant>;
  /** Makes somebody with a role on one of a tenant's organizations and the password of all. */
  member(tenant: Tenant, organizationId: string, role: Role): Promise<Person>;
  /** Signs in and answers the cookie, as a browser sends it back. */
  signIn(person: Pick<Person, "email">): Promise<string>;
  close(): Promise<void>;
}

/** Headers of a browser on the dashboard's own page. */
export const BROWSER = { origin: ORIGIN, "sec-fetch-site": "same-origin", "x-gaia-csrf": "1" };

/** How zod says what is wrong where nothing else was said. */
const LIBRARYS_WORDS =
  /^(Too (small|big)|Invalid (input|option|string|ISO|key|element|email))|\bexpected \w+ to (have|be)\b/;

let contract: Contract | undefined;

/** Calls an application as a client would; the answer's body is parsed when it is JSON. Throws when it is not as described. */
export async function callApi(
  api: Pick<Hono, "request" | "routes">,
  method: string,
  path: string,
  { key, cookie, body, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const response = await api.request(`${ORIGIN}${path}`, {
    method,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  // A feed has no end.
  const feeds = response.headers.get("content-type") === "text/event-stream";
  if (feeds) await response.body?.cancel();
  const text = feeds ? "" : await response.text();
  const contentType = response.headers.get("content-type");
  const answer = contentType?.startsWith("application/json") ? JSON.parse(text) : text;
  contract ??= new Contract(describeApi(api.routes));
  const [pathname = ""] = path.split("?");
  const etag = response.headers.has("etag");
  const problem = contract.problem(method, pathname, { status: response.status, contentType, etag, body: answer });
  if (problem !== null) throw new Error(problem);
  const message = answer?.error?.message ?? "";
  if (LIBRARYS_WORDS.test(message)) throw new Error(`${method} ${path} answers in the library's words: ${message}`);
  return { status: response.status, headers: response.headers, body: answer };
}

/** The management API over a real (embedded) Postgres, with a clock that stands until it is moved. */
export async function startAdminWorld(): Promise<AdminWorld> {
  const database = await startTestDatabase();
  const clock = { now: Date.UTC(2026, 10, 20, 12) };
  const reports: AdminWorld["reports"] = [];
  const ledgers = new Map<string, TestLedger>();
  let tenants = 0;

  function ledger(rootId: string): TestLedger {
    const known = ledgers.get(rootId) ?? createLedger(database.database, () => clock.now);
    ledgers.set(rootId, known);
    return known;
  }

  const dependencies: AdminDependencies = {
    database: database.database,
    ledger,
    secrets: {
      peppers: PEPPERS,
      sessionSecret: toBase64Url(secureRandom(32)),
      masterKey: toBase64Url(secureRandom(32)),
      setupToken: null,
    },
    signOn: null,
    retentionMonths: 13,
    now: () => clock.now,
    random: secureRandom,
    dryRun: () => Promise.reject(new Error("no dry run is expected")),
    syncModelLists: () =>
      syncModelLists({ database: database.database, providers: NO_PROVIDERS, now: () => clock.now }),
    hasCredential: (_model, credential) => credential !== UNKNOWN_CREDENTIAL,
    report: (failure) => reports.push(failure),
  };
  const api = createAdminApi(dependencies);
  const withChange = (change: Partial<AdminDependencies>) => createAdminApi({ ...dependencies, ...change });

  return {
    database,
    api,
    dependencies,
    clock,
    reports,
    ledger,
    call: (method, path, options) => callApi(api, method, path, options),
    with: withChange,
    async tenant(name = "Acme") {
      const setupToken = `set-up token ${++tenants}`;
      const email = `owner${tenants}@example.com`;
      const secrets = { ...dependencies.secrets, setupToken };
      const { status, body } = await callApi(withChange({ secrets, random: withOneSalt }), "POST", "/api/setup", {
        body: { token: setupToken, organization: name, email, password: PASSWORD },
      });
      if (status !== 201) throw new Error(`set-up answered ${status}: ${JSON.stringify(body)}`);
      return {
        rootId: body.organization.id,
        userId: body.admin.id,
        email,
        apiKey: body.api_key,
        adminKey: body.admin_key,
      };
    },
    async member({ rootId, email: ofOwner }, organizationId, role) {
      const userId = newId("usr", secureRandom);
      const email = `${role}.${userId.slice(4)}@example.com`;
      await database.sql`
        insert into users (id, root_id, email, name, password_hash)
        select ${userId}, ${rootId}, ${email}, ${role}, password_hash from users where email = ${ofOwner}`;
      await database.sql`
        insert into memberships (user_id, organization_id, root_id, role)
        values (${userId}, ${organizationId}, ${rootId}, ${role})`;
      return { userId, email };
    },
    async signIn({ email }) {
      const { status, headers } = await callApi(api, "POST", "/api/session", { body: { email, password: PASSWORD } });
      if (status !== 200) throw new Error(`signing in answered ${status}`);
      return cookieOf(headers) ?? "";
    },
    close: () => database.close(),
  };
}

/** The cookie an answer sets, as a browser sends it back; null when it sets none. */
export const cookieOf = (headers: Headers): string | null => headers.get("set-cookie")?.split(";")[0] ?? null;
