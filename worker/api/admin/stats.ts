import { Hono } from "hono";
import type { z } from "zod";
import { loadPrices } from "../../organizations/load-configuration.ts";
import type { Names } from "../../organizations/names.ts";
import { type Group, type Label, readBreakdown } from "../../usage/stats/breakdown.ts";
import type { ComparedScope } from "../../usage/stats/compared.ts";
import type { Dimension } from "../../usage/stats/dimension.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import { readSeries, type SeriesPoint } from "../../usage/stats/series.ts";
import { type PeriodSummary, readSummary } from "../../usage/stats/summary.ts";
import type { Period } from "../../usage/stats/tiles.ts";
import { priceBookOf } from "../rerate/price-book.ts";
import { cacheSavings, priceChanges } from "./cache-savings.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { groupName, namesOfGroups } from "./group-names.ts";
import { figuresBody, latencyBody, metricsBody } from "./stats-bodies.ts";
import { breakdownQuery, requireFewBuckets, scopeQuery, seriesQuery } from "./stats-query.ts";
import { periodBefore, readFilter, readUsagePeriod } from "./usage-scope.ts";
import { repeatableQuery } from "./validate.ts";

const isoPeriod = ({ from, to }: Period) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });

/** What a group is. */
const labelBody = ({ kind, value }: Label, by: Dimension, names: Names) => ({
  ...{ kind, value },
  ...groupName(by, value, names),
});

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
      const { bucket, latency, group, by: measure, top, metric = [measure], ...given } = context.req.valid("query");
      requireFewBuckets(readUsagePeriod(given, now(), given.tz), bucket);
      const { scope, head, at } = await readScope(context, given);
      const groups = group === undefined ? null : { group, measure, top };
      const series = await readSeries(database, { ...scope, bucket, timeZone: given.tz, groups }, latency);
      const values = series.groups?.map(({ value }) => value) ?? [];
      const names = await namesOfGroups(database, context.get("caller"), [{ by: group ?? null, values }]);
      const body = (points: SeriesPoint[], period: Period) =>
        points.map((point) => ({
          ...isoPeriod(point),
          /** False: it goes on, or the period has a part of it only. */
          complete: point.to <= at && point.from >= period.from && point.to <= period.to,
          ...figuresBody(point.figures),
          latency: point.latency && latencyBody(point.latency),
          parts: point.parts && metricsBody(metric, point.parts),
        }));
      return context.json({
        ...head,
        bucket,
        source: series.source,
        rounded: series.rounded,
        groups: (group && series.groups?.map((one) => labelBody(one, group, names))) ?? null,
        data: body(series.current, scope.period),
        previous: series.previous && scope.previous && body(series.previous, scope.previous),
      });
    })
    .get("/breakdown", repeatableQuery(breakdownQuery), async (context) => {
      const { group, sub = null, by: measure, top, ...given } = context.req.valid("query");
      const { scope, head } = await readScope(context, given);
      const { source, rounded, total, groups } = await readBreakdown(database, { ...scope, group, sub, measure, top });
      const names = await namesOfGroups(database, context.get("caller"), [
        { by: group, values: groups.map(({ value }) => value) },
        { by: sub, values: groups.flatMap((one) => one.sub?.map(({ value }) => value) ?? []) },
      ]);
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
          ...labelBody(one, group, names),
          ...both(one),
          sub: (sub && one.sub?.map((part) => ({ ...labelBody(part, sub, names), ...both(part) }))) ?? null,
        })),
      });
    });
}
