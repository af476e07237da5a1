import type { StopReason } from "../../../worker/canonical/stop-reason.ts";
import { type BilledTokens, billedTokens } from "../read-usage.ts";
import type { ProviderAnswer } from "./corpus.ts";

/**
 * What a provider's answer says, read by the vendors' documentation and by nothing of the gateway's: whole bodies, added
 * up in one go, so that a decoder can be held against it.
 */
export interface ToldAnswer {
  candidates: ToldCandidate[];
  /** The provider failed inside a 200, or broke off: a sentence of its own, "" without one. */
  failure: string | null;
  usage: BilledTokens | null;
  /** What is said of the cache, which two hosts have larger than the whole prompt: nobody bills that, but it is shown. */
  cache: { read: number; write: number };
}

export interface ToldCandidate {
  index: number;
  text: string;
  /** Text and refusal in their order, for dialects that know no refusal apart. */
  shown: string;
  refusal: string;
  thoughts: string;
  calls: ToldCall[];
  /** What follows what: stretches of text, and calls. */
  order: Order;
  citations: ToldCitation[];
  /** Generated images and sounds, in base64, or their addresses. */
  media: { kind: "image" | "audio"; data: string }[];
  logprobs: TokenOdds[];
  stop: StopReason;
  /** The sequence that was met. */
  sequence: string | null;
  /** Calls of the vendor's own kinds that the client would have to run: nothing else has a form for them. */
  foreignCalls: boolean;
}

export type Order = ("text" | "call")[];

/** Adds to an order; a text that goes on is the same one. */
export const follow = (order: Order, next: Order[number]): void => {
  if (next === "call" || order.at(-1) !== "text") order.push(next);
};

export interface ToldCall {
  id: string;
  name: string;
  /** Parsed arguments, or the text where there is no parsing it; the text of a custom tool. */
  input: unknown;
  custom: boolean;
}

/** An address, and the span of the candidate's text it stands for, in UTF-16 units. */
export interface ToldCitation {
  url: string;
  title: string | null;
  start: number;
  end: number;
}

export interface TokenOdds {
  token: string;
  logprob: number;
}

/** As far as all tellings of a stream agree: OpenAI rounds in its last event. */
export const tokenOdds = (token: string, logprob: number): TokenOdds => ({
  token,
  logprob: Math.round(logprob * 1000) / 1000 + 0,
});

// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read as it comes
export type Json = any;

const emptyCandidate = (index: number): ToldCandidate => ({
  index,
  text: "",
  shown: "",
  refusal: "",
  thoughts: "",
  calls: [],
  order: [],
  citations: [],
  media: [],
  logprobs: [],
  stop: "other",
  sequence: null,
  foreignCalls: false,
});

const say = (candidate: ToldCandidate, text: string): void => {
  candidate.text += text;
  candidate.shown += text;
  if (text !== "") follow(candidate.order, "text");
};
const refuse = (candidate: ToldCandidate, text: string): void => {
  candidate.refusal += text;
  candidate.shown += text;
  if (text !== "") follow(candidate.order, "text");
};
const call = (candidate: ToldCandidate, told: ToldCall): void => {
  candidate.calls.push(told);
  follow(candidate.order, "call");
};

/** Arguments as they count: an object, or a text that may be one; nothing is no arguments. */
export function parsedArguments(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  if (value.trim() === "") return {};
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Reasons that a call beside them does not overrule. */
const CUT: StopReason[] = [
  "max_tokens",
  "content_filter",
  "refusal",
  "context_window_exceeded",
  "malformed_tool_call",
  "pause_turn",
  "continuation",
];

/** Why it ended: what the vendor says, unless there are calls to be run or a refusal in words. */
function settle(candidate: ToldCandidate, said: StopReason | null): void {
  const reason = said ?? "other";
  if (candidate.calls.length > 0 && !CUT.includes(reason)) candidate.stop = "tool_use";
  else if (candidate.refusal !== "" && reason === "end_turn") candidate.stop = "refusal";
  else candidate.stop = reason;
}

interface Frame {
  event: string;
  data: string;
}

/** The events of a stream, split as its whole text. */
function framesOf(bytes: Uint8Array): Frame[] {
  const text = new TextDecoder().decode(bytes).replace(/\r\n?/g, "\n");
  return text.split("\n\n").flatMap((block) => {
    const lines = block.split("\n");
    const field = (name: string) =>
      lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ""));
    const data = field("data");
    return data.length === 0 ? [] : [{ event: field("event").at(-1) ?? "", data: data.join("\n") }];
  });
}

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Every document of an answer, and the names of the events they came in. */
function documentsOf({ framing, bytes }: ProviderAnswer): { document: Json; event: string }[] {
  if (framing === "events")
    return framesOf(bytes).map(({ event, data }) => ({ event, document: data === "[DONE]" ? data : parsed(data) }));
  const document = parsed(new TextDecoder().decode(bytes));
  return (framing === "array" ? (document as Json[]) : [document]).map((one) => ({ event: "", document: one }));
}

