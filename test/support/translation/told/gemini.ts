import type { StopReason } from "../../../../worker/canonical/stop-reason.ts";
import type { ProviderAnswer } from "../corpus.ts";
import {
  call,
  documentsOf,
  emptyCandidate,
  type Json,
  type Read,
  say,
  sentence,
  settle,
  type ToldCandidate,
  tokenOdds,
} from "./told-answer.ts";

/** `FinishReason` by its number in the proto; the ones recorded with `enum-encoding=int`. */
const GEMINI_NUMBERS: Record<number, string> = { 1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY" };

const GEMINI_STOPS: [words: string, reason: StopReason][] = [
  ["STOP", "end_turn"],
  ["MAX_TOKENS", "max_tokens"],
  [
    "SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII LANGUAGE IMAGE_SAFETY IMAGE_PROHIBITED_CONTENT IMAGE_RECITATION",
    "content_filter",
  ],
  ["MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS MALFORMED_RESPONSE", "malformed_tool_call"],
  ["CONTINUATION", "continuation"],
];

const geminiStop = (word: string): StopReason =>
  GEMINI_STOPS.find(([words]) => words.split(" ").includes(word))?.[1] ?? "other";

interface GeminiState {
  candidate: ToldCandidate;
  finish: string | null;
  /** Texts by the place of their part in a whole answer; a stream counts over all of it. */
  texts: string[];
  grounding: Json[];
  streamed: { args: Json } | null;
}

/** What generateContent answers, whole or streamed. */
export function gemini(answer: ProviderAnswer): Read {
  const states = new Map<number, GeminiState>();
  let failure: string | null = null;
  let blocked = false;
  const streams = answer.framing !== "whole";
  for (const { document } of documentsOf(answer)) {
    if (document?.error) failure ??= sentence(document.error);
    if (failure !== null) break;
    const reason = document.promptFeedback?.blockReason;
    if (reason !== undefined && reason !== "BLOCK_REASON_UNSPECIFIED") blocked = true;
    for (const [position, raw] of (document.candidates ?? []).entries()) {
      const index = raw.index ?? position;
      const fresh = { candidate: emptyCandidate(index), finish: null, texts: [], grounding: [], streamed: null };
      if (!states.has(index)) states.set(index, fresh);
      geminiCandidate(states.get(index) as GeminiState, raw, streams);
    }
  }
  if (states.size === 0 && failure === null) {
    if (!blocked) return { candidates: [], failure: "" };
    return { candidates: [{ ...emptyCandidate(0), stop: "content_filter" }], failure: null };
  }
  for (const state of states.values()) {
    const { candidate, finish } = state;
    for (const one of state.grounding) ground(state, one, streams);
    settle(candidate, finish === null ? null : geminiStop(finish));
    if (streams && finish === null) failure ??= "";
    const nothing = candidate.shown === "" && candidate.thoughts === "" && candidate.calls.length === 0;
    if (candidate.stop === "malformed_tool_call" && nothing && candidate.media.length === 0) failure ??= "";
  }
  return { candidates: [...states.values()].map(({ candidate }) => candidate), failure };
}

function geminiCandidate(state: GeminiState, raw: Json, streams: boolean): void {
  const { candidate } = state;
  for (const [place, part] of (raw.content?.parts ?? []).entries()) {
    if (part.functionCall) geminiCall(state, part.functionCall);
    else if (part.inlineData) {
      const { mimeType, data } = part.inlineData;
      candidate.media.push({ kind: mimeType.startsWith("audio/") ? "audio" : "image", data });
    } else if (typeof part.text === "string") {
      if (part.thought) candidate.thoughts += part.text;
      else {
        if (!streams) state.texts[place] = part.text;
        say(candidate, part.text);
      }
    }
  }
  for (const { token, logProbability } of raw.logprobsResult?.chosenCandidates ?? [])
    candidate.logprobs.push(tokenOdds(token, logProbability));
  if (raw.groundingMetadata) state.grounding.push(raw.groundingMetadata);
  const { citationSources, citations: quoted = citationSources ?? [] } = raw.citationMetadata ?? {};
  for (const quote of quoted)
    state.grounding.push({
      groundingChunks: [{ web: quote }],
      groundingSupports: [{ segment: quote, groundingChunkIndices: [0] }],
    });
  if (raw.finishReason !== undefined)
    state.finish = typeof raw.finishReason === "number" ? (GEMINI_NUMBERS[raw.finishReason] ?? "") : raw.finishReason;
}

/** A call, or a piece of one whose arguments come by JSON path (Vertex). */
function geminiCall(state: GeminiState, told: Json): void {
  const pieces = state.streamed !== null || told.partialArgs !== undefined || told.willContinue !== undefined;
  if (!pieces) {
    call(state.candidate, { id: told.id ?? "", name: told.name, input: told.args ?? {}, custom: false });
    return;
  }
  if (told.name) {
    const streamed = { id: told.id ?? "", name: told.name, input: {}, custom: false };
    call(state.candidate, streamed);
    state.streamed = { args: streamed.input };
  }
  const { streamed } = state;
  if (streamed === null) return;
  for (const piece of told.partialArgs ?? []) {
    const steps: string[] = piece.jsonPath
      .replace(/^\$\.?/, "")
      .split(/[.[\]]+/)
      .filter((step: string) => step !== "");
    const last = steps.pop() as string;
    let holder = streamed.args;
    for (const [at, step] of steps.entries()) {
      holder[step] ??= /^\d+$/.test(steps[at + 1] ?? last) ? [] : {};
      holder = holder[step];
    }
    if (piece.stringValue !== undefined) holder[last] = (holder[last] ?? "") + piece.stringValue;
    else holder[last] = piece.numberValue ?? piece.boolValue ?? null;
  }
  if (told.willContinue !== true) state.streamed = null;
}

/** Supports: spans in bytes of a part (a stream counts over its whole text), and the places of their sources. */
function ground({ candidate, texts }: GeminiState, metadata: Json, streams: boolean): void {
  const first = texts.findIndex((text) => text !== undefined);
  for (const { segment = {}, groundingChunkIndices: sources = [] } of metadata.groundingSupports ?? []) {
    const place = texts[segment.partIndex] === undefined ? first : segment.partIndex;
    const text = streams ? candidate.text : (texts[place] ?? "");
    const before = streams ? 0 : texts.slice(0, place).join("").length;
    const units = (bytes: number): number => Buffer.from(text).subarray(0, bytes).toString().length;
    const start = before + units(segment.startIndex ?? 0);
    const end = before + (segment.endIndex === undefined ? text.length : units(segment.endIndex));
    for (const at of sources) {
      const source = metadata.groundingChunks?.[at];
      const { uri, title = null } = source?.web ?? source?.retrievedContext ?? source?.maps ?? {};
      if (uri) candidate.citations.push({ url: uri, title, start, end });
    }
  }
}
