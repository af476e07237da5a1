import type { StopReason } from "../../../../worker/canonical/stop-reason.ts";
import type { ProviderAnswer } from "../corpus.ts";
import {
  documentsOf,
  emptyCandidate,
  follow,
  type Json,
  parsedArguments,
  type Read,
  refuse,
  say,
  sentence,
  settle,
  type ToldCall,
  type ToldCandidate,
  type ToldCitation,
  tokenOdds,
} from "./told-answer.ts";

const CHAT_STOPS: Record<string, StopReason> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  function_call: "tool_use",
  content_filter: "content_filter",
};

/** A Chat completion, whole or streamed. */
export function chat(answer: ProviderAnswer): Read {
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
