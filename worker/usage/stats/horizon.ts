import { sql } from "drizzle-orm";
import type { Database } from "../../../drizzle/client.ts";
import { forRoot } from "../../../drizzle/tenant.ts";
import { reading } from "./read.ts";

/** From when on there is what of a root's usage, milliseconds since the epoch; 0: since ever. */
export interface Horizon {
  /** Requests that started earlier may be deleted. */
  eventsFrom: number;
  /** Days before are not in daily sums yet. */
  summedFrom: number;
  /** Days before are not in the fewer sums by organization and model yet. */
  modelsFrom: number;
  /** For how many days a root's own setting keeps events; null: as long as the operator does. */
  retentionDays: number | null;
}

/** Everything is there. */
export const WHOLE: Horizon = { eventsFrom: 0, summedFrom: 0, modelsFrom: 0, retentionDays: null };

const DAY_MS = 86_400_000;

interface Row extends Record<string, unknown> {
  events_from: string | null;
  summed_from: string | null;
  models_from: string | null;
  retention_days: number | null;
}

/** From when on there is what of a root's usage. Throws StorageError. */
export async function readHorizon(database: Database, rootId: string): Promise<Horizon> {
  const [{ rows }] = await reading(() =>
    forRoot(database, rootId).batch([
      database.execute<Row>(sql`select events_from::text, summed_from::text, retention_days, gaia_usage_models_from()::text as models_from
        from gaia_usage_horizon()`),
    ]),
  );
  const [row] = rows;
  // An event is of the day of its id, which may be made the day before its request starts.
  const events = row?.events_from == null ? 0 : Date.parse(row.events_from) + DAY_MS;
  const summed = row?.summed_from == null ? 0 : Date.parse(row.summed_from);
  const models = row?.models_from == null ? 0 : Date.parse(row.models_from);
  return { eventsFrom: events, summedFrom: summed, modelsFrom: models, retentionDays: row?.retention_days ?? null };
}
