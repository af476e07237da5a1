import { Hono } from "hono";
import { z } from "zod";
import { getRoute, listRoutes, putRoute, ROUTE_SORTS, removeRoute, routesInForce } from "../../organizations/routes.ts";
import { spendBy } from "../../usage/spend-by.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, ifNoneMatch, sendVersion } from "./if-match.ts";
import { figuresField, listBody, listSchema } from "./list.ts";
import { isPending } from "./push.ts";
import { routeBody } from "./route-body.ts";
import { routeFigures, usageOfRoutes } from "./route-figures.ts";
import { requireCredentials, routeName, routeTerms, storedTerms } from "./route-terms.ts";
import { idSchema, jsonBody, pathId, query, searchSchema } from "./validate.ts";

const newRoute = z.strictObject({
  organization_id: idSchema("org")
    .optional()
    .describe("It holds for this organization and those below; the caller's own when left out."),
  name: routeName,
  ...routeTerms.shape,
});

const routeQuery = listSchema(ROUTE_SORTS, "-created_at").extend({
  organization: idSchema("org").optional().describe("Routes of this organization and those below."),
  name: routeName.optional(),
  /** Part of a name. */
  q: searchSchema.optional(),
  figures: figuresField,
});

/** The caller's own organization when it is left out. */
const effectiveQuery = z.strictObject({ organization: idSchema("org").optional() });

/** `/api/routes`: the model names of the caller's organizations, and what serves them. */
export function routeRoutes(dependencies: AdminDependencies) {
  const { database, now, random } = dependencies;
  const act = (context: AdminContext) => ({ database, actor: context.get("caller"), now: now() });

  return new Hono<AdminEnv>()
    .get("/", query(routeQuery), async (context) => {
      const { organization, figures: wanted, ...page } = context.req.valid("query");
      const asOf = now();
      const caller = context.get("caller");
      const isByUse = page.sort.by === "requests";
      const scope = wanted || isByUse ? await usageOfRoutes(database, caller, { at: asOf, organization }) : null;
      const asked = scope && isByUse ? spendBy(scope, "route") : undefined;
      const found = await listRoutes(database, caller, { ...page, organizationId: organization, asked });
      const figures =
        wanted && scope ? await routeFigures(database, caller, { rows: found.rows, organization, scope }) : null;
      return context.json(
        listBody(found, asOf, (row) => ({ ...routeBody(row), figures: figures?.get(row.id) ?? null })),
      );
    })
    .put("/", jsonBody(newRoute), async (context) => {
      const { organization_id: organizationId, name, ...terms } = context.req.valid("json");
      requireCredentials(terms.targets, dependencies);
      const [sameVersion, isNew] = [ifMatch(context), ifNoneMatch(context)];
      const check = (version: number | null) => {
        sameVersion(version);
        isNew(version);
      };
      const { route, change, created } = await putRoute({
        ...{ ...act(context), random, check, organizationId, name },
        terms: storedTerms(terms),
      });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, route.version);
      return context.json({ ...routeBody(route), pending }, created ? 201 : 200);
    })
    .get("/effective", query(effectiveQuery), async (context) => {
      const caller = context.get("caller");
      const asOf = new Date(now()).toISOString();
      const organizationId = context.req.valid("query").organization ?? caller.organizationId;
      const rows = await routesInForce(database, caller, organizationId);
      const data = rows.map((row) => ({ ...routeBody(row), inherited: row.organizationId !== organizationId }));
      return context.json({ data, next_cursor: null, as_of: asOf });
    })
    .get("/:id", async (context) => {
      const route = await getRoute(database, context.get("caller"), pathId("rte", context.req.param("id")));
      sendVersion(context, route.version);
      return context.json(routeBody(route));
    })
    .delete("/:id", async (context) => {
      const id = pathId("rte", context.req.param("id"));
      const { change } = await removeRoute({ ...act(context), id, check: ifMatch(context) });
      return context.json({ id, removed: true, pending: await isPending(dependencies, context, change) });
    });
}
