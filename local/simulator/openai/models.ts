import type { JsonObject } from "../values.ts";

/** What the simulated OpenAI lists. It answers to any other name as well. */
const MODELS: Record<string, number> = {
  "gpt-6.1-sol": 1_790_000_000,
  "gpt-6.1-terra": 1_790_000_000,
  "gpt-6-astra": 1_788_393_600,
  "gpt-6-sol": 1_785_000_000,
  "gpt-6-luna": 1_785_000_000,
  "gpt-5.5": 1_776_902_400,
  "gpt-5.4-mini": 1_773_705_600,
  "gpt-4.1": 1_744_588_800,
  "gpt-4o-mini": 1_721_260_800,
  "text-embedding-3-large": 1_705_953_180,
  "text-embedding-3-small": 1_705_948_997,
};

const describe = (id: string, created: number): JsonObject => ({ id, object: "model", created, owned_by: "system" });

/** Models that only Responses serves, by OpenAI's own pages of them: Codex, and the first of each `pro`. */
const RESPONSES_ONLY = /^(gpt-[\d.]+-codex|gpt-5-pro|o\d-pro)/;

/** Whether Chat Completions serves a model at all. */
export const isServedByChat = (model: string): boolean => !RESPONSES_ONLY.test(model);

/** Models that reason, and therefore take fewer parameters. */
export const reasons = (model: string): boolean => /^(o\d|gpt-[5-9])/.test(model);

/** The list of models. */
export const listModels = (): JsonObject => ({
  object: "list",
  data: Object.entries(MODELS).map(([id, created]) => describe(id, created)),
});

/** Null for a name that is not listed. */
export function findModel(id: string): JsonObject | null {
  const created = MODELS[id];
  return created === undefined ? null : describe(id, created);
}
