import { arrayAt, isObject, objectAt, parseJson, stringAt, textOf } from "../../lib/json.ts";
import type { AnswerFacts } from "../dialect.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage } from "./usage.ts";

/** Most chunks carry text only; these marks tell the few that must be parsed. Escaped text cannot hold them. */
const INTERESTING = /"(?:usage"\s*:\s*\{|finish_reason"\s*:\s*"|error"\s*:)/;

/** One chunk of a Chat stream. Running totals overwrite; usage may come with, after or before the finish. */
export function step(facts: AnswerFacts, data: string): AnswerFacts {
  if (data === "[DONE]") return { ...facts, terminal: true };
  if (facts.servedModel !== null && !INTERESTING.test(data)) return facts;
  const chunk = parseJson(data);
  if (!isObject(chunk)) return facts;
  const next = {
    ...facts,
    servedModel: facts.servedModel ?? (stringAt(chunk, "model") || null),
  };
  const choice = arrayAt(chunk, "choices")[0];
  const usage = decodeUsage(chunk.usage ?? (isObject(choice) ? choice.usage : undefined));
  if (usage) {
    const serviceTier = stringAt(chunk, "service_tier") ?? facts.usage?.serviceTier;
    next.usage = serviceTier ? { ...usage, serviceTier } : usage;
  }
  if (isObject(choice)) next.stopReason = decodeStopReason(choice.finish_reason) ?? next.stopReason;
  // Some hosts leave `[DONE]` out.
  if (next.stopReason !== null) next.terminal = true;
  const error = objectAt(chunk, "error");
  if (error) next.error = textOf(error.code) || textOf(error.type) || "error";
  return next;
}

/** Characters of text, reasoning and tool arguments in one chunk. */
export function observedText(data: string): number {
  let characters = 0;
  for (const choice of arrayAt(parseJson(data), "choices")) {
    const delta = objectAt(choice, "delta");
    characters += stringAt(delta, "content")?.length ?? 0;
    characters += (stringAt(delta, "reasoning_content") ?? stringAt(delta, "reasoning"))?.length ?? 0;
    characters += stringAt(delta, "refusal")?.length ?? 0;
    for (const call of arrayAt(delta, "tool_calls")) {
      const called = objectAt(call, "function");
      characters += (stringAt(called, "name")?.length ?? 0) + (stringAt(called, "arguments")?.length ?? 0);
    }
  }
  return characters;
}

/**
 * Whether an event is the usage-only chunk that `stream_options.include_usage` adds: empty `choices` beside a usage
 * object (OpenAI API reference, "stream_options"). A usage on a chunk that has choices is the provider's own habit.
 */
export function isUsageChunk(data: string): boolean {
  if (!data.includes('"usage"') || !/"choices"\s*:\s*\[\s*\]/.test(data)) return false;
  const chunk = parseJson(data);
  return isObject(chunk) && isObject(chunk.usage) && Array.isArray(chunk.choices) && chunk.choices.length === 0;
}

/** A comment, as OpenRouter sends it while a model gets ready. */
export const KEEP_ALIVE = ": keep-alive\n\n";
