import { Failure } from "../failure.ts";
import type { CacheTtl, OfferedTool, Question, Segment } from "../question.ts";
import { countTokens, MEDIA_TOKENS, MESSAGE_OVERHEAD } from "../tokens.ts";
import { given, isObject, type JsonObject, listOf, numberOf, objectOf, objectsOf, stringOf } from "../values.ts";
import { checkHistory } from "./history.ts";

/** Every top-level parameter of Messages, with and without betas; Anthropic refuses the others. */
const PARAMETERS = new Set(
  `model messages max_tokens billing_policy cache_control compaction container context_management diagnostics
  fallback_credit_token fallbacks inference_geo mcp_servers metadata output_config output_format service_tier speed
  stop_sequences stream system temperature thinking thread tool_choice tools top_k top_p user_profile_id
  workspace_id`.split(/\s+/),
);

const SAMPLING = ["temperature", "top_p", "top_k"];

/** The values of `anthropic-version`, oldest first; they compare as text. */
export const VERSIONS = ["2023-01-01", "2023-06-01", "2026-10-21"];

/** What the answer to a Messages body depends on. */
export interface MessagesRequest {
  question: Question;
  stream: boolean;
  /** Thinking text stays empty in the answer. */
  omitsThinking: boolean;
}

const refuse = (message: string): Failure => new Failure(400, { message });

function checkParameters(body: JsonObject, version: string, counting: boolean): void {
  for (const name of Object.keys(body)) {
    const forbidden = version >= "2026-10-21" && SAMPLING.includes(name);
    if (!PARAMETERS.has(name) || forbidden) throw refuse(`${name}: Extra inputs are not permitted`);
  }
  if (!counting && !given(body.max_tokens)) throw refuse("max_tokens: Field required");
  const cap = numberOf(body.max_tokens);
  if (!counting && (cap === null || !Number.isInteger(cap)))
    throw refuse("max_tokens: Input should be a valid integer");
  if (cap !== null && cap < 0) throw refuse("max_tokens: Input should be greater than or equal to 0");
  if (!given(body.messages)) throw refuse("messages: Field required");
  if (!Array.isArray(body.messages)) throw refuse("messages: Input should be a valid list");
  if (body.messages.length === 0) throw refuse("messages: at least one message is required");
  const stray = body.messages.findIndex((message) => !isObject(message));
  if (stray >= 0) throw refuse(`messages.${stray}: Input does not match the expected shape.`);
  const temperature = numberOf(body.temperature);
  if (temperature !== null && (temperature < 0 || temperature > 1)) throw refuse("temperature: range: 0..1");
  if (listOf(body.stop_sequences).some((one) => stringOf(one).trim() === ""))
    throw refuse("stop_sequences: each stop sequence must contain non-whitespace");
  checkThinking(objectOf(body.thinking), cap, counting);
  checkTools(body);
}

function checkThinking(thinking: JsonObject, cap: number | null, counting: boolean): void {
  const { type } = thinking;
  if (type === undefined) return;
  if (!["enabled", "adaptive", "disabled", "between_tools"].includes(stringOf(type)))
    throw refuse(
      `thinking: Input tag '${type}' found using 'type' does not match any of the expected tags: 'adaptive', 'between_tools', 'disabled', 'enabled'`,
    );
  if (type !== "enabled") return;
  const budget = numberOf(thinking.budget_tokens);
  if (budget === null) throw refuse("thinking.enabled.budget_tokens: Field required");
  if (budget < 1024) throw refuse("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
  if (!counting && cap !== null && cap <= budget)
    throw refuse(
      "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
    );
}

function checkTools(body: JsonObject): void {
  for (const [index, tool] of objectsOf(body.tools).entries()) {
    if (given(tool.type) && tool.type !== "custom") continue;
    if (typeof tool.name !== "string") throw refuse(`tools.${index}.custom.name: Field required`);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name))
      throw refuse(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    if (!isObject(tool.input_schema)) throw refuse(`tools.${index}.custom.input_schema: Field required`);
    if (tool.input_schema.type !== "object")
      throw refuse(`tools.${index}.custom.input_schema.type: Input should be 'object'`);
  }
  const choice = objectOf(body.tool_choice);
  const thinks = objectOf(body.thinking).type === "enabled";
  if (thinks && (choice.type === "any" || choice.type === "tool"))
    throw refuse("Thinking may not be enabled when tool_choice forces tool use.");
  if (given(body.tool_choice) && choice.type !== "none" && listOf(body.tools).length === 0)
    throw refuse("tool_choice: tool_choice may only be specified while providing tools");
}

function markOf(holder: JsonObject): CacheTtl | undefined {
  if (!isObject(holder.cache_control)) return undefined;
  return holder.cache_control.ttl === "1h" ? "1h" : "5m";
}

