import Anthropic from "@anthropic-ai/sdk";
import { type Content, type GenerateContentConfig, GoogleGenAI, type Part, ThinkingLevel } from "@google/genai";
import OpenAI from "openai";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { PNG } from "./plan.ts";

/** Conversations as people hold them with official SDKs: what the model said is appended as the SDK gives it. */

/** Where to, and how. */
export interface Line {
  url: string;
  key: string;
  fetch: typeof fetch;
  /** Gemini: each chunk of a stream is a content of the history, as the SDK's Chat records it. */
  apart?: boolean;
}

/** What one turn asks for. */
export interface Asked {
  model: string;
  stream: boolean;
  thinks: "no" | "yes" | "shown";
  tools: boolean;
}

/** A turn of the model's, as far as the other side needs to know it. */
export interface Turn {
  calls: string[];
  /** It said something that can stand in a history; else the turn, and what led to it, is forgotten. */
  kept: boolean;
}

export interface Talk {
  say(text: string, picture: boolean): void;
  /** The results of the calls of the model's last turn, in the order of `order`. */
  answer(results: string[], order: number[]): void;
  ask(asked: Asked): Promise<Turn>;
  /** Back to where the talk was before the last `say` or `answer`. */
  forget(): void;
}

const SYSTEM = "Be brief.";
const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const NAMES = ["weather", "traffic"];
const CAP = 4000;

const inOrder = <T>(items: readonly T[], order: readonly number[]): T[] =>
  [...items.keys()].sort((a, b) => (order[a] ?? a) - (order[b] ?? b)).map((index) => items[index] as T);

/** A history, and the calls that wait for results; it can go back to its last mark. */
class History<T, C> {
  readonly items: T[] = [];
  calls: C[] = [];
  #mark = { length: 0, calls: this.calls };

  mark(): void {
    this.#mark = { length: this.items.length, calls: this.calls };
  }

  forget(): void {
    this.items.length = this.#mark.length;
    this.calls = this.#mark.calls;
  }
}

function chat({ url, key, fetch: fetched }: Line): Talk {
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, fetch: fetched, maxRetries: 0 });
  const history = new History<OpenAI.ChatCompletionMessageParam, string>();
  history.items.push({ role: "developer", content: SYSTEM });
  const tools: OpenAI.ChatCompletionTool[] = [
    ...NAMES.map((name) => ({ type: "function" as const, function: { name, parameters: CITY } })),
  ];
  return {
    say(text, picture) {
      history.mark();
      const image = { type: "image_url" as const, image_url: { url: `data:image/png;base64,${PNG}` } };
      history.items.push({ role: "user", content: picture ? [{ type: "text", text }, image] : text });
    },
    answer(results, order) {
      history.mark();
      const told = history.calls.map((id, index) => ({
        role: "tool" as const,
        tool_call_id: id,
        content: results[index] ?? "",
      }));
      history.items.push(...inOrder(told, order));
    },
    async ask({ model, stream, thinks, tools: offered }) {
      const asked = {
        model,
        messages: history.items,
        max_completion_tokens: CAP,
        ...(offered ? { tools } : {}),
        ...(thinks === "no" ? {} : { reasoning_effort: "low" as const }),
      };
      const completion = stream
        ? await client.chat.completions.stream(asked).finalChatCompletion()
        : await client.chat.completions.create(asked);
      const message = completion.choices[0]?.message as OpenAI.ChatCompletionMessage;
      history.calls = (message.tool_calls ?? []).map(({ id }) => id);
      history.items.push(message);
      const says = Boolean(message.content) || Boolean(message.refusal) || history.calls.length > 0;
      return { calls: history.calls, kept: says };
    },
    forget: () => history.forget(),
  };
}

function responses({ url, key, fetch: fetched }: Line): Talk {
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, fetch: fetched, maxRetries: 0 });
  const history = new History<OpenAI.Responses.ResponseInputItem, { id: string; custom: boolean }>();
  const tools: OpenAI.Responses.Tool[] = [
    { type: "function", name: "weather", parameters: CITY, strict: false },
    { type: "custom", name: "traffic" },
  ];
  return {
    say(text, picture) {
      history.mark();
      const image = {
        type: "input_image" as const,
        detail: "auto" as const,
        image_url: `data:image/png;base64,${PNG}`,
      };
      history.items.push({ role: "user", content: picture ? [{ type: "input_text", text }, image] : text });
    },
    answer(results, order) {
      history.mark();
      const told = history.calls.map(({ id, custom }, index) => ({
        type: custom ? ("custom_tool_call_output" as const) : ("function_call_output" as const),
        call_id: id,
        output: results[index] ?? "",
      }));
      history.items.push(...inOrder(told, order));
    },
    async ask({ model, stream, thinks, tools: offered }) {
      const asked = {
        model,
        instructions: SYSTEM,
        input: history.items,
        max_output_tokens: CAP,
        store: false,
        include: ["reasoning.encrypted_content" as const],
        ...(offered ? { tools } : {}),
        ...(thinks === "no"
          ? {}
          : { reasoning: { effort: "low" as const, ...(thinks === "shown" ? { summary: "auto" as const } : {}) } }),
      };
      const { output } = stream
        ? await client.responses.stream(asked).finalResponse()
        : await client.responses.create(asked);
      history.calls = output.flatMap((item) =>
        item.type === "function_call" || item.type === "custom_tool_call"
          ? [{ id: item.call_id, custom: item.type === "custom_tool_call" }]
          : [],
      );
      history.items.push(...(output as OpenAI.Responses.ResponseInputItem[]));
      const says = output.some((item) => item.type !== "reasoning");
      return { calls: history.calls.map(({ id }) => id), kept: says };
    },
    forget: () => history.forget(),
  };
}

