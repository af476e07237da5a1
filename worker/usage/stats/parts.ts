import { type SQL, sql } from "drizzle-orm";
import type { Dimension } from "./dimension.ts";
import { type Sign, sumFigures } from "./figures.ts";
import { dayConditions, type FilterNeeds, labelCondition, needsOf, rollupConditions } from "./filter.ts";
import { WHOLE } from "./horizon.ts";
import type { Place } from "./places.ts";
import type { Column, UsageScope } from "./rows.ts";

/** How the columns' rows are found in sums. */
export interface Reading {
  days: boolean;
  hours: boolean;
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
  const hours = days && labels.size === 0 && !needs.days && columns.every(({ dimension }) => dimension.hours !== null);
  const quarters = hours && !needs.hours && columns.every(({ dimension }) => dimension.quarters);
  const byModel = ({ dimension }: Column) => dimension.models || (untold && dimension.label !== undefined);
  const models = days && !needs.days && !needs.keys && needs.label === null && columns.every(byModel);
  return { days, hours, quarters, models, label: [...labels][0] ?? null };
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
  const { label, hours, models } = reading;
  const common = rollupConditions(rootId, filter);
  const totals: Part = { place: "usage_day_totals", condition: common, of: ofSums, figures: sumFigures };
  const byModel = (name: string): Part => ({
    ...{ ...totals, place: "usage_day_models" },
    condition: sql`${common} and ${labelCondition(name, null)}`,
  });
  if (hours) return models ? coarsest(byModel(""), totals, scope) : [totals];
  if (label === null) {
    const condition = dayConditions(rootId, filter);
    return [{ place: "usage_days", condition, of: ({ days }) => days, figures: sumFigures }];
  }
  const { label: chosen } = needsOf(filter);
  const labels: Part = {
    place: "usage_day_labels",
    condition: sql`${common} and ${labelCondition(label, chosen?.values ?? null)}`,
    of: (dimension) => dimension.labels ?? dimension.hours,
    figures: sumFigures,
  };
  if (chosen !== null) return [labels];
  if (of === "labelled") return models ? coarsest(byModel(label), labels, scope) : [labels];
  if (of === "each") return [totals];
  // What has no value is everything less what has one.
  return [labels, { ...labels, of: ofSums, figures: (sign) => sumFigures(sign === 1 ? -1 : 1) }, totals];
}

/** What whole hours are read from. */
export function hourParts(scope: UsageScope, { quarters }: Reading): Part[] {
  const condition = rollupConditions(scope.rootId, scope.filter);
  const hours: Part = { place: "usage_rollups", condition, of: ofSums, figures: sumFigures };
  // Whatever sums of quarters know, those of hours by organization do.
  return quarters ? coarsest({ ...hours, place: "usage_hour_organizations" }, hours, scope) : [hours];
}

/** What quarters of an hour are read from. */
export const quarterPart = ({ rootId, filter }: UsageScope): Part => ({
  ...{ place: "usage_quarters", condition: rollupConditions(rootId, filter), of: ofSums, figures: sumFigures },
});
