import {
  AISDKError,
  APICallError,
  generateText,
  type Instructions,
  jsonSchema,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
  Output,
  streamText,
  type ToolSet,
  tool,
} from "ai";
import type { Tokens } from "../../../../local/simulator/question.ts";
import { type Caught, figures, promptTokens, type Question, type Reply } from "../client.ts";

// Its remarks on models that it does not know would fill the log.
globalThis.AI_SDK_LOG_WARNINGS = false;

/** The AI SDK is the same for each of its providers but for the options a provider has of its own. */

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]["providerOptions"]>;

export interface Provider {
  model(name: string): LanguageModel;
  /** Options of a whole request. */
  options(question: Question): ProviderOptions;
  /** Otherwise the SDK repeats what it was asked for. */
  tellsModel?: false;
  /** A cache mark on a message. */
  mark: ProviderOptions;
}

function messagesOf({ history = [], text, media, prefill }: Question): ModelMessage[] {
  const file =
    media === undefined
      ? []
      : [
          {
            type: "file" as const,
            mediaType: media.kind === "image" ? "image/png" : "application/pdf",
            data: media.data,
            ...(media.kind === "image" ? {} : { filename: "one.pdf" }),
          },
        ];
  return [
    ...history.flatMap(({ user, assistant }): ModelMessage[] => [
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ]),
    { role: "user", content: [{ type: "text", text }, ...file] },
    ...(prefill === undefined ? [] : [{ role: "assistant" as const, content: prefill }]),
  ];
}

function settingsOf(question: Question, { options, mark }: Provider) {
  const { system, tools, schema, stop, cap, signal } = question;
  const instructions: Instructions | undefined =
    system === undefined
      ? undefined
      : question.mark
        ? { role: "system", content: system, providerOptions: mark }
        : system;
  const declared: ToolSet = Object.fromEntries(
    (tools ?? []).map((one) => [
      one.name,
      tool({ description: one.description, inputSchema: jsonSchema<Record<string, unknown>>(one.schema as never) }),
    ]),
  );
  return {
    maxRetries: 0,
    providerOptions: options(question),
    ...(instructions === undefined ? {} : { instructions }),
    ...(tools === undefined ? {} : { tools: declared }),
    ...(schema === undefined
      ? {}
      : { output: Output.object({ name: "place", schema: jsonSchema<unknown>(schema as never) }) }),
    ...(stop === undefined ? {} : { stopSequences: [stop] }),
    ...(cap === undefined ? {} : { maxOutputTokens: cap }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
}

/** What is asked of either kind of result. */
interface Result {
  text: string;
  reasoningText: string | undefined;
  toolCalls: readonly { toolCallId: string; toolName: string; input: unknown }[];
  finishReason: string;
  usage: LanguageModelUsage;
  response: { modelId: string };
  responseMessages: ModelMessage[];
}

async function result(question: Question, provider: Provider, messages: ModelMessage[], name: string): Promise<Result> {
  const asked = { ...settingsOf(question, provider), model: provider.model(name), messages };
  if (!question.stream) return generateText(asked);
  // Errors are thrown below; the SDK would print them as well.
  const stream = streamText({ ...asked, onError: () => {} });
  for await (const part of stream.fullStream) {
    if (part.type === "text-delta") question.onText?.(part.text);
    if (part.type === "error") throw part.error;
    if (part.type === "abort") throw new DOMException("The stream was aborted.", "AbortError");
  }
  return {
    text: await stream.text,
    reasoningText: await stream.reasoningText,
    toolCalls: await stream.toolCalls,
    finishReason: await stream.finishReason,
    usage: await stream.usage,
    response: await stream.response,
    responseMessages: await stream.responseMessages,
  };
}

export async function talk(
  provider: Provider,
  question: Question,
  messages = messagesOf(question),
  model = question.model,
): Promise<Reply> {
  const answer = await result(question, provider, messages, model);
  const { usage } = answer;
  return {
    model: provider.tellsModel === false ? null : answer.response.modelId,
    text: answer.text,
    thought: answer.reasoningText ?? "",
    calls: answer.toolCalls.map((call) => ({ name: call.toolName, arguments: call.input })),
    // A refusal's words are the answer's.
    refusal: answer.finishReason === "content-filter" ? answer.text : null,
    finish: answer.finishReason,
    figures: figures({
      inputTokens: usage.inputTokens,
      cacheReadTokens: usage.inputTokenDetails.cacheReadTokens ?? 0,
      cacheWriteTokens: usage.inputTokenDetails.cacheWriteTokens ?? 0,
      outputTokens: usage.outputTokens,
      reasoningTokens: usage.outputTokenDetails.reasoningTokens ?? 0,
      totalTokens: usage.totalTokens,
    }),
    goOn(results, next = model) {
      const told: ModelMessage = {
        role: "tool",
        content: answer.toolCalls.map((call, index) => ({
          type: "tool-result" as const,
          toolCallId: call.toolCallId,
          toolName: call.toolName,
          output: { type: "text" as const, value: results[index] ?? "" },
        })),
      };
      return talk(provider, question, [...messages, ...answer.responseMessages, told], next);
    },
  };
}

export const figuresOf = (tokens: Tokens) => ({
  inputTokens: promptTokens(tokens),
  cacheReadTokens: tokens.cacheRead,
  cacheWriteTokens: tokens.cacheWrite,
  outputTokens: tokens.output,
  reasoningTokens: tokens.reasoning,
  totalTokens: promptTokens(tokens) + tokens.output,
});

/** The SDK's own words, whatever the provider's. */
export const finishes = {
  end: "stop",
  tool: "tool-calls",
  length: "length",
  stop: "stop",
  "stop-told": "stop",
  filter: "content-filter",
  "refusal-plain": "content-filter",
  refusal: "content-filter",
};

/** The machine code in an error's body, where each dialect keeps it. */
function codeOf(body: string | undefined): string | null {
  const found = /"(?:error_code|code|reason)":\s*"([A-Za-z_]+)"/.exec(body ?? "")?.[1];
  return found?.toLowerCase() ?? null;
}

export function caught(error: unknown): Caught {
  if (APICallError.isInstance(error)) {
    const { statusCode, responseHeaders, responseBody } = error;
    return {
      name: "APICallError",
      status: statusCode ?? null,
      code: codeOf(responseBody),
      headers: new Headers(responseHeaders),
    };
  }
  if (AISDKError.isInstance(error)) return { name: error.name, status: null, code: null, headers: null };
  return { name: "", status: null, code: null, headers: null };
}
