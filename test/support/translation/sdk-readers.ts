import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { follow, type Json, type Order, parsedArguments, type TokenOdds, tokenOdds } from "./told/told-answer.ts";

/** What a user of a vendor's official SDK gets from an answer, in one form for all four. */
export interface SeenAnswer {
  candidates: SeenCandidate[];
  usage: SeenUsage | null;
}

export interface SeenCandidate {
  index: number;
  text: string;
  refusal: string | null;
  thoughts: string;
  calls: { id: string; name: string; input: unknown }[];
  /** What follows what; null where the dialect keeps texts and calls apart. */
  order: Order | null;
  /** The vendor's word for why it ended. */
  stop: string;
  /** The sequence that was met (Messages). */
  sequence: string | null;
  citations: SeenCitation[];
  media: { kind: "image" | "audio"; data: string }[];
  logprobs: TokenOdds[];
}

export interface SeenCitation {
  url: string;
  title: string | null;
  /** The cited text; where it stands in the candidate's text, unless the dialect cites whole blocks. */
  cited: string;
  start: number | null;
}

export interface SeenUsage {
  input: number;
  cacheRead: number;
  /** Absent in a dialect that does not tell. */
  cacheWrite?: number;
  output: number;
  reasoning: number;
  total?: number;
}

const JSON_HEADERS = { "content-type": "application/json" };
const EVENT_HEADERS = { "content-type": "text/event-stream; charset=utf-8" };

/** An answer as the SDK's own transport hands it over. */
const served = (text: string, status = 200) => {
  const headers = status === 200 && !/^\s*[[{]/.test(text) ? EVENT_HEADERS : JSON_HEADERS;
  return async () => new Response(text, { status, headers });
};

const key = { apiKey: "k", maxRetries: 0 };
const openai = (text: string, status?: number) =>
  new OpenAI({ ...key, baseURL: "http://gateway/v1", fetch: served(text, status) });
const anthropic = (text: string, status?: number) =>
  new Anthropic({ ...key, baseURL: "http://gateway", fetch: served(text, status) });
const google = (text: string, status?: number) =>
  new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: "http://gateway", fetch: served(text, status) } });

// ---------------------------------------------------------------------------------------------------------------- Chat

const chatRequest = { model: "m", messages: [] };

async function chatWhole(text: string, status?: number): Promise<SeenAnswer> {
  const completion = await openai(text, status).chat.completions.create(chatRequest);
  return chatAnswer(completion, (choice) => choice.message.reasoning_content ?? "");
}

async function chatStream(text: string): Promise<SeenAnswer> {
  const stream = openai(text).chat.completions.stream({ ...chatRequest, stream_options: { include_usage: true } });
  // The helper keeps the last piece of a member it does not know.
  const thoughts: Record<number, string> = {};
  stream.on("chunk", (chunk) => {
    for (const { index, delta } of chunk.choices as Json[])
      thoughts[index] = (thoughts[index] ?? "") + (delta.reasoning_content ?? "");
  });
  return chatAnswer(await stream.finalChatCompletion(), ({ index }) => thoughts[index] ?? "");
}

function chatAnswer(completion: Json, thoughtsOf: (choice: Json) => string): SeenAnswer {
  const { usage } = completion;
  return {
    candidates: completion.choices.map((choice: Json): SeenCandidate => {
      const { message } = choice;
      const text = message.content ?? "";
      return {
        index: choice.index,
        text,
        refusal: message.refusal ?? null,
        thoughts: thoughtsOf(choice),
        calls: (message.tool_calls ?? []).map((call: Json) => ({
          id: call.id,
          name: (call.function ?? call.custom).name,
          input: call.type === "custom" ? call.custom.input : parsedArguments(call.function.arguments),
        })),
        order: null,
        stop: choice.finish_reason,
        sequence: null,
        citations: (message.annotations ?? []).map(({ url_citation: cited }: Json) => spanOf(cited, text, 0)),
        media: [
          ...(message.images ?? []).map(({ image_url: { url } }: Json) => ({
            kind: "image",
            data: url.replace(/^data:[^,]*,/, ""),
          })),
          ...(message.audio?.data ? [{ kind: "audio", data: message.audio.data }] : []),
        ],
        logprobs: (choice.logprobs?.content ?? []).map(tokenOf),
      };
    }),
    usage: usage
      ? {
          input: usage.prompt_tokens,
          cacheRead: usage.prompt_tokens_details.cached_tokens,
          cacheWrite: usage.prompt_tokens_details.cache_write_tokens ?? 0,
          output: usage.completion_tokens,
          reasoning: usage.completion_tokens_details.reasoning_tokens,
          total: usage.total_tokens,
        }
      : null,
  };
}

const tokenOf = ({ token, logprob }: Json) => tokenOdds(token, logprob);

