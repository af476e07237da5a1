import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { type Label, type PartRow, partsStatement } from "./breakdown.ts";
import type { BreakdownScope } from "./breakdown-parts.ts";
import { type ComparedRows, type ComparedScope, comparedRows, type Turn, turnsOf } from "./compared.ts";
import { type Figures, NOTHING, pickFigures, summedFigures } from "./figures.ts";
import { type Latency, NO_LATENCY, readLatency, scannedStatement } from "./latency.ts";
import { readAll } from "./read.ts";
import type { Source } from "./rows.ts";
import type { Period, Slot } from "./tiles.ts";

/** A bucket's width by the calendar and clocks of a zone; weeks begin on Monday. */
export const BUCKETS = ["hour", "day", "week", "month"] as const;
export type Bucket = (typeof BUCKETS)[number];

export interface SeriesScope extends ComparedScope {
  bucket: Bucket;
  /** IANA name. */
  timeZone: string;
  /** Each bucket in parts as well: the first groups of the whole period, the rest, and what belongs to none. */
  groups?: Pick<BreakdownScope, "group" | "measure" | "top"> | null;
}

export interface SeriesPoint extends Period {
  figures: Figures;
  /** Null where it was not asked for. */
  latency: Latency | null;
  /** What the bucket has of each of the groups; they add up to its figures. */
  parts: Figures[] | null;
}

export interface Series {
  source: Source;
  rounded: boolean;
  /** The groups of all buckets, both periods'; null where none were asked for. */
  groups: Label[] | null;
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

/**
 * Every bucket of the periods with its end, and when the first moment is that is in it: where clocks strike an hour twice a bucket
 * may be named by the second.
 */
function buckets(scope: SeriesScope): SQL {
  const { bucket, timeZone } = scope;
  const steps = turnsOf(scope).map(({ from, to, id: turn }) => {
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
      ${milliseconds(sql`coalesce(lead(bucket) over (partition by turn order by bucket), ${next})`)} as "to",
      ${milliseconds(sql`begins`)} as begins
    from found cross join lateral (
      select min(at) as begins from generate_series(bucket - interval '2 hours', bucket + interval '2 hours', '15 minutes') at
      where ${truncated(sql`at`, scope)} = bucket
    ) first order by turn, bucket`;
}

type BucketRow = Turn & { from: string; to: string; begins: string };

/** A bucket, and the part of it that is in its turn's period. */
interface Part {
  turn: number;
  bucket: Period;
  slot: Slot;
}

/** The buckets of both turns in the order of time, each with what is asked for of it. */
async function readBuckets(database: Database, scope: SeriesScope): Promise<Part[]> {
  const [rows = []] = (await readAll(database, scope.rootId, [buckets(scope)])) as unknown as [BucketRow[]];
  return turnsOf(scope).flatMap(({ id: turn, ...period }) => {
    const found = rows.filter((row) => row.turn === turn);
    return found.map(({ from, to, begins }, index) => {
      const next = found[index + 1]?.begins;
      const named = { from: Number(from), to: Number(to) };
      return {
        turn,
        // An hour that is named by another keeps its name.
        bucket: scope.bucket === "hour" ? named : { from: Number(begins), to: Number(next ?? to) },
        slot: {
          id: 2 * index + turn,
          from: Math.max(Number(begins), period.from),
          to: Math.min(Number(next ?? period.to), period.to),
        },
      };
    });
  });
}

/** A statement that adds up each slot of a scope, its `turn`: as a whole, without a `kind`, and in parts where those are asked for. */
function sumsStatement(scope: SeriesScope): Pick<ComparedRows, "source" | "rounded"> & { statement: SQL } {
  if (scope.groups) return partsStatement({ ...scope, ...scope.groups, sub: null });
  const { rows, ...rest } = comparedRows(scope);
  const statement = sql`select turn, null as kind, null as value, ${summedFigures} from (${rows}) r group by turn`;
  return { statement, ...rest };
}

/** The groups of all rows, in their order, each with what it has of each slot. */
function groupsOf(rows: readonly PartRow[]): (Label & { bySlot: Map<number, Figures> })[] {
  const groups = new Map<string, Label & { bySlot: Map<number, Figures> }>();
  for (const { kind, value, ...row } of rows) {
    if (kind === null) continue;
    const name = `${kind} ${value ?? ""}`;
    const group = groups.get(name) ?? { kind, value, bySlot: new Map() };
    groups.set(name, group);
    group.bySlot.set(row.turn, pickFigures(row));
  }
  return [...groups.values()];
}

/** What a scope comes to in each bucket that its periods touch. Throws as `readAll`. */
export async function readSeries(database: Database, scope: SeriesScope, withLatency: boolean): Promise<Series> {
  const parts = await readBuckets(database, scope);
  const { statement, source, rounded } = sumsStatement({ ...scope, slots: parts.map(({ slot }) => slot) });
  const [sums = [], scanned = []] = (await readAll(database, scope.rootId, [
    statement,
    ...(withLatency ? [scannedStatement(scope)] : []),
  ])) as unknown as [PartRow[], (Turn & Pick<Figures, "requests">)[]];
  const wholes = sums.filter(({ kind }) => kind === null);
  const figures = new Map(wholes.map((row) => [row.turn, pickFigures(row)]));
  const groups = scope.groups ? groupsOf(sums) : null;
  const sampled = turnsOf(scope).map(({ id: turn }) => {
    const slots = parts.filter((part) => part.turn === turn).map(({ slot }) => slot);
    return {
      slots,
      requests: slots.reduce((total, { id }) => total + Number(figures.get(id)?.requests ?? 0), 0),
      scanned: Number(scanned.find((row) => row.turn === turn)?.requests ?? 0),
    };
  });
  const latencies = withLatency ? await readLatency(database, scope, sampled) : new Map<number, Latency>();
  const ofTurn = (turn: number): SeriesPoint[] =>
    parts
      .filter((part) => part.turn === turn)
      .map(({ bucket, slot }) => ({
        ...bucket,
        figures: figures.get(slot.id) ?? NOTHING,
        latency: withLatency ? (latencies.get(slot.id) ?? NO_LATENCY) : null,
        parts: groups?.map(({ bySlot }) => bySlot.get(slot.id) ?? NOTHING) ?? null,
      }));
  const labels = groups?.map(({ kind, value }) => ({ kind, value })) ?? null;
  return { source, rounded, groups: labels, current: ofTurn(0), previous: scope.previous === null ? null : ofTurn(1) };
}
