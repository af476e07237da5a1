import { z } from "zod";
import { parseJson } from "./lib/json.ts";
import { parseKeyValueList } from "./lib/key-value-list.ts";

/** A secret must be there and must not be guessable: an empty one would sign and hash for everybody. */
const secret = z.string().min(32, "must hold at least 32 characters");
const url = z.url({ protocol: /^https?$/ });
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), type.optional());
const milliseconds = z.coerce.number().int().positive();

/** As `providers/registry.ts` has them. */
const isProvider = z.enum(["openai", "anthropic", "google", "openrouter", "compatible"]);
/** As routes name credentials. */
const isCredentialName = z.string().regex(/^[a-z0-9-]{1,32}$/);
const namedCredential = z
  .strictObject({ api_key: z.string().min(1), base_url: url.optional() })
  .transform(({ api_key, base_url = null }) => ({ apiKey: api_key, baseUrl: base_url }));
const namedCredentials = z.partialRecord(isProvider, z.record(isCredentialName, namedCredential));

/** What is wrong is said by level alone: a misplaced secret may stand for any name or value. */
const MUST_BE = [
  `must be a JSON object whose members are among ${isProvider.options.join(", ")}`,
  "must be an object whose members are named by 1 to 32 characters of a-z, 0-9 and -",
  "must be an object with 'api_key', a text, and no other member but 'base_url', a URL",
] as const;

/** Credentials by provider and name, as JSON. */
const providerCredentials = z.string().transform((text, context) => {
  const parsed = namedCredentials.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [path = []] = parsed.error.issues.map((issue) => issue.path);
  const provider = isProvider.safeParse(path[0]).data;
  const name = isCredentialName.safeParse(path[1]).data;
  const known = provider === undefined ? [] : name === undefined ? [provider] : [provider, name];
  context.addIssue({ code: "custom", path: known, message: MUST_BE[known.length] ?? MUST_BE[0] });
  return z.NEVER;
});

const role = z.enum(["viewer", "member", "admin", "owner"]);
const organizationId = z.string().regex(/^org_[0-9a-z]{8}$/, "must be an organization's id, org_ and 8 characters");
const roleRules = z.record(
  z.string().min(1),
  z.union([
    role.transform((given) => ({ role: given, organizationId: null })),
    z
      .strictObject({ role, organization_id: organizationId })
      .transform((given) => ({ role: given.role, organizationId: given.organization_id })),
  ]),
);

