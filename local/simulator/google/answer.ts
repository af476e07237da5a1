import type { Directives } from "../directives.ts";
import { pieces } from "../planner.ts";
import { type Answer, type Candidate, inputTotal, type ToolPart } from "../question.ts";
import type { IdSource } from "../random.ts";
import { sealFor } from "../seal.ts";
import { tokensOfBytes } from "../tokens.ts";
import { isObject, type JsonObject } from "../values.ts";
import { THOUGHT_SEAL } from "./request.ts";

const FINISH = {
  end: "STOP",
  stop_sequence: "STOP",
  tool: "STOP",
  length: "MAX_TOKENS",
  refusal: "SAFETY",
  filter: "SAFETY",
} as const;

/** A small PNG: what a model that draws would have drawn. */
const DRAWN = {
  mimeType: "image/png",
  data: "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAMCAIAAADZF8uwAAAAIUlEQVR42mOQz4+BoJtboiEIU4SBeorwyMFFqKhoWPsOADY0yxFiO43FAAAAAElFTkSuQmCC",
};

/** What every chunk of one answer says. */
export interface GenerateEnvelope {
  modelVersion: string;
  responseId: string;
}

/** Google's usage: the prompt includes what was cached, the candidates leave the thoughts out. `output` is so far. */
export function usageMetadata(
  answer: Answer,
  output = answer.tokens.output,
  reasoning = answer.tokens.reasoning,
): JsonObject {
  const { tokens } = answer;
  const prompt = inputTotal(tokens);
  const text = output - reasoning;
  return {
    promptTokenCount: prompt,
    ...(tokens.cacheRead > 0 && { cachedContentTokenCount: tokens.cacheRead }),
    ...(text > 0 && { candidatesTokenCount: text }),
    totalTokenCount: prompt + output,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: prompt }],
    ...(tokens.cacheRead > 0 && { cacheTokensDetails: [{ modality: "TEXT", tokenCount: tokens.cacheRead }] }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    serviceTier: "standard",
  };
}

/** A call as a part; null when it was cut off, since Google never shows half a call. */
function callPart(part: ToolPart, signature: string | null, ids: IdSource): JsonObject | null {
  if (!part.complete) return null;
  const args: unknown = JSON.parse(part.argumentsText);
  return {
    functionCall: { id: ids.word(8).toLowerCase(), name: part.name, args: isObject(args) ? args : {} },
    ...(signature !== null && { thoughtSignature: signature }),
  };
}

/** Newer models sign the first call of a turn and the end of a thought-out text. */
const signs = (model: string, candidate: Candidate): boolean =>
  /^gemini-[3-9]/.test(model) || candidate.parts.some((part) => part.kind === "thinking");

/** One part of a candidate as it goes over the wire, with the bytes of the answer in it. */
interface WirePart {
  part: JsonObject;
  carried: string;
  thought: boolean;
}

/** The parts of a candidate in pieces; without `chunked`, one for each part. */
function* wireParts(candidate: Candidate, options: PartOptions): Generator<WirePart> {
  const { includeThoughts, chunked, directives, ids, model } = options;
  const thought = candidate.parts.find((part) => part.kind === "thinking")?.text ?? "";
  let signature = signs(model, candidate) ? sealFor(THOUGHT_SEAL, thought, ids.hex(16)) : null;
  for (const part of candidate.parts) {
    if (part.kind === "tool") {
      const call = callPart(part, signature, ids);
      if (call === null) continue;
      signature = null;
      yield { part: call, carried: part.name + part.argumentsText, thought: false };
    } else if (part.kind === "thinking") {
      if (includeThoughts) yield { part: { text: part.text, thought: true }, carried: part.text, thought: true };
    } else {
      for (const piece of chunked ? pieces(part.text, directives.chunks) : [part.text])
        yield { part: { text: piece }, carried: piece, thought: false };
    }
  }
  for (let drawn = 0; drawn < (options.directives.images ?? 0); drawn++)
    yield { part: { inlineData: DRAWN }, carried: "", thought: false };
  if (signature !== null && candidate.stop !== "tool" && candidate.parts.some((part) => part.kind === "text"))
    yield { part: { text: "", thoughtSignature: signature }, carried: "", thought: false };
}

