import { z } from "zod";
import { LIMIT_METRICS, LIMIT_WINDOWS } from "../../../canonical/tenant.ts";
import { SUPPOSED_METRICS } from "../../../usage/suppose-limit.ts";
import { SUPPOSED_WINDOWS } from "../../../usage/supposed-windows.ts";
import { group } from "../../contract/operation.ts";
import { actor, asOf, count, id, instant, page, pending, removed, usd, version } from "./common.ts";
import { sum } from "./stats.ts";

const metric = z.enum(LIMIT_METRICS).meta({ id: "LimitMetric" });
const window = z.enum(LIMIT_WINDOWS).meta({
  id: "LimitWindow",
  description:
    "`minute` and `hour` refill steadily; `day`, `week` and `month` follow the calendar of the organization's time zone; `total` never begins anew; `now` is for concurrent requests.",
});
const mode = z.enum(["block", "warn"]);
const amount = z.int().min(0).describe("Requests, tokens or nano-USD, as the metric says.");
const usdOrNull = usd.nullable().describe("The same in USD; null where it is no money.");

const fields = {
  id: id("lim"),
  organization_id: id("org"),
  key_id: id("key").nullable().describe("The key it stands on; null: the organization itself."),
  metric,
  window,
  amount,
  amount_usd: usdOrNull,
  mode,
  thresholds: z.array(z.int()).describe("Percent of the amount at which an event is sent."),
  override: z
    .strictObject({ amount, amount_usd: usdOrNull, until: instant })
    .nullable()
    .describe("Another amount until a moment."),
  fallback: z
    .strictObject({ percent: z.int(), model: z.string() })
    .nullable()
    .describe("From so many percent on, requests go to this model."),
  created_by: actor,
  created_at: instant,
  updated_at: instant,
  version,
};

export const limit = z.strictObject(fields).meta({ id: "Limit" });

const changed = z.strictObject({ ...fields, pending }).meta({ id: "ChangedLimit" });

const node = z.strictObject({ id: z.string(), kind: z.enum(["key", "organization"]), name: z.string() });

const standing = {
  limit_id: id("lim"),
  node: node.describe("Where it stands."),
  metric,
  window,
  mode,
  amount: amount.describe("In force, an override included."),
  settled: z.number().describe("Used by requests that have ended."),
  held: z.number().describe("Held for requests under way."),
  remaining: z.number(),
  amount_usd: usdOrNull,
  settled_usd: usdOrNull,
  held_usd: usdOrNull,
  remaining_usd: usdOrNull,
  percent_used: z.number().describe("To a tenth, rounded down."),
  state: z.enum(["ok", "warned", "exhausted"]),
  window_started_at: instant.nullable(),
  resets_at: instant.nullable(),
};

/** How one limit stands, where an answer is of something else. */
export const limitStanding = z.strictObject(standing).meta({ id: "LimitStanding" });

const standingOfBranch = z
  .strictObject({
    ...standing,
    organization_id: id("org"),
    organization_name: z.string(),
    time_zone: z.string().describe("By whose clocks its days, weeks and months begin."),
    kind: z.enum(["budget", "rate"]).describe("`rate`: it refills steadily, or ends with the requests under way."),
    level: z.enum(["ok", "near", "over"]).describe("`near`: used up by 90 %. `over`: nothing is left."),
    reaches_amount_at: instant
      .nullable()
      .describe("When the amount is used up if the window goes on as it went so far; null: not before it ends."),
    override: fields.override,
    fallback: fields.fallback,
    thresholds: fields.thresholds,
    version,
  })
  .meta({ id: "BranchLimitStanding" });

const status = z
  .strictObject({
    ...standing,
    next_to_bind: z.boolean().describe("Of the limits that block, the one that is used up furthest."),
  })
  .meta({ id: "LimitStatus" });

const supposed = z
  .strictObject({
    from: instant,
    to: instant,
    time_zone: z.string(),
    metric: z.enum(SUPPOSED_METRICS),
    window: z.enum(SUPPOSED_WINDOWS),
    amount,
    amount_usd: usdOrNull,
    requests: count.describe("All of the month."),
    refused: count.describe("Those before which others had used up the amount."),
    refused_cost_nano: sum,
    refused_cost_usd: usd,
    windows: count.describe("That begin or end in the month."),
    windows_reached: count.describe("In which the amount was reached."),
    exact: z
      .boolean()
      .describe("`false`: some requests are deleted, and in hours in which the amount was reached all count as sent."),
    as_of: asOf,
  })
  .meta({ id: "SupposedLimit" });

export const limitOperations = group({
  tag: "Limits",
  about: "What organizations and keys may use: requests, tokens or money in a window, and requests at a time.",
  pathId: "lim",
  operations: {
    "GET /api/limits": {
      id: "listLimits",
      summary: "List limits",
      description: "Of a branch (its organizations and keys), or of one key.",
      answers: { 200: page(limit) },
      errors: [404],
    },
    "POST /api/limits": {
      id: "createLimit",
      summary: "Create a limit",
      description: "One for each node, metric and window: a second is a 409 that names the first.",
      answers: { 201: changed },
      errors: [404, 409],
      etag: true,
    },
    "GET /api/limits/status": {
      id: "getLimitStatus",
      summary: "How limits stand",
      description: "From an organization or key up to the caller's own: the Ledger's own count, to the request.",
      answers: { 200: page(status) },
      errors: [404],
    },
    "POST /api/limits/simulate": {
      id: "supposeLimit",
      summary: "What a limit would have refused",
      description: "Of the requests of a month. Nothing is changed.",
      answers: { 200: supposed },
      errors: [404],
    },
    "GET /api/limits/standings": {
      id: "listLimitStandings",
      summary: "How all limits of a branch stand",
      description: "Of organizations and keys, the one that is used up furthest first: the Ledger's own count.",
      answers: { 200: page(standingOfBranch).extend({ total: count.describe("How many fit, on all pages.") }) },
      errors: [404],
    },
    "GET /api/limits/:id": { id: "getLimit", summary: "Get a limit", answers: { 200: limit }, etag: true },
    "PATCH /api/limits/:id": {
      id: "updateLimit",
      summary: "Change a limit",
      description: "What is not named stays; `null` takes an override or a fallback back.",
      answers: { 200: changed },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "DELETE /api/limits/:id": {
      id: "deleteLimit",
      summary: "Delete a limit",
      answers: { 200: removed("lim") },
      errors: [409],
      ifMatch: true,
    },
  },
});
