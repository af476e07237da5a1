import { and, eq } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys } from "../../drizzle/schema/index.ts";
import { isListed } from "../canonical/model-list.ts";
import { GatewayError } from "../errors.ts";
import { isRangeWithin } from "../lib/ip-range.ts";
import type { Actor } from "./actor.ts";
import type { KeyRow } from "./records.ts";

/** What an admin key may be used for and from where, and so the most that it may give to another key. */
export type KeyBounds = Pick<KeyRow, "models" | "ipRanges" | "origins" | "expiresAt">;

type Field = keyof KeyBounds;

/** The bounds of the key that acts; no row for a person, whom their role bounds. */
export const selectBounds = (database: Database, { rootId, id }: Actor) =>
  database
    .select({
      models: apiKeys.models,
      ipRanges: apiKeys.ipRanges,
      origins: apiKeys.origins,
      expiresAt: apiKeys.expiresAt,
    })
    .from(apiKeys)
    .where(and(eq(apiKeys.rootId, rootId), eq(apiKeys.id, id)));

/** For each bound: what the API calls it, whether a value exceeds it, and what to do. */
const RULES: Record<Field, { param: string; exceeds(bounds: KeyBounds, given: KeyBounds): boolean; advice: string }> = {
  models: {
    param: "models",
    exceeds: (bounds, { models }) =>
      bounds.models !== null && !models?.every((name) => isListed(bounds.models ?? [], name)),
    advice: "Name models that your own key lists",
  },
  ipRanges: {
    param: "ip_ranges",
    exceeds: (bounds, { ipRanges }) =>
      bounds.ipRanges !== null && !ipRanges?.every((range) => isRangeWithin(range, bounds.ipRanges ?? [])),
    advice: "Name addresses within those that your own key lists",
  },
  origins: {
    param: "origins",
    // No origin is the least, not the most: no page may use such a key.
    exceeds: (bounds, { origins }) =>
      bounds.origins !== null && !(origins ?? []).every((origin) => bounds.origins?.includes(origin)),
    advice: "Name origins that your own key lists",
  },
  expiresAt: {
    param: "expires_at",
    exceeds: ({ expiresAt: own }, { expiresAt }) => own !== null && (expiresAt === null || expiresAt > own),
    advice: "Let it expire no later than your own key",
  },
};

/**
 * Throws `permission_denied` for a key that could do more than the key that makes it: nobody grants what they lack.
 * @param named the fields that the request names, and so the only ones that are held against the bounds; all when left out
 */
export function requireWithin(bounds: KeyBounds | undefined, given: KeyBounds, named?: ReadonlySet<string>): void {
  if (bounds === undefined) return;
  for (const [field, { param, exceeds, advice }] of Object.entries(RULES)) {
    if ((named && !named.has(field)) || !exceeds(bounds, given)) continue;
    const message = `With these '${param}' the key could do more than yours. ${advice}, or ask somebody who may do more.`;
    throw new GatewayError("permission_denied", message, { param });
  }
}

/**
 * The same for a change of a key. What the change names must be within the bounds; all of the key must where its text is
 * answered, where it becomes an admin key, and where an admin key is moved to where it reaches others.
 */
export function requireChangeWithin(
  bounds: KeyBounds | undefined,
  before: KeyRow,
  { action, set }: { action: string; set: Partial<KeyRow> },
): void {
  const isAdmin = before.permissions.includes("admin");
  const becomesAdmin = set.permissions?.includes("admin") === true && !isAdmin;
  const whole = action === "key.rotate" || becomesAdmin || (action === "key.move" && isAdmin);
  requireWithin(bounds, { ...before, ...set }, whole ? undefined : new Set(Object.keys(set)));
}
