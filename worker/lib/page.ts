import { asc, desc, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { fromBase64, toBase64Url, utf8 } from "./encoding.ts";

/** What a list is ordered by, upwards or from the highest on. */
export interface Sort<By extends string> {
  by: By;
  descending: boolean;
}

/** Which rows of a list: at most `limit`, after the row the cursor names. */
export interface PageRequest<By extends string = string> {
  limit: number;
  cursor?: string | undefined;
  sort: Sort<By>;
}

export interface Page<Row> {
  rows: Row[];
  /** Names the last row, null when no row follows. */
  nextCursor: string | null;
}

/** Something that rows are ordered by: never null, and the same after it went through a cursor. */
export interface Order {
  place: SQLWrapper;
  /** The place as a cursor holds it. */
  held: SQL<string>;
  /** The place that a cursor holds; null for what is none. */
  read(held: string): SQL | null;
}

/** A cursor that is not of the list it was given to. */
export class CursorError extends Error {
  override readonly name = "CursorError";
}

/** By a text in the case of people, whatever the letters' own, and by code points: the same in every database. */
export function byText(column: SQLWrapper): Order {
  const place = sql<string>`lower(${column}) collate "C"`;
  return { place, held: place, read: (held) => (held.includes("\0") || !held.isWellFormed() ? null : sql`${held}`) };
}

/** By a whole number; `none` stands where there is no number, which else must be there. */
export function byNumber(number: SQLWrapper, none?: number): Order {
  const place = none === undefined ? number : sql`coalesce(${number}, ${none}::bigint)`;
  return {
    place,
    held: sql<string>`${place}::text`,
    read: (held) => (/^-?\d{1,16}$/.test(held) ? sql`${held}::bigint` : null),
  };
}

/** Milliseconds since the epoch of a moment that may be missing. */
export const milliseconds = (instant: SQLWrapper): SQL => sql`(extract(epoch from ${instant}) * 1000)::bigint`;

/** The end of the years that Postgres and JavaScript write alike. */
const LAST_MOMENT = Date.UTC(10_000, 0);

/** By a moment that is never missing, so that an index of its column serves. */
export const byInstant = (column: SQLWrapper): Order => ({
  place: column,
  held: sql<string>`${milliseconds(column)}::text`,
  read: (held) =>
    /^\d{1,15}$/.test(held) && Number(held) < LAST_MOMENT
      ? sql`${new Date(Number(held)).toISOString()}::timestamptz`
      : null,
});

/** A name of a row that no other has: an id of ours, a ULID, or a number. */
const ID = /^[0-9A-Za-z_]{1,40}$/;

/**
 * What a statement needs to read a page: a column (`place`) to be read with each row, the order, and the condition for rows
 * after the cursor. Rows of the same place stand by `id`, so that each is on one page, and new ones never shift a page.
 * Throws CursorError.
 */
export function pageOf<By extends string>(
  orders: Readonly<Record<By, Order>>,
  id: SQLWrapper,
  { sort, cursor }: PageRequest<By>,
): { place: SQL<string>; order: SQL[]; after: SQL | undefined } {
  const { place, held, read } = orders[sort.by];
  const direction = sort.descending ? desc : asc;
  const order = [direction(place), direction(id)];
  if (cursor === undefined) return { place: held, order, after: undefined };
  const last = readCursor(cursor, sort);
  const at = read(last.place);
  if (at === null) throw new CursorError("not a place of this list");
  const beyond = sort.descending ? sql`<` : sql`>`;
  return { place: held, order, after: sql`(${place}, ${id}) ${beyond} (${at}, ${last.id})` };
}

/** Makes a page of rows that were read with one more than `limit`. */
export function cutPage<Row extends { id: string | number; place: string }>(
  rows: readonly Row[],
  { limit, sort }: PageRequest,
): Page<Omit<Row, "place">> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    rows: shown.map(({ place: _, ...row }) => row),
    nextCursor: last === undefined ? null : writeCursor(sort, last),
  };
}

/** A cursor holds of one order only: a place in another is none. */
const writeCursor = ({ by, descending }: Sort<string>, { place, id }: { place: string; id: string | number }): string =>
  toBase64Url(utf8(JSON.stringify([by, descending, place, String(id)])));

function readCursor(cursor: string, { by, descending }: Sort<string>): { place: string; id: string } {
  const [sortedBy, direction, place, id] = asList(cursor);
  const ofThisOrder = sortedBy === by && direction === descending;
  if (ofThisOrder && typeof place === "string" && typeof id === "string" && ID.test(id)) return { place, id };
  throw new CursorError("not a cursor of this list");
}

function asList(cursor: string): unknown[] {
  const bytes = fromBase64(cursor);
  try {
    const value: unknown = JSON.parse(bytes === null ? "" : new TextDecoder().decode(bytes));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
