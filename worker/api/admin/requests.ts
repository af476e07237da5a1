import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { isUlid } from "../../lib/ulid.ts";
import { getKey } from "../../organizations/key-views.ts";
import { visibleOrganizations } from "../../organizations/tree.ts";
import { getRequest, listRequests } from "../../usage/requests.ts";
import { requestBody, requestDetail } from "../request-body.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { idSchema, pageSchema, query } from "./validate.ts";

const requestQuery = pageSchema.extend({
  cursor: z.string().refine(isUlid, "Must be the `next_cursor` of a page").optional(),
  /** Requests of this organization and those below. */
  organization: idSchema("org").optional(),
  /** Requests made with this key. */
  key: idSchema("key").optional(),
});

/** `/api/requests`: the usage events of the caller's organizations, newest first. */
export function requestRoutes({ database, now }: AdminDependencies) {
  return new Hono<AdminEnv>()
    .get("/", query(requestQuery), async (context) => {
      const actor = context.get("caller");
      const { organization, key, limit, cursor } = context.req.valid("query");
      const asOf = new Date(now()).toISOString();
      const [visible] = await Promise.all([
        visibleOrganizations(database, actor, organization),
        key === undefined ? null : getKey(database, actor, key),
      ]);
      const { requests, nextCursor } = await listRequests(database, actor.rootId, {
        organizationIds: visible ?? undefined,
        keyId: key,
        limit,
        cursor,
      });
      return context.json({ data: requests.map(requestBody), next_cursor: nextCursor, as_of: asOf });
    })
    .get("/:id", async (context) => {
      const actor = context.get("caller");
      const id = context.req.param("id");
      if (!isUlid(id))
        throw new GatewayError("invalid_id", "This is not a request's id: one is a ULID.", { param: "id" });
      const [found, visible] = await Promise.all([
        getRequest(database, actor.rootId, id),
        visibleOrganizations(database, actor, undefined),
      ]);
      if (!found || (visible && !visible.includes(found.request.organizationId))) {
        throw new GatewayError("not_found", "There is no such request, or it is not yours to see.");
      }
      return context.json(requestDetail(found));
    });
}
