import type { Database } from "../../drizzle/client.ts";
import { webhookDeliveries } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { DeliveryLogRow } from "../canonical/webhook-delivery.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";

/**
 * Writes attempts to deliver to a root's webhooks. Writing one again changes nothing. Throws `StorageError`: transient,
 * or with the SQLSTATE of the row at fault.
 */
export async function recordDeliveries(database: Database, rootId: string, rows: DeliveryLogRow[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) => ({
    ...row,
    rootId,
    body: { ...row.body },
    at: new Date(row.at),
    nextAt: row.nextAt === null ? null : new Date(row.nextAt),
  }));
  try {
    const insert = database.insert(webhookDeliveries).values(values).onConflictDoNothing();
    await forRoot(database, rootId).batch([insert]);
  } catch (error) {
    throw new StorageError("webhook deliveries could not be recorded", sqlstateOf(error), error);
  }
}
