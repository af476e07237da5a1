import { usdFromNano } from "../lib/money.ts";
import type { EventRow, RequestRecord } from "../usage/requests.ts";

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
export const requestBody = (row: RequestRecord) => ({
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
  route_id: row.routeId,
});

/** Each attempt, and each target that was passed over; null where there was one attempt, by a default credential. */
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

/** A request with everything that is known of it. */
export const requestDetail = ({ request, revisions }: { request: RequestRecord; revisions: readonly EventRow[] }) => ({
  ...requestBody(request),
  tries: triesBody(request),
  /** The part of the cost that attempts had whose answers nobody got. */
  failed_cost_nano: request.failedCostNano,
  failed_cost_usd: usdFromNano(request.failedCostNano),
  raw_usage: request.rawUsage as object | null,
  revisions: revisions.map(revisionBody),
});
