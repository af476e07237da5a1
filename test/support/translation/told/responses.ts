import type { StopReason } from "../../../../worker/canonical/stop-reason.ts";
import type { ProviderAnswer } from "../corpus.ts";
import {
  call,
  documentsOf,
  emptyCandidate,
  type Json,
  parsedArguments,
  type Read,
  refuse,
  say,
  sentence,
  settle,
  type ToldCandidate,
  tokenOdds,
} from "./told-answer.ts";

const INCOMPLETE: Record<string, StopReason> = { max_output_tokens: "max_tokens", content_filter: "content_filter" };

/** A Response, whole or streamed. */
export function responses(answer: ProviderAnswer): Read {
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
