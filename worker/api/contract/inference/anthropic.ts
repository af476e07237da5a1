import { z } from "zod";
import type { InferenceGroup } from "./operation.ts";

const fields = {
  model: z
    .string()
    .describe("`{provider}/{model}`, a bare name that is known, or the name of a route.")
    .meta({ examples: ["anthropic/claude-opus-5-5"] }),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]),
    }),
  ),
  system: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).optional(),
  tools: z.array(z.looseObject({ name: z.string().optional() })).optional(),
  tool_choice: z.looseObject({ type: z.string() }).optional(),
  thinking: z.looseObject({ type: z.string() }).optional(),
};

const carried = "The fields named here are the ones most used; every other of Anthropic's is carried as well.";

const request = z
  .looseObject({
    ...fields,
    max_tokens: z.int(),
    stream: z.boolean().optional(),
    temperature: z.number().optional(),
    top_p: z.number().optional(),
    top_k: z.int().optional(),
    stop_sequences: z.array(z.string()).optional(),
    metadata: z.looseObject({ user_id: z.string().nullable().optional() }).optional(),
  })
  .meta({ id: "MessageRequest", description: carried });

const answer = z
  .looseObject({
    id: z.string(),
    type: z.literal("message"),
    role: z.literal("assistant"),
    model: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
  })
  .meta({ id: "AnsweredMessage" });

export const anthropicOperations: InferenceGroup = {
  tag: "Anthropic",
  about: "What Anthropic's clients send: `baseURL` is this origin. Errors are Anthropic's.",
  operations: {
    "POST /v1/messages": {
      id: "createMessage",
      summary: "Message",
      dialect: "anthropic-messages",
      permission: "write",
      asks: true,
      body: request,
      answers: {
        200: {
          media: {
            "application/json": { description: "Without `stream`.", schema: answer },
            "text/event-stream": {
              description: "With `stream: true`: Anthropic's events, from `message_start` to `message_stop`.",
            },
          },
        },
      },
    },
    "POST /v1/messages/count_tokens": {
      id: "countMessageTokens",
      summary: "Count a message's tokens",
      description: "Free. An estimate, with `x-gaia-token-count: estimated`, where the provider has no counter.",
      dialect: "anthropic-messages",
      permission: "write",
      asks: true,
      body: z.looseObject(fields).meta({ id: "MessageTokensRequest", description: carried }),
      answers: { 200: z.looseObject({ input_tokens: z.int() }).meta({ id: "MessageTokens" }) },
    },
  },
};
