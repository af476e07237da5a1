import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import {
  DIMENSION_NAMES,
  type Dimension,
  type DimensionName,
  dimension,
  tagDimension,
} from "../../usage/stats/dimension.ts";
import { MEASURE_NAMES } from "../../usage/stats/figures.ts";
import { BUCKETS, type Bucket } from "../../usage/stats/series.ts";
import type { Period } from "../../usage/stats/tiles.ts";
import { METRIC_NAMES } from "./stats-bodies.ts";
import { filterFields, momentSchema, textSchema } from "./usage-scope.ts";
import { timeZoneSchema } from "./validate.ts";

/** Which usage, of which period. */
export const scopeQuery = z.strictObject({
  ...filterFields,
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  tz: timeZoneSchema.default("UTC").describe("By whose clocks days begin."),
  compare: z.literal("previous", 'Must be "previous"').optional().describe("With the period as long before this one."),
});

const yes = z.enum(["true", "false"]).transform((value) => value === "true");

const TAG = "tag:";
const GROUPS = `${DIMENSION_NAMES.join(", ")}, or tag:{name}`;
const groupSchema = textSchema
  .refine(
    (name) => DIMENSION_NAMES.includes(name as DimensionName) || (name.startsWith(TAG) && name.length > TAG.length),
    {
      error: `Must be one of ${GROUPS}`,
    },
  )
  .transform(
    (name): Dimension =>
      name.startsWith(TAG) ? tagDimension(name.slice(TAG.length)) : dimension(name as DimensionName),
  );

/** How many groups stand for themselves. */
const topSchema = (most: number) =>
  z
    .string()
    .regex(/^\d{1,3}$/, "Must be a whole number")
    .transform(Number)
    .refine((top) => top >= 1 && top <= most, `Must be between 1 and ${most}`)
    .meta({ type: "integer", minimum: 1, maximum: most, description: "How many groups stand for themselves." });

export const breakdownQuery = scopeQuery.extend({
  group: groupSchema.describe(`One of ${GROUPS}.`),
  sub: groupSchema.optional().describe("Each group in parts, by another of them."),
  by: z.enum(MEASURE_NAMES).default("cost").describe("By which measure groups come first."),
  top: topSchema(100).default(10),
});

export const seriesQuery = scopeQuery.extend({
  bucket: z.enum(BUCKETS).default("day"),
  /** Percentiles of each bucket. */
  latency: yes.default(false),
  group: groupSchema.optional().describe(`Each bucket in parts as well: by one of ${GROUPS}.`),
  by: z.enum(MEASURE_NAMES).default("cost").describe("By which measure groups come first, over the whole period."),
  top: topSchema(12).default(6),
  metric: z
    .array(z.enum(METRIC_NAMES))
    .max(METRIC_NAMES.length)
    .optional()
    .describe("What is told of each group; `by` where none is named."),
});

/** A chart of more points shows nothing more. */
const MOST_BUCKETS = 400;
const SHORTEST_MS: Record<Bucket, number> = {
  hour: 3_600_000,
  day: 23 * 3_600_000,
  week: 167 * 3_600_000,
  month: 671 * 3_600_000,
};

/** Throws `invalid_value` when the period has more buckets than are answered. */
export function requireFewBuckets({ from, to }: Period, bucket: Bucket): void {
  if ((to - from) / SHORTEST_MS[bucket] <= MOST_BUCKETS) return;
  const message = `This would be more than ${MOST_BUCKETS} buckets. Choose a wider 'bucket' or a shorter period.`;
  throw new GatewayError("invalid_value", message, { param: "bucket" });
}