/** What an error says. */
export const sentence = (error: Json): string =>
  typeof error === "string" ? error : typeof error?.message === "string" ? error.message : "";

// ---------------------------------------------------------------------------------------------------------------- Chat

const CHAT_STOPS: Record<string, StopReason> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  function_call: "tool_use",
  content_filter: "content_filter",
};

function chat(answer: ProviderAnswer): Read {
  const candidates = new Map<number, ToldCandidate>();
  const finishes = new Map<number, string>();
  const calls = new Map<number, Map<string, { call: ToldCall; text: string }>>();
  let failure: string | null = null;
  let ended = answer.framing === "whole";
  for (const { document, event } of documentsOf(answer)) {
    if (document === "[DONE]") {
      ended = true;
      continue;
    }
    const error = document?.error ?? document?.choices?.find((choice: Json) => choice.error)?.error;
    if (error || event === "error") failure ??= sentence(error ?? document);
    if (failure !== null) break;
    if (document.choices?.length === 0 && document.usage) ended = true;
    for (const choice of document.choices ?? []) {
      const index = choice.index ?? 0;
      if (!candidates.has(index)) candidates.set(index, emptyCandidate(index));
      const candidate = candidates.get(index) as ToldCandidate;
      if (finishes.has(index)) continue;
      if (!calls.has(index)) calls.set(index, new Map());
      chatMessage(
        candidate,
        choice,
        answer.framing === "events",
        calls.get(index) as Map<string, { call: ToldCall; text: string }>,
      );
      if (choice.finish_reason) finishes.set(index, choice.finish_reason);
    }
  }
  for (const [index, candidate] of candidates) {
    for (const { call: told, text } of calls.get(index)?.values() ?? []) {
      told.input = told.custom ? text : parsedArguments(text);
      candidate.calls.push(told);
    }
    const finish = finishes.get(index);
    if (finish === undefined && !ended) failure ??= "";
    const stop = finish === undefined ? null : (CHAT_STOPS[finish] ?? "other");
    settle(candidate, stop ?? (answer.framing === "events" ? "end_turn" : "other"));
    for (const citation of candidate.citations) if (citation.end <= citation.start) wholeText(candidate, citation);
  }
  if (candidates.size === 0 && !ended) failure ??= "";
  return { candidates: [...candidates.values()], failure };
}

/** A citation without a span stands for the whole text. */
function wholeText(candidate: ToldCandidate, citation: ToldCitation): void {
  citation.start = 0;
  citation.end = candidate.text.length;
}

function chatMessage(
  candidate: ToldCandidate,
  choice: Json,
  streams: boolean,
  calls: Map<string, { call: ToldCall; text: string }>,
): void {
  // One host sends both in either mode.
  const message = (streams ? choice.delta : choice.message) ?? {};
  const { content } = message;
  const details: Json[] = message.reasoning_details ?? [];
  const plain = message.reasoning_content ?? message.reasoning;
  candidate.thoughts += plain ?? details.map((detail) => detail.text ?? detail.summary ?? "").join("");
  if (typeof content === "string") say(candidate, content);
  else if (Array.isArray(content)) {
    for (const part of content) {
      if (part.type === "text") say(candidate, part.text);
      if (part.type === "thinking")
        candidate.thoughts += Array.isArray(part.thinking)
          ? part.thinking.map((one: Json) => one.text ?? "").join("")
          : part.thinking;
    }
  } else if (content) say(candidate, JSON.stringify(content));
  if (message.refusal) refuse(candidate, message.refusal);
  for (const { url_citation: cited } of message.annotations ?? []) {
    if (typeof cited?.url !== "string") continue;
    const { url, title, start_index: start = 0, end_index: end = 0 } = cited;
    candidate.citations.push({ url, title: title ?? null, start, end });
  }
  for (const image of message.images ?? []) {
    const url: string = image.image_url.url;
    candidate.media.push({ kind: "image", data: url.replace(/^data:[^,]*,/, "") });
  }
  chatAudio(candidate, message.audio);
  for (const { token, logprob } of choice.logprobs?.content ?? []) candidate.logprobs.push(tokenOdds(token, logprob));
  const listed: Json[] = message.tool_calls ?? [];
  if (message.function_call) listed.push({ index: "legacy", function: message.function_call });
  for (const [position, told] of listed.entries()) chatCall(candidate, calls, told, position);
}

