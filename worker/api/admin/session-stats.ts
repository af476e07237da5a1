import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { fromBase64, toBase64Url, utf8 } from "../../lib/encoding.ts";
import type { Names } from "../../organizations/names.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import {
  readSessions,
  SESSION_ORDERS,
  type Session,
  type SessionOrder,
  type SessionPlace,
} from "../../usage/stats/sessions.ts";
import type { Period } from "../../usage/stats/tiles.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { keyNames, namesOfRequests } from "./named-request.ts";
import { figuresBody, money } from "./stats-bodies.ts";
import { filterFields, momentSchema, readFilter, readUsagePeriod, textSchema } from "./usage-scope.ts";
import { pageSchema, repeatableQuery, timeZoneSchema } from "./validate.ts";

const sessionQuery = pageSchema.extend({
  ...filterFields,
  from: momentSchema.default("-7d"),
  to: momentSchema.optional(),
  tz: timeZoneSchema.default("UTC"),
  sort: z.enum(SESSION_ORDERS).default("recent"),
  cursor: z.string().max(1_000).optional(),
});

const LONGEST_MS = 32 * 86_400_000;

/** A place in a list, with the period the list is of: it would move with the time otherwise. */
const moment = z.int().min(0).max(Date.UTC(3000, 0));
const digits = z.string().regex(/^-?\d{1,40}$/);
const placeSchema = z.tuple([z.enum(SESSION_ORDERS), moment, moment, digits, textSchema]);

interface Start {
  period: Period;
  after: SessionPlace | null;
}

const writeCursor = (order: SessionOrder, { from, to }: Period, { value, id }: SessionPlace): string =>
  toBase64Url(utf8(JSON.stringify([order, from, to, value, id])));

/** Where a page begins; throws `invalid_value` for a cursor of another list. */
function readCursor(cursor: string, wanted: SessionOrder): Start {
  const bytes = fromBase64(cursor);
  try {
    const [order, from, to, value, id] = placeSchema.parse(JSON.parse(new TextDecoder().decode(bytes ?? undefined)));
    if (order === wanted && from < to) return { period: { from, to }, after: { value, id } };
  } catch {
    // Said below.
  }
  throw new GatewayError("invalid_value", "This cursor is none of this list. Take `next_cursor` of the page before.", {
    param: "cursor",
  });
}

const sessionBody = ({ id, firstAt, lastAt, figures, models, keys }: Session, names: Names) => ({
  id,
  first_request_at: new Date(firstAt).toISOString(),
  last_request_at: new Date(lastAt).toISOString(),
  ...figuresBody(figures),
  models: models.map(({ model, requests, cost_nano: cost }) => ({
    model,
    requests: Number(requests),
    ...money("cost", BigInt(cost)),
  })),
  keys: keys.map(({ keyId, organizationId }) => ({
    ...{ key_id: keyId, organization_id: organizationId },
    ...keyNames({ keyId, organizationId }, names),
  })),
});

/** `/api/stats/sessions`: what each agent session used and cost. */
export function sessionStatsRoutes({ database, now }: AdminDependencies) {
  return new Hono<AdminEnv>().get("/", repeatableQuery(sessionQuery), async (context) => {
    const actor = context.get("caller");
    const { sort: order, limit, cursor, ...given } = context.req.valid("query");
    const at = now();
    const { period, after } =
      cursor === undefined ? { period: readUsagePeriod(given, at, given.tz), after: null } : readCursor(cursor, order);
    if (period.to - period.from > LONGEST_MS) {
      throw new GatewayError("invalid_value", "Must be at most 32 days before 'to'.", { param: "from" });
    }
    const [filter, horizon] = await Promise.all([
      readFilter(database, actor, given),
      readHorizon(database, actor.rootId),
    ]);
    const { sessions, next } = await readSessions(
      database,
      { rootId: actor.rootId, filter, period, horizon },
      { order, limit, after },
    );
    const keys = sessions.flatMap((session) => session.keys.map((key) => ({ ...key, routeId: null })));
    const names = await namesOfRequests(database, actor, keys);
    return context.json({
      data: sessions.map((session) => sessionBody(session, names)),
      next_cursor: next && writeCursor(order, period, next),
      as_of: new Date(at).toISOString(),
    });
  });
}
