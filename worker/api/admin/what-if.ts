import { Hono } from "hono";
import { z } from "zod";
import { findModel } from "../../catalog/models.ts";
import { GatewayError } from "../../errors.ts";
import { loadPrices } from "../../organizations/load-configuration.ts";
import { priceBookOf } from "../rerate/price-book.ts";
import { supposeModel } from "../rerate/what-if.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { periodSchema, readPeriod } from "./period.ts";
import { filterFields, readFilter } from "./usage-scope.ts";
import { jsonBody, modelSchema, readModel } from "./validate.ts";

const whatIfRequest = periodSchema.extend({
  model: modelSchema.describe("The model whose prices are asked for, as it is sent upstream."),
  scope: z.strictObject(filterFields).default({}).describe("Only these requests of the period."),
});

/** `/api/stats/what-if`: what a period would have cost at another model's prices. */
export function whatIfRoutes({ database, now }: AdminDependencies) {
  return new Hono<AdminEnv>().post("/", jsonBody(whatIfRequest), async (context) => {
    const actor = context.get("caller");
    const { model: name, scope, ...times } = context.req.valid("json");
    const period = readPeriod(times);
    const [filter, prices] = await Promise.all([
      readFilter(database, actor, scope),
      loadPrices(database, actor.rootId),
    ]);
    const [book, model] = [priceBookOf(prices), readModel(name)];
    const place = { organizationId: scope.organization ?? actor.organizationId, servedModel: null };
    const moments = [period.from, period.to, now()].map((at) => new Date(at));
    if (moments.every((startedAt) => book.priceFor({ ...place, ...model, startedAt }) === null)) {
      throw new GatewayError("invalid_value", "This model has no price in your price book.", { param: "model" });
    }
    const { report, otherOperation, nextFrom } = await supposeModel({
      ...{ database, rootId: actor.rootId, book, model },
      period: { ...period, filter },
      operation: findModel(model.provider, model.upstreamModel)?.kind === "embedding" ? "embed" : "generate",
    });
    const { kept, ...body } = report.body();
    return context.json({
      ...times,
      model: name,
      next_from: nextFrom === null ? null : new Date(nextFrom).toISOString(),
      ...body,
      kept: { ...kept, other_operation: otherOperation },
    });
  });
}
