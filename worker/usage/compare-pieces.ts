import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { firstPartitionDay, partitionDay } from "./partition-days.ts";

/** A figure that two of the books disagree about; the one that is wrong is not known. Amounts as decimal digits. */
export type Difference = Record<string, string | number>;

export interface Comparison {
  /** How many figures were held against each other. */
  compared: number;
  differences: Difference[];
}

/** So many are kept; where everything is wrong, a few say as much. */
export const MOST_DIFFERENCES = 100;

/** A stretch of time that is compared at once, milliseconds since the epoch, from a whole hour to a day's end; null: to whatever there is. */
export interface Piece {
  from: number;
  to: number | null;
}

/** Postgres adds up so many events well within the time that a statement has. */
const MOST_REQUESTS = 200_000;

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const instant = (at: number): SQL => sql`${new Date(at).toISOString()}::timestamptz`;

/** The condition that a moment is of a piece. */
export const within = (at: SQL, { from, to }: Piece): SQL =>
  to === null ? sql`${at} >= ${instant(from)}` : sql`${at} >= ${instant(from)} and ${at} < ${instant(to)}`;

/** The condition that a partition can have events of a piece. */
export const ofPartitions = ({ from, to }: Piece): SQL =>
  to === null
    ? sql`day >= ${firstPartitionDay(from)}::date`
    : sql`day between ${firstPartitionDay(from)}::date and ${partitionDay(to)}::date`;

/**
 * Compares a root's books from `since` on (null: all there are) piece by piece, the latest first, each with a statement of its own. With
 * more than a hundred differences the rest is not looked at.
 */
export async function comparePieces(
  database: Database,
  rootId: string,
  since: Date | null,
  compare: (piece: Piece) => Promise<Comparison>,
): Promise<Comparison> {
  const found: Comparison = { compared: 0, differences: [] };
  for (const piece of await readPieces(database, rootId, since)) {
    const { compared, differences } = await compare(piece);
    found.compared += compared;
    found.differences.push(...differences);
    if (found.differences.length > MOST_DIFFERENCES) break;
  }
  return found;
}

interface DayRow extends Record<string, unknown> {
  day: string;
  requests: string;
}

/**
 * Days by how many requests they have, as daily sums tell; days that are not summed yet by themselves. A wrong sum makes a piece that
 * takes longer, and leaves nothing out.
 */
const daysStatement = (rootId: string, from: number): SQL => sql`
  select day::text as day, sum(requests)::text as requests from usage_day_totals
  where root_id = ${rootId} and day >= ${partitionDay(from)}::date group by 1
  union all
  select day::date::text, ${String(MOST_REQUESTS)} from gaia_usage_horizon(), generate_series(
    (greatest(${instant(from)}, (select coalesce(min(hour), now()) from usage_rollups where root_id = ${rootId})) at time zone 'UTC')::date,
    summed_from - 1, '1 day') day
  order by 1 desc`;

/** The pieces that books are compared in from `since` on (null: all there are), the latest first. */
export async function readPieces(database: Database, rootId: string, since: Date | null): Promise<Piece[]> {
  const from = Math.floor((since?.getTime() ?? 0) / HOUR_MS) * HOUR_MS;
  const [{ rows }] = await forRoot(database, rootId).batch([database.execute<DayRow>(daysStatement(rootId, from))]);
  const pieces: Piece[] = [{ from, to: null }];
  let within = 0;
  for (const { day, requests } of rows) {
    const ends = Date.parse(day) + DAY_MS;
    const last = pieces.at(-1) as Piece;
    if (
      within > 0 &&
      within + Number(requests) > MOST_REQUESTS &&
      ends > from &&
      (last.to === null || ends < last.to)
    ) {
      last.from = ends;
      pieces.push({ from, to: ends });
      within = 0;
    }
    within += Number(requests);
  }
  return pieces;
}
