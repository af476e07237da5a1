import { Hono } from "hono";
import { listRefused, REFUSED_SORTS, type RefusedFilter, type RefusedRecord } from "../../usage/log/refused.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { listBody, listSchema } from "./list.ts";
import { keyNames, namesOfRequests } from "./named-request.ts";
import { filterFields, momentSchema, readFilter, readMoment, requireTime } from "./usage-scope.ts";
import { repeatableQuery, searchSchema, timeZoneSchema } from "./validate.ts";

const { organization, depth, key, member, status, error_code, client, dialect } = filterFields;

const listQuery = listSchema(REFUSED_SORTS, "-at").extend({
  ...{ organization, depth, key, member, status, error_code, client, dialect },
  from: momentSchema.optional(),
  to: momentSchema.optional(),
  tz: timeZoneSchema.default("UTC").describe("By whose clocks days before now are counted."),
  q: searchSchema.optional().describe("The beginning of an id, or a part of a model's name."),
});

const refusedBody = (row: RefusedRecord) => ({
  id: row.id,
  created_at: row.at.toISOString(),
  organization_id: row.organizationId,
  key_id: row.keyId,
  dialect: row.dialect,
  operation: row.operation,
  requested_model: row.requestedModel,
  client: row.client,
  status: row.status,
  error_code: row.errorCode,
  param: row.param,
  message: row.message,
  limit_id: row.limitId,
  repeated: row.repeated,
});

/** `/api/refusals`: requests that were refused before they were admitted, of the keys that the caller sees the usage of. */
export function refusalRoutes({ database, now }: AdminDependencies) {
  return new Hono<AdminEnv>().get("/", repeatableQuery(listQuery), async (context) => {
    const actor = context.get("caller");
    const { limit, cursor, sort, from, to, tz, q, ...given } = context.req.valid("query");
    const asOf = now();
    const [begins, ends] = [from, to].map((text) => (text === undefined ? undefined : readMoment(text, asOf, tz)));
    requireTime(begins, ends);
    const filter: RefusedFilter = { ...(await readFilter(database, actor, given)), from: begins, to: ends, search: q };
    const found = await listRefused(database, actor.rootId, filter, { limit, cursor, sort });
    const names = await namesOfRequests(
      database,
      actor,
      found.rows.map((row) => ({ ...row, routeId: null })),
    );
    return context.json(listBody(found, asOf, (row) => ({ ...refusedBody(row), ...keyNames(row, names) })));
  });
}
