import { Hono } from "hono";
import { z } from "zod";
import { LIMIT_METRICS, LIMIT_WINDOWS } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import { getKey } from "../../organizations/key-views.ts";
import {
  changeLimit,
  createLimit,
  getLimit,
  LIMIT_SORTS,
  listLimits,
  removeLimit,
} from "../../organizations/limits.ts";
import { organizationPath } from "../../organizations/organizations.ts";
import type { AdminContext, AdminEnv, Caller } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { pageOfStandings, standingLimitBody, standingQuery, standingsOfBranch } from "./limit-standings.ts";
import { type StatusNode, statusBodies } from "./limit-status.ts";
import { changedLimit, changedTerms, checkNode, limitBody, newLimit, newTerms } from "./limit-terms.ts";
import { listBody, listSchema } from "./list.ts";
import { isPending } from "./push.ts";
import { requireStandings } from "./read-standings.ts";
import { idSchema, jsonBody, pathId, query, requireChange } from "./validate.ts";

const limitQuery = listSchema(LIMIT_SORTS, "-created_at").extend({
  organization: idSchema("org").optional().describe("Limits of this organization, those below, and their keys."),
  key: idSchema("key").optional().describe("Limits of this key itself."),
  metric: z.enum(LIMIT_METRICS).optional(),
  window: z.enum(LIMIT_WINDOWS).optional(),
});

const statusQuery = z.strictObject({
  organization: idSchema("org").optional().describe("The caller's own when neither is named."),
  key: idSchema("key").optional(),
});

/** From a key or organization up to the highest organization the caller may see. */
async function wayOf(
  { database }: AdminDependencies,
  caller: Caller,
  { organization, key: keyId }: z.output<typeof statusQuery>,
): Promise<StatusNode[]> {
  const key = keyId === undefined ? null : await getKey(database, caller, keyId);
  if (key && organization !== undefined && organization !== key.organizationId) {
    throw new GatewayError("invalid_value", "This key belongs to another organization. Name one of the two.", {
      param: "organization",
    });
  }
  const path = await organizationPath(database, caller, key?.organizationId ?? organization ?? caller.organizationId);
  const visible = path.slice(0, path.findIndex(({ id }) => id === caller.organizationId) + 1);
  const organizations = visible.map(({ id, name }) => ({ id, kind: "organization" as const, name }));
  return key ? [{ id: key.id, kind: "key", name: key.name }, ...organizations] : organizations;
}

/** `/api/limits`: what the caller's organizations and keys may use, and how much of it is used. */
export function limitRoutes(dependencies: AdminDependencies) {
  const { database, now, random } = dependencies;
  const act = (context: AdminContext) => ({ database, actor: context.get("caller"), now: now() });

  return new Hono<AdminEnv>()
    .get("/", query(limitQuery), async (context) => {
      const { organization: organizationId, key: keyId, ...page } = context.req.valid("query");
      const asOf = now();
      const found = await listLimits(database, context.get("caller"), {
        ...page,
        organizationId,
        keyId,
      });
      return context.json(listBody(found, asOf, limitBody));
    })
    .post("/", jsonBody(newLimit), async (context) => {
      const body = context.req.valid("json");
      checkNode(body);
      const { metric, window, organization_id: organizationId, key_id: keyId } = body;
      const { limit, change } = await createLimit({
        ...act(context),
        random,
        node: { organizationId, keyId },
        input: { metric, window, ...newTerms(body, now()) },
      });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, limit.version);
      return context.json({ ...limitBody(limit), pending }, 201);
    })
    .get("/standings", query(standingQuery), async (context) => {
      const asked = context.req.valid("query");
      const at = now();
      const page = pageOfStandings(await standingsOfBranch(dependencies, context, asked.organization), asked, at);
      return context.json({ ...listBody(page, at, (one) => standingLimitBody(one, at)), total: page.total });
    })
    .get("/status", query(statusQuery), async (context) => {
      const caller = context.get("caller");
      const asOf = new Date(now()).toISOString();
      const way = await wayOf(dependencies, caller, context.req.valid("query"));
      const nodes = way.map(({ id }) => id);
      const statuses = await requireStandings(dependencies, context, nodes);
      return context.json({ data: statusBodies(way, statuses), next_cursor: null, as_of: asOf });
    })
    .get("/:id", async (context) => {
      const limit = await getLimit(database, context.get("caller"), pathId("lim", context.req.param("id")));
      sendVersion(context, limit.version);
      return context.json(limitBody(limit));
    })
    .patch("/:id", jsonBody(changedLimit), async (context) => {
      const id = pathId("lim", context.req.param("id"));
      const body = context.req.valid("json");
      requireChange(body);
      const { metric } = await getLimit(database, context.get("caller"), id);
      const terms = changedTerms(body, metric, now());
      const { limit, change } = await changeLimit({ ...act(context), id, check: ifMatch(context), terms });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, limit.version);
      return context.json({ ...limitBody(limit), pending });
    })
    .delete("/:id", async (context) => {
      const id = pathId("lim", context.req.param("id"));
      const { change } = await removeLimit({ ...act(context), id, check: ifMatch(context) });
      return context.json({ id, removed: true, pending: await isPending(dependencies, context, change) });
    });
}
