import { z } from "zod";
import type { Page } from "../../lib/page.ts";
import { limitedKeys } from "../../organizations/branch-limits.ts";
import { readWaysUp } from "../../organizations/branches.ts";
import { KEY_KINDS, KEY_SORTS, KEY_STATES, listKeys } from "../../organizations/key-list.ts";
import type { KeyView } from "../../organizations/key-views.ts";
import { NO_SPEND, readSpendBy, spendBy } from "../../usage/spend-by.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ownerSchema, tagSchema } from "./key-terms.ts";
import { levelOf, ratesAmong, standingBody, tightest } from "./limit-status.ts";
import { figuresField, listSchema, yesOrNo } from "./list.ts";
import { readStandings, requireStandings } from "./read-standings.ts";
import { recentUsage } from "./recent-spend.ts";
import { exact, money } from "./stats-bodies.ts";
import { idSchema, instantSchema, nameSearchSchema } from "./validate.ts";

export const keyQuery = listSchema(KEY_SORTS, "-created_at").extend({
  organization: idSchema("org").optional().describe("Keys of this organization and those below."),
  q: nameSearchSchema.optional().describe("Part of a name or of a hint."),
  state: z.enum(KEY_STATES).optional(),
  kind: z
    .enum(KEY_KINDS)
    .default("api")
    .describe("`api`: with a text of their own; `playground`: those behind members' playgrounds; `any`."),
  owner: ownerSchema.optional(),
  expiring_before: instantSchema.optional().describe("Keys that end before this moment."),
  unused_since: instantSchema.optional().describe("To the hour; a key that was never used is unused since ever."),
  near_limit: yesOrNo
    .optional()
    .describe("Keys of which a limit for a day or longer is used up by 90 %, and not whole."),
  over_limit: yesOrNo.optional().describe("Keys of which a limit for a day or longer is used up; either, with both."),
  created_before: instantSchema.optional().describe("Keys that were made before this moment."),
  tag: tagSchema.optional(),
  figures: figuresField,
});

type KeyQuery = z.output<typeof keyQuery>;

/** The keys that are near a limit of their own or over it; undefined: whatever they are. */
async function keysByNearness(
  dependencies: AdminDependencies,
  context: AdminContext,
  { organization, near_limit: near, over_limit: over }: KeyQuery,
): Promise<string[] | undefined> {
  if (!near && !over) return undefined;
  const caller = context.get("caller");
  const keys = await limitedKeys(dependencies.database, caller, organization ?? caller.organizationId);
  const statuses = await requireStandings(dependencies, context, keys);
  const byKey = Map.groupBy(statuses, ({ limit }) => limit.nodeId);
  return keys.filter((id) => {
    const nearest = tightest(byKey.get(id) ?? []);
    const level = nearest && levelOf(nearest);
    return (near && level === "near") || (over && level === "over");
  });
}

/** A page of keys as a query asks for it. Throws `not_found`, `ledger_unavailable`, CursorError. */
export async function pageOfKeys(
  dependencies: AdminDependencies,
  context: AdminContext,
  asked: KeyQuery,
  at: number,
): Promise<Page<KeyView>> {
  const { organization, expiring_before: expiringBefore, created_before: createdBefore, ...same } = asked;
  const { database } = dependencies;
  const caller = context.get("caller");
  const spent = asked.sort.by === "cost" ? spendBy(await recentUsage(dependencies, caller, at), "key") : undefined;
  const among = await keysByNearness(dependencies, context, asked);
  return listKeys(database, caller, at, {
    ...{ ...same, organizationId: organization, expiringBefore, createdBefore, unusedSince: asked.unused_since },
    ...{ spent, among },
  });
}

/** What keys have used lately, and how their limits stand: as many statements for one as for all. */
export async function keyFigures(
  dependencies: AdminDependencies,
  context: AdminContext,
  keys: readonly KeyView[],
  at: number,
) {
  const { database } = dependencies;
  const caller = context.get("caller");
  const [scope, ways] = await Promise.all([
    recentUsage(dependencies, caller, at),
    readWaysUp(
      database,
      caller,
      keys.map(({ organizationId }) => organizationId),
    ),
  ]);
  const nodes = keys.flatMap((key) => [key.id, ...ways(key.organizationId).map(({ id }) => id)]);
  const [spend, standings] = await Promise.all([
    readSpendBy(database, { ...scope, filter: { keyIds: keys.map(({ id }) => id) } }, "key"),
    readStandings(dependencies, context, nodes),
  ]);
  return new Map(
    keys.map(({ id, name, organizationId }) => {
      const { requests, errors, costNano } = spend.get(id) ?? NO_SPEND;
      const node = { id, kind: "key" as const, name };
      const [own, way] = [standings?.get(id) ?? [], ways(organizationId)];
      const limit = tightest(own);
      const above = tightest(way.flatMap((one) => standings?.get(one.id) ?? []));
      const place = way.find((one) => one.id === above?.limit.nodeId);
      return [
        id,
        {
          since: new Date(scope.period.from).toISOString(),
          requests: exact(BigInt(requests)),
          errors: exact(BigInt(errors)),
          ...money("cost", BigInt(costNano)),
          limit: limit && standingBody(limit, node),
          rates: ratesAmong(own).map((one) => standingBody(one, node)),
          inherited_limit:
            above && place ? standingBody(above, { id: place.id, kind: "organization", name: place.name }) : null,
          /** False: the Ledger could not be reached, and nothing is said of limits. */
          limits_known: standings !== null,
        },
      ];
    }),
  );
}
