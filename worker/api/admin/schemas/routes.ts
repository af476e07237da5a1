import { z } from "zod";
import { ROUTE_STRATEGIES } from "../../../canonical/tenant.ts";
import { USES } from "../../../router/can-serve.ts";
import { group } from "../../contract/operation.ts";
import { actor, id, instant, page, pending, removed, usd, version } from "./common.ts";
import { sum } from "./stats.ts";

const milliseconds = z.int().nullable().describe("Milliseconds; null: the gateway's own.");

const fields = {
  id: id("rte"),
  organization_id: id("org").describe("It holds for this organization and those below."),
  name: z.string().describe("The model as clients name it."),
  strategy: z
    .enum(ROUTE_STRATEGIES)
    .describe("`ordered`: the first target that can; `weighted`: by conversation, in proportion to the weights."),
  targets: z.array(
    z.strictObject({
      model: z.string().describe("`provider/model`, as it is sent upstream."),
      credential: z.string().nullable().describe("The operator's name of a credential; null: the default one."),
      weight: z.int(),
    }),
  ),
  timeouts: z.strictObject({
    headers_ms: milliseconds,
    first_token_ms: milliseconds,
    idle_ms: milliseconds,
    total_ms: milliseconds,
  }),
  created_by: actor,
  created_at: instant,
  updated_at: instant,
  version,
};

export const route = z.strictObject(fields).meta({ id: "Route" });

const listed = z
  .strictObject({
    ...fields,
    figures: z
      .strictObject({
        since: instant.describe("What was sent over it since: a day ago, by the hour."),
        requests: sum,
        errors: sum,
        error_rate: z.number().nullable().describe("null: nothing was sent."),
        duration_ms_p95: z.int().nullable().describe("Milliseconds that 95 of 100 requests did not exceed."),
        cost_nano: sum,
        cost_usd: usd,
        price_spread: z
          .number()
          .min(1)
          .nullable()
          .describe("How many times its dearest target costs of its cheapest; null: fewer than two have a price."),
        lacking: z
          .array(
            z.strictObject({
              model: z.string().describe("A target's."),
              lacks: z.enum(USES),
              requests: z.int().min(1).describe("So many requests over the route used it."),
            }),
          )
          .describe(
            "What requests of the last 7 days used that a target is known to lack; of a busy tenant its newest 20,000 requests are looked at.",
          ),
      })
      .nullable()
      .describe("null where they were not asked for."),
  })
  .meta({ id: "ListedRoute" });

const inherited = z.boolean().describe("It comes from an organization above the one asked about.");
const routeInForce = z.strictObject({ ...fields, inherited }).meta({ id: "RouteInForce" });
const put = z.strictObject({ ...fields, pending }).meta({ id: "ChangedRoute" });

const dryTarget = z
  .strictObject({
    provider: z.string(),
    model: z.string(),
    credential: z.string().nullable(),
    from: z.enum(["route", "fallback", "model"]).describe("Who named it."),
    outcome: z
      .enum(["first", "next", "skipped"])
      .describe("`first`: it would be asked; `next`: if those before fail; `skipped`: it would not be asked."),
    reason: z.string().nullable().describe("Why it would be skipped or asked only later, in a word that stays."),
    message: z.string().nullable(),
    dialect: z.string().nullable().describe("The wire format it would be spoken to in."),
    warnings: z.array(z.string()).describe("What translation could not keep, as `code@path`."),
  })
  .meta({ id: "DryRunTarget" });

export const routeOperations = group({
  tag: "Routes",
  about: "An organization's own model names, each with the targets that serve it.",
  pathId: "rte",
  operations: {
    "GET /api/routes": {
      id: "listRoutes",
      summary: "List routes",
      answers: { 200: page(listed) },
      errors: [404],
    },
    "PUT /api/routes": {
      id: "putRoute",
      summary: "Create or replace a route",
      description:
        "By organization and name: a second one of a name replaces the first, unless `If-None-Match: *` forbids it.",
      answers: { 200: put, 201: put },
      errors: [404, 409],
      etag: true,
      ifMatch: true,
      ifNoneMatch: true,
    },
    "GET /api/routes/effective": {
      id: "listEffectiveRoutes",
      summary: "Routes in force for an organization",
      answers: { 200: page(routeInForce) },
      errors: [404],
    },
    "POST /api/routes/dry-run": {
      id: "dryRunRoute",
      summary: "Where a request would go",
      description:
        "Nothing is sent and nothing spent. With `draft`, a route that is not stored yet is checked and tried.",
      answers: {
        200: z
          .strictObject({
            model: z.string(),
            route: routeInForce.nullable().describe("null: the name is a model's, or there is a `draft`."),
            message: z.string().describe("Where the request would go and why, in a sentence."),
            targets: z.array(dryTarget),
          })
          .meta({ id: "DryRun" }),
      },
      errors: [404],
    },
    "GET /api/routes/:id": { id: "getRoute", summary: "Get a route", answers: { 200: route }, etag: true },
    "DELETE /api/routes/:id": {
      id: "deleteRoute",
      summary: "Delete a route",
      answers: { 200: removed("rte") },
      errors: [409],
      ifMatch: true,
    },
  },
});
