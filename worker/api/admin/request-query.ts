import { z } from "zod";
import type { Database } from "../../../drizzle/client.ts";
import { nanoFromUsd } from "../../lib/money.ts";
import type { RequestFilter } from "../../usage/log/matching.ts";
import type { Caller } from "./context.ts";
import { filterFields, momentSchema, readFilter, readMoment, requireTime } from "./usage-scope.ts";
import { searchSchema, timeZoneSchema } from "./validate.ts";

const millisecondsSchema = z
  .string()
  .regex(/^\d{1,9}$/, "Must be a whole number of milliseconds")
  .transform(Number)
  .meta({ type: "integer", minimum: 0 });

const usdSchema = z
  .string()
  .transform(nanoFromUsd)
  .refine((nano): nano is number => nano !== null, 'Must be an amount in USD like "0.25", with at most nine places');

/** Which requests are meant; the same for lists, counts, exports and the live feed. */
export const requestFields = {
  ...filterFields,
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  tz: timeZoneSchema.default("UTC").describe("By whose clocks days before now are counted."),
  min_cost_usd: usdSchema.optional().describe("USD as text."),
  max_cost_usd: usdSchema.optional().describe("USD as text."),
  min_duration_ms: millisecondsSchema.optional(),
  max_duration_ms: millisecondsSchema.optional(),
  q: searchSchema.optional().describe("The beginning of an id, or a part of a model's name."),
};

export type RequestQuery = z.output<z.ZodObject<typeof requestFields>>;

/** The filter of a query, within what the caller may see; throws `not_found` for what it may not, and `invalid_value`. */
export async function readRequestFilter(
  database: Database,
  caller: Caller,
  given: RequestQuery,
  now: number,
): Promise<RequestFilter> {
  const [from, to] = [given.from, given.to].map((text) => text && readMoment(text, now, given.tz)) as [
    number?,
    number?,
  ];
  requireTime(from, to);
  return {
    ...(await readFilter(database, caller, given)),
    ...{ from, to, search: given.q },
    ...{ minCostNano: given.min_cost_usd, maxCostNano: given.max_cost_usd },
    ...{ minDurationMs: given.min_duration_ms, maxDurationMs: given.max_duration_ms },
  };
}
