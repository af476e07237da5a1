import { and, eq, getTableColumns, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { routes } from "../../drizzle/schema/index.ts";
import { forList, forRoot } from "../../drizzle/tenant.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import { newId } from "../lib/ids.ts";
import { byInstant, byNumber, byText, cutPage, type Page, type PageRequest, pageOf } from "../lib/page.ts";
import type { Random } from "../lib/random.ts";
import type { Actor } from "./actor.ts";
import { commitChange } from "./change.ts";
import { nearest } from "./nearest.ts";
import { type RouteRow, routeRecord } from "./records.ts";
import { holdsText } from "./search.ts";
import { inBranch, pathWithin } from "./tree.ts";
import { undisturbed } from "./undisturbed.ts";

/** What of a route may change. */
type RouteTerms = Pick<RouteRow, "strategy" | "targets" | "timeouts">;

interface Act {
  database: Database;
  actor: Actor;
  now: number;
}

interface Changed {
  route: RouteRow;
  change: ConfigurationChange;
}

const notRemoved = (rootId: string) => and(eq(routes.rootId, rootId), isNull(routes.removedAt));

const exists = (database: Database, condition: SQL | undefined): SQL =>
  sql`exists ${database.select({ id: routes.id }).from(routes).where(condition)}`;

/** What the audit log says of a route. */
const auditedRoute = (row: RouteRow) => ({
  organization_id: row.organizationId,
  name: row.name,
  strategy: row.strategy,
  targets: row.targets,
  timeouts: row.timeouts,
});

/**
 * Makes the route of a name of one of the actor's organizations, its own when none is named, or replaces what that name has
 * there. For every administrator of the branch: a route lifts no limit. Throws `not_found` for the organization, and what
 * `check` throws, which is given the version that would be replaced, null where there is none.
 */
export async function putRoute({
  random,
  check,
  organizationId: named,
  name,
  terms,
  ...act
}: Act & {
  random: Random;
  check(version: number | null): void;
  organizationId: string | undefined;
  name: string;
  terms: RouteTerms;
}): Promise<Changed & { created: boolean }> {
  const { database, actor } = act;
  const { rootId } = actor;
  const organizationId = named ?? actor.organizationId;
  await pathWithin(database, actor, organizationId);
  const ofItsName = and(notRemoved(rootId), eq(routes.organizationId, organizationId), eq(routes.name, name));
  return undisturbed(async () => {
    const [[found]] = await forRoot(database, rootId).batch([database.select().from(routes).where(ofItsName)]);
    check(found?.version ?? null);
    if (found) {
      const replaced = await revise(act, found, "route.replace", terms);
      return replaced && { ...replaced, created: false };
    }
    const at = new Date(act.now);
    const route: RouteRow = {
      ...{ ...terms, id: newId("rte", random), rootId, organizationId, name },
      ...{ createdBy: actor.id, createdAt: at, updatedAt: at, version: 1, removedAt: null },
    };
    const change = await commitChange(database, {
      ...{ rootId, now: act.now, routes: [routeRecord(route)] },
      onlyIf: sql`not ${exists(database, ofItsName)}`,
      statements: [database.insert(routes).values(route)],
      audit: {
        ...{ actor, action: "route.create", target: route.id, organizationId },
        ...{ before: null, after: auditedRoute(route) },
      },
    });
    return change && { route, change, created: true };
  });
}

/** Ends a route: its row stays, and it no longer holds. Throws `not_found`, and what `check` throws. */
export function removeRoute({
  id,
  check,
  ...act
}: Act & { id: string; check(version: number): void }): Promise<Changed> {
  return undisturbed(async () => {
    const found = await getRoute(act.database, act.actor, id);
    check(found.version);
    return revise(act, found, "route.delete", { removedAt: new Date(act.now) });
  });
}

/** Null: somebody else was faster. */
async function revise(
  { database, actor, now }: Act,
  found: RouteRow,
  action: "route.replace" | "route.delete",
  values: Partial<RouteRow>,
): Promise<Changed | null> {
  const { rootId, organizationId, id, version } = found;
  const set = { ...values, updatedAt: new Date(now), version: version + 1 };
  const route: RouteRow = { ...found, ...set };
  const unchanged = and(notRemoved(rootId), eq(routes.id, id), eq(routes.version, version));
  const after = route.removedAt ? null : auditedRoute(route);
  const change = await commitChange(database, {
    ...{ rootId, now, routes: [routeRecord(route)] },
    onlyIf: exists(database, unchanged),
    statements: [database.update(routes).set(set).where(unchanged)],
    audit: { actor, action, target: id, organizationId, before: auditedRoute(found), after },
  });
  return change && { route, change };
}

export const ROUTE_SORTS = ["created_at", "updated_at", "name", "requests"] as const;

const ORDERS = {
  created_at: byInstant(routes.createdAt),
  updated_at: byInstant(routes.updatedAt),
  name: byText(routes.name),
  requests: byNumber(sql`asked.requests::bigint`, 0),
};

/** Where nobody asks how often routes were used. */
const NEVER_ASKED = sql`select null::text as value, 0::bigint as requests where false`;

/** Which routes are listed. */
interface RouteListing extends PageRequest<(typeof ROUTE_SORTS)[number]> {
  organizationId?: string | undefined;
  name?: string | undefined;
  /** Part of a name. */
  q?: string | undefined;
  /** A select of how often each was used (`value`, `requests`), for the order by that. */
  asked?: SQL | undefined;
}

/** Routes of the actor's organizations; of one branch when it is given (`not_found`), of one name. */
export async function listRoutes(database: Database, actor: Actor, page: RouteListing): Promise<Page<RouteRow>> {
  const { organizationId, name, q } = page;
  if (organizationId !== undefined) await pathWithin(database, actor, organizationId);
  const { place, order, after } = pageOf(ORDERS, routes.id, page);
  const [rows] = await forList(database, actor.rootId).batch([
    database
      .select({ ...getTableColumns(routes), place })
      .from(routes)
      .leftJoin(sql`(${page.asked ?? NEVER_ASKED}) asked`, sql`asked.value = ${routes.id}`)
      .where(
        and(
          notRemoved(actor.rootId),
          inBranch(routes.organizationId, actor.rootId, organizationId ?? actor.organizationId),
          name === undefined ? undefined : eq(routes.name, name),
          q === undefined ? undefined : holdsText([routes.name], q),
          after,
        ),
      )
      .orderBy(...order)
      .limit(page.limit + 1),
  ]);
  return cutPage(rows, page);
}

/**
 * The routes that hold for an organization, by name: its own, and of those above it the nearest of each other name. Throws
 * `not_found` for the organization.
 */
export async function routesInForce(database: Database, actor: Actor, organizationId: string): Promise<RouteRow[]> {
  const path = await pathWithin(database, actor, organizationId);
  const [rows] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(routes)
      .where(and(notRemoved(actor.rootId), inArray(routes.organizationId, path))),
  ]);
  return nearest(rows, path, ({ name }) => name);
}

/** One route; throws `not_found` when it was removed or the actor may not see it, whether it exists or not. */
export async function getRoute(database: Database, actor: Actor, id: string): Promise<RouteRow> {
  const [[row]] = await forRoot(database, actor.rootId).batch([
    database
      .select()
      .from(routes)
      .where(
        and(
          notRemoved(actor.rootId),
          eq(routes.id, id),
          inBranch(routes.organizationId, actor.rootId, actor.organizationId),
        ),
      ),
  ]);
  if (!row) throw new GatewayError("not_found", "There is no such route, or it is not yours to see.");
  return row;
}
