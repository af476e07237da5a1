import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { count, id, instant, nano, page, ulid, usd } from "./common.ts";

const tokens = z
  .strictObject({
    input_uncached: z.int(),
    cache_read: z.int(),
    cache_write: z.int(),
    output: z.int().describe("Reasoning included."),
    reasoning: z.int(),
  })
  .meta({ id: "Tokens", description: "Buckets that do not overlap, but for `reasoning`, a part of `output`." });

const outcome = z
  .enum(["ok", "provider_error", "stream_error", "client_gone", "timeout", "expired"])
  .meta({ id: "Outcome" });

/** What is charged, and both figures it is chosen from. */
const figures = {
  tokens,
  cost_nano: nano,
  cost_usd: usd,
  list_cost_nano: nano.nullable().describe("By the price book, in nano-USD; null: the model has no price."),
  list_cost_usd: usd.nullable(),
  provider_cost_nano: nano.nullable().describe("What the provider says it charged, in nano-USD."),
  provider_cost_usd: usd.nullable(),
  price_version: z.string().nullable(),
};

const fields = {
  id: ulid.describe("Also the answer's `x-request-id`."),
  created_at: instant,
  settled_at: instant,
  organization_id: id("org"),
  key_id: z.string(),
  session_id: z.string().nullable(),
  agent_id: z.string().nullable(),
  client: z.string().nullable().describe("The client program, from its user agent."),
  end_user: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  dialect: z.string().describe("The client's wire format."),
  operation: z.string().describe("`generate`, `embed`, …"),
  provider: z.string(),
  simulated: z.boolean(),
  requested_model: z.string(),
  upstream_model: z.string(),
  served_model: z.string().nullable(),
  streamed: z.boolean(),
  outcome,
  status: z.int().describe("HTTP status of the answer."),
  error_code: z.string().nullable(),
  stop_reason: z.string().nullable(),
  attempts: count,
  ...figures,
  held_nano: nano.describe("What was held at most, in nano-USD."),
  held_usd: usd,
  over_bound_nano: nano.describe("By how much the cost was above what was held, in nano-USD."),
  over_bound_usd: usd,
  output_cap: z.int().nullable().describe("The output cap that was sent where the client sent another, or none."),
  exact: z.boolean().describe("The tokens are the provider's own figures."),
  corrected: z.boolean(),
  ttft_ms: z.int().nullable().describe("Milliseconds until the provider's first byte."),
  duration_ms: z.int(),
  upstream_request_id: z.string().nullable(),
  upstream_dialect: z.string().nullable(),
  warnings: z.array(z.string()).describe("What translation could not keep, as `code@path`."),
  route_id: z.string().nullable().describe("The route that named the target; null: the client did."),
};

const nameOf = (what: string) =>
  z.string().nullable().describe(`Name of ${what}; null: there is none, it is gone, or not yours to see.`);

/** What a key and its organization are called, and whose it is. */
export const keyNames = {
  organization_name: nameOf("the organization"),
  key_name: nameOf("the key"),
  member_id: z.string().nullable().describe("Whose key it is; null: a service's."),
  member_name: nameOf("the member"),
  member_email: z.string().nullable(),
};

/** What its ids are called. */
const names = { ...keyNames, route_name: nameOf("the route") };

const request = z
  .strictObject({ ...fields, ...names })
  .meta({ id: "RequestRow", description: "A request, as lists show it." });

const REQUEST_FIELDS = Object.keys(request.shape) as (keyof typeof request.shape)[];

/** Which fields of a request are shown. */
export const requestFieldsSchema = z
  .string()
  .transform((text) => [...new Set(text.split(","))])
  .refine(
    (given): given is typeof REQUEST_FIELDS => given.every((name) => REQUEST_FIELDS.includes(name as never)),
    `Must be a list like "id,created_at,status" of the fields of a request`,
  )
  .optional()
  .describe(
    "Only these fields of each request, separated by commas: what a page's columns show, in a fifth of the bytes.",
  );

const partOfRequest = request
  .partial()
  .meta({ id: "PartOfRequest", description: "The fields of a request that `fields` names." });

const attempt = z
  .strictObject({
    provider: z.string(),
    model: z.string(),
    credential: z.string().nullable(),
    outcome: z.enum(["answered", "failed", "skipped"]),
    reason: z.string().nullable(),
    status: z.int().nullable(),
    start_ms: z.number(),
    duration_ms: z.number(),
    cost_nano: nano,
  })
  .meta({ id: "Attempt" });

const detail = {
  ...fields,
  tries: z.array(attempt).nullable().describe("null: there was one attempt, by the provider's default credential."),
  failed_cost_nano: nano.describe("The part of the cost of attempts whose answers nobody got, in nano-USD."),
  failed_cost_usd: usd,
  raw_usage: z.record(z.string(), z.unknown()).nullable().describe("The provider's own usage object."),
  revisions: z
    .array(z.strictObject({ rev: z.int().min(0), settled_at: instant, outcome, ...figures }))
    .describe("What was written, first to last; the sum of all is what the request says."),
};

