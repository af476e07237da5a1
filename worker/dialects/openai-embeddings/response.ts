import { countAt, isObject, objectAt, stringAt } from "../../lib/json.ts";
import { type AnswerFacts, noAnswer } from "../dialect.ts";
import { providerCost } from "../provider-cost.ts";

/** An embeddings list: `usage.prompt_tokens` is all there is to bill. */
export function readAnswer(body: unknown): AnswerFacts {
  if (!isObject(body)) return noAnswer();
  const raw = objectAt(body, "usage");
  const prompt = countAt(raw, "prompt_tokens");
  const input = {
    total: prompt ?? 0,
    uncached: prompt ?? 0,
    cacheRead: 0,
    cacheWrite: 0,
  };
  return {
    ...noAnswer(),
    usage: raw && prompt !== undefined ? { input, output: { total: 0 }, ...providerCost(raw), raw } : null,
    servedModel: stringAt(body, "model") || null,
    terminal: true,
  };
}
