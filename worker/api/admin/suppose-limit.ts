import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { usdFromNano } from "../../lib/money.ts";
import { getKey } from "../../organizations/key-views.ts";
import { organizationPath } from "../../organizations/organizations.ts";
import { visibleOrganizations } from "../../organizations/tree.ts";
import { readHorizon } from "../../usage/stats/horizon.ts";
import { SUPPOSED_METRICS, supposeLimit } from "../../usage/suppose-limit.ts";
import { monthOf, piecesOf, SUPPOSED_WINDOWS } from "../../usage/supposed-windows.ts";
import type { AdminEnv, Caller } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { amountFields, amountOfLimit, checkNode } from "./limit-terms.ts";
import { money } from "./stats-bodies.ts";
import { idSchema, jsonBody } from "./validate.ts";

const supposedLimit = z.strictObject({
  organization_id: idSchema("org").optional().describe("Where it would stand: one of the two."),
  key_id: idSchema("key").optional(),
  metric: z.enum(SUPPOSED_METRICS),
  window: z.enum(SUPPOSED_WINDOWS),
  ...amountFields,
  month: z
    .string()
    .regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'Must be a month, e.g. "2026-11"')
    .optional()
    .describe("By the organization's own clocks; the last one that is over when left out."),
});

/** `/api/limits/simulate`: what a limit would have done last month. It changes nothing. */
export function supposeLimitRoutes({ database, now }: AdminDependencies) {
  /** Whose requests it would have counted, and by whose clocks. Throws `not_found`. */
  async function placeOf(caller: Caller, { organization_id, key_id }: z.output<typeof supposedLimit>) {
    const key = key_id === undefined ? null : await getKey(database, caller, key_id);
    const organizationId = key?.organizationId ?? organization_id ?? caller.organizationId;
    const [{ timeZone }] = await organizationPath(database, caller, organizationId);
    if (key) return { timeZone, filter: { keyIds: [key.id] } };
    return {
      timeZone,
      filter: { organizationIds: (await visibleOrganizations(database, caller, organizationId)) ?? undefined },
    };
  }

  return new Hono<AdminEnv>().post("/", jsonBody(supposedLimit), async (context) => {
    const given = context.req.valid("json");
    checkNode(given);
    const { metric, window } = given;
    const amount = amountOfLimit(given, metric);
    const [caller, at] = [context.get("caller"), now()];
    const [{ timeZone, filter }, horizon] = await Promise.all([
      placeOf(caller, given),
      readHorizon(database, caller.rootId),
    ]);
    const month = monthOf(given.month, at, timeZone);
    if (month.from >= at) throw new GatewayError("invalid_value", "Must have begun.", { param: "month" });
    const pieces = piecesOf(window, month, timeZone);
    const supposing = { rootId: caller.rootId, filter, metric, amount, pieces, horizon };
    const { refusedCostNano, windowsReached, exact, ...counted } = await supposeLimit(database, supposing);
    return context.json({
      from: new Date(month.from).toISOString(),
      to: new Date(month.until).toISOString(),
      time_zone: timeZone,
      ...{ metric, window, amount, amount_usd: metric === "cost" ? usdFromNano(amount) : null },
      ...counted,
      ...money("refused_cost", refusedCostNano),
      windows_reached: windowsReached,
      exact,
      as_of: new Date(at).toISOString(),
    });
  });
}
