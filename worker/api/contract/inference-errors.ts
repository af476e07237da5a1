import { z } from "zod";
import type { DialectId } from "../../canonical/dialect-id.ts";
import type { JsonSchema, SchemaWriter } from "./json-schema.ts";
import { headerRefs } from "./parts.ts";

const openai = z
  .strictObject({
    error: z.looseObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable().describe("A stable word (docs/api.md)."),
    }),
  })
  .meta({ id: "OpenAIError" });

const anthropic = z
  .strictObject({
    type: z.literal("error"),
    error: z.looseObject({
      type: z.string(),
      message: z.string(),
      details: z
        .looseObject({ error_code: z.string().describe("A stable word (docs/api.md).") })
        .nullable()
        .optional(),
    }),
    request_id: z.string().nullable().optional(),
  })
  .meta({ id: "AnthropicError" });

const google = z
  .strictObject({
    error: z.looseObject({
      code: z.int(),
      message: z.string(),
      status: z.string(),
      details: z
        .array(z.looseObject({ "@type": z.string() }))
        .optional()
        .describe("`reason` of its `ErrorInfo` is a stable word (docs/api.md), in capital letters."),
    }),
  })
  .meta({ id: "GoogleError" });

const DIALECTS: Record<DialectId, { name: string; schema: z.ZodType }> = {
  "openai-chat": { name: "OpenAI", schema: openai },
  "openai-responses": { name: "OpenAI", schema: openai },
  "openai-embeddings": { name: "OpenAI", schema: openai },
  "anthropic-messages": { name: "Anthropic", schema: anthropic },
  "google-generate-content": { name: "Google", schema: google },
};

/** Where an inference request's errors are described, in the client's dialect. */
export const errorRef = (dialect: DialectId): JsonSchema => ({
  $ref: `#/components/responses/${DIALECTS[dialect].name}Error`,
});

/** One answer for all errors of a dialect: their statuses are many, and providers add theirs. */
export const inferenceResponses = (writer: SchemaWriter): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.values(DIALECTS).map(({ name, schema }) => [
      `${name}Error`,
      {
        description: `An error as ${name}'s clients read it, of whatever status: 400, 401, 403, 404, 408, 409, 413, 415, 429, 5xx.`,
        headers: headerRefs({
          "x-request-id": "RequestId",
          "retry-after": "RetryAfter",
          "x-should-retry": "ShouldRetry",
          "x-gaia-limit": "GaiaLimit",
          "x-gaia-warnings": "GaiaWarnings",
          "x-gaia-upstream-status": "GaiaUpstreamStatus",
        }),
        content: { "application/json": { schema: writer.write(schema, "output") } },
      },
    ]),
  );
