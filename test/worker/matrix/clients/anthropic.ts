import Anthropic from "@anthropic-ai/sdk";
import { type Caught, type Client, figures, type Question, type Reply, type ToolSpec } from "../client.ts";

type Message = Anthropic.MessageParam;
type Params = Anthropic.MessageCreateParamsNonStreaming;

/** More than any answer here needs, and more than any budget for thinking. */
const CAP = 8_000;

const userContent = ({ text, media }: Question): Anthropic.ContentBlockParam[] | string => {
  if (media === undefined) return text;
  const { kind, data } = media;
  return [
    { type: "text", text },
    kind === "image"
      ? { type: "image", source: { type: "base64", media_type: "image/png", data } }
      : { type: "document", source: { type: "base64", media_type: "application/pdf", data } },
  ];
};

const messagesOf = (question: Question): Message[] => [
  ...(question.history ?? []).flatMap(({ user, assistant }): Message[] => [
    { role: "user", content: user },
    { role: "assistant", content: assistant },
  ]),
  { role: "user", content: userContent(question) },
  ...(question.prefill === undefined ? [] : [{ role: "assistant", content: question.prefill } satisfies Message]),
];

const toolOf = ({ name, description, schema }: ToolSpec): Anthropic.Tool => ({
  name,
  description,
  input_schema: schema,
});

function paramsOf({ system, mark, tools, schema, thinking, stop, cap }: Question): Omit<Params, "model" | "messages"> {
  const config: Anthropic.OutputConfig = {
    ...(thinking === "medium" ? { effort: "medium" } : {}),
    ...(schema === undefined
      ? {}
      : { format: { type: "json_schema", schema: schema as unknown as Record<string, unknown> } }),
  };
  return {
    max_tokens: cap ?? CAP,
    ...(system === undefined
      ? {}
      : { system: mark ? [{ type: "text", text: system, cache_control: { type: "ephemeral" } }] : system }),
    ...(tools === undefined ? {} : { tools: tools.map(toolOf) }),
    ...(thinking === undefined
      ? {}
      : {
          thinking:
            thinking === "medium"
              ? { type: "adaptive", display: "summarized" }
              : { type: "enabled", budget_tokens: thinking },
        }),
    ...(stop === undefined ? {} : { stop_sequences: [stop] }),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
  };
}

async function message(client: Anthropic, params: Params, question: Question): Promise<Anthropic.Message> {
  const options = question.signal === undefined ? {} : { signal: question.signal };
  if (!question.stream) return client.messages.create(params, options);
  const stream = client.messages.stream(params, options);
  stream.on("text", (text) => question.onText?.(text));
  return stream.finalMessage();
}

async function talk(client: Anthropic, question: Question, messages: Message[], model: string): Promise<Reply> {
  const answer = await message(client, { ...paramsOf(question), model, messages }, question);
  const calls = answer.content.filter((block) => block.type === "tool_use");
  const { usage } = answer;
  return {
    model: answer.model,
    text: answer.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    thought: answer.content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
    calls: calls.map((call) => ({ name: call.name, arguments: call.input })),
    refusal: answer.stop_reason === "refusal" ? (answer.stop_details?.explanation ?? "") : null,
    finish:
      answer.stop_sequence === null ? String(answer.stop_reason) : `${answer.stop_reason}: ${answer.stop_sequence}`,
    figures: figures({
      input_tokens: usage.input_tokens,
      output_tokens: usage.output_tokens,
      cache_read_input_tokens: usage.cache_read_input_tokens,
      cache_creation_input_tokens: usage.cache_creation_input_tokens,
      thinking_tokens: usage.output_tokens_details?.thinking_tokens,
    }),
    goOn(results, next = model) {
      const told = calls.map(
        (call, index): Anthropic.ToolResultBlockParam => ({
          type: "tool_result",
          tool_use_id: call.id,
          content: results[index] ?? "",
        }),
      );
      return talk(
        client,
        question,
        [...messages, { role: "assistant", content: answer.content }, { role: "user", content: told }],
        next,
      );
    },
  };
}

function caught(error: unknown): Caught {
  if (!(error instanceof Anthropic.AnthropicError)) return { name: "", status: null, code: null, headers: null };
  const { status, headers, error: body } = error as Partial<InstanceType<typeof Anthropic.APIError>>;
  const details = (body as { error?: { details?: { error_code?: string } } } | undefined)?.error?.details;
  return {
    name: error.constructor.name,
    status: status ?? null,
    code: details?.error_code ?? null,
    headers: headers ?? null,
  };
}

const NAMES: Record<number, string> = {
  400: "BadRequestError",
  401: "AuthenticationError",
  404: "NotFoundError",
  429: "RateLimitError",
  529: "OverloadedError",
};

/** `client.messages`, its streams through the SDK's helper. */
export const anthropic: Client = {
  id: "anthropic",
  ask: (visit, question) => talk(visit.anthropic(), question, messagesOf(question), question.model),
  figuresOf: (tokens) => ({
    input_tokens: tokens.inputUncached,
    output_tokens: tokens.output,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation_input_tokens: tokens.cacheWrite,
    thinking_tokens: tokens.reasoning,
  }),
  finishes: {
    end: "end_turn",
    tool: "tool_use",
    length: "max_tokens",
    stop: "end_turn",
    "stop-told": "stop_sequence: simulated",
    filter: "refusal",
    "refusal-plain": "refusal",
    refusal: "refusal",
  },
  caught,
  errorName: (status) => NAMES[status] ?? "InternalServerError",
  streamErrorName: "APIError",
};
