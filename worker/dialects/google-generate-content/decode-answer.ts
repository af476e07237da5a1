import type { Candidate, Stop } from "../../canonical/answer.ts";
import type { Citation, Part, TextPart, TokenLogprob } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import type { UpstreamFailure } from "../../canonical/stream-event.ts";
import { utf8 } from "../../lib/encoding.ts";
import { arrayAt, isObject, type JsonObject, objectAt, stringAt, textOf } from "../../lib/json.ts";
import type { DecodedAnswer } from "../dialect.ts";
import { EMPTY_ANSWER } from "../failure.ts";
import { computedStop } from "../stop.ts";
import { decodeGrounding, namesSources, uncited } from "./citations.ts";
import { decodeInner } from "./failure.ts";
import { readSignature } from "./signatures.ts";
import { decodeStopReason } from "./stop-reason.ts";
import { usageOf } from "./usage.ts";

/** A whole GenerateContentResponse. */
export function decodeAnswer(body: unknown): DecodedAnswer {
  const nothing = { id: null, model: null, candidates: [], usage: null };
  if (isObject(body) && body.error !== undefined) return { answer: nothing, failure: decodeInner(body) };
  const id = stringAt(body, "responseId") || null;
  const model = stringAt(body, "modelVersion") || null;
  const usage = usageOf(body, null);
  const candidates = arrayAt(body, "candidates")
    .filter(isObject)
    .map((candidate, index) => decodeCandidate(candidate, index, id, model));
  if (candidates.length > 0) {
    const broken = candidates.some(({ stop, parts }) => stop.reason === "malformed_tool_call" && parts.length === 0);
    return { answer: { id, model, candidates, usage }, failure: broken ? malformed(candidates[0]?.stop) : null };
  }
  const blocked = blockedStop(body);
  if (blocked === null) return { answer: nothing, failure: EMPTY_ANSWER };
  return { answer: { id, model, candidates: [{ index: 0, parts: [], stop: blocked }], usage }, failure: null };
}

/** A call the model could not spell, and nothing else: an answer of nothing would hide it. */
export const malformed = (stop: Stop | undefined): UpstreamFailure => ({
  kind: "malformed",
  message: stop?.explanation ?? "The model wrote a tool call that cannot be read. Try again.",
  code: "malformed_tool_call",
  status: null,
});

/** A blocked prompt: billed, and answered with nothing. */
export function blockedStop(body: unknown): Stop | null {
  const feedback = objectAt(body, "promptFeedback");
  const raw = stringAt(feedback, "blockReason");
  // The Developer API's word, and Vertex's.
  if (raw === undefined || /^BLOCK(?:ED)?_REASON_UNSPECIFIED$/.test(raw)) return null;
  const explanation = stringAt(feedback, "blockReasonMessage") ?? `The prompt was blocked (${raw}).`;
  return { reason: "content_filter", raw, explanation };
}

function decodeCandidate(candidate: JsonObject, position: number, id: string | null, model: string | null): Candidate {
  const index = typeof candidate.index === "number" ? candidate.index : position;
  const raw = arrayAt(objectAt(candidate, "content"), "parts").filter(isObject);
  const parts: Part[] = [];
  const places = new Map<number, number>();
  const texts = new Map<number, string>();
  let ordinal = 0;
  for (const [at, part] of raw.entries()) {
    for (const decoded of decodeParts(part, model, callId(id, index, ordinal))) {
      if (decoded.type === "tool_call") ordinal++;
      if (decoded.type === "text") texts.set(at, decoded.text);
      places.set(at, place(parts, decoded));
    }
  }
  const found = decodeGrounding(candidate, texts);
  if (found.length === 0 && namesSources(candidate)) parts.push(uncited);
  for (const { part, citation } of found) {
    const text = parts[places.get(part) ?? -1];
    if (text?.type === "text") text.citations = [...(text.citations ?? []), shifted(citation, texts, places, part)];
  }
  const logprobs = decodeLogprobs(candidate.logprobsResult);
  const first = parts.find((part) => part.type === "text");
  if (logprobs !== undefined && first?.type === "text") first.logprobs = logprobs;
  return {
    index,
    parts,
    stop: decodeStop(
      candidate,
      parts.some((part) => part.type === "tool_call"),
    ),
  };
}

