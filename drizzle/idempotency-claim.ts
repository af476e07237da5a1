import { sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Database } from "./client.ts";
import { idempotencyKeys } from "./schema/index.ts";

/** A request's hold on its `Idempotency-Key`: of all requests with this key, only the holder may change something. */
export interface Claim {
  rootId: string;
  /** The row's id. */
  id: string;
  /** The request's id. */
  holder: string;
}

/** `invalid_argument_for_power_function`: what a change raises whose claim another request has taken. */
export const CLAIM_LOST = "2201F";

/**
 * The statement that notes what a claim's holder has changed, for the batch that changes it: both are done, or neither. It
 * raises `CLAIM_LOST`, which rolls the batch back, when the holder was taken for dead and another request has the key.
 * Nothing for a request without a key.
 */
export function noteChange(database: Database, claim: Claim | undefined, changed: string): BatchItem<"pg">[] {
  if (claim === undefined) return [];
  const { rootId, id, holder } = claim;
  const noted = sql`
    update ${idempotencyKeys} set changed = ${changed}
    where root_id = ${rootId} and id = ${id} and holder = ${holder} returning 1`;
  // The protocol has no way to stop a batch in the middle but an error: here the root of -1.
  return [database.execute(sql`with noted as (${noted}) select sqrt((select count(*) from noted) - 1)`)];
}