function chatAudio(candidate: ToldCandidate, audio: Json): void {
  if (!audio?.data) return;
  const last = candidate.media.find(({ kind }) => kind === "audio");
  if (last === undefined) candidate.media.push({ kind: "audio", data: audio.data });
  else last.data += audio.data;
}

/** A call, or a piece of one: known by its index, else by its id, else by its place. */
function chatCall(
  candidate: ToldCandidate,
  calls: Map<string, { call: ToldCall; text: string }>,
  told: Json,
  position: number,
): void {
  const custom = told.type === "custom" || (told.custom && !told.function);
  const inner = (custom ? told.custom : told.function) ?? {};
  const key =
    told.index !== undefined && told.index !== null
      ? `index ${told.index}`
      : told.id
        ? `id ${told.id}`
        : ([...calls.keys()][position] ?? `place ${position}`);
  if (told.index === "legacy" && !calls.has(key) && !inner.name) return;
  if (!calls.has(key)) follow(candidate.order, "call");
  const piece = calls.get(key) ?? { call: { id: "", name: "", input: undefined, custom: Boolean(custom) }, text: "" };
  calls.set(key, piece);
  piece.call.id ||= told.id ?? "";
  piece.call.name ||= inner.name ?? "";
  const text = custom ? inner.input : inner.arguments;
  piece.text += typeof text === "string" ? text : text ? JSON.stringify(text) : "";
}

// ----------------------------------------------------------------------------------------------------------- Responses

const INCOMPLETE: Record<string, StopReason> = { max_output_tokens: "max_tokens", content_filter: "content_filter" };

function responses(answer: ProviderAnswer): Read {
  const documents = documentsOf(answer);
  const candidate = emptyCandidate(0);
  if (answer.framing === "whole") return responseEnd(documents[0]?.document, candidate, []);
  const items = new Map<number, Json>();
  let failure: string | null = null;
  for (const { document } of documents) {
    if (document?.type === "response.output_item.done") items.set(document.output_index, document.item);
    if (document?.type === "error") failure ??= sentence(document.error ?? document);
    if (/^response\.(?:completed|incomplete|failed)$/.test(document?.type ?? "")) {
      const ordered = [...items].sort(([left], [right]) => left - right).map(([, item]) => item);
      return responseEnd(document.response, candidate, ordered);
    }
  }
  return { candidates: [], failure: failure ?? "" };
}

function responseEnd(response: Json, candidate: ToldCandidate, done: Json[]): Read {
  if (response.output === undefined && done.length === 0 && !response.error) return { candidates: [], failure: "" };
  const output: Json[] = response.output?.length > 0 ? response.output : done;
  for (const item of output) responseItem(candidate, item);
  const { status, error } = response;
  const said: Record<string, StopReason> = {
    completed: candidate.foreignCalls ? "tool_use" : "end_turn",
    incomplete: INCOMPLETE[response.incomplete_details?.reason] ?? "other",
  };
  settle(candidate, said[status] ?? null);
  const failed = status === "failed" || (typeof error === "object" && error !== null);
  return { candidates: [candidate], failure: failed ? sentence(error) : null };
}

const FOREIGN_CALLS = /^(?:computer|local_shell|shell|apply_patch)_call$/;

function responseItem(candidate: ToldCandidate, item: Json): void {
  switch (item.type) {
    case "message":
      for (const part of item.content ?? []) responsePart(candidate, part);
      return;
    case "reasoning": {
      const summaries: Json[] = item.summary ?? [];
      const content: Json[] = item.content ?? [];
      candidate.thoughts +=
        summaries.length > 0
          ? summaries.map(({ text }) => text).join("\n\n")
          : content.map(({ text }) => text ?? "").join("");
      return;
    }
    case "function_call":
      call(candidate, {
        id: item.call_id || item.id,
        name: item.name,
        input: parsedArguments(item.arguments),
        custom: false,
      });
      return;
    case "custom_tool_call":
      call(candidate, { id: item.call_id, name: item.name, input: item.input, custom: true });
      return;
    case "image_generation_call":
      if (item.result) candidate.media.push({ kind: "image", data: item.result });
      return;
    default:
      if (FOREIGN_CALLS.test(item.type)) candidate.foreignCalls = true;
  }
}

