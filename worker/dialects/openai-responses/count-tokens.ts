import { countAt, type JsonObject } from "../../lib/json.ts";

/** What `POST /v1/responses/input_tokens` takes of a request (API reference, "Count input tokens"). */
const COUNTED = [
  "model",
  "input",
  "instructions",
  "tools",
  "tool_choice",
  "reasoning",
  "text",
  "parallel_tool_calls",
  "truncation",
];

export const countRequest = (encoded: JsonObject, _model: string): JsonObject =>
  Object.fromEntries(Object.entries(encoded).filter(([key]) => COUNTED.includes(key)));

export const decodeTokenCount = (body: unknown): number | null => countAt(body, "input_tokens") ?? null;

export const encodeTokenCount = (tokens: number): JsonObject => ({
  object: "response.input_tokens",
  input_tokens: tokens,
});
