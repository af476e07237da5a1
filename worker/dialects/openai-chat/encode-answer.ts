import type { Candidate, CanonicalAnswer, Stop } from "../../canonical/answer.ts";
import { sealState } from "../../canonical/envelope.ts";
import type { Losses } from "../../canonical/losses.ts";
import { dataUrl } from "../../canonical/media-type.ts";
import type { Part, TextPart, ToolCallPart } from "../../canonical/message.ts";
import { arrayAt, type JsonObject } from "../../lib/json.ts";
import type { AnswerContext } from "../dialect.ts";
import { encodeLogprob } from "../openai-logprobs.ts";
import { billedTier } from "../openai-settings.ts";
import { detailOf, detailOfState } from "./reasoning.ts";
import { encodeStopReason } from "./stop-reason.ts";
import { encodeUsage } from "./usage.ts";

/** A whole Chat completion for any provider's answer. */
export function encodeAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const tier = billedTier(answer.usage);
  return {
    id: answerId(context),
    object: "chat.completion",
    created: context.createdAt,
    model: context.model,
    choices: candidatesOf(answer).map((candidate) => encodeChoice(candidate, context)),
    ...(answer.usage === null ? {} : { usage: encodeUsage(answer.usage) }),
    ...(tier === undefined ? {} : { service_tier: tier }),
    system_fingerprint: null,
  };
}

export const answerId = ({ id }: AnswerContext): string => `chatcmpl-${id}`;

/** The client spoke of `functions`: it reads no `tool_calls`. */
export const speaksFunctions = ({ body }: AnswerContext): boolean =>
  arrayAt(body, "functions").length > 0 && arrayAt(body, "tools").length === 0;

/** A blocked prompt has no candidate; Chat's helpers want one choice all the same. */
function candidatesOf(answer: CanonicalAnswer): Candidate[] {
  return answer.candidates.length > 0 ? answer.candidates : [{ index: 0, parts: [], stop: { reason: "other" } }];
}

function encodeChoice(candidate: Candidate, context: AnswerContext): JsonObject {
  const texts = candidate.parts.filter((part) => part.type === "text");
  const logprobs = texts.flatMap((part) => part.logprobs ?? []);
  return {
    index: candidate.index,
    message: encodeMessage(candidate, texts, context),
    logprobs: logprobs.length === 0 ? null : { content: logprobs.map(encodeLogprob), refusal: null },
    finish_reason: finishReason(candidate.stop, context),
  };
}

export const finishReason = ({ reason }: Stop, context: AnswerContext): string => {
  const word = encodeStopReason(reason, context.losses);
  return speaksFunctions(context) && word === "tool_calls" ? "function_call" : word;
};

function encodeMessage({ parts, stop }: Candidate, texts: TextPart[], context: AnswerContext): JsonObject {
  const calls = parts.filter((part) => part.type === "tool_call");
  const thinking = parts.filter((part) => part.type === "thinking");
  const refusal = refusalOf(parts, stop);
  const text = texts.map((part) => part.text).join("");
  const details = encodeDetails(parts);
  const reasoning = thinking.map((part) => part.text).join("");
  const annotations = allAnnotations(texts, context.losses);
  const functions = speaksFunctions(context);
  const [first] = calls;
  // `function_call` is one call.
  const dropped = parts.some(({ type }) => type === "native") || (functions && calls.length > 1);
  if (dropped) context.losses.add("part_dropped", "answer");
  return {
    role: "assistant",
    content: text === "" && (calls.length > 0 || refusal !== null) ? null : text,
    refusal,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning, reasoning }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...encodeMedia(parts),
    ...(calls.length > 0 && !functions ? { tool_calls: calls.map((call) => encodeCall(call)) } : {}),
    ...(first !== undefined && functions
      ? { function_call: { name: first.name, arguments: first.arguments || "{}" } }
      : {}),
  };
}

/** What the client reads as a refusal: the model's words, or the vendor's explanation. */
export function refusalOf(parts: readonly Part[], stop: Stop): string | null {
  const said = parts.map((part) => (part.type === "refusal" ? part.text : "")).join("");
  if (said !== "") return said;
  return stop.reason === "refusal" ? (stop.explanation ?? "The model refused to answer.") : null;
}

/** State of thoughts, of the text, and of calls, as the message has them: first, in the middle and last. */
function encodeDetails(parts: readonly Part[]): JsonObject[] {
  const details: JsonObject[] = [];
  const add = (type: Part["type"]): void => {
    for (const part of parts) {
      if (part.type !== type || !("state" in part) || part.state === undefined) continue;
      if (part.type === "thinking") details.push(detailOf(part, details.length));
      else details.push(detailOfState(part.state, part.type === "tool_call" ? part.id : null, details.length));
    }
  };
  add("thinking");
  add("text");
  add("tool_call");
  return details;
}

/** Citations of a text that begins at `offset` of the whole content. Only addresses have a form in Chat. */
export function encodeAnnotations({ citations = [], text }: TextPart, offset: number, losses: Losses): JsonObject[] {
  return citations.flatMap(({ kind, url, title, start = 0, end = text.length }) => {
    if (kind !== "url" || url === undefined) {
      losses.add("citation_dropped", "answer");
      return [];
    }
    const cited = { url, title: title ?? url, start_index: offset + start, end_index: offset + end };
    return [{ type: "url_citation", url_citation: cited }];
  });
}

/** Citations of all texts, which the client gets as one. */
function allAnnotations(texts: readonly TextPart[], losses: Losses): JsonObject[] {
  let offset = 0;
  return texts.flatMap((part) => {
    const begins = offset;
    offset += part.text.length;
    return encodeAnnotations(part, begins, losses);
  });
}

export function encodeImage(part: Extract<Part, { type: "image" }>, index: number): JsonObject | null {
  const { media } = part;
  if (media.kind === "file") return null;
  const url = media.kind === "url" ? media.url : dataUrl(media.mediaType, media.data);
  return { type: "image_url", image_url: { url }, index };
}

export const encodeAudio = (part: Extract<Part, { type: "audio" }>): JsonObject | null =>
  part.media?.kind === "base64"
    ? { id: part.id ?? "audio_1", data: part.media.data, expires_at: 0, transcript: part.transcript ?? "" }
    : null;

function encodeMedia(parts: readonly Part[]): JsonObject {
  const images = parts.filter((part) => part.type === "image").flatMap((part, index) => encodeImage(part, index) ?? []);
  const spoken = parts.find((part) => part.type === "audio");
  const audio = spoken?.type === "audio" ? encodeAudio(spoken) : null;
  return { ...(images.length === 0 ? {} : { images }), ...(audio === null ? {} : { audio }) };
}

function encodeCall(call: ToolCallPart): JsonObject {
  const called =
    call.kind === "custom"
      ? { type: "custom", custom: { name: call.name, input: call.arguments } }
      : { type: "function", function: { name: call.name, arguments: call.arguments || "{}" } };
  return { id: call.id, ...called, ...signatureOf(call) };
}

/** Gemini's state also in the place where Google's own Chat endpoint puts it: more clients keep it there. */
export const signatureOf = ({ state }: ToolCallPart): JsonObject =>
  state?.owner === "google" ? { extra_content: { google: { thought_signature: sealState(state) } } } : {};
