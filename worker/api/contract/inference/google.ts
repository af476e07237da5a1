import { z } from "zod";
import type { InferenceGroup, InferenceOperation } from "./operation.ts";

const content = z.looseObject({ role: z.string().optional(), parts: z.array(z.looseObject({})).optional() });
const carried = "The fields named here are the ones most used; every other of Google's is carried as well.";

const generateRequest = z
  .looseObject({
    contents: z.array(content),
    systemInstruction: content.optional(),
    tools: z.array(z.looseObject({})).optional(),
    toolConfig: z.looseObject({}).optional(),
    safetySettings: z.array(z.looseObject({})).optional(),
    generationConfig: z
      .looseObject({
        maxOutputTokens: z.int().optional(),
        temperature: z.number().optional(),
        topP: z.number().optional(),
        topK: z.number().optional(),
        stopSequences: z.array(z.string()).optional(),
        responseMimeType: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: "GenerateContentRequest", description: carried });

const generateAnswer = z
  .looseObject({
    candidates: z.array(z.looseObject({ content: content.optional(), finishReason: z.string().optional() })).optional(),
    usageMetadata: z
      .looseObject({ promptTokenCount: z.int().optional(), candidatesTokenCount: z.int().optional() })
      .optional(),
    modelVersion: z.string().optional(),
  })
  .meta({ id: "GenerateContentResponse" });

const countRequest = z
  .looseObject({ contents: z.array(content).optional(), generateContentRequest: z.looseObject({}).optional() })
  .meta({ id: "CountTokensRequest" });

const embedRequest = z
  .looseObject({ content, outputDimensionality: z.int().optional(), taskType: z.string().optional() })
  .meta({ id: "EmbedContentRequest" });

const vector = z.looseObject({ values: z.array(z.number()) });

const PATH = { model: "The model, or a route's name; its slash written `%2F`, or as it is." };
const call = { dialect: "google-generate-content", permission: "write", asks: true, path: PATH } as const;

const METHODS: Record<string, Omit<InferenceOperation, keyof typeof call>> = {
  generateContent: {
    id: "generateContent",
    summary: "Generate content",
    body: generateRequest,
    answers: { 200: generateAnswer },
  },
  streamGenerateContent: {
    id: "streamGenerateContent",
    summary: "Generate content as a stream",
    body: generateRequest,
    query: z.strictObject({ alt: z.literal("sse").optional().describe("Events; a JSON array otherwise.") }),
    answers: {
      200: {
        media: {
          "text/event-stream": { description: "With `alt=sse`: a `GenerateContentResponse` in each `data:`." },
          "application/json": { description: "An array of them.", schema: z.array(generateAnswer) },
        },
      },
    },
  },
  countTokens: {
    id: "countTokens",
    summary: "Count tokens",
    description: "Free. An estimate, with `x-gaia-token-count: estimated`, where the provider has no counter.",
    body: countRequest,
    answers: { 200: z.looseObject({ totalTokens: z.int() }).meta({ id: "CountTokensResponse" }) },
  },
  embedContent: {
    id: "embedContent",
    summary: "Embed content",
    body: embedRequest,
    answers: { 200: z.looseObject({ embedding: vector }).meta({ id: "EmbedContentResponse" }) },
  },
  batchEmbedContents: {
    id: "batchEmbedContents",
    summary: "Embed several contents",
    body: z.looseObject({ requests: z.array(embedRequest) }).meta({ id: "BatchEmbedContentsRequest" }),
    answers: {
      200: z.looseObject({ embeddings: z.array(vector) }).meta({ id: "BatchEmbedContentsResponse" }),
    },
  },
};

export const googleOperations: InferenceGroup = {
  tag: "Google",
  about:
    "What Google's clients send: `baseUrl` is this origin. The same calls are taken under `/v1/models/…`, and without `models/`. Errors are Google's.",
  operations: Object.fromEntries(
    Object.entries(METHODS).map(([method, operation]) => [
      `POST /v1beta/models/{model}:${method}`,
      { ...call, ...operation },
    ]),
  ),
};
