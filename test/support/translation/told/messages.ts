import type { StopReason } from "../../../../worker/canonical/stop-reason.ts";
import type { ProviderAnswer } from "../corpus.ts";
import {
  call,
  documentsOf,
  emptyCandidate,
  type Json,
  parsedArguments,
  type Read,
  say,
  sentence,
  settle,
} from "./told-answer.ts";

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

/** A Message, whole or streamed. */
export function messages(answer: ProviderAnswer): Read {
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
