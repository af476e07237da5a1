import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { hasWholeHours } from "../../lib/time-zone.ts";
import { type ComparedScope, comparedRows, type Turn, turnsOf } from "./compared.ts";
import { type Figures, NOTHING, pickFigures, summedFigures } from "./figures.ts";
import { type Latency, type LatencyRow, latencyOf, latencyStatement } from "./latency.ts";
import { readAll } from "./read.ts";
import type { Column, Period, Source } from "./rows.ts";

/** A bucket's width by the calendar and clocks of a zone; weeks begin on Monday. */
export const BUCKETS = ["hour", "day", "week", "month"] as const;
export type Bucket = (typeof BUCKETS)[number];

export interface SeriesScope extends ComparedScope {
  bucket: Bucket;
  /** IANA name. */
  timeZone: string;
}

export interface SeriesPoint extends Period {
  figures: Figures;
  /** Null where it was not asked for. */
  latency: Latency | null;
}

export interface Series {
  source: Source;
  current: SeriesPoint[];
  previous: SeriesPoint[] | null;
}

/** Narrow enough to meet each bucket, wherever the first step begins: clocks are put back by half an hour somewhere. */
const STEPS: Record<Bucket, string> = { hour: "15 minutes", day: "6 hours", week: "1 day", month: "1 day" };

/** A moment as milliseconds since the epoch. */
const milliseconds = (at: SQL): SQL => sql`(extract(epoch from ${at}) * 1000)::bigint::text`;

/** Postgres decides where buckets begin, of what was used and of what was not: both by the same function. */
const truncated = (at: SQL, { bucket, timeZone }: SeriesScope): SQL =>
  sql`date_trunc(${bucket}::text, ${at}, ${timeZone}::text)`;

function column(scope: SeriesScope): Column {
  return {
    name: "bucket",
    dimension: { rollups: truncated(sql`e.hour`, scope), events: truncated(sql`e.started_at`, scope) },
  };
}

/** Every bucket of the periods, with its end. */
function buckets(scope: SeriesScope): SQL {
  const { bucket, timeZone } = scope;
  const steps = turnsOf(scope).map(({ period: { from, to } }, turn) => {
    const last = sql`${new Date(to - 1).toISOString()}::timestamptz`;
    const first = sql`${new Date(from).toISOString()}::timestamptz`;
    return sql`select ${turn}::int as turn, at from generate_series(${first}, ${last}, ${STEPS[bucket]}::interval) at
      union select ${turn}::int, ${last}`;
  });
  const next =
    bucket === "hour"
      ? sql`bucket + interval '1 hour'`
      : sql`(bucket at time zone ${timeZone}::text + ${`1 ${bucket}`}::interval) at time zone ${timeZone}::text`;
  return sql`
    with found as (select distinct turn, ${truncated(sql`at`, scope)} as bucket from (${sql.join(steps, sql` union all `)}) s)
    select turn, ${milliseconds(sql`bucket`)} as "from",
      ${milliseconds(sql`coalesce(lead(bucket) over (partition by turn order by bucket), ${next})`)} as "to"
    from found order by turn, bucket`;
}

type Row = Turn & { from: string };

/** What a scope comes to in each bucket that its periods touch, in one batch. Throws as `readAll`. */
export async function readSeries(database: Database, scope: SeriesScope, withLatency: boolean): Promise<Series> {
  const whole = turnsOf(scope).every(({ period }) => hasWholeHours(scope.timeZone, period.from, period.to));
  const columns = [column(scope)];
  const { rows, source } = comparedRows(scope, columns, whole);
  const from = sql`${milliseconds(sql`bucket`)} as "from"`;
  const statements = [
    buckets(scope),
    sql`select turn, ${from}, ${summedFigures} from (${rows}) r group by turn, bucket`,
    ...(withLatency ? [sql`select l.*, ${from} from (${latencyStatement(scope, columns)}) l`] : []),
  ];
  const [all = [], sums = [], latencies = []] = (await readAll(database, scope.rootId, statements)) as unknown as [
    (Row & { to: string })[],
    (Row & Figures)[],
    (Row & LatencyRow)[],
  ];
  const name = ({ turn, from: begins }: Row) => `${turn} ${begins}`;
  const figures = new Map(sums.map((row) => [name(row), pickFigures(row)]));
  const latency = new Map(latencies.map((row) => [name(row), row]));
  const ofTurn = (turn: number): SeriesPoint[] =>
    all
      .filter((row) => row.turn === turn)
      .map((row) => ({
        ...{ from: Number(row.from), to: Number(row.to) },
        figures: figures.get(name(row)) ?? NOTHING,
        latency: withLatency ? latencyOf(latency.get(name(row))) : null,
      }));
  return { source, current: ofTurn(0), previous: scope.previous === null ? null : ofTurn(1) };
}