function messages({ url, key, fetch: fetched }: Line): Talk {
  const client = new Anthropic({ apiKey: key, baseURL: url, fetch: fetched, maxRetries: 0 });
  const history = new History<Anthropic.MessageParam, string>();
  const tools: Anthropic.Tool[] = NAMES.map((name) => ({ name, input_schema: { ...CITY, type: "object" } }));
  return {
    say(text, picture) {
      history.mark();
      const source = { type: "base64" as const, media_type: "image/png" as const, data: PNG };
      const image = { type: "image" as const, source };
      history.items.push({ role: "user", content: picture ? [{ type: "text", text }, image] : text });
    },
    answer(results, order) {
      history.mark();
      const told = history.calls.map((id, index) => ({
        type: "tool_result" as const,
        tool_use_id: id,
        content: results[index] ?? "",
        is_error: index === 1,
      }));
      history.items.push({ role: "user", content: inOrder(told, order) });
    },
    async ask({ model, stream, thinks, tools: offered }) {
      const thinking: Anthropic.ThinkingConfigParam =
        thinks === "yes" ? { type: "enabled", budget_tokens: 1024 } : { type: "adaptive" };
      const asked = {
        model,
        system: [{ type: "text" as const, text: SYSTEM, cache_control: { type: "ephemeral" as const } }],
        messages: history.items,
        max_tokens: CAP,
        ...(offered ? { tools } : {}),
        ...(thinks === "no" ? {} : { thinking }),
      };
      const { content } = stream
        ? await client.messages.stream(asked).finalMessage()
        : await client.messages.create(asked);
      history.calls = content.flatMap((block) => (block.type === "tool_use" ? [block.id] : []));
      history.items.push({ role: "assistant", content });
      const says = content.some(({ type }) => type === "text" || type === "tool_use");
      return { calls: history.calls, kept: says };
    },
    forget: () => history.forget(),
  };
}

/** Contents that follow each other in the same role, as one. */
function joined(contents: readonly Content[]): Content[] {
  const all: Content[] = [];
  for (const content of contents) {
    const last = all.at(-1);
    if (last?.role === content.role)
      all.splice(-1, 1, { ...last, parts: [...(last?.parts ?? []), ...(content.parts ?? [])] });
    else all.push(content);
  }
  return all;
}

function generateContent({ url, key, fetch: fetched, apart = false }: Line): Talk {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url, fetch: fetched } });
  const history = new History<Content, Part>();
  return {
    say(text, picture) {
      history.mark();
      const parts: Part[] = [{ text }];
      if (picture) parts.push({ inlineData: { mimeType: "image/png", data: PNG } });
      history.items.push({ role: "user", parts });
    },
    answer(results, order) {
      history.mark();
      const told = history.calls.map(({ functionCall }, index): Part => {
        const { id, name } = functionCall ?? {};
        const response = { output: results[index] ?? "" };
        return {
          functionResponse: { ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }), response },
        };
      });
      history.items.push({ role: "user", parts: inOrder(told, order) });
    },
    async ask({ model, stream, thinks, tools: offered }) {
      const config: GenerateContentConfig = {
        systemInstruction: SYSTEM,
        maxOutputTokens: CAP,
        ...(offered
          ? { tools: [{ functionDeclarations: NAMES.map((name) => ({ name, parametersJsonSchema: CITY })) }] }
          : {}),
        ...(thinks === "no"
          ? {}
          : { thinkingConfig: { includeThoughts: thinks === "shown", thinkingLevel: ThinkingLevel.LOW } }),
      };
      // Whether Google itself takes a turn in pieces is not documented.
      const contents = model.startsWith("google/") ? joined(history.items) : history.items;
      const asked = { model, contents, config };
      const parts: Part[] = [];
      if (stream) {
        for await (const chunk of await client.models.generateContentStream(asked))
          parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
      } else {
        parts.push(...((await client.models.generateContent(asked)).candidates?.[0]?.content?.parts ?? []));
      }
      history.calls = parts.filter(({ functionCall }) => functionCall !== undefined);
      const pieces = apart ? parts.map((part) => [part]) : [parts];
      history.items.push(...pieces.map((some) => ({ role: "model", parts: some })));
      const says = parts.some((part) => part.functionCall !== undefined || (part.text && part.thought !== true));
      return { calls: history.calls.map(({ functionCall }) => functionCall?.id ?? ""), kept: says };
    },
    forget: () => history.forget(),
  };
}

export const TALKS: Record<ChatDialectId, (line: Line) => Talk> = {
  "openai-chat": chat,
  "openai-responses": responses,
  "anthropic-messages": messages,
  "google-generate-content": generateContent,
};
