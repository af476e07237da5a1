import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { loadPrices } from "../../organizations/load-configuration.ts";
import { type Group, readBreakdown } from "../../usage/stats/breakdown.ts";
import type { ComparedScope } from "../../usage/stats/compared.ts";
import {
  DIMENSION_NAMES,
  type Dimension,
  type DimensionName,
  dimension,
  tagDimension,
} from "../../usage/stats/dimension.ts";
import { MEASURE_NAMES } from "../../usage/stats/figures.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import { BUCKETS, type Bucket, readSeries, type SeriesPoint } from "../../usage/stats/series.ts";
import { type PeriodSummary, readSummary } from "../../usage/stats/summary.ts";
import type { Period } from "../../usage/stats/tiles.ts";
import { priceBookOf } from "../rerate/price-book.ts";
import { cacheSavings, priceChanges } from "./cache-savings.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { figuresBody, latencyBody } from "./stats-bodies.ts";
import { filterFields, momentSchema, periodBefore, readFilter, readUsagePeriod, textSchema } from "./usage-scope.ts";
import { repeatableQuery, timeZoneSchema } from "./validate.ts";

const scopeQuery = z.strictObject({
  ...filterFields,
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  tz: timeZoneSchema.default("UTC").describe("By whose clocks days begin."),
  compare: z.literal("previous", 'Must be "previous"').optional().describe("With the period as long before this one."),
});

const yes = z.enum(["true", "false"]).transform((value) => value === "true");

const seriesQuery = scopeQuery.extend({
  bucket: z.enum(BUCKETS).default("day"),
  /** Percentiles of each bucket. */
  latency: yes.default(false),
});

const TAG = "tag:";
const groupSchema = textSchema
  .refine(
    (name) => DIMENSION_NAMES.includes(name as DimensionName) || (name.startsWith(TAG) && name.length > TAG.length),
    {
      error: `Must be one of ${DIMENSION_NAMES.join(", ")}, or tag:{name}`,
    },
  )
  .transform(
    (name): Dimension =>
      name.startsWith(TAG) ? tagDimension(name.slice(TAG.length)) : dimension(name as DimensionName),
  );

const breakdownQuery = scopeQuery.extend({
  group: groupSchema.describe(`One of ${DIMENSION_NAMES.join(", ")}, or tag:{name}.`),
  sub: groupSchema.optional().describe("Each group in parts, by another of them."),
  by: z.enum(MEASURE_NAMES).default("cost").describe("By which measure groups come first."),
  top: z
    .string()
    .regex(/^\d{1,3}$/, "Must be a whole number")
    .transform(Number)
    .refine((top) => top >= 1 && top <= 100, "Must be between 1 and 100")
    .default(10)
    .meta({ type: "integer", minimum: 1, maximum: 100, description: "How many groups stand for themselves." }),
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
function requireFewBuckets({ from, to }: Period, bucket: Bucket): void {
  if ((to - from) / SHORTEST_MS[bucket] <= MOST_BUCKETS) return;
  const message = `This would be more than ${MOST_BUCKETS} buckets. Choose a wider 'bucket' or a shorter period.`;
  throw new GatewayError("invalid_value", message, { param: "bucket" });
}

const isoPeriod = ({ from, to }: Period) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });

/** `/api/stats`: what the caller's organizations used, from hourly sums where they tell it and from events where not. */
export function statsRoutes({ database, now }: AdminDependencies) {
  /** Whose usage a query asks for, and what its answer says of it. */
  async function readScope(context: AdminContext, given: z.output<typeof scopeQuery>) {
    const actor = context.get("caller");
    const at = now();
    const period = readUsagePeriod(given, at, given.tz);
    const previous = given.compare === undefined ? null : periodBefore(period, given.tz);
    const [filter, horizon] = await Promise.all([
      readFilter(database, actor, given),
      readHorizon(database, actor.rootId),
    ]);
    const scope: ComparedScope = { rootId: actor.rootId, filter, period, previous, horizon };
    const head = {
      ...isoPeriod(period),
      tz: given.tz,
      previous_period: previous === null ? null : isoPeriod(previous),
      as_of: new Date(at).toISOString(),
      /** Requests that started earlier are deleted, all but their sums; null: all are there. */
      requests_since: horizon.eventsFrom === 0 ? null : new Date(horizon.eventsFrom).toISOString(),
    };
    return { scope, head, at };
  }

  return new Hono<AdminEnv>()
    .get("/summary", repeatableQuery(scopeQuery), async (context) => {
      const { rootId } = context.get("caller");
      const [{ scope, head }, tree] = await Promise.all([
        readScope(context, context.req.valid("query")),
        loadPrices(database, rootId),
      ]);
      const whole = { from: scope.previous?.from ?? scope.period.from, to: scope.period.to };
      const changes = priceChanges(tree, whole);
      const { source, rounded, current, previous } = await readSummary(database, scope, changes);
      const book = priceBookOf(tree);
      const body = ({ figures, latency, cached }: PeriodSummary) => ({
        ...figuresBody(figures),
        latency: latencyBody(latency),
        cache_savings: cacheSavings(book, cached, changes, whole),
      });
      return context.json({ ...head, source, rounded, ...body(current), previous: previous && body(previous) });
    })
    .get("/series", repeatableQuery(seriesQuery), async (context) => {
      const { bucket, latency, ...given } = context.req.valid("query");
      requireFewBuckets(readUsagePeriod(given, now(), given.tz), bucket);
      const { scope, head, at } = await readScope(context, given);
      const series = await readSeries(database, { ...scope, bucket, timeZone: given.tz }, latency);
      const body = (points: SeriesPoint[], period: Period) =>
        points.map((point) => ({
          ...isoPeriod(point),
          /** False: it goes on, or the period has a part of it only. */
          complete: point.to <= at && point.from >= period.from && point.to <= period.to,
          ...figuresBody(point.figures),
          latency: point.latency && latencyBody(point.latency),
        }));
      return context.json({
        ...head,
        bucket,
        source: series.source,
        rounded: series.rounded,
        data: body(series.current, scope.period),
        previous: series.previous && scope.previous && body(series.previous, scope.previous),
      });
    })
    .get("/breakdown", repeatableQuery(breakdownQuery), async (context) => {
      const { group, sub = null, by: measure, top, ...given } = context.req.valid("query");
      const { scope, head } = await readScope(context, given);
      const { source, rounded, total, groups } = await readBreakdown(database, { ...scope, group, sub, measure, top });
      const both = ({ current, previous }: Pick<Group, "current" | "previous">) => ({
        ...figuresBody(current),
        previous: previous && figuresBody(previous),
      });
      return context.json({
        ...head,
        source,
        rounded,
        total: both(total),
        data: groups.map((one) => ({
          kind: one.kind,
          value: one.value,
          ...both(one),
          sub: one.sub?.map((part) => ({ kind: part.kind, value: part.value, ...both(part) })) ?? null,
        })),
      });
    });
}
