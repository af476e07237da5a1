import { fromBase64, toBase64Url, utf8 } from "./encoding.ts";
import { CursorError, type Page, type PageRequest } from "./page.ts";

/** What a row is ordered by; null: it has none, and comes last in either direction. */
export type Place = string | number | null;

/** How rows are told apart and ordered. */
export interface MemoryOrder<Row> {
  place(row: Row): Place;
  id(row: Row): string;
}

type At = readonly [place: Place, id: string];

/** A page of rows that are all at hand; cursors name a place, as those of the database's do. Throws CursorError. */
export function memoryPage<Row>(
  rows: readonly Row[],
  { place, id }: MemoryOrder<Row>,
  request: PageRequest,
): Page<Row> {
  const { sort, cursor, limit } = request;
  const placed = rows
    .map((row) => ({ row, at: [place(row), id(row)] as const }))
    .sort((a, b) => compare(a.at, b.at, sort.descending));
  const last = cursor === undefined ? null : readCursor(cursor, request);
  const following = last ? placed.filter(({ at }) => compare(at, last, sort.descending) > 0) : placed;
  const shown = following.slice(0, limit);
  const end = following.length > limit ? shown.at(-1) : undefined;
  return { rows: shown.map(({ row }) => row), nextCursor: end === undefined ? null : writeCursor(end.at, request) };
}

function compare([a, idA]: At, [b, idB]: At, descending: boolean): number {
  const sign = descending ? -1 : 1;
  if (a === b) return idA === idB ? 0 : idA < idB ? -sign : sign;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -sign : sign;
}

const writeCursor = ([place, id]: At, { sort }: PageRequest): string =>
  toBase64Url(utf8(JSON.stringify([sort.by, sort.descending, place, id])));

function readCursor(cursor: string, { sort }: PageRequest): At {
  const [by, descending, place, id] = asList(cursor);
  const isPlace = place === null || typeof place === "string" || typeof place === "number";
  if (by === sort.by && descending === sort.descending && isPlace && typeof id === "string") return [place, id];
  throw new CursorError("not a cursor of this list");
}

function asList(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(fromBase64(cursor) ?? new Uint8Array()));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
