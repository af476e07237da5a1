import type OpenAI from "openai";
import type { Visit } from "../../sdk/visit.ts";
import { type Client, figures, promptTokens, type Question, type Reply, type ToolSpec } from "../client.ts";
import { caught, errorName } from "./openai-errors.ts";

type Message = OpenAI.ChatCompletionMessageParam;
type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** Members that hosts add to Chat's messages, which the SDK hands on without a type. */
interface Shown {
  reasoning_content?: string;
  reasoning?: string;
}

const thoughtIn = (holder: unknown): string => {
  const { reasoning_content: content, reasoning } = (holder ?? {}) as Shown;
  return content ?? reasoning ?? "";
};

const userContent = ({ text, media }: Question): OpenAI.ChatCompletionContentPart[] | string => {
  if (media === undefined) return text;
  const { kind, data } = media;
  return [
    { type: "text", text },
    kind === "image"
      ? { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } }
      : { type: "file", file: { filename: "one.pdf", file_data: `data:application/pdf;base64,${data}` } },
  ];
};

function messagesOf(question: Question): Message[] {
  const { system, mark, history = [] } = question;
  const marked = { type: "text" as const, text: system ?? "", prompt_cache_breakpoint: { mode: "explicit" as const } };
  return [
    ...(system === undefined ? [] : [{ role: "system", content: mark ? [marked] : system } satisfies Message]),
    ...history.flatMap(({ user, assistant }): Message[] => [
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ]),
    { role: "user", content: userContent(question) },
  ];
}

const toolOf = ({ name, description, schema }: ToolSpec): OpenAI.ChatCompletionTool => ({
  type: "function",
  function: { name, description, parameters: schema as unknown as Record<string, unknown> },
});

function paramsOf({ tools, schema, thinking, stop, cap }: Question): Omit<Params, "model" | "messages"> {
  return {
    ...(tools === undefined ? {} : { tools: tools.map(toolOf) }),
    ...(schema === undefined
      ? {}
      : {
          response_format: {
            type: "json_schema",
            json_schema: { name: "place", strict: true, schema: schema as unknown as Record<string, unknown> },
          },
        }),
    ...(thinking === undefined ? {} : { reasoning_effort: typeof thinking === "number" ? "low" : thinking }),
    ...(stop === undefined ? {} : { stop: [stop] }),
    ...(cap === undefined ? {} : { max_completion_tokens: cap }),
  };
}

interface Answer {
  completion: OpenAI.ChatCompletion;
  thought: string;
}

async function answerTo(client: OpenAI, params: Params, question: Question): Promise<Answer> {
  const options = question.signal === undefined ? {} : { signal: question.signal };
  if (!question.stream) {
    const completion = await client.chat.completions.create(params, options);
    return { completion, thought: thoughtIn(completion.choices[0]?.message) };
  }
  const stream = client.chat.completions.stream(
    { ...params, stream: true, stream_options: { include_usage: true } },
    options,
  );
  let thought = "";
  stream.on("content", (text) => question.onText?.(text));
  // The helper adds up what it has types for; of other members it keeps the last.
  stream.on("chunk", ({ choices }) => {
    thought += thoughtIn(choices[0]?.delta);
  });
  return { completion: await stream.finalChatCompletion(), thought };
}

async function talk(client: OpenAI, question: Question, messages: Message[], model: string): Promise<Reply> {
  const { completion, thought } = await answerTo(client, { ...paramsOf(question), model, messages }, question);
  const [choice] = completion.choices;
  if (choice === undefined) throw new Error("an answer without a choice");
  const { message } = choice;
  const calls = (message.tool_calls ?? []).filter((call) => call.type === "function");
  const { usage } = completion;
  return {
    model: completion.model,
    text: message.content ?? "",
    thought,
    calls: calls.map((call) => ({ name: call.function.name, arguments: JSON.parse(call.function.arguments) })),
    refusal: message.refusal ?? null,
    finish: choice.finish_reason,
    figures: figures({
      prompt_tokens: usage?.prompt_tokens,
      completion_tokens: usage?.completion_tokens,
      total_tokens: usage?.total_tokens,
      cached_tokens: usage?.prompt_tokens_details?.cached_tokens,
      cache_write_tokens: usage?.prompt_tokens_details?.cache_write_tokens ?? 0,
      reasoning_tokens: usage?.completion_tokens_details?.reasoning_tokens,
    }),
    goOn(results, next = model) {
      const told = calls.map(
        (call, index): Message => ({
          role: "tool",
          tool_call_id: call.id,
          content: results[index] ?? "",
        }),
      );
      return talk(client, question, [...messages, message, ...told], next);
    },
  };
}

/** `client.chat.completions`, its streams through the SDK's helper. */
export const openaiChat: Client = {
  id: "openai-chat",
  ask: (visit: Visit, question) => talk(visit.openai(), question, messagesOf(question), question.model),
  figuresOf: (tokens) => ({
    prompt_tokens: promptTokens(tokens),
    completion_tokens: tokens.output,
    total_tokens: promptTokens(tokens) + tokens.output,
    cached_tokens: tokens.cacheRead,
    cache_write_tokens: tokens.cacheWrite,
    reasoning_tokens: tokens.reasoning,
  }),
  finishes: {
    end: "stop",
    tool: "tool_calls",
    length: "length",
    stop: "stop",
    "stop-told": "stop",
    filter: "content_filter",
    "refusal-plain": "stop",
    refusal: "content_filter",
  },
  caught,
  errorName,
  streamErrorName: "APIError",
};
