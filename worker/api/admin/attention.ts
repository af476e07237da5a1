import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { configurationAttention } from "../../organizations/attention.ts";
import { modelStanding } from "../../organizations/models.ts";
import { failingProviders } from "../../usage/failing-providers.ts";
import { listReconciliations } from "../../usage/reconcile.ts";
import { readSpendBy } from "../../usage/spend-by.ts";
import {
  type AttentionItem,
  bookItems,
  bySeverity,
  keyItems,
  limitItems,
  modelItems,
  providerItems,
  targetItems,
  WORST,
  webhookItems,
} from "./attention-items.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { standingsOfBranch } from "./limit-standings.ts";
import { viewModels } from "./model-view.ts";
import { readTargets } from "./read-targets.ts";
import { recentUsageOf } from "./recent-spend.ts";
import { idSchema, query } from "./validate.ts";

const attentionQuery = z.strictObject({
  organization: idSchema("org")
    .optional()
    .describe("In this organization and those below; the caller's own when left out."),
});

const HOUR_MS = 3_600_000;
/** Among so many comparisons is one that was not skipped, else nothing is known. */
const LATEST = 24;

/** `/api/attention`: what needs somebody's attention in the caller's organizations, in one bounded answer. */
export function attentionRoutes(dependencies: AdminDependencies) {
  const { database, now } = dependencies;

  /** How limits stand; null where that cannot be told: the Ledger is out of reach, or they are too many. */
  async function readLimits(context: AdminContext, organization: string | undefined): Promise<AttentionItem[] | null> {
    try {
      return limitItems(await standingsOfBranch(dependencies, context, organization));
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code === "not_found") throw error;
      dependencies.report({ requestId: context.get("requestId"), what: error.code, cause: error });
      return null;
    }
  }

  /** What usage tells: of providers since the hour before this one began, of models in 30 days. */
  async function readUsage(context: AdminContext, at: number, organization: string | undefined) {
    const caller = context.get("caller");
    const scope = await recentUsageOf(dependencies, caller, at, organization);
    const from = (Math.floor(at / HOUR_MS) - 1) * HOUR_MS;
    const [failing, used, standing] = await Promise.all([
      failingProviders(database, { ...scope, period: { from, to: at } }),
      readSpendBy(database, scope, "model"),
      modelStanding(database, caller, organization ?? caller.organizationId),
    ]);
    return [...providerItems(failing), ...modelItems(viewModels(standing, at), used, at)];
  }

  /** Whether the books agreed when they were compared last. They are of the whole tenant, and for whoever stands at its root. */
  async function readBooks(context: AdminContext, organization: string | undefined): Promise<AttentionItem[]> {
    const { rootId, organizationId } = context.get("caller");
    if ((organization ?? organizationId) !== rootId) return [];
    const { rows } = await listReconciliations(database, rootId, { limit: LATEST });
    return bookItems(rows.find(({ outcome }) => outcome !== "skipped"));
  }

  return new Hono<AdminEnv>().get("/", query(attentionQuery), async (context) => {
    const { organization } = context.req.valid("query");
    const at = now();
    const caller = context.get("caller");
    const [limits, usage, configuration, books, health] = await Promise.all([
      readLimits(context, organization),
      readUsage(context, at, organization),
      configurationAttention(database, caller, { organizationId: organization, now: at, most: WORST }),
      readBooks(context, organization),
      readTargets(dependencies, context, { organization, figures: false }),
    ]);
    const items = [
      ...(limits ?? []),
      ...targetItems(health.targets),
      ...usage,
      ...keyItems(configuration, at),
      ...webhookItems(configuration),
      ...books,
    ];
    return context.json({
      data: bySeverity(items),
      /** What could not be looked at now. */
      unknown: [
        ...(limits === null ? (["limits"] as const) : []),
        ...(health.coolingKnown ? [] : (["cooling"] as const)),
      ],
      as_of: new Date(at).toISOString(),
    });
  });
}
