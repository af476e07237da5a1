import type { JsonObject } from "../values.ts";

const GENERATES = ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"];
const EMBEDS = ["embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent"];

/** What the simulated Google lists. It answers to any other name as well. */
const MODELS: [id: string, name: string, input: number, output: number, methods: string[]][] = [
  ["gemini-3.6-flash", "Gemini 3.6 Flash", 1_048_576, 65_536, GENERATES],
  ["gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", 1_048_576, 65_536, GENERATES],
  ["gemini-2.5-pro", "Gemini 2.5 Pro", 1_048_576, 65_536, GENERATES],
  ["gemini-2.5-flash", "Gemini 2.5 Flash", 1_048_576, 65_536, GENERATES],
  ["gemini-embedding-2", "Gemini Embedding 2", 8_192, 1, EMBEDS],
  ["gemini-embedding-001", "Gemini Embedding 001", 2_048, 1, EMBEDS],
];

const describe = ([id, name, input, output, methods]: (typeof MODELS)[number]): JsonObject => ({
  name: `models/${id}`,
  version: "001",
  displayName: name,
  description: `${name}, simulated`,
  inputTokenLimit: input,
  outputTokenLimit: output,
  supportedGenerationMethods: methods,
  ...(methods === GENERATES && { temperature: 1, topP: 0.95, topK: 64, maxTemperature: 2, thinking: true }),
});

/** A page of the list: `pageSize` (50) from `pageToken`. */
export function listModels(query: URLSearchParams): JsonObject {
  const from = Number(query.get("pageToken") ?? 0) || 0;
  const size = Number(query.get("pageSize") ?? 50) || 50;
  return {
    models: MODELS.slice(from, from + size).map(describe),
    ...(from + size < MODELS.length && { nextPageToken: String(from + size) }),
  };
}

/** Null for a name that is not listed. */
export function findModel(id: string): JsonObject | null {
  const found = MODELS.find(([one]) => one === id);
  return found === undefined ? null : describe(found);
}
