import { and, desc, eq, lt, or, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { GatewayError } from "../errors.ts";
import { fromBase64, toBase64Url, utf8 } from "../lib/encoding.ts";

/** Which rows of a list: newest first, at most `limit`, after the row the cursor names. */
export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Row> {
  rows: Row[];
  /** Names the last row, null when no row follows. */
  nextCursor: string | null;
}

interface Place {
  createdAt: Date;
  id: string;
}

/** The end of the years that Postgres and JavaScript write alike. */
const LAST_MOMENT = Date.UTC(10_000, 0);
const CURSOR = /^(\d{1,15})\.([a-z]{3}_[0-9a-z]{1,20})$/;

/** The row a cursor names; throws `invalid_value` for one that is not of ours. */
export function readCursor(cursor: string): Place {
  const bytes = fromBase64(cursor);
  const [, milliseconds, id] = CURSOR.exec(bytes ? new TextDecoder().decode(bytes) : "") ?? [];
  if (!milliseconds || !id || Number(milliseconds) >= LAST_MOMENT) {
    throw new GatewayError("invalid_value", "This cursor is not one of ours. Take `next_cursor` of the page before.", {
      param: "cursor",
    });
  }
  return { createdAt: new Date(Number(milliseconds)), id };
}

/** The order of every list here, and the condition for rows after the cursor. New rows never shift a page. */
export function pageOf(columns: { createdAt: PgColumn; id: PgColumn }, { cursor }: PageRequest) {
  const order = [desc(columns.createdAt), desc(columns.id)];
  if (cursor === undefined) return { order, after: undefined };
  const { createdAt, id } = readCursor(cursor);
  const after: SQL | undefined = or(
    lt(columns.createdAt, createdAt),
    and(eq(columns.createdAt, createdAt), lt(columns.id, id)),
  );
  return { order, after };
}

/** Makes a page of rows that were read with one more than `limit`. */
export function cutPage<Row extends Place>(rows: Row[], { limit }: PageRequest): Page<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: shown, nextCursor: more ? toBase64Url(utf8(`${last.createdAt.getTime()}.${last.id}`)) : null };
}
