import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { CITY } from "../sdk/visit.ts";

/** Agents at official SDKs: each turn sends all that was said before, and what came of the tools that were called. */

/** One conversation. */
export interface Agent {
  /** Asks once, and hears the answer to its end; throws what the SDK throws. */
  turn(): Promise<void>;
}

export interface AgentOptions {
  sdks: { openai: OpenAI; anthropic: Anthropic };
  model: string;
  streamed: boolean;
  /** In everything the user says: by it the conversation is found in the provider's books. */
  marker: string;
}

/** Longer than what any vendor begins to cache at. */
const HANDBOOK = Array.from(
  { length: 60 },
  (_, rule) =>
    `Rule ${rule}: before anything is changed, what stands there is read, and what was said of it is weighed.`,
).join("\n");
const RESULT =
  "Nothing out of the ordinary was found there; the weather is mild and the wind is from the west. ".repeat(3);
const TOOLS = ["look_up", "look_around"] as const;
const DESCRIPTION = "Looks how things are in a city.";
const PARAMETERS = { ...CITY, required: [...CITY.required] };

const words = (marker: string, turn: number): string =>
  `Step ${turn} of ${marker}: go on with what is next on the list.`;

/** Chat, stateless as it is. */
function chatAgent({ sdks, model, streamed, marker }: AgentOptions): Agent {
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: "system", content: HANDBOOK },
    { role: "user", content: words(marker, 0) },
  ];
  const tools = TOOLS.map((name) => ({
    type: "function" as const,
    function: { name, description: DESCRIPTION, parameters: PARAMETERS },
  }));
  return {
    async turn() {
      const asked = { model, messages, tools };
      const { choices } = streamed
        ? await sdks.openai.chat.completions.stream(asked).finalChatCompletion()
        : await sdks.openai.chat.completions.create(asked);
      const { content = null, tool_calls: calls = [] } = choices[0]?.message ?? {};
      messages.push({ role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) });
      for (const { id } of calls) messages.push({ role: "tool", tool_call_id: id, content: RESULT });
      if (calls.length === 0) messages.push({ role: "user", content: words(marker, messages.length) });
    },
  };
}

/** Responses without anything kept at the vendor: its sealed thoughts, which one account alone can read, go to and fro. */
function responsesAgent({ sdks, model, streamed, marker }: AgentOptions): Agent {
  const input: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: words(marker, 0) }];
  const tools = TOOLS.map((name) => ({
    ...{ type: "function" as const, name, description: DESCRIPTION, parameters: PARAMETERS, strict: true },
  }));
  return {
    async turn() {
      const asked = {
        ...{ model, input, tools, instructions: HANDBOOK, store: false },
        reasoning: { effort: "low" as const },
        include: ["reasoning.encrypted_content" as const],
      };
      const { output } = streamed
        ? await sdks.openai.responses.stream(asked).finalResponse()
        : await sdks.openai.responses.create(asked);
      // As the vendor's guides do it; its types take less back than it gives.
      input.push(...(output as OpenAI.Responses.ResponseInputItem[]));
      const calls = output.flatMap((item) => (item.type === "function_call" ? [item.call_id] : []));
      for (const call_id of calls) input.push({ type: "function_call_output", call_id, output: RESULT });
      if (calls.length === 0) input.push({ role: "user", content: words(marker, input.length) });
    },
  };
}

/** Messages with the marks of an agent: on its instructions, and on the end of what has been said so far. */
function messagesAgent({ sdks, model, streamed, marker }: AgentOptions): Agent {
  const marked = { cache_control: { type: "ephemeral" as const } };
  const messages: { role: "user" | "assistant"; content: Anthropic.ContentBlockParam[] }[] = [
    { role: "user", content: [{ type: "text", text: words(marker, 0) }] },
  ];
  const tools = TOOLS.map((name) => ({ name, description: DESCRIPTION, input_schema: PARAMETERS }));
  return {
    async turn() {
      const said = messages.map(({ role, content }, at) => ({
        role,
        content: at < messages.length - 1 ? content : content.map((block) => ({ ...block, ...marked })),
      }));
      const asked = {
        ...{ model, tools, max_tokens: 4_000, system: [{ type: "text" as const, text: HANDBOOK, ...marked }] },
        thinking: { type: "enabled" as const, budget_tokens: 1_024 },
        messages: said as Anthropic.MessageParam[],
      };
      const { content } = streamed
        ? await sdks.anthropic.messages.stream(asked).finalMessage()
        : await sdks.anthropic.messages.create(asked);
      messages.push({ role: "assistant", content });
      const results = content
        .filter((block) => block.type === "tool_use")
        .map(({ id }) => ({ type: "tool_result" as const, tool_use_id: id, content: RESULT }));
      const next = [{ type: "text" as const, text: words(marker, messages.length) }];
      messages.push({ role: "user", content: results.length > 0 ? results : next });
    },
  };
}

export const AGENTS = { chat: chatAgent, responses: responsesAgent, messages: messagesAgent };
export type AgentId = keyof typeof AGENTS;
