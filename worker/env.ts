import { z } from "zod";

/** A secret must be there and must not be guessable: an empty one would sign and hash for everybody. */
const secret = z.string().min(32, "must hold at least 32 characters");
const url = z.url({ protocol: /^https?$/ });
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), type.optional());
const milliseconds = z.coerce.number().int().positive();

/** The Worker's bindings, as wrangler hands them over. `.dev.vars.example` explains each. */
const schema = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, "must be a postgres:// URL"),
  DATABASE_ENDPOINT: optional(url),
  KEY_PEPPER: secret,
  MASTER_KEY: secret,
  SESSION_SECRET: secret,
  SETUP_TOKEN: optional(secret),
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
  /** The wire version of translated requests to Anthropic. */
  ANTHROPIC_VERSION: optional(z.enum(["2023-06-01", "2026-10-21"])),
  SIMULATOR_URL: optional(url),
  /** How long a hold stands after its last sign of life. */
  LEDGER_HOLD_SECONDS: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.coerce.number().positive().default(90),
  ),
  UPSTREAM_HEADERS_TIMEOUT_MS: optional(milliseconds),
  UPSTREAM_FIRST_TOKEN_TIMEOUT_MS: optional(milliseconds),
  UPSTREAM_IDLE_TIMEOUT_MS: optional(milliseconds),
  UPSTREAM_TOTAL_TIMEOUT_MS: optional(milliseconds),
});

export type Settings = z.infer<typeof schema>;

/** Parses the bindings once; throws an error that names each wrong one and shows no value. */
export function parseEnvironment(bindings: unknown): Settings {
  const parsed = schema.safeParse(bindings);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The Worker's configuration is not usable. ${wrong.join("; ")}`);
}
