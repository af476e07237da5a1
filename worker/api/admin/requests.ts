import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { usdFromNano } from "../../lib/money.ts";
import { isUlid } from "../../lib/ulid.ts";
import { getKey } from "../../organizations/key-views.ts";
import { visibleOrganizations } from "../../organizations/tree.ts";
import { type EventRow, getRequest, listRequests, type RequestRecord } from "../../usage/requests.ts";
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

type Figures = Pick<
  EventRow,
  | "inputUncached"
  | "cacheRead"
  | "cacheWrite"
  | "output"
  | "reasoning"
  | "costNano"
  | "listCostNano"
  | "providerCostNano"
  | "priceVersion"
>;

const usdOrNull = (nano: number | null): string | null => (nano === null ? null : usdFromNano(nano));

/**
 * Tokens in four buckets that do not overlap, `reasoning` being part of `output`; what is charged, and both figures it is
 * chosen from, each twice and exact both times.
 */
const figures = (row: Figures) => ({
  tokens: {
    input_uncached: row.inputUncached,
    cache_read: row.cacheRead,
    cache_write: row.cacheWrite,
    output: row.output,
    reasoning: row.reasoning,
  },
  cost_nano: row.costNano,
  cost_usd: usdFromNano(row.costNano),
  list_cost_nano: row.listCostNano,
  list_cost_usd: usdOrNull(row.listCostNano),
  provider_cost_nano: row.providerCostNano,
  provider_cost_usd: usdOrNull(row.providerCostNano),
  price_version: row.priceVersion,
});

/** A request as lists show it. */
const requestBody = (row: RequestRecord) => ({
  id: row.eventId,
  created_at: row.startedAt.toISOString(),
  settled_at: row.settledAt.toISOString(),
  organization_id: row.organizationId,
  key_id: row.keyId,
  session_id: row.sessionId,
  agent_id: row.agentId,
  client: row.client,
  end_user: row.endUser,
  tags: row.tags,
  dialect: row.dialect,
  operation: row.operation,
  provider: row.provider,
  simulated: row.simulated,
  requested_model: row.requestedModel,
  upstream_model: row.upstreamModel,
  served_model: row.servedModel,
  streamed: row.streamed,
  outcome: row.outcome,
  status: row.status,
  error_code: row.errorCode,
  stop_reason: row.stopReason,
  attempts: row.attempts,
  ...figures(row),
  held_nano: row.heldNano,
  held_usd: usdFromNano(row.heldNano),
  over_bound_nano: row.overBoundNano,
  over_bound_usd: usdFromNano(row.overBoundNano),
  output_cap: row.outputCap,
  exact: row.exact,
  corrected: row.corrected,
  ttft_ms: row.ttftMs,
  duration_ms: row.durationMs,
  upstream_request_id: row.upstreamRequestId,
  upstream_dialect: row.upstreamDialect,
  warnings: row.warnings,
});

/** Each attempt, and each target that was passed over; null where there was one attempt and no choice. */
const triesBody = ({ tries }: RequestRecord) =>
  tries?.map((one) => ({
    provider: one.provider,
    model: one.model,
    credential: one.credential,
    outcome: one.outcome,
    reason: one.reason,
    status: one.status,
    start_ms: one.startMs,
    duration_ms: one.durationMs,
    cost_nano: one.costNano,
  })) ?? null;

/** What was written about a request, first to last: a correction is signed, and their sum is what the request says. */
const revisionBody = (row: EventRow) => ({
  rev: row.rev,
  settled_at: row.settledAt.toISOString(),
  outcome: row.outcome,
  ...figures(row),
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
      const { request, revisions } = found;
      return context.json({
        ...requestBody(request),
        route_id: request.routeId,
        tries: triesBody(request),
        /** The part of the cost that attempts had whose answers nobody got. */
        failed_cost_nano: request.failedCostNano,
        failed_cost_usd: usdFromNano(request.failedCostNano),
        raw_usage: request.rawUsage as object | null,
        revisions: revisions.map(revisionBody),
      });
    });
}
