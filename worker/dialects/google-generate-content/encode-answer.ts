import type { Candidate, CanonicalAnswer } from "../../canonical/answer.ts";
import type { Losses } from "../../canonical/losses.ts";
import type { Citation, Part, TextPart, TokenLogprob, ToolCallPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { type JsonObject, objectAt } from "../../lib/json.ts";
import type { AnswerContext } from "../dialect.ts";
import { argumentsObject } from "../tool-arguments.ts";
import { type CitedText, encodeGrounding } from "./citations.ts";
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
  const { encoded, texts } = encodeParts(parts, context);
  const grounding = encodeGrounding(texts);
  const logprobs = parts.flatMap((part) => (part.type === "text" ? (part.logprobs ?? []) : []));
  loseSources(parts, context.losses);
  return {
    content: { role: "model", parts: encoded.length === 0 ? [{ text: "" }] : encoded },
    finishReason: encodeStopReason(stop.reason, context.losses),
    ...(stop.explanation === undefined ? {} : { finishMessage: stop.explanation }),
    index,
    ...(grounding === null ? {} : { groundingMetadata: grounding }),
    ...(logprobs.length === 0 ? {} : { logprobsResult: encodeLogprobs(logprobs) }),
  };
}

/** Parts as they are written, neighbouring texts or thoughts as one, as Google itself sends them; and what is cited. */
function encodeParts(parts: readonly Part[], context: AnswerContext): { encoded: JsonObject[]; texts: CitedText[] } {
  const writer = new PartWriter(context.losses, showsThoughts(context));
  const encoded: JsonObject[] = [];
  const texts = new Map<number, CitedText>();
  for (const part of parts) {
    for (const written of writer.write(part)) {
      const last = encoded.at(-1);
      const before = last !== undefined && goesOn(last, written) ? String(last.text) : null;
      if (before === null) encoded.push(written);
      else encoded[encoded.length - 1] = { ...written, text: `${before}${written.text}` };
      if (part.type === "text") addText(texts, encoded.length - 1, part, before ?? "");
    }
  }
  return { encoded: [...encoded, ...writer.rest()], texts: [...texts.values()] };
}

const goesOn = (last: JsonObject, next: JsonObject): boolean =>
  typeof last.text === "string" &&
  typeof next.text === "string" &&
  last.thought === next.thought &&
  last.thoughtSignature === undefined;

/** Adds a text to what stands at that place already; its citations count from where it begins. */
function addText(texts: Map<number, CitedText>, partIndex: number, part: TextPart, before: string): void {
  const known = texts.get(partIndex)?.citations ?? [];
  texts.set(partIndex, { text: before + part.text, citations: [...known, ...shifted(part, before.length)], partIndex });
}

const shifted = ({ citations = [], text }: TextPart, by: number): Citation[] =>
  citations.map(({ start = 0, end = text.length, ...told }) => ({ ...told, start: start + by, end: end + by }));

/** All that a stream has said, as one text. */
export function streamedText(texts: readonly TextPart[]): CitedText {
  let text = "";
  const citations: Citation[] = [];
  for (const part of texts) {
    citations.push(...shifted(part, text.length));
    text += part.text;
  }
  return { text, citations, partIndex: 0 };
}

/** Only addresses have a form among the sources. */
export function loseSources(parts: readonly Part[], losses: Losses): void {
  const sources = parts.flatMap((part) => (part.type === "text" ? (part.citations ?? []) : []));
  if (sources.some(({ url }) => url === undefined)) losses.add("citation_dropped", "answer");
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
