import type { JsonObject } from "../../lib/json.ts";

/** Chat has no token counter of its own; what is asked of it is estimated elsewhere. */
export const countRequest = (encoded: JsonObject, _model: string): JsonObject => encoded;
export const decodeTokenCount = (_body: unknown): number | null => null;
export const encodeTokenCount = (tokens: number): JsonObject => ({ input_tokens: tokens });
