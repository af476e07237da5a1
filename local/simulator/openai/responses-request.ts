import { Failure } from "../failure.ts";
import type { OfferedTool, Question, Segment } from "../question.ts";
import type { ResponseStore } from "../response-store.ts";
import { checkSeal } from "../seal.ts";
import { countTokens, MEDIA_TOKENS, MESSAGE_OVERHEAD } from "../tokens.ts";
import { given, isObject, type JsonObject, listOf, numberOf, objectOf, objectsOf, stringOf } from "../values.ts";
import { checkIdentifier, contentText, toolChoiceOf } from "./chat-request.ts";

/**
 * Every top-level parameter of Responses and of its token counter; OpenAI refuses the others. `client_metadata` is not
 * documented, but Codex sends it and OpenAI takes it.
 */
const PARAMETERS = new Set(
  `access_programs background client_metadata context_management conversation image include input instructions max_output_tokens
  max_tool_calls metadata model moderation parallel_tool_calls personality previous_response_id prompt
  prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream
  stream_options temperature text tool_choice tools top_logprobs top_p truncation user`.split(/\s+/),
);

const CALLS = new Map([
  ["function_call", "function_call_output"],
  ["custom_tool_call", "custom_tool_call_output"],
]);
const OUTPUTS = new Map([...CALLS].map(([call, output]) => [output, call]));

/** What the answer to a Responses body depends on. */
export interface ResponsesRequest {
  question: Question;
  /** The conversation so far: what an earlier response left, and this request's input. */
  items: JsonObject[];
  stream: boolean;
  /** A reasoning summary was asked for. */
  summary: boolean;
  obfuscation: boolean;
}

const invalid = (message: string, param: string | null, code?: string): Failure =>
  new Failure(400, { message, ...(param !== null && { param }), ...(code !== undefined && { code }) });

/** The issuer of sealed reasoning in Responses: OpenRouter's, and that of OpenAI's default account. */
export const REASONING_SEAL = "openai";

/** OpenAI's issuer for an account: encrypted content is bound to the organization that it was made for. */
export const reasoningSeal = (account: string): string =>
  account === "default" ? REASONING_SEAL : `${REASONING_SEAL} ${account}`;

function checkReasoning(item: JsonObject, next: JsonObject | undefined, issuer: string): void {
  const id = stringOf(item.id);
  const sealed = item.encrypted_content;
  if (typeof sealed === "string" && checkSeal(issuer, sealed, "") === "foreign")
    throw invalid(
      `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
      null,
      "invalid_encrypted_content",
    );
  const followed =
    next !== undefined &&
    (next.type === "reasoning" || next.role === "assistant" || stringOf(next.type).endsWith("_call"));
  if (!followed)
    throw invalid(`Item '${id}' of type 'reasoning' was provided without its required following item.`, "input");
}

/** What OpenAI refuses in the input: calls and results without each other, foreign or cut-off reasoning. */
function checkItems(items: JsonObject[], issuer: string): void {
  const open = new Map<string, string>();
  const called = new Set<string>();
  for (const [index, item] of items.entries()) {
    const type = stringOf(item.type) || "message";
    if (type === "reasoning") checkReasoning(item, items[index + 1], issuer);
    if (type === "message" && !["user", "assistant", "system", "developer"].includes(stringOf(item.role)))
      throw invalid(
        `Invalid value: '${stringOf(item.role)}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
        `input[${index}].role`,
        "invalid_value",
      );
    if (type === "item_reference")
      throw new Failure(404, { message: `Item with id '${stringOf(item.id)}' not found.`, param: "input" });
    const id = stringOf(item.call_id);
    if (CALLS.has(type)) {
      open.set(id, type);
      called.add(id);
    }
    if (OUTPUTS.has(type)) {
      if (!called.has(id)) throw invalid(`No tool call found for function call output with call_id ${id}.`, "input");
      open.delete(id);
    }
  }
  for (const id of open.keys()) throw invalid(`No tool output found for function call ${id}.`, "input");
}

function segmentOf(item: JsonObject): Segment {
  const content = item.content ?? item.output ?? item.summary;
  const media = objectsOf(content).filter((part) => !("text" in part) && !("refusal" in part)).length;
  const text = `${contentText(content)}${stringOf(item.name)}${stringOf(item.arguments)}${stringOf(item.input)}`;
  const segment: Segment = {
    text: JSON.stringify({ ...item, encrypted_content: undefined, id: undefined, status: undefined }),
    tokens: countTokens(text) + media * MEDIA_TOKENS + MESSAGE_OVERHEAD,
  };
  if (objectsOf(content).some((part) => given(part.prompt_cache_breakpoint) || given(part.cache_control)))
    segment.mark = "30m";
  return segment;
}

