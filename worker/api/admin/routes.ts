import { Hono } from "hono";
import { z } from "zod";
import { ROUTE_STRATEGIES } from "../../canonical/tenant.ts";
import type { RouteRow } from "../../organizations/records.ts";
import { getRoute, listRoutes, putRoute, removeRoute, routesInForce } from "../../organizations/routes.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { isPending } from "./push.ts";
import { idSchema, jsonBody, lineSchema, modelSchema, pageSchema, pathId, query } from "./validate.ts";

/** A model's name as a client may send it. */
const routeName = lineSchema(256);

const weight = z.custom<number>(
  (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000,
  "Must be a whole number from 1 to 1000",
);

const milliseconds = z.custom<number | null>(
  (value) => value === null || (Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 3_600_000),
  "Must be a whole number of milliseconds from 100 to 3600000",
);

const target = z.strictObject({
  model: modelSchema,
  /** The operator's name for one of the provider's credentials; null, or left out: the default one. */
  credential: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, "Must be 1 to 32 characters of a-z, 0-9 and -")
    .nullable()
    .default(null),
  weight: weight.default(1),
});

/** The index of the first target that another before it is too; -1 where each is there once. */
const repeated = (targets: readonly z.output<typeof target>[]): number =>
  targets.findIndex(({ model, credential }, index) =>
    targets.slice(0, index).some((before) => before.model === model && before.credential === credential),
  );

const newRoute = z.strictObject({
  /** It holds for this organization and those below; the caller's own when left out. */
  organization_id: idSchema("org").optional(),
  name: routeName,
  strategy: z.enum(ROUTE_STRATEGIES),
  targets: z
    .array(target)
    .min(1, "Must name at least one target")
    .max(16, "Must name at most 16 targets")
    .superRefine((targets, context) => {
      const index = repeated(targets);
      if (index < 0) return;
      context.addIssue({ code: "custom", path: [index], message: "Must not repeat a model with the same credential" });
    }),
  timeouts: z
    .strictObject({
      headers_ms: milliseconds.optional(),
      first_token_ms: milliseconds.optional(),
      idle_ms: milliseconds.optional(),
      total_ms: milliseconds.optional(),
    })
    .default({}),
});

/** Only what is set is stored. */
function timeoutsOf(given: z.output<typeof newRoute>["timeouts"]): RouteRow["timeouts"] {
  const { headers_ms: headers, first_token_ms: firstToken, idle_ms: idle, total_ms: total } = given;
  return Object.fromEntries(Object.entries({ headers, firstToken, idle, total }).filter(([, ms]) => ms != null));
}

const routeQuery = pageSchema.extend({
  /** Routes of this organization and those below. */
  organization: idSchema("org").optional(),
  name: routeName.optional(),
});

/** The caller's own organization when it is left out. */
const effectiveQuery = z.strictObject({ organization: idSchema("org").optional() });

/** A route as the API shows it. */
const routeBody = (row: RouteRow) => ({
  id: row.id,
  organization_id: row.organizationId,
  name: row.name,
  strategy: row.strategy,
  targets: row.targets,
  timeouts: {
    headers_ms: row.timeouts.headers ?? null,
    first_token_ms: row.timeouts.firstToken ?? null,
    idle_ms: row.timeouts.idle ?? null,
    total_ms: row.timeouts.total ?? null,
  },
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
});

/** `/api/routes`: the model names of the caller's organizations, and what serves them. */
export function routeRoutes(dependencies: AdminDependencies) {
  const { database, now, random } = dependencies;
  const act = (context: AdminContext) => ({ database, actor: context.get("caller"), now: now() });

  return new Hono<AdminEnv>()
    .get("/", query(routeQuery), async (context) => {
      const { organization: organizationId, ...page } = context.req.valid("query");
      const asOf = new Date(now()).toISOString();
      const { rows, nextCursor } = await listRoutes(database, context.get("caller"), { ...page, organizationId });
      return context.json({ data: rows.map(routeBody), next_cursor: nextCursor, as_of: asOf });
    })
    .put("/", jsonBody(newRoute), async (context) => {
      const { organization_id: organizationId, name, strategy, targets, timeouts } = context.req.valid("json");
      const { route, change, created } = await putRoute({
        ...{ ...act(context), random, check: ifMatch(context), organizationId, name },
        terms: { strategy, targets, timeouts: timeoutsOf(timeouts) },
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