/** The visible text of a block, a list of blocks, or a string. */
function blockText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!isObject(content)) return objectsOf(content).map(blockText).filter(Boolean).join("\n");
  if (content.type === "text") return stringOf(content.text);
  if (content.type === "tool_result") return blockText(content.content);
  return "";
}

function countBlock(block: JsonObject): number {
  switch (block.type) {
    case "text":
      return countTokens(stringOf(block.text));
    case "thinking":
      return countTokens(stringOf(block.thinking));
    case "redacted_thinking":
      return 0;
    case "tool_use":
      return countTokens(stringOf(block.name)) + countTokens(JSON.stringify(block.input ?? {}));
    case "tool_result":
      return typeof block.content === "string"
        ? countTokens(block.content)
        : objectsOf(block.content).reduce((sum, one) => sum + countBlock(one), 0);
    default:
      return MEDIA_TOKENS;
  }
}

function segmentOf(block: JsonObject, tokens: number): Segment {
  const mark = markOf(block);
  const text = JSON.stringify({ ...block, cache_control: undefined });
  return { text, tokens, ...(mark !== undefined && { mark }) };
}

function segmentsOf(body: JsonObject): Segment[] {
  const segments = objectsOf(body.tools).map((tool) =>
    segmentOf(tool, countTokens(JSON.stringify({ ...tool, cache_control: undefined }))),
  );
  const system = typeof body.system === "string" ? [{ type: "text", text: body.system }] : objectsOf(body.system);
  segments.push(...system.map((block) => segmentOf(block, countBlock(block))));
  for (const message of objectsOf(body.messages)) {
    const blocks =
      typeof message.content === "string" ? [{ type: "text", text: message.content }] : objectsOf(message.content);
    for (const [index, block] of blocks.entries())
      segments.push(
        segmentOf({ role: message.role, ...block }, countBlock(block) + (index === 0 ? MESSAGE_OVERHEAD : 0)),
      );
  }
  // A mark on the request itself stands for one on its last block.
  const automatic = markOf(body);
  const last = segments.at(-1);
  if (automatic !== undefined && last !== undefined) last.mark ??= automatic;
  if (segments.filter((segment) => segment.mark !== undefined).length > 4)
    throw refuse("A maximum of 4 blocks with cache_control may be provided. Found more.");
  return segments;
}

function offeredTools(tools: unknown): OfferedTool[] {
  return objectsOf(tools).flatMap((tool) =>
    isObject(tool.input_schema) ? [{ name: stringOf(tool.name), schema: tool.input_schema, freeform: false }] : [],
  );
}

function toolChoiceOf(choice: JsonObject): Question["toolChoice"] {
  if (choice.type === "none") return { mode: "none", names: null };
  if (choice.type === "any") return { mode: "required", names: null };
  return choice.type === "tool" ? { mode: "required", names: [stringOf(choice.name)] } : { mode: "auto", names: null };
}

function formatOf(body: JsonObject): Question["format"] {
  const format = objectOf(objectOf(body.output_config).format ?? body.output_format);
  return format.type === "json_schema" ? { type: "json", schema: objectOf(format.schema) } : { type: "text" };
}

/** Reads a Messages body, or one to be counted only; throws Anthropic's 400s. `version` is the `anthropic-version`. */
export function readMessages(body: JsonObject, model: string, version: string, counting = false): MessagesRequest {
  checkParameters(body, version, counting);
  const messages = objectsOf(body.messages);
  checkHistory(messages, model, version, objectOf(body.thinking).type === "enabled");
  const last = objectsOf(messages.at(-1)?.content).filter((block) => block.type === "tool_result");
  const choice = objectOf(body.tool_choice);
  const thinking = objectOf(body.thinking);
  const lastUser = messages.findLast(
    (message) =>
      message.role === "user" &&
      blockText(objectsOf(message.content).filter((block) => block.type === "text")) +
        (typeof message.content === "string" ? message.content : "") !==
        "",
  );
  const userBlocks = objectsOf(lastUser?.content).filter((block) => block.type === "text");
  return {
    question: {
      segments: segmentsOf(body),
      userText: typeof lastUser?.content === "string" ? lastUser.content : blockText(userBlocks),
      toolResults: last.map(blockText),
      tools: offeredTools(body.tools),
      toolChoice: toolChoiceOf(choice),
      parallel: choice.disable_parallel_tool_use !== true && choice.type !== "tool",
      format: formatOf(body),
      thinking: ["enabled", "adaptive", "between_tools"].includes(stringOf(thinking.type)),
      maxOutput: numberOf(body.max_tokens),
      stop: listOf(body.stop_sequences).map(stringOf),
      candidates: 1,
    },
    stream: body.stream === true,
    omitsThinking: thinking.display === "omitted",
  };
}
