import { date, integer, pgTable, text } from "drizzle-orm/pg-core";
import { tenantPolicy } from "../columns.ts";

/** From when on there is what of a root's usage; of root `*`, of every root's. Read through `gaia_usage_horizon`. */
export const usageHorizons = pgTable(
  "usage_horizons",
  {
    rootId: text("root_id").primaryKey(),
    /** Events of earlier days were deleted, by the day of their ids; null: none were. */
    eventsFrom: date("events_from", { mode: "string" }),
    /** Earlier days are not in daily sums yet; null: all are. */
    summedFrom: date("summed_from", { mode: "string" }),
    /** Earlier days are not yet in the sums that `gaia_resum_models` makes; null: all are. */
    modelsFrom: date("models_from", { mode: "string" }),
    /** For how many days a root wants its events to be kept; null: as long as the operator keeps them. */
    retentionDays: integer("retention_days"),
  },
  (table) => [tenantPolicy(table.rootId)],
);
