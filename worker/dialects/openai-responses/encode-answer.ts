import type { CanonicalAnswer, Stop } from "../../canonical/answer.ts";
import { sealState } from "../../canonical/envelope.ts";
import type { Losses } from "../../canonical/losses.ts";
import type { Citation, Part, TextPart, ThinkingPart, ToolCallPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { type Usage, untoldUsage } from "../../canonical/usage.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { AnswerContext } from "../dialect.ts";
import { encodeLogprob } from "../openai-logprobs.ts";
import { billedTier } from "../openai-settings.ts";
import { encodeStopReason } from "./stop-reason.ts";
import { encodeUsage } from "./usage.ts";

/** A whole Response for any provider's answer. */
export function encodeAnswer(answer: CanonicalAnswer, context: AnswerContext): JsonObject {
  const candidate = answer.candidates[0] ?? { parts: [], stop: { reason: "other" as const } };
  const output: JsonObject[] = [];
  const numbered = (prefix: string, after = 0) => itemId(context, prefix, output.length + after);
  const refusal = refusalWithout(candidate.parts, candidate.stop);
  const told: Part[] = refusal === null ? [] : [{ type: "refusal", text: refusal }];
  for (const part of [...candidate.parts, ...told]) {
    const last = output.at(-1);
    const content = contentOf(part, context.losses);
    if (content !== null && last?.type === "message") (last.content as JsonObject[]).push(content);
    else if (content !== null) output.push(messageItem(numbered("msg"), [content]));
    else output.push(...itemsOf(part, numbered, context.losses));
    if (part.type === "text" && part.state !== undefined) output.push(stateItem(numbered("rs"), part.state));
  }
  return responseObject(context, candidate.stop, output, answer.usage);
}

/** What says that the model refused, when it has not said so in words of its own; null when it has, or has not refused. */
export function refusalWithout(parts: readonly Part[], { reason, explanation }: Stop): string | null {
  if (reason !== "refusal" || parts.some((part) => part.type === "refusal")) return null;
  return explanation ?? "The model refused to answer.";
}

/** Ids of items: the kind, the request, the place. They never change within an answer. */
export const itemId = ({ id }: AnswerContext, prefix: string, place: number): string => `${prefix}_${id}_${place}`;

/** Settings of the request that a Response repeats, null where the client set none: clients validate its shape. */
const ECHOED: Record<string, unknown> = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
  user: null,
};

/** The Response object with its status; `stop` null: still at work. */
export function responseObject(
  context: AnswerContext,
  stop: Stop | null,
  output: readonly JsonObject[],
  usage: Usage | null,
): JsonObject {
  const { id, createdAt, model, body, losses } = context;
  const end =
    stop === null ? { status: "in_progress", incomplete_details: null } : encodeStopReason(stop.reason, losses);
  const unfinished = stop === null || end.status === "failed";
  const echoed = Object.fromEntries(Object.entries(ECHOED).map(([key, absent]) => [key, body[key] ?? absent]));
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: createdAt,
    ...end,
    access_programs: null,
    background: false,
    error: end.status === "failed" ? { code: "server_error", message: stop?.explanation ?? "The model failed." } : null,
    model,
    output,
    ...echoed,
    // What was billed, whatever was asked for.
    service_tier: billedTier(usage) ?? "default",
    store: false,
    usage: unfinished && usage === null ? null : encodeUsage(usage ?? untoldUsage(losses)),
  };
}

/** A text or a refusal as a part of a message; null for what is an item of its own. */
export function contentOf(part: Part, losses: Losses): JsonObject | null {
  if (part.type === "refusal") return { type: "refusal", refusal: part.text };
  return part.type === "text" ? textContent(part, losses) : null;
}

function textContent(part: TextPart, losses: Losses): JsonObject {
  const citations = part.citations ?? [];
  const annotations = citations.flatMap((citation) => encodeAnnotation(citation, part.text.length) ?? []);
  if (annotations.length < citations.length) losses.add("citation_dropped", "answer");
  return {
    type: "output_text",
    text: part.text,
    annotations,
    logprobs: (part.logprobs ?? []).map(encodeLogprob),
  };
}

/** Only addresses have a form that does not need a file of OpenAI's. */
export function encodeAnnotation(citation: Citation, length: number): JsonObject | null {
  if (citation.kind !== "url" || citation.url === undefined) return null;
  return {
    type: "url_citation",
    url: citation.url,
    title: citation.title ?? citation.url,
    start_index: citation.start ?? 0,
    end_index: citation.end ?? length,
  };
}

export const messageItem = (id: string, content: readonly JsonObject[]): JsonObject => ({
  type: "message",
  id,
  role: "assistant",
  status: "completed",
  content,
});

/** A part as items: state that Responses has no place for travels in a reasoning item before a call, after a text. */
export function itemsOf(part: Part, numbered: (prefix: string, after: number) => string, losses: Losses): JsonObject[] {
  switch (part.type) {
    case "thinking":
      return [thoughtItem(numbered("rs", 0), part)];
    case "tool_call": {
      const carried = part.state === undefined ? [] : [stateItem(numbered("rs", 0), part.state)];
      return [...carried, callItem(numbered(part.kind === "custom" ? "ctc" : "fc", carried.length), part)];
    }
    case "image":
      if (part.media.kind === "base64") {
        return [{ type: "image_generation_call", id: numbered("ig", 0), status: "completed", result: part.media.data }];
      }
      losses.add("part_dropped", "answer");
      return [];
    default:
      losses.add("part_dropped", "answer");
      return [];
  }
}

/** What marks a thought that nobody vouches for: OpenAI would look for it, and the mark says to leave it out. */
const UNVOUCHED: ReasoningState = { owner: "none", value: "", model: "", where: "thinking" };

export const thoughtItem = (id: string, { text, state }: ThinkingPart): JsonObject => ({
  type: "reasoning",
  id,
  summary: text === "" ? [] : [{ type: "summary_text", text }],
  encrypted_content: sealState(state ?? UNVOUCHED),
  status: "completed",
});

export const stateItem = (id: string, state: ReasoningState): JsonObject => ({
  type: "reasoning",
  id,
  summary: [],
  encrypted_content: sealState(state),
  status: "completed",
});

export function callItem(id: string, call: ToolCallPart): JsonObject {
  const named = {
    call_id: call.id,
    name: call.name,
    ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
  };
  if (call.kind === "custom") {
    return { type: "custom_tool_call", id, ...named, input: call.arguments, status: "completed" };
  }
  return { type: "function_call", id, ...named, arguments: call.arguments || "{}", status: "completed" };
}
