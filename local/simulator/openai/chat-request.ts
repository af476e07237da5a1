import { Failure } from "../failure.ts";
import type { OfferedTool, Question, Segment } from "../question.ts";
import { countTokens, MEDIA_TOKENS, MESSAGE_OVERHEAD } from "../tokens.ts";
import { given, isObject, type JsonObject, listOf, numberOf, objectOf, objectsOf, stringOf } from "../values.ts";

/** Every top-level parameter of Chat Completions; OpenAI refuses the others. */
const PARAMETERS = new Set(
  `messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens
  metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key
  prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier
  stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity
  web_search_options`.split(/\s+/),
);

const ROLES = ["system", "assistant", "user", "function", "tool", "developer"];

/** What the answer to a Chat Completions body depends on. */
export interface ChatRequest {
  question: Question;
  stream: boolean;
  /** The client asked for the usage chunk. */
  includeUsage: boolean;
  obfuscation: boolean;
}

/** The visible text of a message's `content`, in any of its forms. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  return objectsOf(content)
    .map((part) => stringOf(part.text) || stringOf(part.refusal))
    .filter((text) => text !== "")
    .join("\n");
}

const mediaIn = (content: unknown): number =>
  objectsOf(content).filter((part) => !("text" in part) && !("refusal" in part)).length * MEDIA_TOKENS;

/** OpenAI's 400 for a number outside its range. */
function checkRange(body: JsonObject, name: string, low: number, high: number): void {
  const value = numberOf(body[name]);
  if (value === null) return;
  if (value < low)
    throw new Failure(400, {
      message: `Invalid '${name}': decimal below minimum value. Expected a value >= ${low}, but got ${value} instead.`,
      param: name,
      code: "decimal_below_min_value",
    });
  if (value > high)
    throw new Failure(400, {
      message: `Invalid '${name}': decimal above maximum value. Expected a value <= ${high}, but got ${value} instead.`,
      param: name,
      code: "decimal_above_max_value",
    });
}

/** The longest name of an end user, and the same in OpenAI's words. */
export function checkIdentifier(body: JsonObject): void {
  const { length } = stringOf(body.safety_identifier);
  if (length > 128)
    throw new Failure(400, {
      message: `Invalid 'safety_identifier': string too long. Expected a string with maximum length 128, but got a string with length ${length} instead.`,
      param: "safety_identifier",
      code: "string_above_max_length",
    });
}

