import { join, resolve } from "node:path";
import { StartError } from "./start-error.ts";

export const PROJECT_ROOT = resolve(import.meta.dirname, "../..");

export const PROVIDERS = ["OPENAI", "ANTHROPIC", "GOOGLE", "OPENROUTER", "COMPATIBLE"] as const;

/** Wire versions of Messages that translated requests can be written in. */
const ANTHROPIC_VERSIONS = ["2023-06-01", "2026-10-21"];

/** Where spans and logs go (docs/telemetry.md). */
const TELEMETRY = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_SERVICE_NAME",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
  "TRACE_CONTEXT_TO_PROVIDERS",
];

/** Signing in at identity providers. */
const SIGN_ON = [
  "CF_ACCESS_TEAM_DOMAIN",
  "CF_ACCESS_AUD",
  "OIDC_ISSUER",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
  "OIDC_ROLES_CLAIM",
  "SIGN_ON_ORGANIZATION",
  "SIGN_ON_ROLES",
  "SIGN_ON_CONTACT",
];

/** Where the data lives: embedded, a plain Postgres behind the local endpoint, or Neon itself. */
export type DatabaseChoice =
  | { kind: "embedded" }
  | { kind: "postgres"; url: string }
  | { kind: "neon"; url: string; ownerUrl: string | null };

export interface Settings {
  dataDir: string;
  /** 0: any free port. */
  routerPort: number;
  dashboardPort: number;
  database: DatabaseChoice;
  /** Credentials and addresses of providers, the wire version, the hold, the time-outs, sign-on and telemetry, as set. */
  workerVariables: Record<string, string>;
}

type Environment = Record<string, string | undefined>;

/** Reads the variables of `docs/operations.md`. Throws a `StartError` that names the variable at fault. */
export function readSettings(environment: Environment): Settings {
  const names = [
    ...PROVIDERS.flatMap((provider) => [`${provider}_API_KEY`, `${provider}_BASE_URL`]),
    "PROVIDER_CREDENTIALS",
    "ANTHROPIC_VERSION",
    "LEDGER_HOLD_SECONDS",
    "USAGE_RETENTION_MONTHS",
    "UPSTREAM_HEADERS_TIMEOUT_MS",
    "UPSTREAM_FIRST_TOKEN_TIMEOUT_MS",
    "UPSTREAM_IDLE_TIMEOUT_MS",
    "UPSTREAM_TOTAL_TIMEOUT_MS",
    "UPSTREAM_RETRY_FLOOR",
    ...SIGN_ON,
    ...TELEMETRY,
  ];
  for (const name of names.filter((name) => /_(?:URL|ENDPOINT)$/.test(name)))
    readUrl(environment, name, ["http:", "https:"]);
  checkVersion(environment);
  checkCompatible(environment);
  checkCredentials(environment);
  return {
    dataDir: environment.DATA_DIR ? resolve(environment.DATA_DIR) : join(PROJECT_ROOT, ".gaia"),
    routerPort: readPort(environment, "PORT", 8787),
    dashboardPort: readPort(environment, "DASHBOARD_PORT", 8788),
    database: readDatabase(environment),
    workerVariables: Object.fromEntries(
      names.flatMap((name) => {
        const value = environment[name];
        return value ? [[name, value]] : [];
      }),
    ),
  };
}

function checkVersion({ ANTHROPIC_VERSION: version }: Environment): void {
  if (!version || ANTHROPIC_VERSIONS.includes(version)) return;
  throw new StartError(`ANTHROPIC_VERSION must be ${ANTHROPIC_VERSIONS.join(" or ")}, not "${version}".`);
}

/** A compatible host has no address of its own that the key alone could mean; without both it would be simulated. */
function checkCompatible({ COMPATIBLE_API_KEY: key, COMPATIBLE_BASE_URL: url }: Environment): void {
  if (key && !url) throw new StartError("COMPATIBLE_API_KEY needs COMPATIBLE_BASE_URL: the host's address.");
  if (url && !key) {
    throw new StartError("COMPATIBLE_BASE_URL needs COMPATIBLE_API_KEY. For a host without keys any word will do.");
  }
}

/** The Worker looks closer, but answers nothing then; that it is no JSON at all is said before. */
function checkCredentials({ PROVIDER_CREDENTIALS: text }: Environment): void {
  if (!text) return;
  try {
    JSON.parse(text);
  } catch {
    // The value holds secrets, and the parser's message would repeat some of it.
    throw new StartError('PROVIDER_CREDENTIALS must be JSON, as in {"openai": {"second": {"api_key": "…"}}}.');
  }
}

function readPort(environment: Environment, name: string, fallback: number): number {
  const text = environment[name];
  if (!text) return fallback;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new StartError(`${name} must be a port (0 to 65535), not "${text}".`);
  return port;
}

function readDatabase(environment: Environment): DatabaseChoice {
  const url = readUrl(environment, "DATABASE_URL", ["postgres:", "postgresql:"]);
  if (url === null) return { kind: "embedded" };
  if (!/\.neon\.(tech|build)$/.test(url.hostname)) return { kind: "postgres", url: url.href };
  const ownerUrl = readUrl(environment, "DATABASE_OWNER_URL", ["postgres:", "postgresql:"]);
  return { kind: "neon", url: url.href, ownerUrl: ownerUrl?.href ?? null };
}

function readUrl(environment: Environment, name: string, protocols: string[]): URL | null {
  const text = environment[name];
  if (!text) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  // The value itself may hold a password, so the message does not repeat it.
  if (url === null || !protocols.includes(url.protocol)) {
    throw new StartError(`${name} must be a URL that begins with ${protocols.map((p) => `${p}//`).join(" or ")}.`);
  }
  return url;
}
