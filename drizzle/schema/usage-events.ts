import { sql } from "drizzle-orm";
import { bigint, boolean, date, index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { count, instant, tenantPolicy } from "../columns.ts";

/**
 * One row a request and revision, append-only: `rev` 0 is what was first known, a higher `rev` a signed correction, and
 * the sum over an event's rows is the truth. Partitioned by month of `day` (see the migration, and
 * `gaia_ensure_partitions`). Without foreign keys: an event outlives what it names.
 */
export const usageEvents = pgTable(
  "usage_events",
  {
    /** ULID. */
    eventId: text("event_id").notNull(),
    rev: integer("rev").notNull(),
    /** UTC day of the ULID's time, so that a repeat can only land in the partition of the first. */
    day: date("day", { mode: "string" }).notNull(),
    rootId: text("root_id").notNull(),
    organizationId: text("organization_id").notNull(),
    keyId: text("key_id").notNull(),
    sessionId: text("session_id"),
    agentId: text("agent_id"),
    client: text("client"),
    endUser: text("end_user"),
    tags: jsonb("tags").$type<Record<string, string>>().notNull(),
    dialect: text("dialect").notNull(),
    operation: text("operation").notNull(),
    provider: text("provider").notNull(),
    simulated: boolean("simulated").notNull(),
    requestedModel: text("requested_model").notNull(),
    upstreamModel: text("upstream_model").notNull(),
    servedModel: text("served_model"),
    streamed: boolean("streamed").notNull(),
    priceVersion: text("price_version"),
    /** The route that named the target; null: the client did. */
    routeId: text("route_id"),
    startedAt: instant("started_at").notNull(),
    settledAt: instant("settled_at").notNull(),
    outcome: text("outcome", {
      enum: ["ok", "provider_error", "stream_error", "client_gone", "timeout", "expired"],
    }).notNull(),
    status: integer("status").notNull(),
    errorCode: text("error_code"),
    attempts: integer("attempts").notNull(),
    /** Each attempt and each target passed over (`AttemptRecord`); null where there was one attempt, by a default credential. */
    tries: jsonb("tries").$type<unknown[]>(),
    /** The part of the cost of attempts whose answers nobody got. */
    failedCostNano: count("failed_cost_nano").default(0),
    stopReason: text("stop_reason"),
    inputUncached: count("input_uncached"),
    cacheRead: count("cache_read"),
    cacheWrite: count("cache_write"),
    /** Inclusive of reasoning. */
    output: count("output"),
    reasoning: count("reasoning"),
    /** The provider's own usage object. */
    rawUsage: jsonb("raw_usage"),
    /** The tokens are the provider's own figures. */
    exact: boolean("exact").notNull(),
    /** What limits and statistics count: the provider's own charge where it tells one, else the price book's. */
    costNano: count("cost_nano"),
    /** By the price book; null for a model without a price. */
    listCostNano: bigint("list_cost_nano", { mode: "number" }),
    /** What the provider itself says it charged. */
    providerCostNano: bigint("provider_cost_nano", { mode: "number" }),
    /** What was held at most; a cost above it is a bound that did not hold. Zero in a correction. */
    heldNano: count("held_nano").default(0),
    /** The output cap that was sent where the client sent another, or none. */
    outputCap: integer("output_cap"),
    ttftMs: integer("ttft_ms"),
    durationMs: integer("duration_ms").notNull(),
    upstreamRequestId: text("upstream_request_id"),
    /** The wire format the provider was spoken to in. */
    upstreamDialect: text("upstream_dialect"),
    /** What translation could not keep, as `code@path` in the client's own body. */
    warnings: jsonb("warnings").$type<string[]>().notNull().default([]),
    /** What a request over a route used that not every model has (`USES`); null: nothing, or nobody told. */
    uses: jsonb("uses").$type<string[]>(),
  },
  (table) => [
    primaryKey({ name: "usage_events_pkey", columns: [table.eventId, table.rev, table.day] }),
    index("usage_events_root_id_idx").on(table.rootId, table.eventId),
    index("usage_events_organization_id_idx").on(table.rootId, table.organizationId, table.eventId),
    index("usage_events_key_id_idx").on(table.rootId, table.keyId, table.eventId),
    index("usage_events_started_at_idx").on(table.rootId, table.startedAt),
    index("usage_events_settled_at_idx").on(table.rootId, table.settledAt),
    index("usage_events_session_id_idx")
      .on(table.rootId, table.sessionId, table.eventId)
      .where(sql`session_id is not null`),
    index("usage_events_end_user_idx").on(table.rootId, table.endUser, table.eventId).where(sql`end_user is not null`),
    index("usage_events_error_code_idx")
      .on(table.rootId, table.errorCode, table.eventId)
      .where(sql`error_code is not null`),
    // One request in 32, by chance (an id ends in random characters): what percentiles of many requests are taken from. The
    // second has all that they need with the common filters, in 32 parts; the first is for Workers of before it.
    index("usage_events_sample_idx")
      .on(table.rootId, table.startedAt, table.day, table.durationMs, table.ttftMs)
      .where(sql`rev = 0 and right(event_id, 1) = '0'`),
    index("usage_events_latency_idx")
      .on(
        ...[table.rootId, sql`substr(event_id, 25, 1)`, table.startedAt, table.eventId, table.durationMs, table.ttftMs],
        ...[table.organizationId, table.keyId, table.upstreamModel, table.provider, table.status, table.day],
      )
      .where(sql`rev = 0 and right(event_id, 1) = '0'`),
    // One in 128, in the order of time: policies let no function of a column into an index, but this one holds no others.
    index("usage_events_sparse_idx")
      .on(
        ...[table.rootId, table.startedAt, table.eventId, table.durationMs, table.ttftMs, table.organizationId],
        ...[table.keyId, table.upstreamModel, table.provider, table.status, table.day],
      )
      .where(
        sql`rev = 0 and right(event_id, 1) = '0' and substr(event_id, 25, 1) in ('0', '1', '2', '3', '4', '5', '6', '7')`,
      ),
    // Whether there is a later revision: for nearly all there is none.
    index("usage_events_corrected_idx").on(table.rootId, table.eventId, table.day, table.rev).where(sql`rev > 0`),
    tenantPolicy(table.rootId),
  ],
);
