import Anthropic from "@anthropic-ai/sdk";
import { ApiError, type GenerateContentResponse, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { parseJson } from "../../../worker/lib/json.ts";

/** What a client's official SDK makes of a stream. */

export interface Told {
  text: string;
  calls: { name: string; args: unknown }[];
}

type Helper = (fetched: typeof fetch) => Promise<Told>;

/** OpenAI promises no valid JSON there. */
const parsed = (text: string): unknown => (text === "" ? {} : (parseJson(text) ?? text));

const HELPERS: Record<ChatDialectId, Helper> = {
  async "openai-chat"(fetched) {
    const client = new OpenAI({ apiKey: "k", baseURL: "http://gateway/v1", fetch: fetched, maxRetries: 0 });
    const stream = client.chat.completions.stream({ model: "m", messages: [{ role: "user", content: "hello" }] });
    const { choices } = await stream.finalChatCompletion();
    const message = choices[0]?.message;
    return {
      text: message?.content ?? message?.refusal ?? "",
      calls: (message?.tool_calls ?? []).map((call) =>
        call.type === "function"
          ? { name: call.function.name, args: parsed(call.function.arguments) }
          : { name: "", args: {} },
      ),
    };
  },

  async "openai-responses"(fetched) {
    const client = new OpenAI({ apiKey: "k", baseURL: "http://gateway/v1", fetch: fetched, maxRetries: 0 });
    const stream = client.responses.stream({ model: "m", input: "hello" });
    const { output } = await stream.finalResponse();
    return {
      text: output
        .flatMap((item) => (item.type === "message" ? item.content : []))
        .map((part) => (part.type === "output_text" ? part.text : part.refusal))
        .join(""),
      calls: output.flatMap((item) =>
        item.type === "function_call" ? [{ name: item.name, args: parsed(item.arguments) }] : [],
      ),
    };
  },

  async "anthropic-messages"(fetched) {
    const client = new Anthropic({ apiKey: "k", baseURL: "http://gateway", fetch: fetched, maxRetries: 0 });
    const stream = client.messages.stream({
      model: "m",
      max_tokens: 9,
      messages: [{ role: "user", content: "hello" }],
    });
    const { content } = await stream.finalMessage();
    return {
      text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
      calls: content.flatMap((block) => (block.type === "tool_use" ? [{ name: block.name, args: block.input }] : [])),
    };
  },

  async "google-generate-content"(fetched) {
    const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: "http://gateway", fetch: fetched } });
    const chunks: GenerateContentResponse[] = [];
    for await (const chunk of await client.models.generateContentStream({ model: "m", contents: "hello" }))
      chunks.push(chunk);
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
    return {
      text: parts.map((part) => (part.thought === true ? "" : (part.text ?? ""))).join(""),
      calls: parts.flatMap(({ functionCall }) =>
        functionCall === undefined ? [] : [{ name: functionCall.name ?? "", args: functionCall.args ?? {} }],
      ),
    };
  },
};

const ERRORS = [OpenAI.OpenAIError, Anthropic.AnthropicError, ApiError];

/** The client's answer, or the error of its own that its SDK throws. */
export async function helped(
  client: ChatDialectId,
  status: number,
  type: string,
  body: NonNullable<ConstructorParameters<typeof Response>[0]>,
): Promise<Told | "an error"> {
  const answer = async () => new Response(body, { status, headers: { "content-type": type } });
  try {
    return await HELPERS[client](answer as typeof fetch);
  } catch (error) {
    if (ERRORS.some((known) => error instanceof known)) return "an error";
    throw error;
  }
}
