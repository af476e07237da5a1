import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { type ComparedScope, comparedRows } from "./compared.ts";
import type { UsageFilter } from "./filter.ts";
import { readAll } from "./read.ts";
import { eventsOf, slotOfEvent, type UsageScope } from "./rows.ts";
import type { Slot } from "./tiles.ts";

/** More requests than these are not all sorted: one in 32 of them is, by chance. */
const MOST_SORTED = 50_000;
/** So many of the sample are looked through at most, else fewer are taken: one in 64, 128 and so on. Of those that the index knows. */
const MOST_KNOWN = 150_000;
/** One in 128: there is an index of these alone. */
const SPARSE = 8;
/** Of those that are fetched one by one. */
const MOST_FETCHED = 50_000;
/** Without an index that finds the scope's requests, so many are looked through at most for all of them. */
const MOST_SCANNED = 200_000;
/** So many are fetched one by one where an index finds them. */
const MOST_FOUND = 10_000;
/** The characters of ids; an id ends in two by chance. */
const CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Milliseconds that a half, 95 and 99 of 100 requests do not exceed; nearest rank, hence a request's own. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Latency {
  duration: Percentiles;
  /** Until the provider's first byte; of requests that have one. */
  ttft: Percentiles;
  /** How many requests were sorted. */
  requests: number;
  /** They are one in 32, by chance. */
  sampled: boolean;
}

interface LatencyRow {
  slot: number;
  requests: number;
  sampled: boolean;
  duration: (number | null)[] | null;
  ttft: (number | null)[] | null;
}

const percentiles = (list: (number | null)[] | null): Percentiles => {
  const [p50 = null, p95 = null, p99 = null] = list ?? [];
  return { p50, p95, p99 };
};

const latencyOf = (row: LatencyRow): Latency => ({
  duration: percentiles(row.duration),
  ttft: percentiles(row.ttft),
  requests: Number(row.requests),
  sampled: row.sampled,
});

export const NO_LATENCY: Latency = {
  duration: percentiles(null),
  ttft: percentiles(null),
  requests: 0,
  sampled: false,
};

/** Slots of which the same part of the requests is taken: those of one turn. */
export interface SampledSlots {
  slots: readonly Slot[];
  /** Of the scope, in all of the slots. */
  requests: number;
  /** Of everybody's in the same time. */
  scanned: number;
}

/** By these few requests are found among many. */
const isIndexed = ({ keyIds, sessionIds, endUsers }: UsageFilter): boolean =>
  keyIds !== undefined || sessionIds !== undefined || endUsers !== undefined;

/** Whether the sample's index tells which requests match. */
const isKnown = ({
  memberIds: _,
  organizationIds: _o,
  keyIds: _k,
  models: _m,
  providers: _p,
  statusClasses: _s,
  ...others
}: UsageFilter) => Object.values(others).every((field) => field === undefined);

/** Whether all requests are sorted: they are not too many, nor too far apart. */
const takesAll = ({ filter }: UsageScope, { requests, scanned }: SampledSlots): boolean =>
  (requests <= MOST_SORTED && Math.max(scanned, requests) <= MOST_SCANNED) ||
  (requests <= MOST_FOUND && isIndexed(filter));

/** How many of an id's last characters but one are taken. */
function keptOf({ filter }: UsageScope, { requests, scanned, slots }: SampledSlots): number {
  const looked = Math.max(requests, scanned) / CHARACTERS.length ** 2;
  // All of the sample are the scope's own, and of one group.
  const whole = slots.length === 1 && Object.values(filter).every((field) => field === undefined);
  let kept = whole && looked * CHARACTERS.length > MOST_SORTED ? SPARSE : CHARACTERS.length;
  const most = whole ? MOST_SORTED : isKnown(filter) ? MOST_KNOWN : MOST_FETCHED;
  while (kept > 1 && looked * kept > most) kept /= 2;
  return kept;
}

/** Which requests are taken: all of them, or those that have an index for being taken. */
function sampleOf(scope: UsageScope, turn: SampledSlots): { condition: SQL; sampled: boolean } {
  if (takesAll(scope, turn)) return { condition: sql`e.rev = 0`, sampled: false };
  const sample = sql`e.rev = 0 and right(e.event_id, 1) = '0'`;
  const kept = keptOf(scope, turn);
  if (kept === CHARACTERS.length) return { condition: sample, sampled: true };
  const parts = CHARACTERS.slice(0, kept).split("");
  return { condition: sql`${sample} and substr(e.event_id, 25, 1) in ${parts}`, sampled: true };
}

function statement(scope: UsageScope, turns: readonly SampledSlots[]): SQL {
  const taken = turns.map((turn) => {
    const { condition, sampled } = sampleOf(scope, turn);
    const period = { from: turn.slots[0]?.from ?? 0, to: turn.slots.at(-1)?.to ?? 0 };
    return sql`select ${slotOfEvent(turn.slots)} as slot, ${sampled}::boolean as sampled, duration_ms, ttft_ms
      from usage_events e where ${eventsOf({ ...scope, period })} and ${condition}`;
  });
  return sql`
    select slot, sampled, count(*)::int as requests,
      to_jsonb(percentile_disc(array[0.5, 0.95, 0.99]) within group (order by duration_ms)) as duration,
      to_jsonb(percentile_disc(array[0.5, 0.95, 0.99]) within group (order by ttft_ms)) as ttft
    from (${sql.join(taken, sql` union all `)}) taken where slot is not null group by slot, sampled`;
}

/**
 * Percentiles of the scope's requests in each slot, by its id, as they first ended: a correction is no request. Slots of a turn in
 * the order of time. Of requests that are deleted there are none. Throws as `readAll`.
 */
export async function readLatency(
  database: Database,
  scope: UsageScope,
  turns: readonly SampledSlots[],
): Promise<Map<number, Latency>> {
  const used = turns.filter(({ requests, slots }) => requests > 0 && slots.length > 0);
  if (used.length === 0) return new Map();
  const [rows = []] = (await readAll(database, scope.rootId, [statement(scope, used)])) as unknown as [LatencyRow[]];
  return new Map(rows.map((row) => [row.slot, latencyOf(row)]));
}

/** A statement that counts in each turn, by its `turn`, everybody's requests, among which the scope's are. */
export function scannedStatement(scope: ComparedScope): SQL {
  // Then they are the scope's own.
  if (Object.values(scope.filter).every((field) => field === undefined))
    return sql`select 0 as turn, '0' as requests where false`;
  const { rows } = comparedRows({ ...scope, filter: {} });
  return sql`select turn, sum(requests)::text as requests from (${rows}) r group by turn`;
}
