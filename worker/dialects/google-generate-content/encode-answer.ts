import type { Candidate, CanonicalAnswer } from "../../canonical/answer.ts";
import type { Losses } from "../../canonical/losses.ts";
import type { Part, TextPart, TokenLogprob, ToolCallPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { type JsonObject, objectAt } from "../../lib/json.ts";
import type { AnswerContext } from "../dialect.ts";
import { argumentsObject } from "../tool-arguments.ts";
import { encodeGrounding } from "./citations.ts";
import { UNSIGNED, writeSignature } from "./signatures.ts";
import { encodeStopReason } from "./stop-reason.ts";
import { encodeUsage } from "./usage.ts";

/** A whole GenerateContentResponse for any provider's answer. */
export function encodeAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  return {
    candidates: answer.candidates.map((candidate) => encodeCandidate(candidate, context)),
    ...(answer.usage === null ? {} : { usageMetadata: encodeUsage(answer.usage) }),
    ...envelope(context),
  };
}

export const envelope = ({ id, model }: AnswerContext): JsonObject => ({ modelVersion: model, responseId: id });

/** Whether the client wants to see thoughts (`thinkingConfig.includeThoughts`, in either spelling). */
export function showsThoughts({ body }: AnswerContext): boolean {
  const config = objectAt(body, "generationConfig") ?? objectAt(body, "generation_config");
  const thinking = objectAt(config, "thinkingConfig") ?? objectAt(config, "thinking_config");
  return thinking?.includeThoughts === true || thinking?.include_thoughts === true;
}

function encodeCandidate({ index, parts, stop }: Candidate, context: AnswerContext): JsonObject {
  const writer = new PartWriter(context.losses, showsThoughts(context));
  const encoded = [...parts.flatMap((part) => writer.write(part)), ...writer.rest()];
  const texts = parts.filter((part) => part.type === "text");
  const grounding = groundingOf(texts);
  const logprobs = texts.flatMap((part) => part.logprobs ?? []);
  return {
    content: { role: "model", parts: encoded.length === 0 ? [{ text: "" }] : encoded },
    finishReason: encodeStopReason(stop.reason),
    ...(stop.explanation === undefined ? {} : { finishMessage: stop.explanation }),
    index,
    ...(grounding === null ? {} : { groundingMetadata: grounding }),
    ...(logprobs.length === 0 ? {} : { logprobsResult: encodeLogprobs(logprobs) }),
  };
}

/** Citations of all texts, counted over them together, as the parts reach the client joined. */
export function groundingOf(texts: readonly TextPart[]): JsonObject | null {
  let offset = 0;
  const all = texts.flatMap((part) => {
    const begins = offset;
    offset += part.text.length;
    return (part.citations ?? []).map((citation) => ({
      ...citation,
      start: begins + (citation.start ?? 0),
      end: begins + (citation.end ?? part.text.length),
    }));
  });
  return encodeGrounding(texts.map((part) => part.text).join(""), all);
}

export function encodeLogprobs(logprobs: readonly TokenLogprob[]): JsonObject {
  const one = ({ token, logprob }: { token: string; logprob: number }) => ({ token, logProbability: logprob });
  return {
    chosenCandidates: logprobs.map(one),
    topCandidates: logprobs.map(({ top }) => ({ candidates: top.map(one) })),
  };
}

/**
 * Writes parts in order and finds a place for state that belongs to thoughts: clients keep the signature of a call and of
 * the last text, and seldom the thoughts. State travels on the next call, or on an empty text where another thought comes
 * first; it belongs before the texts that stand before it. A call that nobody signed is marked, so that Google is not asked
 * to check it.
 */
export class PartWriter {
  readonly #losses: Losses;
  readonly #showsThoughts: boolean;
  readonly #waiting: ReasoningState[] = [];
  #calls = 0;

  constructor(losses: Losses, showThoughts: boolean) {
    this.#losses = losses;
    this.#showsThoughts = showThoughts;
  }

  write(part: Part): JsonObject[] {
    switch (part.type) {
      case "text":
        return this.text(part.text, part.state);
      case "refusal":
        return this.text(part.text, undefined);
      case "thinking": {
        const earlier = this.rest();
        if (part.state !== undefined) this.#waiting.push(part.state);
        return this.#showsThoughts && part.text !== "" ? [...earlier, { text: part.text, thought: true }] : earlier;
      }
      case "tool_call":
        return [this.#call(part)];
      case "image":
      case "audio":
        if (part.media?.kind === "base64") {
          return [{ inlineData: { mimeType: part.media.mediaType, data: part.media.data } }];
        }
        this.#losses.add("part_dropped", "answer");
        return [];
      default:
        this.#losses.add("part_dropped", "answer");
        return [];
    }
  }

  text(text: string, state: ReasoningState | undefined): JsonObject[] {
    if (text === "" && state === undefined) return [];
    return [{ text, ...(state === undefined ? {} : { thoughtSignature: writeSignature(state) }) }];
  }

  /** Whether thoughts are shown; a stream asks before each piece. */
  get showsThoughts(): boolean {
    return this.#showsThoughts;
  }

  /** A thought's state that waits for a call to travel on. */
  keep(state: ReasoningState): void {
    this.#waiting.push(state);
  }

  #call(part: ToolCallPart): JsonObject {
    const state = part.state ?? this.#waiting.shift() ?? (this.#calls === 0 ? UNSIGNED : undefined);
    this.#calls++;
    return {
      functionCall: { id: part.id, name: part.name, args: argumentsObject(part, this.#losses) },
      ...(state === undefined ? {} : { thoughtSignature: writeSignature(state) }),
    };
  }

  /** State that no call has taken, on empty texts, as Google itself sends it at the end. */
  rest(): JsonObject[] {
    return this.#waiting.splice(0).map((state) => ({ text: "", thoughtSignature: writeSignature(state) }));
  }
}
