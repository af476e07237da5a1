import { and, eq, gte, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../../drizzle/client.ts";
import { usageRollups } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";

/** What a key has used: requests, those that went wrong, nano-USD. */
export interface KeyUsage {
  requests: number;
  errors: number;
  costNano: number;
}

const total = (column: PgColumn) => sql<number>`coalesce(sum(${column}), 0)::bigint`.mapWith(Number);

const HOUR_MS = 3_600_000;

/** What a key has used since the beginning of an hour (the one that `since` is in), out of the hourly sums. */
export async function keyUsageSince(
  database: Database,
  { rootId, keyId }: { rootId: string; keyId: string },
  since: number,
): Promise<KeyUsage & { since: Date }> {
  const hour = new Date(Math.floor(since / HOUR_MS) * HOUR_MS);
  try {
    const [[used]] = await forRoot(database, rootId).batch([
      database
        .select({
          requests: total(usageRollups.requests),
          errors: total(usageRollups.errors),
          costNano: total(usageRollups.costNano),
        })
        .from(usageRollups)
        .where(and(eq(usageRollups.rootId, rootId), eq(usageRollups.keyId, keyId), gte(usageRollups.hour, hour))),
    ]);
    return { requests: 0, errors: 0, costNano: 0, ...used, since: hour };
  } catch (error) {
    throw new StorageError("what a key has used could not be read", sqlstateOf(error), error);
  }
}
