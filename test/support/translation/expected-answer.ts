import { expect } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { StopReason } from "../../../worker/canonical/stop-reason.ts";
import type { BilledTokens } from "../read-usage.ts";
import type { SeenAnswer, SeenCandidate, SeenCitation, SeenUsage } from "./sdk-readers.ts";
import { follow, type Order, type ToldAnswer, type ToldCall, type ToldCandidate } from "./told/told-answer.ts";

/** What an SDK's user has to see of an answer, by the tables of the translation guide; one entry a dialect. */

/** The words for why an answer ended. Messages has no word for a broken call, nor Chat for most of them. */
const STOPS: Record<ChatDialectId, Record<StopReason, string>> = {
  "openai-chat": {
    end_turn: "stop",
    stop_sequence: "stop",
    max_tokens: "length",
    context_window_exceeded: "length",
    continuation: "length",
    tool_use: "tool_calls",
    content_filter: "content_filter",
    refusal: "content_filter",
    pause_turn: "stop",
    malformed_tool_call: "stop",
    error: "stop",
    other: "stop",
  },
  "openai-responses": {
    end_turn: "completed",
    stop_sequence: "completed",
    max_tokens: "incomplete max_output_tokens",
    context_window_exceeded: "incomplete max_output_tokens",
    continuation: "incomplete max_output_tokens",
    tool_use: "completed",
    content_filter: "incomplete content_filter",
    refusal: "completed",
    pause_turn: "completed",
    malformed_tool_call: "failed",
    error: "failed",
    other: "completed",
  },
  "anthropic-messages": {
    end_turn: "end_turn",
    stop_sequence: "stop_sequence",
    max_tokens: "max_tokens",
    context_window_exceeded: "model_context_window_exceeded",
    continuation: "max_tokens",
    tool_use: "tool_use",
    content_filter: "refusal",
    refusal: "refusal",
    pause_turn: "pause_turn",
    malformed_tool_call: "end_turn",
    error: "end_turn",
    other: "end_turn",
  },
  "google-generate-content": {
    end_turn: "STOP",
    stop_sequence: "STOP",
    max_tokens: "MAX_TOKENS",
    context_window_exceeded: "MAX_TOKENS",
    continuation: "MAX_TOKENS",
    tool_use: "STOP",
    content_filter: "SAFETY",
    refusal: "SAFETY",
    pause_turn: "STOP",
    malformed_tool_call: "MALFORMED_FUNCTION_CALL",
    error: "OTHER",
    other: "OTHER",
  },
};

const stopOf = (id: ChatDialectId, { stop, sequence }: ToldCandidate): string =>
  // Messages names the sequence it met; without a name it is a plain end.
  STOPS[id][stop === "stop_sequence" && sequence === null ? "end_turn" : stop];

/** An object where the dialect has only objects: free text and what is no object are wrapped, not lost. */
function inputOf(id: ChatDialectId, { input, custom }: ToldCall): unknown {
  if (id === "openai-chat" || id === "openai-responses") return input;
  if (custom) return { input };
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  return typeof input === "string" ? { _raw: input } : { value: input };
}

/** A provider's own id goes on, unless it has characters that Anthropic refuses; a call without one gets one. */
const idOf = ({ id }: ToldCall): unknown => (/^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : expect.stringMatching(/^.+$/));

function citationsOf(id: ChatDialectId, { citations, text }: ToldCandidate): SeenCitation[] {
  return citations.map(({ url, title, start, end }) => {
    const cited = text.slice(start, end);
    switch (id) {
      case "anthropic-messages":
        return { url, title, cited: cited.slice(0, 150), start: null };
      case "google-generate-content": {
        // Google tells a source once, however often it is cited.
        const first = citations.find((one) => one.url === url);
        return { url, title: first?.title ?? url, cited, start };
      }
      default:
        return { url, title: title ?? url, cited, start };
    }
  });
}

/** Sources in no particular order: each of them counts, with its span. */
const inOrder = (citations: readonly SeenCitation[]): SeenCitation[] =>
  citations.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));

