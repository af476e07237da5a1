import { sql } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { RefusedRow } from "../canonical/refused-request.ts";
import { StorageError } from "../errors.ts";
import { sqlstateOf } from "../lib/database-error.ts";
import { storableJson } from "../lib/storable-json.ts";

/** A message, a model's name, a field: more than any of ours has, less than a client could send. */
const LONGEST = 1_000;
const cut = (text: string | null): string | null => (text === null ? null : text.slice(0, LONGEST));

/**
 * Writes refused requests of a root's keys, each with the organization its key is of; one of a key that is not there is left out.
 * Writing one again changes nothing. Throws `StorageError`.
 */
export async function recordRefused(database: Database, rootId: string, rows: readonly RefusedRow[]): Promise<void> {
  const source = rows.map((row) => ({
    ...row,
    at: new Date(row.at).toISOString(),
    ...{ requestedModel: cut(row.requestedModel), param: cut(row.param), message: cut(row.message) },
  }));
  try {
    await forRoot(database, rootId).batch([
      database.execute(sql`
        insert into refused_requests (id, root_id, organization_id, key_id, at, dialect, operation, requested_model, client, status,
          error_code, param, message, limit_id, repeated)
        select r.id, k.root_id, k.organization_id, k.id, r.at, r.dialect, r.operation, r."requestedModel", r.client, r.status,
          r."errorCode", r.param, r.message, r."limitId", r.repeated
        from jsonb_to_recordset(${storableJson(source)}::jsonb) as r(id text, "keyId" text, at timestamptz, dialect text,
          operation text, "requestedModel" text, client text, status integer, "errorCode" text, param text, message text,
          "limitId" text, repeated integer)
        join api_keys k on k.root_id = ${rootId} and k.id = r."keyId"
        on conflict do nothing`),
    ]);
  } catch (error) {
    throw new StorageError("refused requests could not be recorded", sqlstateOf(error), error);
  }
}
