import { type SQL, sql } from "drizzle-orm";
import { type Dimension, isToldByHour } from "./dimension.ts";
import { type Sign, sumFigures } from "./figures.ts";
import {
  dayConditions,
  type FilterNeeds,
  labelCondition,
  needsOf,
  requestConditions,
  rollupConditions,
} from "./filter.ts";
import { WHOLE } from "./horizon.ts";
import type { Place } from "./places.ts";
import type { Column, UsageScope } from "./rows.ts";

/** How the columns' rows are found in sums. */
export interface Reading {
  days: boolean;
  /** Hourly sums by key, model and status, and daily ones, know all that is asked for. */
  totals: boolean;
  /** What whole hours are read from; null: from events. */
  hours: "usage_rollups" | "usage_hours" | "usage_hour_labels" | "usage_hour_requests" | null;
  quarters: boolean;
  /** Daily sums by organization and model know all that is asked for, and are the fewest. */
  models: boolean;
  /** The label whose sums are read; null: none's. */
  label: string | null;
}

/** What tells the columns' rows apart, of those that a filter chooses. `untold`: the values of a label need not be. */
export function readingOf(needs: FilterNeeds, columns: readonly Column[], untold: boolean): Reading {
  const labels = new Set(columns.flatMap(({ dimension }) => dimension.label ?? []));
  if (needs.label !== null) labels.add(needs.label.label);
  const ofDays = columns.filter(({ dimension }) => dimension.hours === null && dimension.label === undefined);
  // Labels are summed one by one, and by what hourly sums know.
  const days = !needs.events && labels.size < 2 && (labels.size === 0 || (!needs.days && ofDays.length === 0));
  const totals = days && labels.size === 0 && !needs.days && columns.every(({ dimension }) => dimension.hours !== null);
  const quarters = totals && !needs.hours && columns.every(({ dimension }) => dimension.quarters);
  const byModel = ({ dimension }: Column) => dimension.models || (untold && dimension.label !== undefined);
  const models = days && !needs.days && !needs.keys && needs.label === null && columns.every(byModel);
  const label = [...labels][0] ?? null;
  const byHour = ({ dimension }: Column) => dimension.quarters || dimension.label !== undefined;
  const valued = label !== null && ((untold && needs.label === null) || isToldByHour(label));
  const ofLabels = days && valued && !needs.hours && columns.every(byHour);
  const others = label !== null ? (ofLabels ? "usage_hour_labels" : null) : days ? "usage_hours" : null;
  const ofRequests = needs.requests && columns.every(({ dimension }) => dimension.models);
  if (ofRequests) return { days, totals, hours: "usage_hour_requests", quarters, models, label };
  return { days, totals, hours: totals ? "usage_rollups" : others, quarters, models, label };
}

/** What is read from one table. */
export interface Part {
  place: Place;
  /** A row's condition, but for the time. */
  condition: SQL;
  of: (dimension: Dimension) => SQL | null;
  figures: (sign: Sign) => SQL;
  /** For which time, milliseconds since the epoch; left out: for any. */
  from?: number;
  to?: number;
}

const ofSums = ({ hours }: Dimension): SQL => hours ?? sql`null::text`;

/** The fewer sums of a coarser table, from when on there are any, and a finer one's before. */
const coarsest = (coarse: Part, fine: Part, { horizon = WHOLE }: UsageScope): Part[] => [
  { ...coarse, from: horizon.modelsFrom },
  { ...fine, to: horizon.modelsFrom },
];

/** What whole days are read from; `of` as `rowsOf` has it. */
export function dayParts(scope: UsageScope, reading: Reading, of?: "labelled" | "each"): Part[] {
  const { rootId, filter } = scope;
  const { label, totals: known, models } = reading;
  const common = rollupConditions(rootId, filter);
  const totals: Part = { place: "usage_day_totals", condition: common, of: ofSums, figures: sumFigures };
  const byModel = (name: string): Part => ({
    ...{ ...totals, place: "usage_day_models" },
    condition: sql`${common} and ${labelCondition(name, null)}`,
  });
  if (known) return models ? coarsest(byModel(""), totals, scope) : [totals];
  if (label === null) {
    const condition = dayConditions(rootId, filter);
    return [{ place: "usage_days", condition, of: ({ days }) => days, figures: sumFigures }];
  }
  const labels = labelPart("usage_day_labels", label, scope);
  if (of === "labelled" && models) return coarsest(byModel(label), labels, scope);
  return byLabel(labels, totals, scope, of);
}

const labelPart = (place: Place, label: string, { rootId, filter }: UsageScope): Part => ({
  place,
  condition: sql`${rollupConditions(rootId, filter)} and ${labelCondition(label, needsOf(filter).label?.values ?? null)}`,
  of: (dimension) => dimension.labels ?? dimension.hours,
  figures: sumFigures,
});

/** What rows are read from by a label, of sums by label and of those of everything. */
function byLabel(labels: Part, totals: Part, { filter }: UsageScope, of?: "labelled" | "each"): Part[] {
  if (of === "labelled" || needsOf(filter).label !== null) return [labels];
  if (of === "each") return [totals];
  // What has no value is everything less what has one.
  return [labels, { ...labels, of: ofSums, figures: (sign) => sumFigures(sign === 1 ? -1 : 1) }, totals];
}

/** What whole hours are read from. */
export function hourParts(
  scope: UsageScope,
  { hours: place, quarters, label }: Reading,
  of?: "labelled" | "each",
): Part[] {
  const { rootId, filter } = scope;
  const hours: Part = {
    ...{ place: "usage_rollups", condition: rollupConditions(rootId, filter), of: ofSums, figures: sumFigures },
  };
  if (place === "usage_hour_requests") return [{ ...hours, place, condition: requestConditions(rootId, filter) }];
  const organizations: Part = { ...hours, place: "usage_hour_organizations" };
  if (place === "usage_hours") {
    return [{ ...hours, place, condition: dayConditions(rootId, filter), of: ({ days }) => days }];
  }
  if (place === "usage_hour_labels" && label !== null) {
    return byLabel(labelPart(place, label, scope), organizations, scope, of);
  }
  // Whatever sums of quarters know, those of hours by organization do.
  return quarters ? coarsest(organizations, hours, scope) : [hours];
}

/** What quarters of an hour are read from. */
export const quarterPart = ({ rootId, filter }: UsageScope): Part => ({
  ...{ place: "usage_quarters", condition: rollupConditions(rootId, filter), of: ofSums, figures: sumFigures },
});
