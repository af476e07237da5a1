import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { isId } from "../../lib/ids.ts";
import { isIpRange } from "../../lib/ip-range.ts";
import type { KeyTerms } from "../../organizations/keys.ts";
import { isProviderId } from "../../providers/registry.ts";
import { instantSchema, lineSchema, nameSchema, PROVIDERS } from "./validate.ts";

const MOST_ENTRIES = 100;

/** A list of texts, each once; null: no list. An empty one would allow nothing, which is what disabling a key is for. */
const list = (entry: z.ZodType<string, string>) =>
  z
    .array(entry)
    .min(1, "Must have at least one entry, or be null")
    .max(MOST_ENTRIES, `Must have at most ${MOST_ENTRIES} entries`)
    .transform((entries) => [...new Set(entries)])
    .nullable();

/** A public model name, or all of a provider: `openai/gpt-6.1-sol`, `openai/*`, a route's name. */
const modelPattern = lineSchema(256).refine(
  (text) => !text.includes("*") || (text.endsWith("/*") && isProviderId(text.slice(0, -2))),
  `Must be a model's or route's name, or all models of a provider there is (${PROVIDERS}), as openai/*`,
);

const ipRange = z
  .string()
  .max(50)
  .refine(isIpRange, "Must be an IP address, or a range like 203.0.113.0/24 with no bit set behind its prefix");

/** Hosts that a browser takes for trustworthy without TLS: pages in development. */
const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  return origin === text && (protocol === "https:" || (protocol === "http:" && LOCAL.has(hostname)));
}

const webOrigin = z
  .string()
  .max(300)
  .refine(
    isOrigin,
    "Must be an origin as a browser sends it, like https://app.example.com: no path, no capital letters",
  );

export const tagSchema = lineSchema(64);

const tags = z
  .array(tagSchema)
  .max(20, "Must have at most 20 tags")
  .transform((entries) => [...new Set(entries)]);

export const ownerSchema = z
  .string()
  .refine(
    (text) => text === "service" || (text.startsWith("user:") && isId("usr", text.slice("user:".length))),
    "Must be service, or user:usr_… with a person's id",
  );

const permissions = z
  .array(z.enum(["read", "write", "admin"]))
  .min(1)
  .max(3)
  .transform((given) => [...new Set(given)]);

/** What of a key may be changed. */
const terms = {
  name: nameSchema,
  permissions: permissions.describe(
    "`read`: models, and what is its own. `write`: inference. `admin`: the management API.",
  ),
  expires_at: instantSchema.nullable().describe("When the key stops working; null: never."),
  strict: z
    .boolean()
    .describe("A revocation of a strict key holds everywhere at once, at the price of a check for each request."),
  models: list(modelPattern).describe(
    "What it may ask for: `provider/model`, `provider/*`, a route's name; null: everything.",
  ),
  ip_ranges: list(ipRange).describe("Addresses and ranges (CIDR) it may be used from; null: anywhere."),
  origins: list(webOrigin).describe("Web pages that may use it, as browsers name their origins; null: none."),
  tags: tags.describe("For lists and statistics; up to 20."),
  owner: ownerSchema.describe("`service`, or `user:` and a person's id."),
  note: z
    .string()
    .trim()
    .max(1_000)
    .refine((text) => text.isWellFormed() && !text.includes("\0"), "Must be text")
    .nullable()
    .describe("For people; the key's caller does not see it."),
};

export const newTerms = {
  ...terms,
  permissions: permissions.default(["read", "write"]),
  expires_at: terms.expires_at.default(null),
  strict: terms.strict.default(false),
  models: terms.models.default(null),
  ip_ranges: terms.ip_ranges.default(null),
  origins: terms.origins.default(null),
  tags: tags.default([]),
  owner: ownerSchema
    .optional()
    .describe("Whoever makes the key when left out: the person who is signed in, else a service."),
  note: terms.note.default(null),
};

export const changedTerms = z.strictObject(terms).partial();

/** The given terms under the names of their columns; what is not given is not there. */
export function termsOf({ expires_at, ip_ranges, ...same }: z.output<typeof changedTerms>): Partial<KeyTerms> {
  const all = { ...same, expiresAt: expires_at, ipRanges: ip_ranges };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A time from which a key is good no more has not passed. Throws `invalid_value`. */
export function checkExpiry(expiresAt: Date | null | undefined, now: number): void {
  if (!expiresAt || expiresAt.getTime() > now) return;
  throw new GatewayError("invalid_value", "Must be in the future.", { param: "expires_at" });
}
