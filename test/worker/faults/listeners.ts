import Anthropic from "@anthropic-ai/sdk";
import { ApiError, type GoogleGenAI, ThinkingLevel } from "@google/genai";
import OpenAI from "openai";
import { CITY } from "../sdk/visit.ts";

/** What a program with a vendor's SDK hears of one streaming answer, up to its end or its error. */
export interface Heard {
  text: string;
  thinking: string;
  /** Arguments of each call, as far as they came. */
  calls: string[];
  /** Why it ended, in the SDK's word; null while nothing has said so. */
  finish: string | null;
  /** What the SDK threw; null where it ended as if all were well. */
  error: unknown;
}

export const silence = (): Heard => ({ text: "", thinking: "", calls: [], finish: null, error: null });

/** A question, and whether a tool and a thought are wanted. */
export interface Asked {
  model: string;
  text: string;
  tools: boolean;
}

export interface Sdks {
  openai: OpenAI;
  anthropic: Anthropic;
  google: GoogleGenAI;
}

/** An SDK's way to consume a stream. */
export interface Listener {
  /** Asks and writes down what comes; throws what the SDK throws. */
  listen(sdks: Sdks, asked: Asked, heard: Heard): Promise<void>;
  /** An error that this SDK's documentation tells programs to catch. */
  isTyped(error: unknown): boolean;
  /** What it throws at an event that is no JSON, where that is none of its own classes. */
  isUnreadable(error: unknown): boolean;
}

const never = (): boolean => false;
const DESCRIPTION = "Tells the weather.";

async function hearChunks(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>, heard: Heard): Promise<void> {
  for await (const { choices } of chunks) {
    const [choice] = choices;
    if (choice === undefined) continue;
    heard.text += choice.delta.content ?? "";
    // Not OpenAI's, but of every host that shows reasoning in Chat.
    heard.thinking += (choice.delta as { reasoning_content?: string }).reasoning_content ?? "";
    for (const call of choice.delta.tool_calls ?? []) {
      heard.calls[call.index] = (heard.calls[call.index] ?? "") + (call.function?.arguments ?? "");
    }
    heard.finish = choice.finish_reason ?? heard.finish;
  }
}

const chatParams = ({ model, text, tools }: Asked) => ({
  model,
  messages: [{ role: "user" as const, content: text }],
  ...(tools && {
    tools: [{ type: "function" as const, function: { name: "weather", description: DESCRIPTION, parameters: CITY } }],
    reasoning_effort: "low" as const,
  }),
});

const isOpenaiError = (error: unknown): boolean => error instanceof OpenAI.OpenAIError;

/** Chat by its streaming helper. Nobody asks for usage, so the gateway does, and takes it out of the answer. */
const chatHelper: Listener = {
  async listen({ openai }, asked, heard) {
    const stream = openai.chat.completions.stream(chatParams(asked));
    await hearChunks(stream, heard);
    await stream.finalChatCompletion();
  },
  isTyped: isOpenaiError,
  isUnreadable: never,
};

/** Chat chunk by chunk, with usage: this loop ends as if all were well wherever the connection ends well. */
const chatLoop: Listener = {
  async listen({ openai }, asked, heard) {
    const params = { ...chatParams(asked), stream: true as const, stream_options: { include_usage: true } };
    await hearChunks(await openai.chat.completions.create(params), heard);
  },
  isTyped: isOpenaiError,
  isUnreadable: (error) => error instanceof SyntaxError,
};

const responses: Listener = {
  async listen({ openai }, { model, text, tools }, heard) {
    const stream = openai.responses.stream({
      model,
      input: text,
      ...(tools && {
        tools: [
          {
            type: "function" as const,
            name: "weather",
            description: DESCRIPTION,
            parameters: { ...CITY, required: [...CITY.required] },
            strict: true,
          },
        ],
        reasoning: { effort: "low" as const, summary: "auto" as const },
      }),
    });
    const calls = new Map<number, string>();
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") heard.text += event.delta;
      if (event.type === "response.reasoning_summary_text.delta") heard.thinking += event.delta;
      if (event.type === "response.function_call_arguments.delta") {
        calls.set(event.output_index, (calls.get(event.output_index) ?? "") + event.delta);
        heard.calls = [...calls.values()];
      }
      if (event.type === "response.completed") heard.finish = event.response.status ?? null;
    }
    const { error } = await stream.finalResponse();
    // A response that failed on the way is an answer to this SDK, with the error inside.
    if (error !== null) throw new OpenAI.APIError(undefined, error, error.message, undefined);
  },
  isTyped: isOpenaiError,
  isUnreadable: never,
};

const messages: Listener = {
  async listen({ anthropic }, { model, text, tools }, heard) {
    const stream = anthropic.messages.stream({
      model,
      max_tokens: 2_000,
      messages: [{ role: "user", content: text }],
      ...(tools && {
        tools: [{ name: "weather", description: DESCRIPTION, input_schema: { ...CITY, required: [...CITY.required] } }],
        thinking: { type: "enabled" as const, budget_tokens: 1_024 },
      }),
    });
    const calls = new Map<number, string>();
    for await (const event of stream) {
      if (event.type === "message_delta") heard.finish = event.delta.stop_reason ?? heard.finish;
      if (event.type !== "content_block_delta") continue;
      const { delta, index } = event;
      if (delta.type === "text_delta") heard.text += delta.text;
      if (delta.type === "thinking_delta") heard.thinking += delta.thinking;
      if (delta.type === "input_json_delta") {
        calls.set(index, (calls.get(index) ?? "") + delta.partial_json);
        heard.calls = [...calls.values()];
      }
    }
    await stream.finalMessage();
  },
  isTyped: (error) => error instanceof Anthropic.AnthropicError,
  isUnreadable: never,
};

const gemini: Listener = {
  async listen({ google }, { model, text, tools }, heard) {
    const stream = await google.models.generateContentStream({
      model,
      contents: text,
      ...(tools && {
        config: {
          tools: [
            { functionDeclarations: [{ name: "weather", description: DESCRIPTION, parametersJsonSchema: CITY }] },
          ],
          thinkingConfig: { includeThoughts: true, thinkingLevel: ThinkingLevel.LOW },
        },
      }),
    });
    for await (const { candidates } of stream) {
      const [candidate] = candidates ?? [];
      for (const part of candidate?.content?.parts ?? []) {
        if (part.thought) heard.thinking += part.text ?? "";
        else heard.text += part.text ?? "";
        if (part.functionCall !== undefined) heard.calls.push(JSON.stringify(part.functionCall.args));
      }
      heard.finish = candidate?.finishReason ?? heard.finish;
    }
  },
  isTyped: (error) => error instanceof ApiError,
  isUnreadable: (error) => error instanceof SyntaxError,
};

export const LISTENERS = { chatHelper, chatLoop, responses, messages, gemini } satisfies Record<string, Listener>;
export type ListenerId = keyof typeof LISTENERS;
