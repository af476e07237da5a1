import { z } from "zod";
import type { Database } from "../../../drizzle/client.ts";
import { GatewayError } from "../../errors.ts";
import { clockAt, instantOfClock } from "../../lib/time-zone.ts";
import { requireKeys } from "../../organizations/key-views.ts";
import { visibleOrganizations } from "../../organizations/tree.ts";
import { requireReferences } from "../../organizations/usage-references.ts";
import type { UsageFilter } from "../../usage/stats/filter.ts";
import type { Period } from "../../usage/stats/tiles.ts";
import type { Caller } from "./context.ts";
import { idSchema, instantTextSchema, modelSchema, readModel } from "./validate.ts";

/** So many values of one field may be asked for. */
const MOST_VALUES = 50;
const several = <Schema extends z.ZodType>(schema: Schema) =>
  z.array(schema).max(MOST_VALUES, `Must be given at most ${MOST_VALUES} times`).optional();
/** Any text that Postgres can hold. */
export const textSchema = z
  .string()
  .min(1, "Must not be empty")
  .max(256)
  .refine((text) => !text.includes("\0") && text.isWellFormed(), "Must be text without NUL");

const OUTCOMES = ["ok", "provider_error", "stream_error", "client_gone", "timeout", "expired"] as const;

/** `name:value`; a name has no colon. */
const tagSchema = textSchema
  .regex(/^[^:]+:/, 'Must be {name}:{value}, e.g. "team:search"')
  .transform((tag) => ({ name: tag.slice(0, tag.indexOf(":")), value: tag.slice(tag.indexOf(":") + 1) }));

const truth = z.enum(["true", "false"]).transform((value) => value === "true");

/** Which usage is looked at. A field given several times takes any of the values; different fields must all hold. */
export const filterFields = {
  organization: idSchema("org").optional().describe("This organization and those below."),
  key: several(idSchema("key")),
  depth: z
    .literal("0", 'Must be "0"')
    .optional()
    .describe("`0`: the organization itself without those below; the caller's own where none is named."),
  member: several(idSchema("usr")).describe("Whose key it is."),
  model: several(modelSchema).describe("As it is sent upstream."),
  provider: several(textSchema),
  status: several(z.enum(["2xx", "3xx", "4xx", "5xx"])),
  outcome: several(z.enum(OUTCOMES)),
  error_code: several(textSchema).describe("A stable word of an error."),
  session: several(textSchema).describe("As in `x-gaia-session`."),
  agent: several(textSchema).describe("As in `x-gaia-agent`."),
  client: several(textSchema).describe("A client program, as its user agent begins."),
  end_user: several(textSchema),
  dialect: several(textSchema).describe("The client's wire format, as `openai-chat`."),
  route: several(idSchema("rte")).describe("The route that named the target."),
  tag: several(tagSchema).describe("`{name}:{value}`, as in `x-gaia-tags`."),
  streamed: truth.optional(),
  cached: truth.optional().describe("Whether its answer read from a prompt cache."),
  retried: truth.optional().describe("Whether it was sent upstream more than once."),
};

/** `-30d`: so long before now, by the clocks of `tz` for days and weeks. */
const RELATIVE = /^-(\d{1,4})([mhdw])$/;
const UNITS_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export const momentSchema = z
  .union([z.string().regex(RELATIVE), instantTextSchema], {
    error: "Must be a time like 2027-01-31T00:00:00Z, or one before now like -30d",
  })
  .describe("A moment, or one so long before now: `-90m`, `-12h`, `-30d`, `-4w`.");

/** A moment as `momentSchema` takes it, in milliseconds since the epoch. */
export function readMoment(text: string, now: number, timeZone: string): number {
  const [, count, unit = ""] = RELATIVE.exec(text) ?? [];
  if (count === undefined) return Date.parse(text);
  const length = Number(count) * (UNITS_MS[unit] ?? 0);
  return unit === "m" || unit === "h" ? now - length : instantOfClock(timeZone, clockAt(timeZone, now) - length);
}

const DEFAULT_FROM = "-30d";

/** The bounds of a period; throws `invalid_value` when it has no time in it. */
export function readUsagePeriod(
  given: { from?: string | undefined; to?: string | undefined },
  now: number,
  timeZone: string,
): Period {
  const from = readMoment(given.from ?? DEFAULT_FROM, now, timeZone);
  const to = given.to === undefined ? now : readMoment(given.to, now, timeZone);
  requireTime(from, to);
  return { from, to };
}

/** Throws `invalid_value` for bounds with no time in between. */
export function requireTime(from: number | undefined, to: number | undefined): void {
  if (from === undefined || to === undefined || to > from) return;
  throw new GatewayError("invalid_value", "Must be later than 'from'.", { param: "to" });
}

/** The period as long before this one, by the clocks of a zone: where they are set in between, days stay days. */
export function periodBefore({ from, to }: Period, timeZone: string): Period {
  const [begins, ends] = [clockAt(timeZone, from), clockAt(timeZone, to)];
  const before = instantOfClock(timeZone, begins - (ends - begins));
  // Clocks that are set within the period may leave nothing of it.
  return { from: Math.min(before, from - 1), to: from };
}

export type FilterQuery = z.output<z.ZodObject<typeof filterFields>>;

/** Whose usage a caller sees: null for everybody's in its branch, a person's id for that of their own keys only. */
const boundTo = ({ id, can }: Caller): string | null => (can.has("requests:read") ? null : id);

/**
 * The filter of a query, within what the caller may see: the one place that decides it for statistics and log. Throws `not_found`
 * for what it may not see, and `permission_denied` where somebody bound to their own usage asks for another's.
 */
export async function readFilter(database: Database, caller: Caller, given: FilterQuery): Promise<UsageFilter> {
  const top = given.organization ?? (given.depth === undefined ? undefined : caller.organizationId);
  const [visible] = await Promise.all([
    visibleOrganizations(database, caller, top),
    requireKeys(database, caller, given.key ?? []),
    requireReferences(database, caller, { members: given.member ?? [], routes: given.route ?? [] }),
  ]);
  const own = boundTo(caller);
  if (own !== null && given.member?.some((id) => id !== own)) {
    const message = "You see the usage of your own keys. Who looks after others' is a viewer or an administrator.";
    throw new GatewayError("permission_denied", message, { param: "member" });
  }
  return {
    organizationIds: given.depth === undefined || top === undefined ? (visible ?? undefined) : [top],
    keyIds: given.key,
    memberIds: own === null ? given.member : [own],
    models: given.model?.map(readModel),
    providers: given.provider,
    statusClasses: given.status?.map((status) => Number(status[0])),
    outcomes: given.outcome,
    errorCodes: given.error_code,
    sessionIds: given.session,
    agentIds: given.agent,
    clients: given.client,
    endUsers: given.end_user,
    dialects: given.dialect,
    routeIds: given.route,
    tags: given.tag,
    streamed: given.streamed,
    cached: given.cached,
    retried: given.retried,
  };
}

/** Whether the caller sees a request of an organization that was made with a member's key, or with nobody's. */
export async function isSeen(
  database: Database,
  caller: Caller,
  { organizationId, memberId }: { organizationId: string; memberId: string | null },
): Promise<boolean> {
  const [own, visible] = [boundTo(caller), await visibleOrganizations(database, caller, undefined)];
  return (own === null || own === memberId) && (visible === null || visible.includes(organizationId));
}