/** What OpenAI refuses in the history: unknown roles, calls without results, results without calls. */
function checkMessages(messages: unknown[]): void {
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isObject(message))
      throw new Failure(400, {
        message: `Invalid type for 'messages[${index}]': expected an object.`,
        param: `messages[${index}]`,
        code: "invalid_type",
      });
    const role = stringOf(message.role);
    if (!ROLES.includes(role))
      throw new Failure(400, {
        message: `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
        param: `messages[${index}].role`,
        code: "invalid_value",
      });
    if (role === "tool") {
      const id = stringOf(message.tool_call_id);
      if (!open.includes(id))
        throw new Failure(400, {
          message:
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          param: `messages.[${index}].role`,
        });
      open = open.filter((one) => one !== id);
      continue;
    }
    if (open.length > 0) throw unanswered(open, index);
    if (role === "assistant") open = objectsOf(message.tool_calls).map((call) => stringOf(call.id));
  }
  if (open.length > 0) throw unanswered(open, messages.length);
}

const unanswered = (ids: string[], index: number): Failure =>
  new Failure(400, {
    message: `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(", ")}`,
    param: `messages.[${index}].role`,
  });

function segmentOf(message: JsonObject): Segment {
  const calls = objectsOf(message.tool_calls).map((call) => JSON.stringify(call.function ?? call.custom ?? {}));
  const text = [contentText(message.content), stringOf(message.reasoning), ...calls].join("");
  const marked = objectsOf(message.content).some(
    (part) => given(part.cache_control) || given(part.prompt_cache_breakpoint),
  );
  const segment: Segment = {
    text: `${message.role}:${text}${JSON.stringify(message.content) ?? ""}`,
    tokens: countTokens(text) + mediaIn(message.content) + MESSAGE_OVERHEAD,
  };
  if (marked || given(message.cache_control)) segment.mark = "30m";
  return segment;
}

function offeredTools(body: JsonObject): OfferedTool[] {
  const functions = objectsOf(body.functions).map((one): JsonObject => ({ type: "function", function: one }));
  return [...objectsOf(body.tools), ...functions].flatMap((tool) => {
    const definition = objectOf(tool.type === "custom" ? tool.custom : tool.function);
    const name = stringOf(definition.name);
    return name === ""
      ? []
      : [{ name, schema: { type: "object", ...objectOf(definition.parameters) }, freeform: tool.type === "custom" }];
  });
}

/** A tool choice of Chat or Responses, which differ in their nesting only; `single`: at most one call. */
export function toolChoiceOf(choice: unknown, parallelTools: boolean): Question["toolChoice"] & { single: boolean } {
  if (choice === "none") return { mode: "none", names: null, single: !parallelTools };
  if (choice === "required") return { mode: "required", names: null, single: !parallelTools };
  if (!isObject(choice)) return { mode: "auto", names: null, single: !parallelTools };
  // `allowed_tools` is nested in Chat and flat in Responses, like the named forms.
  const allowed = isObject(choice.allowed_tools) ? choice.allowed_tools : choice;
  if (choice.type === "allowed_tools") {
    const names = objectsOf(allowed.tools).map((tool) => stringOf(objectOf(tool.function).name) || stringOf(tool.name));
    return { mode: allowed.mode === "required" ? "required" : "auto", names, single: !parallelTools };
  }
  const name = stringOf(objectOf(choice.function ?? choice.custom).name) || stringOf(choice.name);
  return { mode: "required", names: name === "" ? null : [name], single: true };
}

function formatOf(body: JsonObject): Question["format"] {
  const format = objectOf(body.response_format);
  if (format.type === "json_schema") return { type: "json", schema: objectOf(objectOf(format.json_schema).schema) };
  return format.type === "json_object" ? { type: "json", schema: null } : { type: "text" };
}

/** What models that reason do not take at OpenAI. */
export function checkReasoningModel(body: JsonObject): void {
  const unsupported = (param: string, more = ""): Failure =>
    new Failure(400, {
      message: `Unsupported parameter: '${param}' is not supported with this model.${more}`,
      param,
      code: "unsupported_parameter",
    });
  if (given(body.max_tokens)) throw unsupported("max_tokens", " Use 'max_completion_tokens' instead.");
  if (given(body.stop)) throw unsupported("stop");
}

/**
 * Reads a Chat Completions body; throws OpenAI's 400s. `lenient` is OpenRouter, which ignores what it does not know.
 */
export function readChat(body: JsonObject, lenient = false): ChatRequest {
  const stray = Object.keys(body).find((name) => !PARAMETERS.has(name));
  if (stray !== undefined && !lenient)
    throw new Failure(400, { message: `Unrecognized request argument supplied: ${stray}` });
  if (!Array.isArray(body.messages))
    throw new Failure(400, {
      message: "Missing required parameter: 'messages'.",
      param: "messages",
      code: "missing_required_parameter",
    });
  if (body.messages.length === 0)
    throw new Failure(400, {
      message:
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      param: "messages",
      code: "empty_array",
    });
  checkMessages(body.messages);
  if (!lenient) checkIdentifier(body);
  checkRange(body, "temperature", 0, 2);
  checkRange(body, "top_p", 0, 1);
  checkRange(body, "presence_penalty", -2, 2);
  checkRange(body, "frequency_penalty", -2, 2);
  if (given(body.stream_options) && body.stream !== true)
    throw new Failure(400, {
      message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      param: "stream_options",
    });

  const messages = objectsOf(body.messages);
  const lastOther = messages.findLastIndex((message) => message.role !== "tool" && message.role !== "function");
  const tools = offeredTools(body);
  const reasoning = objectOf(body.reasoning);
  const effort = stringOf(body.reasoning_effort) || stringOf(reasoning.effort);
  const { single, ...toolChoice } = toolChoiceOf(
    body.tool_choice ?? body.function_call,
    body.parallel_tool_calls !== false,
  );
  const declared = listOf(body.tools ?? body.functions);
  const toolSegments: Segment[] = declared.map((tool) => {
    const text = JSON.stringify(tool);
    return { text, tokens: countTokens(text) };
  });
  return {
    question: {
      segments: [...toolSegments, ...messages.map(segmentOf)],
      userText: contentText(messages.findLast((message) => message.role === "user")?.content),
      toolResults: messages.slice(lastOther + 1).map((message) => contentText(message.content)),
      tools,
      toolChoice,
      parallel: !single,
      format: formatOf(body),
      thinking:
        (effort !== "" && effort !== "none") ||
        (given(reasoning.max_tokens) && reasoning.enabled !== false) ||
        reasoning.enabled === true,
      maxOutput: numberOf(body.max_completion_tokens) ?? numberOf(body.max_tokens),
      stop: typeof body.stop === "string" ? [body.stop] : listOf(body.stop).map(stringOf),
      candidates: Math.min(128, Math.max(1, numberOf(body.n) ?? 1)),
    },
    stream: body.stream === true,
    includeUsage: objectOf(body.stream_options).include_usage === true,
    obfuscation: objectOf(body.stream_options).include_obfuscation !== false,
  };
}