/** Roles by what identity providers say of somebody, as JSON. */
const signOnRoles = z.string().transform((text, context) => {
  const parsed = roleRules.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const message = "must be a JSON object of a role, or of {role, organization_id}, by group, address, @domain or *";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** `key=value,key=value`, percent-encoded, as OpenTelemetry writes lists. */
const keyValueList = z.string().transform((text, context) => {
  const list = parseKeyValueList(text);
  if (list !== null) return list;
  context.addIssue({ code: "custom", message: "must be key=value pairs with commas between, percent-encoded" });
  return z.NEVER;
});

/** Names and values that may be the headers of a request. */
const headerList = keyValueList.refine(areHeaders, "must hold names and values that a header may have");

function areHeaders(list: Record<string, string>): boolean {
  try {
    new Headers(list);
    return true;
  } catch {
    return false;
  }
}

/** How spans are sampled (OpenTelemetry: environment variables). */
const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/** The Worker's bindings, as wrangler hands them over. `.dev.vars.example` explains each. */
const schema = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgres:// URL"),
  DATABASE_ENDPOINT: optional(url),
  KEY_PEPPER: secret,
  MASTER_KEY: secret,
  SESSION_SECRET: secret,
  SETUP_TOKEN: optional(secret),
  /** Cloudflare Access in front of the dashboard: `team.cloudflareaccess.com`, and the application's audience tag. */
  CF_ACCESS_TEAM_DOMAIN: optional(z.string().regex(/^(https?:\/\/)?[a-z0-9.:-]+$/i, "must be a host")),
  CF_ACCESS_AUD: optional(z.string()),
  /** An OpenID Connect provider. */
  OIDC_ISSUER: optional(url),
  OIDC_CLIENT_ID: optional(z.string()),
  OIDC_CLIENT_SECRET: optional(z.string()),
  /** The claim whose values `SIGN_ON_ROLES` names, e.g. `groups` or `realm_access.roles`. */
  OIDC_ROLES_CLAIM: optional(z.string()),
  /** Who signs in at these belongs to this root organization, with these roles. */
  SIGN_ON_ORGANIZATION: optional(organizationId),
  SIGN_ON_ROLES: optional(signOnRoles),
  /** Whom somebody without a role is told to ask. */
  SIGN_ON_CONTACT: optional(z.string().max(200)),
  OPENAI_API_KEY: optional(z.string()),
  ANTHROPIC_API_KEY: optional(z.string()),
  GOOGLE_API_KEY: optional(z.string()),
  OPENROUTER_API_KEY: optional(z.string()),
  COMPATIBLE_API_KEY: optional(z.string()),
  OPENAI_BASE_URL: optional(url),
  ANTHROPIC_BASE_URL: optional(url),
  GOOGLE_BASE_URL: optional(url),
  OPENROUTER_BASE_URL: optional(url),
  COMPATIBLE_BASE_URL: optional(url),
  /** More credentials of providers, which routes name. */
  PROVIDER_CREDENTIALS: optional(providerCredentials),
  /** The wire version of translated requests to Anthropic. */
  ANTHROPIC_VERSION: optional(z.enum(["2023-06-01", "2026-10-21"])),
  SIMULATOR_URL: optional(url),
  /** How long a hold stands after its last sign of life. */
  LEDGER_HOLD_SECONDS: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.coerce.number().positive().default(90),
  ),
  /** For how many whole months requests are kept in the log; 0: for ever. Their sums stay. */
  USAGE_RETENTION_MONTHS: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.coerce
      .number()
      .int()
      .refine((months) => months === 0 || months >= 3, "must be 0 (for ever) or at least 3")
      .default(13),
  ),
  UPSTREAM_HEADERS_TIMEOUT_MS: optional(milliseconds),
  UPSTREAM_FIRST_TOKEN_TIMEOUT_MS: optional(milliseconds),
  UPSTREAM_IDLE_TIMEOUT_MS: optional(milliseconds),
  UPSTREAM_TOTAL_TIMEOUT_MS: optional(milliseconds),
  /** Further attempts that an isolate may make in ten seconds, beside one for every fifth request. */
  UPSTREAM_RETRY_FLOOR: optional(z.coerce.number().int().nonnegative()),
  /** Where spans and logs go; `/v1/traces` and `/v1/logs` are appended. */
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(url),
  /** Taken as they are; each stands in place of what the endpoint above would give. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(url),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: optional(url),
  OTEL_EXPORTER_OTLP_HEADERS: optional(headerList),
  OTEL_EXPORTER_OTLP_PROTOCOL: optional(z.literal("http/json", "must be http/json: nothing else is spoken")),
  OTEL_SERVICE_NAME: optional(z.string()),
  OTEL_RESOURCE_ATTRIBUTES: optional(keyValueList),
  OTEL_TRACES_SAMPLER: optional(z.enum(SAMPLERS)),
  OTEL_TRACES_SAMPLER_ARG: optional(z.coerce.number().min(0).max(1)),
  /** Whether providers are told the trace that a request belongs to. */
  TRACE_CONTEXT_TO_PROVIDERS: optional(z.enum(["true", "false"])),
});

export type Settings = z.infer<typeof schema>;

/** Settings that say nothing one without the others. */
const TOGETHER = [
  ["CF_ACCESS_TEAM_DOMAIN", "CF_ACCESS_AUD"],
  ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"],
  ["SIGN_ON_ORGANIZATION", "SIGN_ON_ROLES"],
] as const;

const checked = schema.superRefine((settings, context) => {
  const { PROVIDER_CREDENTIALS, COMPATIBLE_BASE_URL } = settings;
  for (const [name, { baseUrl }] of Object.entries(PROVIDER_CREDENTIALS?.compatible ?? {})) {
    if (baseUrl !== null || COMPATIBLE_BASE_URL !== undefined) continue;
    const path = ["PROVIDER_CREDENTIALS", "compatible", name, "base_url"];
    context.addIssue({ code: "custom", path, message: "must be there without COMPATIBLE_BASE_URL" });
  }
  const need = (name: keyof Settings, because: string) => {
    if (settings[name] !== undefined) return;
    context.addIssue({ code: "custom", path: [name], message: `must be there with ${because}` });
  };
  for (const names of TOGETHER) {
    const set = names.find((name) => settings[name] !== undefined);
    if (set !== undefined) for (const name of names) need(name, set);
  }
  for (const name of ["CF_ACCESS_TEAM_DOMAIN", "OIDC_ISSUER"] as const) {
    if (settings[name] !== undefined) need("SIGN_ON_ORGANIZATION", name);
  }
});

/** Parses the bindings once; throws an error that names each wrong one and shows no value. */
export function parseEnvironment(bindings: unknown): Settings {
  const parsed = checked.safeParse(bindings);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The Worker's configuration is not usable. ${wrong.join("; ")}`);
}