const spanOf = (cited: Json, text: string, before: number): SeenCitation => ({
  url: cited.url,
  title: cited.title,
  cited: text.slice(before + cited.start_index, before + cited.end_index),
  start: before + cited.start_index,
});

// ----------------------------------------------------------------------------------------------------------- Responses

async function responsesWhole(text: string, status?: number): Promise<SeenAnswer> {
  return responsesAnswer(await openai(text, status).responses.create({ model: "m", input: "" }));
}

async function responsesStream(text: string): Promise<SeenAnswer> {
  const stream = openai(text).responses.stream({ model: "m", input: "" });
  // The last event repeats everything; what was told before it has to add up to the same.
  const pieces: Record<string, string> = {};
  stream.on("event", (event: Json) => {
    const kind = /^response\.(.*)\.delta$/.exec(event.type)?.[1];
    if (kind === undefined) return;
    const name = `${kind} ${event.item_id} ${event.content_index ?? event.summary_index ?? ""}`;
    pieces[name] = (pieces[name] ?? "") + event.delta;
  });
  const final: Json = await stream.finalResponse();
  const whole: Record<string, string> = {};
  for (const item of final.output) {
    for (const [at, part] of (item.content ?? []).entries())
      whole[`${part.type === "refusal" ? "refusal" : "output_text"} ${item.id} ${at}`] = part.text ?? part.refusal;
    for (const [at, part] of (item.summary ?? []).entries())
      whole[`reasoning_summary_text ${item.id} ${at}`] = part.text;
    if (item.type === "function_call") whole[`function_call_arguments ${item.id} `] = item.arguments;
    if (item.type === "custom_tool_call") whole[`custom_tool_call_input ${item.id} `] = item.input;
  }
  const said = (texts: Record<string, string>) =>
    JSON.stringify(
      Object.entries(texts)
        .filter(([, one]) => one !== "")
        .sort(),
    );
  if (said(pieces) !== said(whole)) throw new Error(`The deltas say ${said(pieces)}, the end ${said(whole)}.`);
  return responsesAnswer(final);
}

function responsesAnswer(response: Json): SeenAnswer {
  const { usage, status, incomplete_details: incomplete } = response;
  if (status === "failed") throw new Error(response.error.message);
  const candidate: SeenCandidate = {
    index: 0,
    text: "",
    refusal: null,
    thoughts: "",
    calls: [],
    order: [],
    stop: incomplete ? `${status} ${incomplete.reason}` : status,
    sequence: null,
    citations: [],
    media: [],
    logprobs: [],
  };
  const order: Order = [];
  for (const item of response.output) {
    if (item.type.endsWith("tool_call") || item.type === "function_call") follow(order, "call");
    if (item.type === "reasoning") candidate.thoughts += item.summary.map(({ text }: Json) => text).join("\n\n");
    if (item.type === "function_call")
      candidate.calls.push({ id: item.call_id, name: item.name, input: parsedArguments(item.arguments) });
    if (item.type === "custom_tool_call")
      candidate.calls.push({ id: item.call_id, name: item.name, input: item.input });
    if (item.type === "image_generation_call") candidate.media.push({ kind: "image", data: item.result });
    for (const part of item.type === "message" ? item.content : []) {
      if ((part.text ?? part.refusal) !== "") follow(order, "text");
      if (part.type === "refusal") {
        candidate.refusal = (candidate.refusal ?? "") + part.refusal;
        continue;
      }
      const before = candidate.text.length;
      candidate.text += part.text;
      for (const one of part.annotations) candidate.citations.push(spanOf(one, candidate.text, before));
      candidate.logprobs.push(...part.logprobs.map(tokenOf));
    }
  }
  return {
    candidates: [{ ...candidate, order }],
    usage: {
      input: usage.input_tokens,
      cacheRead: usage.input_tokens_details.cached_tokens,
      cacheWrite: usage.input_tokens_details.cache_write_tokens,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details.reasoning_tokens,
      total: usage.total_tokens,
    },
  };
}

// ------------------------------------------------------------------------------------------------------------ Messages

const messagesRequest = { model: "m", max_tokens: 1, messages: [] };

async function messagesWhole(text: string, status?: number): Promise<SeenAnswer> {
  return messagesAnswer(await anthropic(text, status).messages.create(messagesRequest));
}

async function messagesStream(text: string): Promise<SeenAnswer> {
  return messagesAnswer(await anthropic(text).messages.stream(messagesRequest).finalMessage());
}

