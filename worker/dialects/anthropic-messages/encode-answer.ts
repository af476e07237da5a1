import type { CanonicalAnswer, Stop } from "../../canonical/answer.ts";
import { sealState } from "../../canonical/envelope.ts";
import type { Losses } from "../../canonical/losses.ts";
import type { Part, TextPart, ThinkingPart, ToolCallPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { untoldUsage } from "../../canonical/usage.ts";
import type { JsonObject } from "../../lib/json.ts";
import { legalId } from "../arrange-history.ts";
import type { AnswerContext } from "../dialect.ts";
import { argumentsObject } from "../tool-arguments.ts";
import { encodeCitation } from "./citations.ts";
import { encodeStopReason } from "./stop-reason.ts";
import { encodeUsage } from "./usage.ts";

/** A whole Message for any provider's answer. Messages has one candidate; more were refused in the request. */
export function encodeAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const candidate = answer.candidates[0] ?? { parts: [], stop: { reason: "other" as const } };
  return {
    ...envelope(context),
    content: contentOf(candidate.parts, context.losses),
    ...encodeStop(candidate.stop, context.losses),
    usage: encodeUsage(answer.usage ?? untoldUsage(context.losses)),
  };
}

/** Images and audio have no form in an answer; where there is nothing else, a word says that there were some. */
function contentOf(parts: readonly Part[], losses: Losses): JsonObject[] {
  const blocks = parts.flatMap((part) => encodeBlocks(part, losses));
  if (blocks.some((block) => block.type !== "thinking")) return textLast(blocks, parts.at(-1));
  return [...blocks, ...parts.filter(isMedia).slice(0, 1).map(placeholder)];
}

/**
 * The state of a text goes behind it, but never to the end: clients take what an answer says from its last block. It goes
 * before that text then, or before those it follows.
 */
function textLast(blocks: readonly JsonObject[], last: Part | undefined): JsonObject[] {
  if (last?.type !== "text" || last.state === undefined) return [...blocks];
  const others = blocks.slice(0, -1);
  const at = others.findLastIndex((block) => block.type !== "text") + 1;
  return [...others.slice(0, at), ...blocks.slice(-1), ...others.slice(at)];
}

export const isMedia = (part: Part): boolean => part.type === "image" || part.type === "audio" || part.type === "video";

export const placeholder = (part: Part): JsonObject => ({ type: "text", text: `[${part.type}]`, citations: null });

export const envelope = ({ id, model }: AnswerContext): JsonObject => ({
  id: `msg_${id}`,
  type: "message",
  role: "assistant",
  model,
  container: null,
  diagnostics: null,
});

/** The members that tell the end; SDKs type each of them as present. */
export function encodeStop(stop: Stop, losses: Losses): JsonObject {
  const word = encodeStopReason(stop.reason, stop.sequence, losses);
  return {
    stop_reason: word,
    stop_sequence: word === "stop_sequence" ? (stop.sequence ?? null) : null,
    stop_details:
      word === "refusal"
        ? { type: "refusal", category: stop.category ?? null, explanation: stop.explanation ?? null }
        : null,
  };
}

/** A part as blocks: state that Messages has no place for travels in a thinking block beside it. */
export function encodeBlocks(part: Part, losses: Losses): JsonObject[] {
  switch (part.type) {
    case "text":
      return part.text === "" ? stateBlocks(part.state) : [encodeText(part, losses), ...stateBlocks(part.state)];
    case "thinking":
      return [encodeThinking(part)];
    case "refusal":
      return part.text === "" ? [] : [{ type: "text", text: part.text, citations: null }];
    case "tool_call":
      return [...stateBlocks(part.state), { ...toolUse(part), input: argumentsObject(part, losses) }];
    default:
      losses.add("part_dropped", "answer");
      return [];
  }
}

function encodeText({ text, citations: told = [] }: TextPart, losses: Losses): JsonObject {
  const citations = told.flatMap((citation) => encodeCitation(citation, text) ?? []);
  if (citations.length < told.length) losses.add("citation_dropped", "answer");
  return { type: "text", text, citations: citations.length === 0 ? null : citations };
}

/** What marks a thought that nobody vouches for: a vendor would refuse it, and the mark says to leave it out. */
const UNVOUCHED: ReasoningState = { owner: "none", value: "", model: "", where: "thinking" };

export const signatureOf = (part: ThinkingPart): string => sealState(part.state ?? UNVOUCHED);

function encodeThinking(part: ThinkingPart): JsonObject {
  if (part.state?.where === "redacted") return { type: "redacted_thinking", data: sealState(part.state) };
  return { type: "thinking", thinking: part.text, signature: signatureOf(part) };
}

/** State of a call or a text in a block of its own. */
export const stateBlocks = (state: ReasoningState | undefined): JsonObject[] =>
  state === undefined ? [] : [{ type: "thinking", thinking: "", signature: sealState(state) }];

/** A call without its input. Ids of other vendors may hold characters that Anthropic refuses. */
export const toolUse = (part: ToolCallPart): JsonObject => ({
  type: "tool_use",
  id: legalId(part.id),
  name: part.name,
  caller: { type: "direct" },
});
