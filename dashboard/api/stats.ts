import type { InferResponseType } from "hono/client";
import { api, ask } from "./client.ts";

export type Summary = InferResponseType<typeof api.stats.summary.$get>;
export type Series = InferResponseType<typeof api.stats.series.$get>;
export type Breakdown = InferResponseType<typeof api.stats.breakdown.$get>;
/** Sums of some requests. */
export type Figures = Omit<Breakdown["total"], "previous">;
/** A part of a breakdown, or of a series: a value, the rest, or what has none. */
export type Group = NonNullable<Series["groups"]>[number];
export type BreakdownRow = Breakdown["data"][number];

/** Parameters as the address has them; the API checks them. */
export type StatsQuery = Record<string, string | string[]>;

export const readSummary = (query: StatsQuery, signal: AbortSignal): Promise<Summary> =>
  ask(api.stats.summary.$get({ query: query as never }, { init: { signal } }));

export const readSeries = (query: StatsQuery, signal: AbortSignal): Promise<Series> =>
  ask(api.stats.series.$get({ query: query as never }, { init: { signal } }));

export const readBreakdown = (query: StatsQuery, signal: AbortSignal): Promise<Breakdown> =>
  ask(api.stats.breakdown.$get({ query: query as never }, { init: { signal } }));