/** Neighbouring pieces of text are one; a signature on an empty piece belongs to the text before it. */
function place(parts: Part[], part: Part): number {
  const last = parts.at(-1);
  if (part.type === "text" && last?.type === "text" && last.state === undefined) {
    last.text += part.text;
    if (part.state !== undefined) last.state = part.state;
    return parts.length - 1;
  }
  if (part.type === "thinking" && last?.type === "thinking" && last.state === undefined) {
    last.text += part.text;
    if (part.state !== undefined) last.state = part.state;
    return parts.length - 1;
  }
  return parts.push(part) - 1;
}

/** Indices count within Google's part; ours within the text that several of them became. */
function shifted(
  citation: Citation,
  texts: ReadonlyMap<number, string>,
  places: ReadonlyMap<number, number>,
  part: number,
): Citation {
  let before = 0;
  for (const [at, text] of texts) if (at < part && places.get(at) === places.get(part)) before += text.length;
  return { ...citation, start: (citation.start ?? 0) + before, end: (citation.end ?? 0) + before };
}

export function decodeStop(candidate: JsonObject, hasCalls: boolean): Stop {
  const raw = candidate.finishReason;
  const explanation = stringAt(candidate, "finishMessage");
  return {
    reason: computedStop(decodeStopReason(raw, hasCalls), hasCalls),
    ...(textOf(raw) === "" ? {} : { raw: textOf(raw) }),
    ...(explanation === undefined ? {} : { explanation }),
  };
}

/** An id for a call that Google gave none: from the response and the call's place in it, so that it is always the same. */
export const callId = (response: string | null, candidate: number, ordinal: number): string =>
  `call_${(response ?? "g").replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40)}_${candidate === 0 ? "" : `${candidate}_`}${ordinal}`;

/** One part of a candidate's content; a thought's state of another vendor's, which a call or a text carries, apart. */
export function decodeParts(part: JsonObject, model: string | null, fallbackId: string): Part[] {
  const decoded = decodePart(part, model, fallbackId);
  if (decoded.type !== "text" && decoded.type !== "tool_call") return [decoded];
  const { state, ...bare } = decoded;
  if (state === undefined || state.where === "text" || state.where === "tool_call") return [decoded];
  const thought: Part = { type: "thinking", text: "", state };
  return bare.type === "text" && bare.text === "" ? [thought] : [thought, bare];
}

export function decodePart(part: JsonObject, model: string | null, fallbackId: string): Part {
  const value = stringAt(part, "thoughtSignature");
  const signed = (where: ReasoningState["where"]): { state?: ReasoningState } => {
    const state = value ? readSignature(value, where, model ?? "") : undefined;
    // What marks a call that nobody has signed says nothing else.
    return state === undefined || state.owner === "none" ? {} : { state };
  };
  const call = objectAt(part, "functionCall");
  if (call !== undefined) {
    return {
      type: "tool_call",
      id: stringAt(call, "id") || fallbackId,
      name: stringAt(call, "name") ?? "",
      kind: "function",
      arguments: JSON.stringify(isObject(call.args) ? call.args : {}),
      ...signed("tool_call"),
    };
  }
  const inline = objectAt(part, "inlineData");
  if (inline !== undefined) return decodeMedia(inline);
  const text = stringAt(part, "text");
  if (text === undefined) return { type: "native", kind: Object.keys(part)[0] ?? "part", raw: part };
  return part.thought === true
    ? { type: "thinking", text, ...signed("thinking") }
    : ({ type: "text", text, ...signed("text") } satisfies TextPart);
}

function decodeMedia(inline: JsonObject): Part {
  const mediaType = stringAt(inline, "mimeType") ?? "application/octet-stream";
  const media = { kind: "base64" as const, mediaType, data: stringAt(inline, "data") ?? "" };
  return mediaType.startsWith("audio/") ? { type: "audio", media } : { type: "image", media };
}

/** `logprobsResult`: the tokens chosen, and their rivals. Google tells no bytes; they are the token's own. */
export function decodeLogprobs(result: unknown): TokenLogprob[] | undefined {
  const chosen = arrayAt(result, "chosenCandidates").filter(isObject);
  if (chosen.length === 0) return undefined;
  const top = arrayAt(result, "topCandidates");
  const one = (entry: JsonObject) => {
    const token = stringAt(entry, "token") ?? "";
    const logprob = typeof entry.logProbability === "number" ? entry.logProbability : 0;
    return { token, logprob, bytes: [...utf8(token)] };
  };
  return chosen.map((entry, index) => ({
    ...one(entry),
    top: arrayAt(top[index], "candidates").filter(isObject).map(one),
  }));
}
