import { type SQL, sql } from "drizzle-orm";
import { type ComparedRows, type ComparedScope, type Turn, turnsOf } from "./compared.ts";
import { type Dimension, dimension } from "./dimension.ts";
import { addedFigures, type Figures, summedFigures } from "./figures.ts";
import { type Column, rowsOf } from "./rows.ts";
import type { Slot } from "./tiles.ts";

/** Tokens of prompt caches that one price rates. Counts in decimal digits. */
export interface CachedTokens {
  organization_id: string;
  provider: string;
  model: string;
  /** How many of the moments at which a price may have changed had passed. */
  epoch: number;
  cache_read: string;
  cache_write: string;
}

/** Without its provider. */
const UPSTREAM_MODEL: Dimension = {
  ...{ hours: sql`e.model`, days: sql`e.model`, events: sql`e.upstream_model` },
  models: true,
};

const COLUMNS: Column[] = [
  { name: "organization_id", dimension: dimension("organization") },
  { name: "provider", dimension: dimension("provider") },
  { name: "model", dimension: UPSTREAM_MODEL },
];

/** Periods, cut where a price may have changed: their rows with `turn` and `epoch`. */
function cut(scope: ComparedScope, priceChanges: readonly number[]): (Slot & Turn & { epoch: number })[] {
  const parts = turnsOf(scope).flatMap(({ from, to, id: turn }) => {
    const within = priceChanges.filter((at) => at > from && at < to);
    const bounds = [from, ...within, to];
    return bounds.slice(1).map((end, index) => ({ from: bounds[index] ?? from, to: end, turn }));
  });
  return parts.map((part, id) => ({ ...part, id, epoch: priceChanges.filter((at) => at <= part.from).length }));
}

/** A row of `summaryStatement`: without an organization, everything of a turn. */
export type SummaryRow = Turn & Figures & (CachedTokens | { organization_id: null });

/** A statement that adds up each turn, and tells beside what was cached. `priceChanges` ascend. */
export function summaryStatement(
  scope: ComparedScope,
  priceChanges: readonly number[],
): Omit<ComparedRows, "rows"> & { statement: SQL } {
  const slots = cut(scope, priceChanges);
  const { rows, ...rest } = rowsOf(scope, COLUMNS, slots);
  const parts = JSON.stringify(slots.map(({ id, turn, epoch }) => ({ id, turn, epoch })));
  const statement = sql`
    select turn, organization_id, provider, model, epoch, ${summedFigures}
    from (
      select slot, organization_id, provider, model, ${addedFigures} from (${rows}) r group by 1, 2, 3, 4
    ) summed join jsonb_to_recordset(${parts}::jsonb) part(id integer, turn integer, epoch integer) on part.id = slot
    group by grouping sets ((turn), (turn, organization_id, provider, model, epoch))
    having grouping(organization_id) = 1 or sum(cache_read) <> 0 or sum(cache_write) <> 0`;
  return { statement, ...rest };
}
