import type { Candidate } from "../../canonical/answer.ts";
import { openState } from "../../canonical/envelope.ts";
import { parseDataUrl } from "../../canonical/media-type.ts";
import type { Citation, Part, TokenLogprob, ToolCallPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import type { DecodedAnswer } from "../dialect.ts";
import { EMPTY_ANSWER } from "../failure.ts";
import { decodeLogprob } from "../openai-logprobs.ts";
import { computedStop } from "../stop.ts";
import { decodeInner } from "./failure.ts";
import { decodeDetails, signatureOn } from "./reasoning.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { decodeUsage } from "./usage.ts";

/** A whole Chat completion; followers of OpenAI put a failure into a 200 as well. */
export function decodeAnswer(body: unknown): DecodedAnswer {
  const id = stringAt(body, "id") || null;
  const model = stringAt(body, "model") || null;
  const choices = arrayAt(body, "choices").filter(isObject);
  const usage = decodeUsage(isObject(body) ? body.usage : undefined);
  const tier = stringAt(body, "service_tier") || undefined;
  const error = errorOf(body);
  const failure = error === undefined ? null : decodeInner(error);
  return {
    answer: {
      id,
      model,
      candidates: choices.map((choice, index) => decodeChoice(choice, index)),
      usage: usage !== null && tier !== undefined ? { ...usage, serviceTier: tier } : usage,
    },
    failure: failure ?? (choices.length === 0 ? EMPTY_ANSWER : null),
  };
}

/** The error of a completion or a chunk: beside the choices, in one of them, or no more than a reason to finish. */
export function errorOf(body: unknown): unknown {
  const choices = arrayAt(body, "choices");
  for (const holder of [body, ...choices]) {
    if (isObject(holder) && holder.error !== undefined && holder.error !== null) return holder.error;
  }
  return choices.some((choice) => isObject(choice) && choice.finish_reason === "error") ? {} : undefined;
}

function decodeChoice(choice: JsonObject, position: number): Candidate {
  const message = objectAt(choice, "message") ?? {};
  const parts = decodeMessage(message, decodeLogprobs(choice.logprobs));
  const told = decodeStopReason(choice.finish_reason);
  const hasCalls = parts.some((part) => part.type === "tool_call");
  const refused = told === "end_turn" && parts.some((part) => part.type === "refusal");
  const index = typeof choice.index === "number" ? choice.index : position;
  const raw = stringAt(choice, "finish_reason");
  const reason = refused ? "refusal" : computedStop(told, hasCalls);
  return { index, parts, stop: { reason, ...(raw === undefined ? {} : { raw }) } };
}

function decodeMessage(message: JsonObject, logprobs: TokenLogprob[] | undefined): Part[] {
  const details = arrayAt(message, "reasoning_details");
  const plain = stringAt(message, "reasoning_content") ?? stringAt(message, "reasoning");
  const { thinking, states } = decodeDetails(details, "answer", plain);
  const { inner, text } = contentOf(message.content);
  const citations = arrayAt(message, "annotations").flatMap(decodeAnnotation);
  const refusal = stringAt(message, "refusal");
  const state = states.get("");
  const told = {
    ...(citations.length === 0 ? {} : { citations }),
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(state === undefined ? {} : { state }),
  };
  const shown: Part[] = text === "" && state === undefined ? uncited(citations) : [{ type: "text", text, ...told }];
  return [
    ...thinking,
    ...inner,
    ...shown,
    ...(refusal ? [{ type: "refusal", text: refusal } as Part] : []),
    ...decodeMedia(message),
    ...arrayAt(message, "tool_calls").flatMap((call, index) => decodeCall(call, index, states)),
    ...legacyCall(message.function_call),
  ];
}

/** A text, a list of parts (Mistral puts its thinking there), or an object (JSON mode of some hosts). */
function contentOf(content: unknown): { inner: Part[]; text: string } {
  if (typeof content === "string") return { inner: [], text: content };
  if (isObject(content)) return { inner: [], text: JSON.stringify(content) };
  if (!Array.isArray(content)) return { inner: [], text: "" };
  const inner: Part[] = [];
  let text = "";
  for (const part of content) {
    const type = stringAt(part, "type");
    if (type === "text") text += stringAt(part, "text") ?? "";
    else if (type === "thinking") inner.push({ type: "thinking", text: thinkingText(part) });
    else if (type === "refusal") inner.push({ type: "refusal", text: stringAt(part, "refusal") ?? "" });
  }
  return { inner, text };
}

/** Mistral's `thinking` part: a text, or a list of text parts. */
export const thinkingText = (part: unknown): string =>
  stringAt(part, "thinking") ??
  arrayAt(part, "thinking")
    .map((one) => stringAt(one, "text") ?? "")
    .join("");

/** `url_citation` with its indices, which OpenAI counts in characters. */
export function decodeAnnotation(annotation: unknown): Citation[] {
  const cited = objectAt(annotation, "url_citation");
  const url = stringAt(cited, "url");
  if (cited === undefined || url === undefined) return [];
  const title = stringAt(cited, "title");
  const { start_index: start, end_index: end } = cited;
  return [
    {
      kind: "url",
      url,
      ...(title === undefined ? {} : { title }),
      ...(typeof start === "number" && typeof end === "number" && end > start ? { start, end } : {}),
    },
  ];
}

/** Sources that no text is left for, as a part: nobody else has a place for them. */
export const uncited = (sources: readonly Citation[]): Part[] =>
  sources.length === 0 ? [] : [{ type: "native", kind: "url_citation", raw: sources }];

export function decodeLogprobs(logprobs: unknown): TokenLogprob[] | undefined {
  const content = arrayAt(logprobs, "content").filter(isObject);
  return content.length === 0 ? undefined : content.map(decodeLogprob);
}

/** A call of free text. Some hosts fill in every member, so that an empty one beside a function says nothing. */
export const customOf = (call: unknown): JsonObject | undefined => {
  const custom = objectAt(call, "custom");
  return stringAt(call, "type") === "custom" || (stringAt(custom, "name") && !objectAt(call, "function"))
    ? custom
    : undefined;
};

function decodeCall(call: unknown, index: number, states: ReadonlyMap<string, ReasoningState>): ToolCallPart[] {
  const custom = customOf(call);
  const called = custom ?? objectAt(call, "function");
  if (called === undefined) return [];
  const text = custom === undefined ? called.arguments : called.input;
  const id = stringAt(call, "id") || `call_${index}`;
  const state = openState(signatureOn(call)) ?? states.get(id);
  return [
    {
      type: "tool_call",
      id,
      name: stringAt(called, "name") ?? "",
      kind: custom === undefined ? "function" : "custom",
      arguments: argumentsText(text),
      ...(state === undefined ? {} : { state }),
    },
  ];
}

/** Some hosts send arguments as an object. */
export const argumentsText = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);

