import { z } from "zod";
import { CODES } from "../../../errors.ts";
import { exampleId, type IdKind, idPattern } from "../../../lib/ids.ts";

/** What answers of the management API are made of. Objects are strict: a field that no schema names fails a test. */

/** An id as answers have it. */
export const id = (kind: IdKind) => z.string().meta({ pattern: idPattern(kind), examples: [exampleId(kind)] });

/** Somebody who did something: a user's or a key's id, or `setup`. */
export const actor = z.string().describe("Who did it: the id of a user or a key, or `setup`.");

export const ulid = z.string().meta({ pattern: "^[0-7][0-9A-HJKMNP-TV-Z]{25}$" });

/** A moment in UTC. */
export const instant = z.iso.datetime();

/** Nano-USD (10⁻⁹ dollar) as a whole number. */
export const nano = z.int().describe("Nano-USD (10⁻⁹ dollar).");

/** The same amount in USD, exact. */
export const usd = z
  .string()
  .meta({ pattern: "^-?\\d+(\\.\\d{1,9})?$", description: "USD, exact.", examples: ["12.5"] });

/** How many there are. */
export const count = z.int().min(0);

export const asOf = instant.describe("The moment that the answer is of.");

/** False: it holds from the next request on. */
export const pending = z
  .boolean()
  .describe("`false`: it holds from the next request on. `true`: stored, and the edge could not be told yet.");

export const version = z.int().min(1).describe("Counts its changes; also the answer's `ETag`, for `If-Match`.");

/** What every list answers. */
export const page = <Schema extends z.ZodType>(entry: Schema) =>
  z.strictObject({
    data: z.array(entry),
    next_cursor: z.string().nullable().describe("`cursor` of the next page; null: this is the last."),
    as_of: asOf,
  });

/** What taking something away answers. */
export const removed = (kind: IdKind) => z.strictObject({ id: id(kind), removed: z.literal(true), pending });

const errorCode = z.enum(CODES).meta({
  id: "ErrorCode",
  description: "What is wrong, in a word that stays. More may come: take one you do not know by the answer's status.",
});

/** The body of every error of the management API. */
export const error = z
  .strictObject({
    error: z.strictObject({
      code: errorCode,
      message: z.string().describe("What is wrong and what to do, for people."),
      type: z.string().describe("The code's class, in OpenAI's words."),
      param: z.string().nullable().describe("The field or parameter that is wrong, as `targets[0].model`."),
    }),
  })
  .meta({ id: "ApiError", description: "An error of the management API." });
