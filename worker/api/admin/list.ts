import { z } from "zod";
import { CursorError, type Page, type Sort } from "../../lib/page.ts";
import { isUlid } from "../../lib/ulid.ts";
import { CURSOR, pageSchema } from "./validate.ts";

/** What a list may be sorted by, each upwards, or downwards with `-` before it. */
const sortSchema = <By extends string>(names: readonly By[], first: By | `-${By}`) =>
  z
    .enum(names.flatMap((by) => [by, `-${by}`] as const))
    .default(first as never)
    .transform((sort): Sort<By> => {
      const descending = sort.startsWith("-");
      return { by: (descending ? sort.slice(1) : sort) as By, descending };
    })
    .describe("The order; downwards with `-` before the name.");

/** What a sorted list takes. `first`: the order in which it comes by itself. */
export const listSchema = <By extends string>(names: readonly By[], first: By | `-${By}`) =>
  pageSchema.extend({
    // It holds a name that the last row is ordered by.
    cursor: z.string().min(1).max(2_000).optional().describe(CURSOR),
    sort: sortSchema(names, first),
  });

/** Yes or no, in a query. */
export const yesOrNo = z.enum(["true", "false"]).transform((word) => word === "true");

/** Whether a list adds up what each row comes to: it takes longer. */
export const figuresField = yesOrNo.optional().describe("Whether each row has its `figures`, else null.");

/** What marks the cursor of a list with the oldest first. */
const OLDEST_FIRST = "oldest-";

/** What a list takes whose rows stand by their ids, ULIDs, and so by the time they were made, `by`. */
export const idListSchema = <By extends string>(by: By) =>
  pageSchema.extend({
    cursor: z
      .string()
      .refine((text) => isUlid(text.replace(OLDEST_FIRST, "")), "Must be the `next_cursor` of a page")
      .optional()
      .describe(CURSOR),
    sort: z
      .enum([`-${by}`, by])
      .default(`-${by}` as never)
      .transform((sort) => ({ oldestFirst: sort === by }))
      .describe("The newest first, unless it is asked for without `-`."),
  });

/** The row that such a list goes on after; throws CursorError for a cursor of the other order. */
export function idOf(cursor: string | undefined, { oldestFirst }: { oldestFirst: boolean }): string | undefined {
  if (cursor === undefined) return undefined;
  if (cursor.startsWith(OLDEST_FIRST) !== oldestFirst) throw new CursorError("of the other order");
  return oldestFirst ? cursor.slice(OLDEST_FIRST.length) : cursor;
}

/** The cursor that names such a row. */
export const idCursor = (id: string | null, { oldestFirst }: { oldestFirst: boolean }): string | null =>
  id === null || !oldestFirst ? id : OLDEST_FIRST + id;

/** A page as every list answers it. */
export const listBody = <Row, Body>({ rows, nextCursor }: Page<Row>, asOf: number, body: (row: Row) => Body) => ({
  data: rows.map(body),
  next_cursor: nextCursor,
  as_of: new Date(asOf).toISOString(),
});
