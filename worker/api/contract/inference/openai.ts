import { z } from "zod";
import type { InferenceGroup } from "./operation.ts";

const model = z
  .string()
  .describe("`{provider}/{model}`, a bare name that is known, or the name of a route.")
  .meta({ examples: ["openai/gpt-6.1-sol"] });

const message = z.looseObject({
  role: z.string().describe("`system`, `developer`, `user`, `assistant`, `tool`."),
  content: z.unknown().optional().describe("Text, or parts."),
});

const chatRequest = z
  .looseObject({
    model,
    messages: z.array(message),
    stream: z.boolean().optional(),
    stream_options: z.looseObject({ include_usage: z.boolean().optional() }).optional(),
    max_completion_tokens: z.int().nullable().optional(),
    max_tokens: z.int().nullable().optional(),
    temperature: z.number().nullable().optional(),
    top_p: z.number().nullable().optional(),
    stop: z.union([z.string(), z.array(z.string()), z.null()]).optional(),
    n: z.int().nullable().optional(),
    tools: z.array(z.looseObject({ type: z.string() })).optional(),
    tool_choice: z.unknown().optional(),
    response_format: z.looseObject({ type: z.string() }).optional(),
    reasoning_effort: z.string().nullable().optional(),
    models: z.array(z.string()).optional().describe("Other models, to be asked if one fails."),
  })
  .meta({
    id: "ChatCompletionRequest",
    description: "The fields named here are the ones most used; every other of OpenAI's is carried as well.",
  });

const usage = z.looseObject({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
});

const chatAnswer = z
  .looseObject({
    id: z.string(),
    object: z.string(),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({ role: z.string(), content: z.string().nullable().optional() }),
        finish_reason: z.string().nullable(),
      }),
    ),
    usage: usage.optional(),
  })
  .meta({ id: "ChatCompletion" });

const responsesRequest = z
  .looseObject({
    model,
    input: z.union([z.string(), z.array(z.looseObject({}))]).describe("Text, or items."),
    instructions: z.string().nullable().optional(),
    stream: z.boolean().nullable().optional(),
    max_output_tokens: z.int().nullable().optional(),
    temperature: z.number().nullable().optional(),
    tools: z.array(z.looseObject({ type: z.string() })).optional(),
    text: z.looseObject({}).optional(),
    reasoning: z.looseObject({}).nullable().optional(),
    store: z.boolean().nullable().optional(),
  })
  .meta({
    id: "ResponseRequest",
    description: "The fields named here are the ones most used; every other of OpenAI's is carried as well.",
  });

const responsesAnswer = z
  .looseObject({
    id: z.string(),
    object: z.literal("response"),
    status: z.string(),
    model: z.string(),
    output: z.array(z.looseObject({ type: z.string() })),
    usage: z
      .looseObject({ input_tokens: z.int(), output_tokens: z.int(), total_tokens: z.int() })
      .nullable()
      .optional(),
  })
  .meta({ id: "ModelResponse" });

const embeddingsRequest = z
  .looseObject({
    model,
    input: z
      .union([z.string(), z.array(z.string()), z.array(z.int()), z.array(z.array(z.int()))])
      .describe("Texts, or tokens of a model that takes them."),
    dimensions: z.int().optional(),
    encoding_format: z.enum(["float", "base64"]).optional(),
  })
  .meta({ id: "EmbeddingsRequest" });

const embeddingsAnswer = z
  .looseObject({
    object: z.literal("list"),
    model: z.string(),
    data: z.array(
      z.looseObject({
        object: z.literal("embedding"),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string().describe("With `encoding_format: base64`.")]),
      }),
    ),
    usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: "Embeddings" });

/** JSON, or a stream when the request asks for one. */
const orStream = (schema: z.ZodType, events: string) => ({
  media: {
    "application/json": { description: "Without `stream`.", schema },
    "text/event-stream": { description: events },
  },
});

export const openaiOperations: InferenceGroup = {
  tag: "OpenAI",
  about: "What OpenAI's clients send: `baseURL` is this origin and `/v1`. Errors are OpenAI's.",
  operations: {
    "POST /v1/chat/completions": {
      id: "createChatCompletion",
      summary: "Chat completion",
      dialect: "openai-chat",
      permission: "write",
      asks: true,
      body: chatRequest,
      answers: {
        200: orStream(
          chatAnswer,
          "With `stream: true`: `data:` chunks, and `data: [DONE]` at the end of a whole answer.",
        ),
      },
    },
    "POST /v1/responses": {
      id: "createResponse",
      summary: "Response",
      description: "`previous_response_id`, `background` and other state at OpenAI: see docs/translation.md.",
      dialect: "openai-responses",
      permission: "write",
      asks: true,
      body: responsesRequest,
      answers: { 200: orStream(responsesAnswer, "With `stream: true`: OpenAI's events, `response.completed` last.") },
    },
    "POST /v1/responses/input_tokens": {
      id: "countResponseTokens",
      summary: "Count a response's input tokens",
      description: "Free. An estimate, with `x-gaia-token-count: estimated`, where the provider has no counter.",
      dialect: "openai-responses",
      permission: "write",
      asks: true,
      body: responsesRequest.meta({ id: "ResponseTokensRequest" }),
      answers: {
        200: z.looseObject({ object: z.string(), input_tokens: z.int() }).meta({ id: "ResponseTokens" }),
      },
    },
    "POST /v1/embeddings": {
      id: "createEmbeddings",
      summary: "Embeddings",
      dialect: "openai-embeddings",
      permission: "write",
      asks: true,
      body: embeddingsRequest,
      answers: { 200: embeddingsAnswer },
    },
  },
};
