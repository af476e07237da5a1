import { countAt, type JsonObject } from "../../lib/json.ts";

/** `POST /v1/messages/count_tokens`: the request without its cap (API reference, "Count tokens in a Message"). */
export function countRequest(encoded: JsonObject, _model: string): JsonObject {
  const { max_tokens: _cap, stream: _stream, metadata: _metadata, stop_sequences: _stop, ...counted } = encoded;
  return counted;
}

export const decodeTokenCount = (body: unknown): number | null => countAt(body, "input_tokens") ?? null;

export const encodeTokenCount = (tokens: number): JsonObject => ({ input_tokens: tokens });
