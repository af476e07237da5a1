import { type JsonObject, numberOf } from "../values.ts";

/** What the simulated Anthropic lists, newest first. It answers to any other name as well. */
const MODELS: [id: string, name: string, createdAt: string, input: number, output: number][] = [
  ["claude-opus-5-5", "Claude Opus 5.5", "2026-10-13T00:00:00Z", 1_000_000, 128_000],
  ["claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-10-13T00:00:00Z", 1_000_000, 128_000],
  ["claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-13T00:00:00Z", 1_000_000, 128_000],
  ["claude-fable-5-1", "Claude Fable 5.1", "2026-09-01T00:00:00Z", 1_000_000, 128_000],
  ["claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z", 1_000_000, 128_000],
  ["claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z", 200_000, 64_000],
];

const describe = ([id, name, createdAt, input, output]: (typeof MODELS)[number]): JsonObject => ({
  type: "model",
  id,
  display_name: name,
  created_at: createdAt,
  lifecycle: "active",
  line: null,
  deprecated_at: null,
  retires_at: null,
  max_input_tokens: input,
  max_tokens: output,
  capabilities: null,
});

/** A page of the list: `limit` (20), after `after_id` or before `before_id`. */
export function listModels(query: URLSearchParams): JsonObject {
  const limit = numberOf(Number(query.get("limit") ?? 20)) ?? 20;
  const after = MODELS.findIndex(([id]) => id === query.get("after_id"));
  const before = MODELS.findIndex(([id]) => id === query.get("before_id"));
  const from = before >= 0 ? Math.max(0, before - limit) : after + 1;
  const page = MODELS.slice(from, before >= 0 ? before : from + limit);
  return {
    data: page.map(describe),
    has_more: before >= 0 ? from > 0 : from + limit < MODELS.length,
    first_id: page[0]?.[0] ?? null,
    last_id: page.at(-1)?.[0] ?? null,
  };
}

/** Null for a name that is not listed. */
export function findModel(id: string): JsonObject | null {
  const found = MODELS.find(([one]) => one === id);
  return found === undefined ? null : describe(found);
}
