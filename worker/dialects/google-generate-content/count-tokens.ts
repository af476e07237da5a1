import { countAt, type JsonObject } from "../../lib/json.ts";

/** `:countTokens` with a whole request, so that tools and instructions count (API reference, "countTokens"). */
export const countRequest = (encoded: JsonObject, model: string): JsonObject => ({
  generateContentRequest: { model: `models/${model}`, ...encoded },
});

export const decodeTokenCount = (body: unknown): number | null => countAt(body, "totalTokens") ?? null;

/** Without a share for each modality: other providers tell none. */
export const encodeTokenCount = (tokens: number): JsonObject => ({ totalTokens: tokens });