function responsePart(candidate: ToldCandidate, part: Json): void {
  if (part.type === "refusal") refuse(candidate, part.refusal);
  if (part.type !== "output_text") return;
  const before = candidate.text.length;
  say(candidate, part.text);
  for (const { token, logprob } of part.logprobs ?? []) candidate.logprobs.push(tokenOdds(token, logprob));
  for (const one of part.annotations ?? []) {
    if (one.type !== "url_citation") continue;
    const spans = one.end_index > one.start_index;
    const start = before + (spans ? one.start_index : 0);
    const end = spans ? before + one.end_index : candidate.text.length;
    candidate.citations.push({ url: one.url, title: one.title ?? null, start, end });
  }
}

// ------------------------------------------------------------------------------------------------------------ Messages

const MESSAGES_STOPS: Record<string, StopReason> = {
  end_turn: "end_turn",
  max_tokens: "max_tokens",
  stop_sequence: "stop_sequence",
  tool_use: "tool_use",
  pause_turn: "pause_turn",
  refusal: "refusal",
  model_context_window_exceeded: "context_window_exceeded",
  compaction: "continuation",
};

function messages(answer: ProviderAnswer): Read {
  const documents = documentsOf(answer).map(({ document }) => document);
  if (answer.framing === "whole") return message(documents[0]);
  let whole: Json = { content: [] };
  for (const event of documents) {
    const block = whole.content[event.index];
    switch (event.type) {
      case "error":
        return { candidates: [], failure: sentence(event.error) };
      case "message_start":
        whole = { ...event.message, content: event.message.content ?? [] };
        break;
      case "content_block_start":
        whole.content[event.index] = { ...event.content_block, json: "" };
        break;
      case "content_block_delta":
        messageDelta(block, event.delta);
        break;
      case "message_delta":
        Object.assign(whole, event.delta);
        break;
      case "message_stop":
        for (const one of whole.content) if (one.json) one.input = parsedArguments(one.json);
        return message(whole);
      default:
    }
  }
  return { candidates: [], failure: "" };
}

function messageDelta(block: Json, delta: Json): void {
  if (delta.type === "text_delta") block.text += delta.text;
  if (delta.type === "thinking_delta") block.thinking += delta.thinking;
  if (delta.type === "input_json_delta") block.json += delta.partial_json;
  if (delta.type === "citations_delta") block.citations = [...(block.citations ?? []), delta.citation];
}

function message(whole: Json): Read {
  if (!Array.isArray(whole.content)) return { candidates: [], failure: sentence(whole.error) };
  if (whole.type === "error" || whole.error) return { candidates: [], failure: sentence(whole.error) };
  const candidate = emptyCandidate(0);
  for (const block of whole.content) {
    if (block.type === "thinking") candidate.thoughts += block.thinking;
    if (block.type === "tool_use")
      call(candidate, { id: block.id, name: block.name, input: block.input ?? {}, custom: false });
    if (block.type !== "text") continue;
    const start = candidate.text.length;
    say(candidate, block.text);
    for (const cited of block.citations ?? []) {
      const url = cited.url ?? cited.source;
      if (!/^https?:/.test(url ?? "")) continue;
      candidate.citations.push({ url, title: cited.title ?? null, start, end: candidate.text.length });
    }
  }
  settle(candidate, whole.stop_reason ? (MESSAGES_STOPS[whole.stop_reason] ?? "other") : null);
  candidate.sequence = whole.stop_sequence ?? null;
  return { candidates: [candidate], failure: null };
}

// -------------------------------------------------------------------------------------------------------------- Gemini

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

function gemini(answer: ProviderAnswer): Read {
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
      if (uri !== undefined) candidate.citations.push({ url: uri, title, start, end });
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const READERS = {
  "openai-chat": chat,
  "openai-responses": responses,
  "anthropic-messages": messages,
  "google-generate-content": gemini,
};

type Read = Pick<ToldAnswer, "candidates" | "failure">;

/** What the last figures say of the cache, be it more than the prompt. */
function toldCache(answer: ProviderAnswer, billed: BilledTokens | null): ToldAnswer["cache"] {
  const figures = documentsOf(answer)
    .map(({ document }) => document?.usage?.prompt_tokens_details ?? document?.usageMetadata)
    .findLast((one) => one !== undefined);
  return {
    read: figures?.cached_tokens ?? figures?.cachedContentTokenCount ?? billed?.cache_read ?? 0,
    write: figures?.cache_write_tokens ?? billed?.cache_write ?? 0,
  };
}

/** Reads an answer of status 200. */
export function readAnswer(answer: ProviderAnswer): ToldAnswer {
  const { dialect, status, bytes } = answer;
  const read = READERS[dialect](answer);
  if (read.failure !== null) return { ...read, usage: null, cache: { read: 0, write: 0 } };
  const usage = billedTokens({ dialect, status, operation: "generate", response: bytes });
  return { ...read, usage, cache: toldCache(answer, usage) };
}
