import { sql } from "drizzle-orm";
import { Hono } from "hono";
import { z } from "zod";
import { atRoot } from "../../organizations/authority.ts";
import { commitAct } from "../../organizations/change.ts";
import { undisturbed } from "../../organizations/undisturbed.ts";
import { daysOfEndUser, eraseStatement } from "../../usage/retention.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { textSchema } from "./usage-scope.ts";
import { jsonBody } from "./validate.ts";

/** Ledgers count months from requests, and periods of a month are rated anew. */
const LEAST_DAYS = 62;
const MOST_DAYS = 3_660;

const retentionRequest = z.strictObject({
  days: z
    .int()
    .min(LEAST_DAYS, `Must be at least ${LEAST_DAYS}`)
    .max(MOST_DAYS, `Must be at most ${MOST_DAYS}`)
    .nullable(),
});

/** A wish is its own version. */
const versionOf = (days: number | null): string => (days === null ? "unset" : `days${days}`);

const eraseRequest = z.strictObject({ end_user: textSchema });

/**
 * `/api/retention`: for how long the tenant's requests are kept in the log, and the end of all traces of one end user. Sums of what is
 * deleted stay. For administrators of the root.
 */
export function retentionRoutes({ database, now, retentionMonths }: AdminDependencies) {
  async function body(rootId: string) {
    const { retentionDays, eventsFrom } = await readHorizon(database, rootId);
    return {
      /** The tenant's own wish; null: as long as the operator keeps all requests. */
      days: retentionDays,
      least_days: LEAST_DAYS,
      /** Of whole months; null: for ever. */
      operator_months: retentionMonths === 0 ? null : retentionMonths,
      /** Requests that started from then on are in the log; null: all are. */
      requests_since: eventsFrom === 0 ? null : new Date(eventsFrom).toISOString(),
    };
  }

  return new Hono<AdminEnv>()
    .get("/", async (context) => {
      const retention = await body(atRoot(context.get("caller")).rootId);
      sendVersion(context, versionOf(retention.days));
      return context.json(retention);
    })
    .put("/", jsonBody(retentionRequest), async (context) => {
      const actor = atRoot(context.get("caller"));
      const { rootId } = actor;
      const { days } = context.req.valid("json");
      const check = ifMatch(context);
      await undisturbed(async () => {
        const { retentionDays: before } = await readHorizon(database, rootId);
        check(versionOf(before));
        const made = await commitAct(database, {
          ...{ rootId, now: now() },
          onlyIf: sql`(select retention_days from gaia_usage_horizon()) is not distinct from ${before}::integer`,
          statements: [database.execute(sql`select gaia_keep_usage(${days}::integer)`)],
          audit: {
            ...{ actor, action: "retention.change", target: rootId, organizationId: rootId },
            ...{ before: { days: before }, after: { days } },
          },
        });
        return made || null;
      });
      sendVersion(context, versionOf(days));
      return context.json(await body(rootId));
    })
    .post("/erase", jsonBody(eraseRequest), async (context) => {
      const actor = atRoot(context.get("caller"));
      const { rootId } = actor;
      const endUser = context.req.valid("json").end_user;
      await commitAct(database, {
        ...{ rootId, now: now() },
        statements: [eraseStatement(database, endUser)],
        // The log keeps no name that must be forgotten.
        audit: {
          ...{ actor, action: "end_user.erase", target: rootId, organizationId: rootId },
          ...{ before: null, after: null },
        },
      });
      return context.json({ days_left: await daysOfEndUser(database, rootId, endUser) });
    });
}