const isInline = ({ data }: { data: string }): boolean => !/^https?:/.test(data);

/** A refusal without words of the model's gets some, at the end. */
function refusedOrder({ order, stop, refusal }: ToldCandidate): Order {
  const whole = [...order];
  if (stop === "refusal" && refusal === "") follow(whole, "text");
  return whole;
}

function expectedCandidate(id: ChatDialectId, told: ToldCandidate): SeenCandidate {
  const refused = told.stop === "refusal" ? (expect.any(String) as unknown as string) : null;
  const common = {
    index: told.index,
    text: told.text,
    refusal: told.refusal === "" ? refused : told.refusal,
    thoughts: told.thoughts,
    calls: told.calls.map((call) => ({ id: idOf(call) as string, name: call.name, input: inputOf(id, call) })),
    order: told.order,
    stop: stopOf(id, told),
    sequence: null,
    citations: inOrder(citationsOf(id, told)),
    media: told.media,
    logprobs: told.logprobs,
  };
  switch (id) {
    case "openai-chat":
      return { ...common, order: null };
    case "openai-responses":
      // It has no form for generated sounds, nor for an image that is an address.
      return {
        ...common,
        order: refusedOrder(told),
        media: told.media.filter((one) => one.kind === "image" && isInline(one)),
      };
    case "google-generate-content":
      return { ...common, text: told.shown, media: told.media.filter(isInline) };
    case "anthropic-messages": {
      // It has no form for generated media and none for log probabilities; where media is all there is, a word says so.
      const nothing = told.shown === "" && told.calls.length === 0;
      const text = nothing && told.media[0] !== undefined ? `[${told.media[0].kind}]` : told.shown;
      const sequence = told.stop === "stop_sequence" ? told.sequence : null;
      const order = told.order.length === 0 && text !== "" ? (["text"] as const) : told.order;
      return { ...common, text, order: [...order], sequence, media: [], logprobs: [] };
    }
  }
}

/** Figures by the formulas of the guide; a dialect whose figures are obligatory has zeros where nothing was told. */
function expectedUsage(id: ChatDialectId, { usage: billed, shown }: ToldAnswer): SeenUsage | null {
  const obligatory = id === "openai-responses" || id === "anthropic-messages";
  if (billed === null && !obligatory) return null;
  const { input_uncached: uncached, cache_read: read, cache_write: write, output, reasoning } = billed ?? NOTHING;
  const input = uncached + read + write;
  // Where the parts of a prompt make up the whole there is no showing more than that.
  const cache = id === "anthropic-messages" ? { read, write } : shown;
  // Candidates stand beside thoughts there; elsewhere the output is shown as it was told.
  const total = id === "google-generate-content" ? output : billed === null ? 0 : shown.output;
  return {
    input,
    cacheRead: cache.read,
    ...(id === "google-generate-content" ? {} : { cacheWrite: cache.write }),
    output: total,
    reasoning,
    ...(id === "anthropic-messages" ? {} : { total: input + total }),
  };
}

const NOTHING: BilledTokens = { input_uncached: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 };

/** An answer as the SDK of a dialect has to show it. */
export function expectedAnswer(id: ChatDialectId, told: ToldAnswer): SeenAnswer {
  const several = id === "openai-chat" || id === "google-generate-content";
  const candidates = several ? told.candidates : told.candidates.slice(0, 1);
  return { candidates: candidates.map((one) => expectedCandidate(id, one)), usage: expectedUsage(id, told) };
}

/** What is compared of an answer that was seen: refusals in words where the dialect has a place for them alone. */
export function comparable(id: ChatDialectId, seen: SeenAnswer, expected: SeenAnswer): SeenAnswer {
  const apart = id === "openai-chat" || id === "openai-responses";
  return {
    ...seen,
    candidates: seen.candidates.map((candidate, at) => ({
      ...candidate,
      citations: inOrder(candidate.citations),
      refusal: apart ? candidate.refusal : (expected.candidates[at]?.refusal ?? null),
    })),
  };
}
