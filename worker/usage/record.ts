import { eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { UsageEvent } from "../canonical/usage-event.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { storableJson } from "../lib/storable-json.ts";
import { isUlid, ulidTime } from "../lib/ulid.ts";
import { hourlySums } from "./hourly-sums.ts";

/** A month without its partition: Postgres finds no place for the row. */
const NO_PARTITION = "23514";
const MONTHS_AHEAD = 3;

/**
 * Writes a root's events and adds those that are new to the hourly sums, in one transaction; answers the root's
 * configuration version (0 when Postgres does not know the root). Sending an event again, in any order and by any number
 * of writers, changes nothing. Throws `StorageError`: transient, or with the SQLSTATE of the row at fault.
 */
export async function recordEvents(
  database: Database,
  rootId: string,
  events: UsageEvent[],
): Promise<{ configVersion: number }> {
  try {
    return await insertEvents(database, rootId, events);
  } catch (error) {
    if (sqlstateOf(error) !== NO_PARTITION) throw asStorageError(error);
  }
  // The cron that makes partitions has not run for months: make them now rather than lose the row.
  try {
    await ensurePartitions(database);
    return await insertEvents(database, rootId, events);
  } catch (error) {
    throw asStorageError(error);
  }
}

/** Makes the partitions of the current and the next three months. For the Worker's cron. */
export async function ensurePartitions(database: Database): Promise<void> {
  await database.execute(sql`select gaia_ensure_partitions(${MONTHS_AHEAD})`);
}

const asStorageError = (error: unknown): StorageError =>
  new StorageError("usage events could not be recorded", sqlstateOf(error), error);

async function insertEvents(database: Database, rootId: string, events: UsageEvent[]) {
  const [, versions] = await forRoot(database, rootId).batch([
    database.execute(insertStatement(events, sql`select 1`)),
    database
      .select({ configVersion: organizations.configVersion })
      .from(organizations)
      .where(eq(organizations.id, rootId)),
  ]);
  return { configVersion: versions[0]?.configVersion ?? 0 };
}

/**
 * Writes corrections of events that are there, as `recordEvents` does, and answers those that were new: of two writers of
 * one revision, one. Throws `StorageError`.
 */
export async function recordCorrections(
  database: Database,
  rootId: string,
  corrections: UsageEvent[],
): Promise<UsageEvent[]> {
  try {
    const [{ rows }] = await forRoot(database, rootId).batch([
      database.execute<{ event_id: string; rev: number }>(
        insertStatement(corrections, sql`select event_id, rev from inserted`),
      ),
    ]);
    const written = new Set(rows.map((row) => `${row.event_id}/${row.rev}`));
    return corrections.filter(({ eventId, rev }) => written.has(`${eventId}/${rev}`));
  } catch (error) {
    throw asStorageError(error);
  }
}

/** UTC day of a ULID's time, `2026-11-24`; null when it is none, and then no partition takes the row. */
const dayOf = (eventId: string): string | null =>
  isUlid(eventId) ? new Date(ulidTime(eventId)).toISOString().slice(0, 10) : null;

const asRows = (events: readonly UsageEvent[]): string =>
  storableJson(events.map((event) => ({ ...event, day: dayOf(event.eventId) })));

/**
 * One statement, so that events and sums cannot differ. `inserted` has only the rows that were not there yet. Both
 * inserts are ordered: writers that meet then lock the same rows in the same order and cannot deadlock. Times are
 * milliseconds since the epoch, rounded where a column holds whole ones. `answer` is what the statement gives back.
 */
const insertStatement = (events: readonly UsageEvent[], answer: SQL) => sql`
with source as (
  select * from jsonb_to_recordset(${asRows(events)}::jsonb) as event(
    "eventId" text, rev integer, day date, "rootId" text, "organizationId" text, "keyId" text, "sessionId" text,
    "agentId" text, client text, "endUser" text, tags jsonb, dialect text, operation text, provider text,
    simulated boolean, "requestedModel" text, "upstreamModel" text, "servedModel" text, streamed boolean,
    "priceVersion" text, "routeId" text, "startedAt" double precision, "settledAt" double precision, outcome text, status integer,
    "errorCode" text, attempts integer, tries jsonb, "failedCostNano" bigint, "stopReason" text, "inputUncached" bigint, "cacheRead" bigint,
    "cacheWrite" bigint, output bigint, reasoning bigint, "rawUsage" jsonb, exact boolean, "costNano" bigint,
    "listCostNano" bigint, "providerCostNano" bigint, "heldNano" bigint, "outputCap" integer,
    "ttftMs" double precision, "durationMs" double precision, "upstreamRequestId" text, "upstreamDialect" text,
    warnings jsonb, uses jsonb
  )
), inserted as (
  insert into usage_events (
    event_id, rev, day, root_id, organization_id, key_id, session_id, agent_id, client, end_user, tags, dialect,
    operation, provider, simulated, requested_model, upstream_model, served_model, streamed, price_version, route_id, started_at,
    settled_at, outcome, status, error_code, attempts, tries, failed_cost_nano, stop_reason, input_uncached, cache_read, cache_write, output,
    reasoning, raw_usage, exact, cost_nano, list_cost_nano, provider_cost_nano, held_nano, output_cap, ttft_ms, duration_ms, upstream_request_id, upstream_dialect,
    warnings, uses
  )
  select
    "eventId", rev, day, "rootId", "organizationId", "keyId", "sessionId", "agentId", client, "endUser", tags, dialect,
    operation, provider, simulated, "requestedModel", "upstreamModel", "servedModel", streamed, "priceVersion", "routeId",
    to_timestamp("startedAt" / 1000), to_timestamp("settledAt" / 1000), outcome, status, "errorCode", attempts,
    tries, coalesce("failedCostNano", 0),
    "stopReason", "inputUncached", "cacheRead", "cacheWrite", output, reasoning, "rawUsage", exact, "costNano",
    "listCostNano", "providerCostNano", coalesce("heldNano", 0), "outputCap",
    round("ttftMs")::integer, round("durationMs")::integer, "upstreamRequestId", "upstreamDialect",
    coalesce(warnings, '[]'), uses
  from source
  order by "eventId", rev
  on conflict do nothing
  returning *
), summed as (
  insert into usage_rollups (
    root_id, hour, organization_id, key_id, model, provider, status_class, requests, input_uncached, cache_read,
    cache_write, output, reasoning, cost_nano, list_cost_nano, duration_ms, errors, estimated
  )
  select ${hourlySums}
  from inserted
  group by 1, 2, 3, 4, 5, 6, 7
  order by 1, 2, 3, 4, 5, 6, 7
  on conflict (root_id, hour, organization_id, key_id, model, provider, status_class) do update set
    requests = usage_rollups.requests + excluded.requests,
    input_uncached = usage_rollups.input_uncached + excluded.input_uncached,
    cache_read = usage_rollups.cache_read + excluded.cache_read,
    cache_write = usage_rollups.cache_write + excluded.cache_write,
    output = usage_rollups.output + excluded.output,
    reasoning = usage_rollups.reasoning + excluded.reasoning,
    cost_nano = usage_rollups.cost_nano + excluded.cost_nano,
    list_cost_nano = usage_rollups.list_cost_nano + excluded.list_cost_nano,
    duration_ms = usage_rollups.duration_ms + excluded.duration_ms,
    errors = usage_rollups.errors + excluded.errors,
    estimated = usage_rollups.estimated + excluded.estimated
)
${answer}`;