function messagesAnswer(message: Json): SeenAnswer {
  const { usage, content } = message;
  const order: Order = [];
  for (const { type } of content)
    if (type === "text" || type === "tool_use") follow(order, type === "text" ? type : "call");
  const texts: Json[] = content.filter(({ type }: Json) => type === "text");
  return {
    candidates: [
      {
        index: 0,
        text: texts.map(({ text }) => text).join(""),
        refusal: message.stop_details?.explanation ?? null,
        thoughts: content.map(({ thinking = "" }: Json) => thinking).join(""),
        calls: content
          .filter(({ type }: Json) => type === "tool_use")
          .map(({ id, name, input }: Json) => ({ id, name, input })),
        order,
        stop: message.stop_reason,
        sequence: message.stop_sequence,
        citations: texts.flatMap(({ citations }) =>
          (citations ?? []).map(({ url, title, cited_text: cited }: Json) => ({ url, title, cited, start: null })),
        ),
        media: [],
        logprobs: [],
      },
    ],
    usage: {
      input: usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens,
      cacheRead: usage.cache_read_input_tokens,
      cacheWrite: usage.cache_creation_input_tokens,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details?.thinking_tokens ?? 0,
    },
  };
}

// -------------------------------------------------------------------------------------------------------------- Gemini

const googleRequest = { model: "m", contents: "" };

async function geminiWhole(text: string, status?: number): Promise<SeenAnswer> {
  return geminiAnswer([await google(text, status).models.generateContent(googleRequest)]);
}

async function geminiStream(text: string): Promise<SeenAnswer> {
  const chunks: Json[] = [];
  for await (const chunk of await google(text).models.generateContentStream(googleRequest)) chunks.push(chunk);
  return geminiAnswer(chunks);
}

function geminiAnswer(chunks: Json[]): SeenAnswer {
  const candidates = new Map<number, SeenCandidate>();
  for (const told of chunks.flatMap((chunk) => chunk.candidates ?? [])) {
    const candidate: SeenCandidate = candidates.get(told.index) ?? {
      index: told.index,
      text: "",
      refusal: null,
      thoughts: "",
      calls: [],
      order: [],
      stop: "",
      sequence: null,
      citations: [],
      media: [],
      logprobs: [],
    };
    candidates.set(told.index, candidate);
    for (const part of told.content.parts) {
      if (part.thought) candidate.thoughts += part.text;
      else candidate.text += part.text ?? "";
      if (part.text && !part.thought) follow(candidate.order as Order, "text");
      if (part.functionCall) {
        follow(candidate.order as Order, "call");
        const { id, name, args } = part.functionCall;
        candidate.calls.push({ id, name, input: args });
      }
      if (part.inlineData) {
        const { mimeType, data } = part.inlineData;
        candidate.media.push({ kind: mimeType.startsWith("audio/") ? "audio" : "image", data });
      }
    }
    candidate.stop = told.finishReason ?? candidate.stop;
    candidate.refusal = told.finishMessage ?? null;
    const { groundingChunks = [], groundingSupports = [] } = told.groundingMetadata ?? {};
    for (const { segment, groundingChunkIndices } of groundingSupports) {
      // A place in one part of a whole answer, or in all that a stream has said.
      const parts: string[] = told.content.parts.map(({ text = "", thought }: Json) => (thought ? "" : text));
      const before = chunks.length > 1 ? "" : parts.slice(0, segment.partIndex ?? 0).join("");
      const bytes = Buffer.from(chunks.length > 1 ? candidate.text : (parts[segment.partIndex ?? 0] ?? ""));
      const cited = bytes.subarray(segment.startIndex, segment.endIndex).toString();
      if (cited !== segment.text) throw new Error(`A segment says '${segment.text}' and points at '${cited}'.`);
      const start = before.length + bytes.subarray(0, segment.startIndex).toString().length;
      for (const at of groundingChunkIndices) {
        const { uri, title } = groundingChunks[at].web;
        candidate.citations.push({ url: uri, title, cited, start });
      }
    }
    for (const { token, logProbability } of told.logprobsResult?.chosenCandidates ?? [])
      candidate.logprobs.push(tokenOdds(token, logProbability));
  }
  const usage = chunks.findLast((chunk) => chunk.usageMetadata)?.usageMetadata;
  return {
    candidates: [...candidates.values()],
    usage: usage
      ? {
          input: usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0),
          cacheRead: usage.cachedContentTokenCount ?? 0,
          output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0),
          reasoning: usage.thoughtsTokenCount ?? 0,
          total: usage.totalTokenCount,
        }
      : null,
  };
}

// ---------------------------------------------------------------------------------------------------------------------

interface SdkReader {
  /** A whole answer, or an error with its status. */
  whole(text: string, status?: number): Promise<SeenAnswer>;
  stream(text: string): Promise<SeenAnswer>;
}

/** The official SDK of each dialect, with its helper for streams. */
export const SDK_READERS: Record<ChatDialectId, SdkReader> = {
  "openai-chat": { whole: chatWhole, stream: chatStream },
  "openai-responses": { whole: responsesWhole, stream: responsesStream },
  "anthropic-messages": { whole: messagesWhole, stream: messagesStream },
  "google-generate-content": { whole: geminiWhole, stream: geminiStream },
};