interface PartOptions {
  model: string;
  includeThoughts: boolean;
  chunked: boolean;
  directives: Directives;
  ids: IdSource;
}

const blocked = (usage: JsonObject | null, envelope: GenerateEnvelope): JsonObject => ({
  promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
  ...(usage !== null && { usageMetadata: usage }),
  ...envelope,
});

/** The whole answer as one object. */
export function wholeGenerate(
  envelope: GenerateEnvelope,
  answer: Answer,
  usage: JsonObject | null,
  options: PartOptions,
): JsonObject {
  if (options.directives.blocked) return blocked(usage, envelope);
  return {
    candidates: answer.candidates.map((candidate, index) => {
      const parts = [...wireParts(candidate, options)];
      return {
        ...(parts.length > 0 && { content: { parts: mergeSignature(parts), role: "model" } }),
        finishReason: FINISH[candidate.stop],
        index,
        ...(candidate.stop === "tool" && { finishMessage: "Model generated function call(s)." }),
      };
    }),
    ...(usage !== null && { usageMetadata: usage }),
    ...envelope,
  };
}

/** In a whole answer the closing signature sits on the last text, not on an empty part of its own. */
function mergeSignature(parts: WirePart[]): JsonObject[] {
  const merged = parts.map((one) => one.part);
  const last = merged.at(-1);
  const before = merged.at(-2);
  if (last?.text === "" && last.thoughtSignature !== undefined && before?.text !== undefined && before.thought !== true)
    return [...merged.slice(0, -2), { ...before, thoughtSignature: last.thoughtSignature }];
  return merged;
}

/** The answer as a stream of complete objects, each with new parts only and the usage so far. */
export function* streamGenerate(
  envelope: GenerateEnvelope,
  answer: Answer,
  told: (usage: JsonObject) => JsonObject | null,
  options: PartOptions,
): Generator<{ chunk: JsonObject; carried: string }> {
  if (options.directives.blocked) {
    yield { chunk: blocked(told(usageMetadata(answer)), envelope), carried: "" };
    return;
  }
  let sent = 0;
  let thoughts = 0;
  const chunkOf = (candidate: JsonObject, usage: JsonObject): JsonObject => {
    const figures = told(usage);
    return { candidates: [candidate], ...(figures !== null && { usageMetadata: figures }), ...envelope };
  };
  for (const [index, candidate] of answer.candidates.entries()) {
    const last = index === answer.candidates.length - 1;
    if (candidate.parts.some((part) => part.kind === "thinking") && !options.includeThoughts)
      thoughts = answer.tokens.reasoning;
    for (const { part, carried, thought } of wireParts(candidate, options)) {
      if (thought) thoughts = answer.tokens.reasoning;
      else sent += Buffer.byteLength(carried);
      const soFar = Math.min(thoughts + tokensOfBytes(sent), answer.tokens.output);
      yield {
        chunk: chunkOf({ content: { parts: [part], role: "model" }, index }, usageMetadata(answer, soFar, thoughts)),
        carried,
      };
    }
    const ending = { content: { parts: [{ text: "" }], role: "model" }, finishReason: FINISH[candidate.stop], index };
    const finish =
      candidate.stop === "tool" ? { ...ending, finishMessage: "Model generated function call(s)." } : ending;
    yield {
      chunk: chunkOf(
        finish,
        last
          ? usageMetadata(answer)
          : usageMetadata(answer, Math.min(thoughts + tokensOfBytes(sent), answer.tokens.output), thoughts),
      ),
      carried: "",
    };
  }
}
