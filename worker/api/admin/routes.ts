import { Hono } from "hono";
import { z } from "zod";
import type { DialectId } from "../../canonical/dialect-id.ts";
import { ROUTE_STRATEGIES } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import { accessRules } from "../../organizations/model-access.ts";
import { modelRows } from "../../organizations/models.ts";
import { organizationPath } from "../../organizations/organizations.ts";
import { modelRecord, type RouteRow, routeRecord } from "../../organizations/records.ts";
import { getRoute, listRoutes, putRoute, ROUTE_SORTS, removeRoute, routesInForce } from "../../organizations/routes.ts";
import type { DryTarget } from "../dry-run.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { listBody, listSchema } from "./list.ts";
import { isPending } from "./push.ts";
import { idSchema, jsonBody, lineSchema, modelSchema, pathId, query, searchSchema } from "./validate.ts";

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

/** A credential that the operator has not set up would be passed over by every request. */
function requireCredentials(targets: RouteRow["targets"], { hasCredential }: AdminDependencies): void {
  for (const [index, { model, credential }] of targets.entries()) {
    if (credential === null || hasCredential(model, credential)) continue;
    throw new GatewayError(
      "invalid_value",
      `This gateway has no credential of that name for '${model}'. Ask its operator to set one, or leave it out.`,
      { param: `targets[${index}].credential` },
    );
  }
}

/** Only what is set is stored. */
function timeoutsOf(given: z.output<typeof newRoute>["timeouts"]): RouteRow["timeouts"] {
  const { headers_ms: headers, first_token_ms: firstToken, idle_ms: idle, total_ms: total } = given;
  return Object.fromEntries(Object.entries({ headers, firstToken, idle, total }).filter(([, ms]) => ms != null));
}

const DIALECTS = [
  "openai-chat",
  "openai-responses",
  "openai-embeddings",
  "anthropic-messages",
  "google-generate-content",
] as const satisfies DialectId[];

/** A request that is only thought of. */
const dryRequest = z.strictObject({
  /** Where it would come from; the caller's own organization when it is left out. */
  organization_id: idSchema("org").optional(),
  model: routeName,
  /** The client's wire format. */
  dialect: z.enum(DIALECTS).default("openai-chat"),
  /** The body as a client would send it; the smallest there is when it is left out. */
  request: z.record(z.string(), z.unknown()).default({}),
  fallbacks: z.array(routeName).max(8, "Must name at most 8 models").default([]),
  /** The conversation's name. */
  session: lineSchema(256).optional(),
});

/** One sentence for people: where the request would go, and why. */
function summary(targets: readonly DryTarget[], route: RouteRow | undefined): string {
  const first = targets.find(({ outcome }) => outcome === "first");
  const passedOver = targets.filter(({ outcome }) => outcome === "skipped");
  const skipped = passedOver.map((one) => `${nameOf(one)} is passed over (${one.reason}).`).join(" ");
  if (first === undefined) return `This request would go nowhere. ${skipped}`.trim();
  return `This request would go to ${nameOf(first)}, because ${reasonOf(first, route)}${doubtOf(first)}. ${skipped}`.trim();
}

const nameOf = ({ provider, model, credential }: DryTarget): string =>
  `${provider}/${model}${credential === null ? "" : ` with the credential '${credential}'`}`;

function reasonOf({ from }: DryTarget, route: RouteRow | undefined): string {
  if (from === "fallback") return "it is the first of the fallbacks that can serve it";
  if (route === undefined) return "its model names this target";
  if (route.strategy === "ordered") return `it is the first target of the route '${route.name}' that can serve it`;
  return `its conversation falls to it by the weights of the route '${route.name}'`;
}

/** Only where nothing is better is one first of which there is something to be said. */
function doubtOf({ reason }: DryTarget): string {
  if (reason === null) return "";
  return reason === "context_length"
    ? ", though it may be too long for it: no other can serve it"
    : ", though it is ailing: all are";
}

const routeQuery = listSchema(ROUTE_SORTS, "-created_at").extend({
  /** Routes of this organization and those below. */
  organization: idSchema("org").optional(),
  name: routeName.optional(),
  /** Part of a name. */
  q: searchSchema.optional(),
});

/** The caller's own organization when it is left out. */
const effectiveQuery = z.strictObject({ organization: idSchema("org").optional() });

/** A route as the API shows it. */
export const routeBody = (row: RouteRow) => ({
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
  const { database, now, random, dryRun } = dependencies;
  const act = (context: AdminContext) => ({ database, actor: context.get("caller"), now: now() });

  return new Hono<AdminEnv>()
    .get("/", query(routeQuery), async (context) => {
      const { organization: organizationId, ...page } = context.req.valid("query");
      const asOf = now();
      const found = await listRoutes(database, context.get("caller"), { ...page, organizationId });
      return context.json(listBody(found, asOf, routeBody));
    })
    .put("/", jsonBody(newRoute), async (context) => {
      const { organization_id: organizationId, name, strategy, targets, timeouts } = context.req.valid("json");
      requireCredentials(targets, dependencies);
      const { route, change, created } = await putRoute({
        ...{ ...act(context), random, check: ifMatch(context), organizationId, name },
        terms: { strategy, targets, timeouts: timeoutsOf(timeouts) },
      });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, route.version);
      return context.json({ ...routeBody(route), pending }, created ? 201 : 200);
    })
    .post("/dry-run", jsonBody(dryRequest), async (context) => {
      const caller = context.get("caller");
      const { organization_id: organization, session, fallbacks, request, ...named } = context.req.valid("json");
      const organizationId = organization ?? caller.organizationId;
      const rows = await routesInForce(database, caller, organizationId);
      const row = rows.find(({ name }) => name === named.model);
      const route = row === undefined ? null : routeRecord(row);
      const { rootId } = caller;
      const access = accessRules(await organizationPath(database, caller, organizationId));
      const facts = (await modelRows(database, caller)).map(modelRecord);
      const thought = { ...named, body: request, fallbacks, session: session ?? null };
      const targets = await dryRun({ rootId, ...thought, route, access, facts });
      return context.json({
        model: named.model,
        route: row === undefined ? null : { ...routeBody(row), inherited: row.organizationId !== organizationId },
        message: summary(targets, row),
        targets,
      });
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