function legacyCall(call: unknown): ToolCallPart[] {
  const name = stringAt(call, "name");
  if (!name) return [];
  const text = argumentsText(isObject(call) ? call.arguments : undefined);
  return [{ type: "tool_call", id: "call_function_1", name, kind: "function", arguments: text }];
}

function decodeMedia(message: JsonObject): Part[] {
  const parts: Part[] = arrayAt(message, "images").flatMap((image) => decodeImage(image));
  const audio = objectAt(message, "audio");
  const data = stringAt(audio, "data");
  if (data) parts.push(audioPart(data, stringAt(audio, "transcript"), stringAt(audio, "id")));
  return parts;
}

/** OpenRouter's convention for generated images. */
export function decodeImage(image: unknown): Part[] {
  const url = stringAt(objectAt(image, "image_url"), "url");
  if (url === undefined) return [];
  const inline = parseDataUrl(url);
  return [{ type: "image", media: inline === null ? { kind: "url", url } : { kind: "base64", ...inline } }];
}

/** Spoken output: 24 kHz, 16 bit, the one format a translated request asks for. */
export const audioPart = (data: string, transcript: string | undefined, id: string | undefined): Part => ({
  type: "audio",
  media: { kind: "base64", mediaType: "audio/L16;codec=pcm;rate=24000", data },
  ...(transcript === undefined ? {} : { transcript }),
  ...(id === undefined ? {} : { id }),
});
