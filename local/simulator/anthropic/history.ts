import { Failure } from "../failure.ts";
import { checkSeal } from "../seal.ts";
import { given, type JsonObject, objectsOf, stringOf } from "../values.ts";

/** What Anthropic refuses in `messages`: roles, empty text, calls and results without each other, foreign thinking. */

/** The issuer of Anthropic's signatures. */
export const THINKING_SEAL = "anthropic";

const refuse = (message: string): Failure => new Failure(400, { message });

/** Models since Opus 4.8 take instructions in the middle of a conversation. */
const takesSystemMessages = (model: string): boolean => !/claude-(3|[a-z]+-4(-[0-7])?(-|$))/.test(model);

/** Models before Claude 4.6 go on from an assistant's last message; the newer ones want a user's. */
const takesPrefill = (model: string): boolean => /claude-(3|[a-z]+-4(?![-.][6-9](?!\d)))/.test(model);

/** With manual thinking a turn whose calls are being answered begins with its thoughts. */
function checkThoughts(messages: JsonObject[], thinks: boolean): void {
  const index = messages.findLastIndex((message) => message.role === "assistant");
  const blocks = objectsOf(messages[index]?.content);
  const [first] = blocks;
  if (!thinks || !blocks.some((block) => block.type === "tool_use")) return;
  if (first?.type !== "thinking" && first?.type !== "redacted_thinking")
    throw refuse(
      `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${stringOf(first?.type)}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). To avoid this requirement, disable \`thinking\`.`,
    );
}

function checkThinking(block: JsonObject, place: string): void {
  if (block.type === "thinking") {
    if (typeof block.signature !== "string") throw refuse(`${place}.thinking.signature: Field required`);
    const verdict = checkSeal(THINKING_SEAL, block.signature, stringOf(block.thinking));
    if (verdict === "foreign") throw refuse(`${place}: Invalid \`signature\` in \`thinking\` block`);
    if (verdict === "altered")
      throw refuse(
        `${place}: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.`,
      );
  }
  if (block.type === "redacted_thinking" && checkSeal(THINKING_SEAL, stringOf(block.data), "") === "foreign")
    throw refuse(`${place}: Invalid \`data\` in \`redacted_thinking\` block`);
}

function checkBlock(block: JsonObject, place: string, version: string, role: string): void {
  if (block.type === "text" && block.text === "") throw refuse("messages: text content blocks must be non-empty");
  if (version >= "2026-10-21") {
    if (role === "assistant" && block.type === "document")
      throw refuse(`${place}: \`document\` blocks are not permitted in assistant messages`);
    if (role === "user" && block.type === "text" && Array.isArray(block.citations) && block.citations.length > 0)
      throw refuse(`${place}.text.citations: Extra inputs are not permitted`);
  }
  checkThinking(block, place);
}

/**
 * Throws Anthropic's 400 for a history it would not take. `version` is the `anthropic-version` header; `thinks`: with a
 * budget.
 */
export function checkHistory(messages: JsonObject[], model: string, version: string, thinks: boolean): void {
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    const role = stringOf(message.role);
    if (role === "system" && !takesSystemMessages(model))
      throw refuse(
        'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
      );
    if (!["user", "assistant", "system"].includes(role))
      throw refuse(`messages.${index}.role: Input should be 'user' or 'assistant'`);
    if (!given(message.content)) throw refuse(`messages.${index}.content: Field required`);
    const blocks = objectsOf(message.content);
    if (
      message.content === "" ||
      (Array.isArray(message.content) && blocks.length === 0 && index < messages.length - 1)
    )
      throw refuse(
        `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
      );
    const last = blocks.at(-1);
    if (role === "assistant" && (last?.type === "thinking" || last?.type === "redacted_thinking"))
      throw refuse(`messages.${index}: The final block in an assistant message cannot be \`thinking\`.`);
    const results = blocks.filter((block) => block.type === "tool_result").map((block) => stringOf(block.tool_use_id));
    const orphan = results.findIndex((id) => !open.includes(id));
    if (orphan >= 0)
      throw refuse(
        `messages.${index}.content.${orphan}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${results[orphan]}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length > 0) throw unanswered(index - 1, missing);
    for (const [at, block] of blocks.entries()) checkBlock(block, `messages.${index}.content.${at}`, version, role);
    open =
      role === "assistant"
        ? blocks.filter((block) => block.type === "tool_use").map((block) => stringOf(block.id))
        : [];
  }
  if (open.length > 0) throw unanswered(messages.length - 1, open);
  if (messages.at(-1)?.role === "assistant" && !takesPrefill(model))
    throw refuse(
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    );
  checkThoughts(messages, thinks);
}

const unanswered = (index: number, ids: string[]): Failure =>
  refuse(
    `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