function offeredTools(tools: unknown): OfferedTool[] {
  return objectsOf(tools).flatMap((tool) => {
    if (tool.type === "namespace") return offeredTools(tool.tools);
    if (tool.type !== "function" && tool.type !== "custom") return [];
    const name = stringOf(tool.name);
    return name === ""
      ? []
      : [{ name, schema: { type: "object", ...objectOf(tool.parameters) }, freeform: tool.type === "custom" }];
  });
}

function resultText(item: JsonObject): string {
  return typeof item.output === "string" ? item.output : contentText(item.output);
}

/** A reference stands for an item of a stored response; one that is not known is refused with the rest of the input. */
const resolved = (item: JsonObject, store: ResponseStore | null): JsonObject =>
  (item.type === "item_reference" ? store?.item(stringOf(item.id)) : undefined) ?? item;

/** What was said before this request; throws for state that is not, or never, held. */
function earlierItems(body: JsonObject, store: ResponseStore | null): JsonObject[] {
  if (given(body.conversation))
    throw new Failure(404, {
      message: `Conversation with id '${stringOf(objectOf(body.conversation).id) || body.conversation}' not found.`,
      param: "conversation",
    });
  if (!given(body.previous_response_id)) return [];
  const id = stringOf(body.previous_response_id);
  const found = store?.find(id);
  if (found !== undefined) return found;
  throw invalid(`Previous response with id '${id}' not found.`, "previous_response_id", "previous_response_not_found");
}

/**
 * Reads a Responses body; throws OpenAI's 400s. Without a `store` it is OpenRouter, which holds no state and ignores
 * parameters it does not know. Reasoning that `issuer` did not seal is refused.
 */
export function readResponses(
  body: JsonObject,
  store: ResponseStore | null,
  issuer = REASONING_SEAL,
): ResponsesRequest {
  const stray = Object.keys(body).find((name) => !PARAMETERS.has(name));
  if (stray !== undefined && store !== null)
    throw invalid(`Unknown parameter: '${stray}'.`, stray, "unknown_parameter");
  if (!given(body.input) && !given(body.prompt))
    throw invalid("Missing required parameter: 'input'.", "input", "missing_required_parameter");
  const cap = numberOf(body.max_output_tokens);
  if (cap !== null && cap < 16)
    throw invalid(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${cap} instead.`,
      "max_output_tokens",
      "integer_below_min_value",
    );
  if (store !== null) checkIdentifier(body);
  const temperature = numberOf(body.temperature);
  if (temperature !== null && (temperature < 0 || temperature > 2)) {
    const [side, bound, code] =
      temperature < 0
        ? ["below minimum", ">= 0", "decimal_below_min_value"]
        : ["above maximum", "<= 2", "decimal_above_max_value"];
    throw invalid(
      `Invalid 'temperature': decimal ${side} value. Expected a value ${bound}, but got ${temperature} instead.`,
      "temperature",
      code,
    );
  }
  const input: JsonObject[] =
    typeof body.input === "string"
      ? [{ type: "message", role: "user", content: body.input }]
      : listOf(body.input)
          .filter(isObject)
          .map((item) => resolved(item, store));
  const items = [...earlierItems(body, store), ...input];
  checkItems(items, issuer);

  const lastOther = items.findLastIndex((item) => !OUTPUTS.has(stringOf(item.type)));
  const reasoning = objectOf(body.reasoning);
  const format = objectOf(objectOf(body.text).format);
  const { single, ...toolChoice } = toolChoiceOf(body.tool_choice, body.parallel_tool_calls !== false);
  const instructions = stringOf(body.instructions);
  const leading: Segment[] = objectsOf(body.tools).map((tool) => {
    const text = JSON.stringify(tool);
    return { text, tokens: countTokens(text) };
  });
  if (instructions !== "") leading.push({ text: instructions, tokens: countTokens(instructions) + MESSAGE_OVERHEAD });
  return {
    question: {
      segments: [...leading, ...items.map(segmentOf)],
      userText: contentText(items.findLast((item) => item.role === "user")?.content),
      toolResults: items.slice(lastOther + 1).map(resultText),
      tools: offeredTools(body.tools),
      toolChoice,
      parallel: !single,
      format:
        format.type === "json_schema"
          ? { type: "json", schema: objectOf(format.schema) }
          : format.type === "json_object"
            ? { type: "json", schema: null }
            : { type: "text" },
      thinking: isObject(body.reasoning) && reasoning.effort !== "none" && Object.values(reasoning).some(given),
      maxOutput: cap,
      stop: [],
      candidates: 1,
    },
    items,
    stream: body.stream === true,
    summary: given(reasoning.summary) || given(reasoning.generate_summary),
    obfuscation: objectOf(body.stream_options).include_obfuscation !== false,
  };
}
