import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";
import { readAll } from "./stats/read.ts";

/** Whose attempts are looked at, and how far back. Moments and durations in milliseconds. */
export interface AttemptScope {
  rootId: string;
  /** Only requests of these organizations; null: of the whole tree. */
  organizationIds: readonly string[] | null;
  from: number;
  to: number;
  /** So many requests at most, the newest of the whole tree: what a busy tenant costs has a bound, too. */
  most: number;
  /** Attempts are counted in parts of so long, from `slotsFrom` on; those before it together, as slot -1. */
  slotsFrom: number;
  slotMs: number;
}

/** A target as attempts name it; `credential` null: the provider's default one. */
export interface AttemptTarget {
  provider: string;
  model: string;
  credential: string | null;
}

/** How an attempt ended. The status is the provider's, null where none came. */
export interface AttemptEnd {
  outcome: "answered" | "failed" | "left";
  status: number | null;
  /** What it failed by: the provider's own code, or the gateway's. */
  code: string | null;
}

/** Attempts at one target that ended alike in one slot. */
export interface AttemptCount extends AttemptTarget, AttemptEnd {
  slot: number;
  count: number;
  /** When the last of them began. */
  last: number;
}

/** One of the newest attempts at a target; `place` 1 is the newest. */
export interface LatestAttempt extends AttemptTarget, AttemptEnd {
  place: number;
}

/** How long answered attempts from `slotsFrom` on took. */
export interface AttemptLatency extends AttemptTarget {
  p50: number;
  p95: number;
}

export interface Attempts {
  /** The beginning of the oldest request that was looked at: where there were more than `most`, later than `from`. */
  since: number;
  counts: AttemptCount[];
  latest: LatestAttempt[];
  latencies: AttemptLatency[];
}

/** So many of the newest attempts at each target are told one by one. */
const LATEST = 20;

interface Row extends AttemptTarget, AttemptEnd {
  kind: "count" | "latest" | "latency" | "since";
  number: number;
  count: string | null;
  at: string | null;
  p50: number | null;
  p95: number | null;
}

const at = (moment: number): SQL => sql`${new Date(moment).toISOString()}::timestamptz`;

/** Attempts one by one: those that a request's row tells, and the one of a request whose row tells none. */
function attemptsOf({ rootId, organizationIds, from, to, most }: AttemptScope): SQL {
  const ofBranch =
    organizationIds === null
      ? sql`true`
      : organizationIds.length === 0
        ? sql`false`
        : sql`r.organization_id in ${[...organizationIds]}`;
  return sql`recent as materialized (
    select e.started_at, e.organization_id, e.provider, e.upstream_model, e.outcome, e.status, e.error_code, e.tries, e.duration_ms
    from usage_events e
    where e.root_id = ${rootId} and e.rev = 0 and e.operation <> 'count_tokens' and e.outcome <> 'expired'
      and e.day between ${firstPartitionDay(from)}::date and ${partitionDay(to)}::date
      and e.started_at >= ${at(from)} and e.started_at < ${at(to)}
    order by e.started_at desc limit ${most}
  ), attempts as materialized (
    select r.provider, r.upstream_model as model, null as credential, r.started_at as at, r.duration_ms,
      case r.outcome when 'ok' then 'answered' when 'client_gone' then 'left' else 'failed' end as outcome,
      nullif(r.status, 499) as status, r.error_code as code
    from recent r where r.tries is null and ${ofBranch}
    union all
    select one.provider, one.model, one.credential, r.started_at + make_interval(secs => one."startMs" / 1000),
      one."durationMs"::integer, one.outcome, one.status, one.reason
    from recent r cross join lateral jsonb_to_recordset(r.tries) one(provider text, model text, credential text,
      outcome text, reason text, status integer, "startMs" double precision, "durationMs" double precision)
    where r.tries is not null and one.outcome <> 'skipped' and ${ofBranch}
  )`;
}

/**
 * The attempts at each target that the newest requests of a time made, also those after which another target answered: counted
 * by how they ended, the newest of each target one by one, and how long answers took. Throws as `readAll`.
 */
export async function readAttempts(database: Database, scope: AttemptScope): Promise<Attempts> {
  const { rootId, slotsFrom, slotMs, most, from } = scope;
  const slot = sql`greatest(-1, floor(extract(epoch from at - ${at(slotsFrom)}) * 1000 / ${slotMs}))::integer`;
  const [rows = []] = (await readAll(database, rootId, [
    sql`with ${attemptsOf(scope)}
      select 'count' as kind, provider, model, credential, outcome, status, code, ${slot} as number,
        count(*)::text as count, max(at)::text as at, null::integer as p50, null::integer as p95
      from attempts group by 2, 3, 4, 5, 6, 7, 8
      union all
      select 'latest', provider, model, credential, outcome, status, code, place::integer, null, null, null, null
      from (select *, row_number() over (partition by provider, model, credential order by at desc) as place from attempts) placed
      where place <= ${LATEST}
      union all
      select 'latency', provider, model, credential, null, null, null, 0, null, null,
        percentile_disc(0.5) within group (order by duration_ms), percentile_disc(0.95) within group (order by duration_ms)
      from attempts where outcome = 'answered' and at >= ${at(slotsFrom)} group by 2, 3, 4
      union all
      select 'since', null, null, null, null, null, null, 0, count(*)::text, min(started_at)::text, null, null from recent`,
  ])) as unknown as [Row[]];
  const ofKind = (kind: Row["kind"]) => rows.filter((row) => row.kind === kind);
  const targetOf = ({ provider, model, credential }: Row) => ({ provider, model, credential });
  const endOf = ({ outcome, status, code }: Row) => ({ outcome, status, code });
  const [all] = ofKind("since");
  return {
    since: Number(all?.count) >= most ? Date.parse(all?.at ?? "") : from,
    counts: ofKind("count").map((row) => ({
      ...{ ...targetOf(row), ...endOf(row), slot: row.number },
      ...{ count: Number(row.count), last: Date.parse(row.at ?? "") },
    })),
    latest: ofKind("latest").map((row) => ({ ...targetOf(row), ...endOf(row), place: row.number })),
    latencies: ofKind("latency").map((row) => ({ ...targetOf(row), p50: Number(row.p50), p95: Number(row.p95) })),
  };
}
