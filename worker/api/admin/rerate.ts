import { Hono } from "hono";
import { z } from "zod";
import { recordAct } from "../../organizations/audit.ts";
import { atRoot } from "../../organizations/authority.ts";
import { loadConfiguration } from "../../organizations/load-configuration.ts";
import { noSuchOrganization, visibleOrganizations } from "../../organizations/tree.ts";
import { priceBookOf } from "../rerate/price-book.ts";
import { rerate } from "../rerate/rerate.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { periodSchema, readPeriod } from "./period.ts";
import { idSchema, jsonBody, modelSchema, readModel } from "./validate.ts";

/** Requests that started in the period. */
const rerateRequest = periodSchema.extend({
  model: modelSchema.optional().describe("Only of this model, as it is sent upstream."),
  organization_id: idSchema("org")
    .optional()
    .describe("Only of this organization and those below; by default of all that are the caller's."),
  dry_run: z.boolean().default(true).describe("A preview, which writes nothing."),
});

/** `/api/prices/rerate`: what a period costs by today's price book, and corrections that make it so. */
export function rerateRoutes(dependencies: AdminDependencies) {
  const { database, ledger, now, report } = dependencies;

  return new Hono<AdminEnv>().post("/", jsonBody(rerateRequest), async (context) => {
    const actor = context.get("caller");
    const requestId = context.get("requestId");
    const { model, organization_id: organizationId, dry_run: dryRun, ...times } = context.req.valid("json");
    // Corrections are counted by the limits of the organizations above; a preview changes nothing.
    const { rootId, jurisdiction } = dryRun ? actor : atRoot(actor);
    const { from, to } = readPeriod(times);
    const [visible, configuration] = await Promise.all([
      visibleOrganizations(database, actor, organizationId),
      loadConfiguration(database, rootId),
    ]);
    if (configuration === null) throw noSuchOrganization();
    if (!dryRun) {
      // Before the first correction: whatever happens then, it is known who wanted it.
      await recordAct(database, rootId, now(), {
        actor,
        action: "prices.rerate",
        target: organizationId ?? actor.organizationId,
        organizationId: organizationId ?? actor.organizationId,
        before: null,
        after: { ...times, model: model ?? null },
      });
    }
    const rerated = await rerate({
      ...{ database, rootId, dryRun },
      ledger: ledger(rootId, jurisdiction),
      book: priceBookOf(configuration),
      period: {
        ...{ from, to },
        filter: { organizationIds: visible ?? undefined, models: model === undefined ? undefined : [readModel(model)] },
      },
      report: (what, cause) => report({ requestId, what, cause }),
    });
    return context.json({
      dry_run: dryRun,
      ...times,
      next_from: rerated.nextFrom === null ? null : new Date(rerated.nextFrom).toISOString(),
      ...rerated.report.body(),
      ledger_told: rerated.ledgerTold,
    });
  });
}
