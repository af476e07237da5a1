import { Hono } from "hono";
import { log } from "../../lib/log.ts";
import { recordAct } from "../../organizations/audit.ts";
import { atRoot } from "../../organizations/authority.ts";
import { rebuildRollups } from "../../usage/rebuild.ts";
import { listReconciliations, type Reconciliation, reconcile } from "../../usage/reconcile.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { idCursor, idListSchema, idOf, listBody } from "./list.ts";
import { periodSchema, readPeriod } from "./period.ts";
import { jsonBody, query } from "./validate.ts";

const reconciliationQuery = idListSchema("at");

/** A comparison as the API shows it. */
const reconciliationBody = (row: Reconciliation) => ({
  id: row.id,
  at: row.at.toISOString(),
  outcome: row.outcome,
  compared: row.compared,
  differences: row.differences as Record<string, string | number>[],
});

/**
 * `/api/reconciliations`: what comparisons of Ledger, events and hourly sums have found, a comparison now, and hourly sums
 * made anew from the events. For administrators of the root: the books are compared for the whole tenant.
 */
export function reconciliationRoutes({ database, ledger, now, random }: AdminDependencies) {
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

  return new Hono<AdminEnv>()
    .get("/", query(reconciliationQuery), async (context) => {
      const { rootId } = atRoot(context.get("caller"));
      const { limit, cursor, sort } = context.req.valid("query");
      const asOf = now();
      const found = await listReconciliations(database, rootId, { ...sort, limit, cursor: idOf(cursor, sort) });
      const page = { ...found, nextCursor: idCursor(found.nextCursor, sort) };
      return context.json(listBody(page, asOf, reconciliationBody));
    })
    .post("/", async (context) => {
      const { rootId, jurisdiction } = atRoot(context.get("caller"));
      const found = await reconcile(
        { database, now, sleep, random, log },
        { rootId, ledger: ledger(rootId, jurisdiction), since: null },
      );
      return context.json(reconciliationBody(found), 201);
    })
    .post("/repair", jsonBody(periodSchema), async (context) => {
      const actor = atRoot(context.get("caller"));
      const { rootId } = actor;
      const times = context.req.valid("json");
      const { from, to } = readPeriod(times);
      const what = { action: "rollups.rebuild", target: rootId, organizationId: rootId };
      // Before the repair: whatever happens then, it is known who wanted it.
      await recordAct(database, rootId, now(), { actor, ...what, before: null, after: times });
      await rebuildRollups(database, rootId, new Date(from), new Date(to));
      return context.json(times);
    });
}
