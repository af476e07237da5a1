import {
  ApiError,
  type Content,
  FinishReason,
  type GenerateContentConfig,
  type GenerateContentResponse,
  type GoogleGenAI,
  type Part,
  ThinkingLevel,
} from "@google/genai";
import { collect } from "../../sdk/visit.ts";
import {
  type Caught,
  type Client,
  figures,
  promptTokens,
  type Question,
  type Reply,
  type ToolSpec,
} from "../client.ts";

const toolOf = ({ name, description, schema }: ToolSpec) => ({ name, description, parametersJsonSchema: schema });

function configOf({ system, tools, schema, thinking, stop, cap, signal }: Question): GenerateContentConfig {
  return {
    ...(system === undefined ? {} : { systemInstruction: system }),
    ...(tools === undefined ? {} : { tools: [{ functionDeclarations: tools.map(toolOf) }] }),
    ...(schema === undefined ? {} : { responseMimeType: "application/json", responseJsonSchema: schema }),
    ...(thinking === undefined
      ? {}
      : {
          thinkingConfig: {
            includeThoughts: true,
            ...(thinking === "medium" ? { thinkingLevel: ThinkingLevel.MEDIUM } : { thinkingBudget: thinking }),
          },
        }),
    ...(stop === undefined ? {} : { stopSequences: [stop] }),
    ...(cap === undefined ? {} : { maxOutputTokens: cap }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
}

const partsOf = ({ text, media }: Question): Part[] => [
  { text },
  ...(media === undefined
    ? []
    : [{ inlineData: { mimeType: media.kind === "image" ? "image/png" : "application/pdf", data: media.data } }]),
];

const historyOf = ({ history = [] }: Question): Content[] =>
  history.flatMap(({ user, assistant }) => [
    { role: "user", parts: [{ text: user }] },
    { role: "model", parts: [{ text: assistant }] },
  ]);

/** The SDK's `Chat` keeps the conversation itself: an answer is appended as it came, piece by piece. */
type Chat = ReturnType<GoogleGenAI["chats"]["create"]>;

async function talk(client: GoogleGenAI, question: Question, chat: Chat, message: Part[]): Promise<Reply> {
  const chunks: GenerateContentResponse[] = [];
  if (question.stream) {
    const stream = await chat.sendMessageStream({ message });
    for (const chunk of await collect(observed(stream, question))) chunks.push(chunk);
  } else chunks.push(await chat.sendMessage({ message }));
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const calls = parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]));
  const last = chunks.at(-1);
  const finish = chunks.map((chunk) => chunk.candidates?.[0]).findLast((one) => one?.finishReason !== undefined);
  const usage = last?.usageMetadata;
  const text = parts.map((part) => (part.thought === true ? "" : (part.text ?? ""))).join("");
  return {
    model: last?.modelVersion ?? "",
    text,
    thought: parts.map((part) => (part.thought === true ? (part.text ?? "") : "")).join(""),
    calls: calls.map(({ name = "", args }) => ({ name, arguments: args })),
    // A refusal's words are the answer's.
    refusal: finish?.finishReason === FinishReason.SAFETY ? text : null,
    finish: String(finish?.finishReason),
    figures: figures({
      promptTokenCount: usage?.promptTokenCount,
      cachedContentTokenCount: usage?.cachedContentTokenCount ?? 0,
      candidatesTokenCount: usage?.candidatesTokenCount ?? 0,
      thoughtsTokenCount: usage?.thoughtsTokenCount ?? 0,
      totalTokenCount: usage?.totalTokenCount,
    }),
    goOn(results, next) {
      const told = calls.map(
        ({ id, name }, index): Part => ({
          functionResponse: {
            ...(id === undefined ? {} : { id }),
            ...(name === undefined ? {} : { name }),
            response: { output: results[index] ?? "" },
          },
        }),
      );
      const onward =
        next === undefined
          ? chat
          : client.chats.create({ model: next, config: configOf(question), history: chat.getHistory() });
      return talk(client, question, onward, told);
    },
  };
}

async function* observed(stream: AsyncIterable<GenerateContentResponse>, { onText }: Question) {
  for await (const chunk of stream) {
    for (const { text = "" } of chunk.candidates?.[0]?.content?.parts ?? []) if (text !== "") onText?.(text);
    yield chunk;
  }
}

function caught(error: unknown): Caught {
  if (!(error instanceof ApiError)) return { name: "", status: null, code: null, headers: null };
  const reason = /"reason":"([A-Z_]+)"/.exec(error.message)?.[1];
  return { name: error.name, status: error.status, code: reason?.toLowerCase() ?? null, headers: null };
}

/** `client.chats`, which calls `client.models`. */
export const google: Client = {
  id: "google",
  ask(visit, question) {
    const client = visit.google();
    const chat = client.chats.create({
      model: question.model,
      config: configOf(question),
      history: historyOf(question),
    });
    return talk(client, question, chat, partsOf(question));
  },
  figuresOf: (tokens) => ({
    promptTokenCount: promptTokens(tokens),
    cachedContentTokenCount: tokens.cacheRead,
    candidatesTokenCount: tokens.output - tokens.reasoning,
    thoughtsTokenCount: tokens.reasoning,
    totalTokenCount: promptTokens(tokens) + tokens.output,
  }),
  finishes: {
    end: "STOP",
    tool: "STOP",
    length: "MAX_TOKENS",
    stop: "STOP",
    "stop-told": "STOP",
    filter: "SAFETY",
    "refusal-plain": "SAFETY",
    refusal: "SAFETY",
  },
  caught,
  errorName: () => "ApiError",
  streamErrorName: "ApiError",
};