/** What a key's holder sees of its own request (`GET /v1/requests/{id}`). */
export const ownRequest = z.strictObject(detail).meta({ id: "OwnRequest" });

const costTerm = z.strictObject({
  name: z.string(),
  count: z.string().nullable(),
  pico_usd_each: z.string().nullable(),
  pico_usd: z.string(),
});

const requestDetail = z
  .strictObject({
    ...detail,
    ...names,
    cost_terms: z.array(costTerm).describe("What the cost is the sum of, in pico-USD (10⁻¹² dollar)."),
  })
  .meta({ id: "RequestDetail" });

const refused = z
  .strictObject({
    id: ulid.describe("Also the answer's `x-request-id`."),
    created_at: instant,
    organization_id: id("org"),
    key_id: z.string(),
    ...keyNames,
    dialect: z.string().describe("The client's wire format."),
    operation: z.string(),
    requested_model: z.string().nullable().describe("null: the body was not read so far."),
    client: z.string().nullable().describe("The client program, from its user agent."),
    status: z.int().describe("HTTP status of the answer."),
    error_code: z.string(),
    param: z.string().nullable().describe("The field at fault."),
    message: z
      .string()
      .nullable()
      .describe(
        "What the client was told; null where that may quote what it sent (400) or its address (`ip_not_allowed`).",
      ),
    limit_id: z.string().nullable().describe("What refused it, where that was a limit."),
    repeated: count.describe("So many more like it came within the same seconds, and have no row."),
  })
  .meta({ id: "RefusedRequest", description: "A request that was not admitted: nothing was sent or counted." });

const capped = z.boolean().describe("There are more.");

export const requestOperations = group({
  tag: "Requests",
  about: "What was asked, who asked it, what became of it and what it cost.",
  pathId: "ulid",
  operations: {
    "GET /api/requests": {
      id: "listRequests",
      summary: "List requests",
      description: "Newest first.",
      answers: { 200: page(z.union([request, partOfRequest])) },
      errors: [404],
    },
    "GET /api/requests/count": {
      id: "countRequests",
      summary: "Count requests",
      description: "To 10,000.",
      answers: { 200: z.strictObject({ count, capped }).meta({ id: "RequestCount" }) },
      errors: [404],
    },
    "GET /api/requests/facets": {
      id: "getRequestFacets",
      summary: "The values that fields have",
      description:
        "Each with its count, among the newest 10,000 that match. A `key`, `member` or `route` that is asked for is told also where it did not occur, so that it has a name.",
      answers: {
        200: z
          .strictObject({
            data: z.record(
              z.string(),
              z.strictObject({
                values: z.array(
                  z.strictObject({
                    value: z.string().nullable(),
                    count,
                    name: nameOf("an organization, key, member or route; left out of other fields").optional(),
                    email: z.string().nullable().optional().describe("Of a member."),
                  }),
                ),
                more: z.boolean().describe("There are more values."),
              }),
            ),
            count,
            capped,
          })
          .meta({ id: "RequestFacets" }),
      },
      errors: [404],
    },
    "GET /api/requests/histogram": {
      id: "getRequestHistogram",
      summary: "Requests over time",
      description: "The last day when no period is named.",
      answers: {
        200: z
          .strictObject({
            data: z.array(z.strictObject({ from: instant, to: instant, requests: count, errors: count })),
          })
          .meta({ id: "RequestHistogram" }),
      },
      errors: [404],
    },
    "GET /api/requests/export": {
      id: "exportRequests",
      summary: "Export requests",
      description: "All that match, as a stream. One that breaks off is not complete. It is noted in the audit log.",
      answers: {
        200: {
          media: {
            "text/csv": { description: "A row each, below the columns' names." },
            "application/x-ndjson": { description: "A `RequestRow` on each line.", schema: request },
          },
        },
      },
      errors: [404],
    },
    "GET /api/requests/live": {
      id: "followRequests",
      summary: "Follow requests",
      description:
        "Server-sent events, from now or after `Last-Event-ID`: `request` for each of the first twenty a second, `more` with the number of the rest. Ends after five minutes.",
      answers: {
        200: {
          media: {
            "text/event-stream": { description: "`request`: a `RequestRow`, or a `PartOfRequest`; `more`: `{count}`." },
          },
        },
      },
      errors: [404],
    },
    "GET /api/refusals": {
      id: "listRefusals",
      summary: "List refused requests",
      description:
        "Those that were refused before they were admitted, the newest first: no usage, and in no statistic. Kept for 30 days. Of many alike a few have a row, and the last says how many there were. A request without a key of ours belongs to nobody, and has none.",
      answers: { 200: page(refused) },
      errors: [404],
    },
    "GET /api/requests/:id": {
      id: "getRequest",
      summary: "Get a request",
      description: "With everything that is known of it.",
      answers: { 200: requestDetail },
    },
  },
});
