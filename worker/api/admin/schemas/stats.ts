import { z } from "zod";
import { BUCKETS } from "../../../usage/stats/series.ts";
import { group } from "../../contract/operation.ts";
import { METRIC_NAMES } from "../stats-bodies.ts";
import { asOf, count, instant, page, usd } from "./common.ts";
import { kept, nextFrom, report } from "./prices.ts";
import { keyNames } from "./requests.ts";

/** Exact in any case. */
export const sum = z
  .union([z.int(), z.string().meta({ pattern: "^-?\\d+$" })])
  .meta({ id: "Sum", description: "A whole number; in digits where no JSON number holds it." });

const ratio = z.number().nullable().describe("null: of nothing.");

const figures = {
  requests: sum,
  errors: sum,
  error_rate: ratio,
  estimated: sum.describe("Requests whose tokens are not the provider's own figures."),
  tokens: z
    .strictObject({
      input_uncached: sum,
      cache_read: sum,
      cache_write: sum,
      output: sum,
      reasoning: sum,
      total: sum,
    })
    .meta({ id: "TokenSums" }),
  cost_nano: sum,
  cost_usd: usd,
  list_cost_nano: sum,
  list_cost_usd: usd,
  cache_share: ratio.describe("The part of the input that was read from a prompt cache."),
  duration_ms_average: z.int().nullable(),
};

const figuresOf = z.strictObject(figures).meta({ id: "Figures" });

const percentiles = z.strictObject({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});

const latency = z
  .strictObject({
    duration_ms: percentiles,
    ttft_ms: percentiles.describe("Until the provider's first byte."),
    requests: count,
    sampled: z.boolean().describe("Taken of some requests, by chance: one in 32 or fewer."),
  })
  .meta({ id: "Latency" });

const period = { from: instant, to: instant };

const head = {
  ...period,
  tz: z.string(),
  previous_period: z.strictObject(period).nullable(),
  as_of: asOf,
  source: z.enum(["rollups", "events"]).describe("What it was read from: sums, or the requests themselves."),
  rounded: z
    .boolean()
    .describe(
      "Where requests are deleted, a period begins and ends with the nearest hour or day that there is a sum of.",
    ),
  requests_since: instant
    .nullable()
    .describe("Requests that started earlier are deleted, all but their sums; null: all are there."),
};

const summary = {
  ...figures,
  latency,
  cache_savings: z
    .strictObject({
      saved_nano: sum,
      saved_usd: usd,
      reads_saved_nano: sum,
      reads_saved_usd: usd,
      writes_cost_nano: sum,
      writes_cost_usd: usd,
      unpriced_tokens: sum.describe("Cached tokens of models without a price, which are left out."),
    })
    .meta({ id: "CacheSavings" }),
};

const point = z
  .strictObject({
    ...period,
    complete: z.boolean().describe("`false`: it goes on, or the period has a part of it only."),
    ...figures,
    latency: latency.nullable(),
    parts: z
      .strictObject(Object.fromEntries(METRIC_NAMES.map((name) => [name, z.array(sum).optional()])))
      .nullable()
      .describe("What each of `groups` has of each `metric`, in their order; cost in nano-USD. null without `group`."),
  })
  .meta({ id: "SeriesPoint" });

const both = { ...figures, previous: figuresOf.nullable() };

const label = {
  kind: z.enum(["value", "other", "unattributed"]),
  value: z.string().nullable().describe("null unless `kind` is `value`."),
  name: z
    .string()
    .nullable()
    .describe("What an id of an organization, key, member or route is called; null: gone, or not yours to see."),
  email: z.string().nullable().describe("Of a member."),
};

const session = z
  .strictObject({
    id: z.string(),
    first_request_at: instant,
    last_request_at: instant,
    ...figures,
    models: z.array(z.strictObject({ model: z.string(), requests: z.number(), cost_nano: sum, cost_usd: usd })),
    keys: z
      .array(z.strictObject({ key_id: z.string(), organization_id: z.string(), ...keyNames }))
      .describe("What it was made with."),
  })
  .meta({ id: "AgentSession" });

export const statsOperations = group({
  tag: "Statistics",
  about: "What was used, by whom, and what it cost, from sums where they tell it.",
  pathId: "ulid",
  operations: {
    "GET /api/stats/summary": {
      id: "getSummary",
      summary: "Totals of a period",
      answers: {
        200: z
          .strictObject({ ...head, ...summary, previous: z.strictObject(summary).nullable() })
          .meta({ id: "Summary" }),
      },
      errors: [404],
    },
    "GET /api/stats/series": {
      id: "getSeries",
      summary: "A period in buckets",
      description: "With `group` each bucket in parts as well, which add up to it.",
      answers: {
        200: z
          .strictObject({
            ...head,
            bucket: z.enum(BUCKETS),
            groups: z
              .array(z.strictObject(label))
              .nullable()
              .describe("The same for all buckets, also of the previous period; null without `group`."),
            data: z.array(point),
            previous: z.array(point).nullable(),
          })
          .meta({ id: "Series" }),
      },
      errors: [404],
    },
    "GET /api/stats/breakdown": {
      id: "getBreakdown",
      summary: "A period in parts",
      description: "By one dimension, or by two; the parts add up to the total.",
      answers: {
        200: z
          .strictObject({
            ...head,
            total: z.strictObject(both),
            data: z.array(
              z.strictObject({
                ...label,
                ...both,
                sub: z.array(z.strictObject({ ...label, ...both })).nullable(),
              }),
            ),
          })
          .meta({ id: "Breakdown" }),
      },
      errors: [404],
    },
    "GET /api/stats/sessions": {
      id: "listAgentSessions",
      summary: "What agent sessions cost",
      answers: { 200: page(session) },
      errors: [404],
    },
    "POST /api/stats/what-if": {
      id: "supposeModel",
      summary: "What a period would have cost with another model",
      answers: {
        200: z
          .strictObject({
            from: z.string(),
            to: z.string(),
            model: z.string(),
            next_from: nextFrom,
            ...report,
            kept: z
              .strictObject({ ...kept, other_operation: count })
              .describe("Requests that keep their cost because the model would not rate them."),
          })
          .meta({ id: "WhatIf" }),
      },
      errors: [404],
    },
  },
});
