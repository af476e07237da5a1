import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { actor, count, id, instant, nano, page, pending, removed, ulid, usd } from "./common.ts";

const terms = z.record(z.string(), z.unknown()).meta({
  id: "PriceTerms",
  description:
    "Decimal strings in USD per 1,000,000 tokens: `rates` with `input` at least, and `tiers`, `batch`, `fast`, `reserve`, `fees` where there are any.",
});

const fields = {
  id: z.string().describe("Of a price of one's own its id, of the catalogue's its version."),
  source: z
    .enum(["custom", "synced", "catalog"])
    .describe("`custom`: set by somebody; `synced`: a provider's list price that was accepted; `catalog`: shipped."),
  version: z.string().describe("What a request that it rated has as `price_version`."),
  organization_id: id("org").nullable().describe("null: it is the catalogue's."),
  model: z.string(),
  valid_from: instant.nullable(),
  valid_until: instant.nullable(),
  price: terms,
  revision: z
    .int()
    .nullable()
    .describe("Counts its changes, also as `ETag`, for `If-Match`; null for the catalogue's."),
  created_by: actor.nullable(),
  created_at: instant.nullable(),
};

export const ownPrice = z.strictObject(fields).meta({ id: "Price" });

const bookEntry = z
  .strictObject({
    ...fields,
    overrides: z.string().nullable().describe("The price that would rate in its place."),
    in_force: z.boolean().describe("It rates at this moment, or at `at`."),
  })
  .meta({ id: "PriceBookEntry" });

const changed = z.strictObject({ ...fields, pending }).meta({ id: "ChangedPrice" });

const sum = {
  events: count.describe("Requests."),
  changed: count.describe("Requests whose cost is another."),
  before_nano: nano,
  before_usd: usd,
  after_nano: nano,
  after_usd: usd,
  difference_nano: nano,
  difference_usd: usd,
};

const rated = z
  .strictObject({
    id: ulid,
    model: z.string(),
    price_version_before: z.string().nullable(),
    price_version: z.string(),
    tokens: z.strictObject({ input_uncached: count, cache_read: count, cache_write: count, output: count }),
    arithmetic: z
      .array(z.strictObject({ name: z.string(), count: z.string(), pico_usd_each: z.string() }))
      .describe("So many tokens or calls at so many pico-USD (10⁻¹² dollar) each."),
    list_cost_before_nano: nano.nullable(),
    list_cost_nano: nano,
    provider_cost_nano: nano.nullable(),
    failed_cost_nano: nano,
    before_nano: nano,
    after_nano: nano,
  })
  .meta({ id: "RatedRequest" });

/** What a period costs and would cost. */
export const report = {
  ...sum,
  models: z.array(z.strictObject({ model: z.string(), ...sum })),
  sample: z.array(rated).describe("Some of them, with their arithmetic."),
};

/** Requests that keep their cost because they cannot be rated. */
export const kept = { expired: count, unpriced: count };

export const nextFrom = instant.nullable().describe("`from` of the call that goes on; null: the period is done.");

export const priceOperations = group({
  tag: "Prices",
  about: "The price book: the catalogue's prices and one's own, which go before them.",
  pathId: "prc",
  operations: {
    "GET /api/prices": {
      id: "listPrices",
      summary: "The price book",
      description: "As it applies to an organization; with `at`, what holds at that moment.",
      answers: { 200: page(bookEntry) },
      errors: [404],
    },
    "POST /api/prices": {
      id: "createPrice",
      summary: "Create a price",
      description: "Prices of a model in one organization do not overlap: 409 otherwise.",
      answers: { 201: changed },
      errors: [404, 409],
      etag: true,
    },
    "PATCH /api/prices/:id": {
      id: "endPrice",
      summary: "Give a price another end",
      answers: { 200: changed },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "DELETE /api/prices/:id": {
      id: "deletePrice",
      summary: "Take a price back that has not begun",
      answers: { 200: removed("prc") },
      errors: [409],
      ifMatch: true,
    },
    "POST /api/prices/rerate": {
      id: "ratePeriodAnew",
      summary: "Rate a period anew",
      description:
        "By today's price book: a preview, unless `dry_run` is `false`; then differences become corrections.",
      answers: {
        200: z
          .strictObject({
            dry_run: z.boolean(),
            from: z.string(),
            to: z.string(),
            next_from: nextFrom,
            ...report,
            kept: z.strictObject(kept).describe("Requests that keep their cost because they cannot be rated."),
            ledger_told: z
              .boolean()
              .nullable()
              .describe("`false`: the Ledger's counters lack the corrections. `null`: there was nothing to tell."),
          })
          .meta({ id: "Rerating" }),
      },
      errors: [404],
    },
  },
});
