import OpenAI from "openai";
import { type Client, figures, promptTokens, type Question, type Reply, type ToolSpec } from "../client.ts";
import { caught, errorName } from "./openai-errors.ts";

type Item = OpenAI.Responses.ResponseInputItem;
type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const userContent = ({ text, media }: Question): OpenAI.Responses.ResponseInputMessageContentList | string => {
  if (media === undefined) return text;
  const { kind, data } = media;
  return [
    { type: "input_text", text },
    kind === "image"
      ? { type: "input_image", image_url: `data:image/png;base64,${data}`, detail: "auto" }
      : { type: "input_file", filename: "one.pdf", file_data: `data:application/pdf;base64,${data}` },
  ];
};

function itemsOf(question: Question): Item[] {
  const { system, mark, history = [] } = question;
  const marked: Item = {
    role: "developer",
    content: [{ type: "input_text", text: system ?? "", prompt_cache_breakpoint: { mode: "explicit" } }],
  };
  return [
    ...(mark ? [marked] : []),
    ...history.flatMap(({ user, assistant }): Item[] => [
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ]),
    { role: "user", content: userContent(question) },
  ];
}

const toolOf = ({ name, description, schema }: ToolSpec): OpenAI.Responses.Tool => ({
  type: "function",
  name,
  description,
  parameters: schema as unknown as Record<string, unknown>,
  strict: false,
});

function paramsOf({ system, mark, tools, schema, thinking, cap, stored }: Question): Omit<Params, "model" | "input"> {
  return {
    // Without a store the conversation is the client's to keep, sealed reasoning included.
    ...(stored ? {} : { store: false }),
    ...(system === undefined || mark ? {} : { instructions: system }),
    ...(tools === undefined ? {} : { tools: tools.map(toolOf) }),
    ...(schema === undefined
      ? {}
      : {
          text: {
            format: {
              type: "json_schema",
              name: "place",
              strict: true,
              schema: schema as unknown as Record<string, unknown>,
            },
          },
        }),
    ...(thinking === undefined
      ? {}
      : {
          reasoning: { effort: typeof thinking === "number" ? "low" : thinking, summary: "auto" },
          include: ["reasoning.encrypted_content"],
        }),
    ...(cap === undefined ? {} : { max_output_tokens: cap }),
  };
}

async function response(client: OpenAI, params: Params, question: Question): Promise<OpenAI.Responses.Response> {
  const options = question.signal === undefined ? {} : { signal: question.signal };
  if (!question.stream) return client.responses.create(params, options);
  const stream = client.responses.stream({ ...params, stream: true }, options);
  stream.on("response.output_text.delta", ({ delta }) => question.onText?.(delta));
  const final = await stream.finalResponse();
  // A response that failed on the way is an answer to this SDK, with the error inside.
  if (final.error !== null) throw new OpenAI.APIError(undefined, final.error, final.error.message, undefined);
  return final;
}

/** The wire has no stop reason: status, details and items say why. */
function finishOf({ status, incomplete_details: details, output }: OpenAI.Responses.Response): string {
  const calls = output.some((item) => item.type === "function_call") ? " with calls" : "";
  return details === null ? `${status}${calls}` : `${status}: ${details.reason}`;
}

async function talk(client: OpenAI, question: Question, input: Item[], model: string, before?: string): Promise<Reply> {
  const from = before === undefined ? {} : { previous_response_id: before };
  const answer = await response(client, { ...paramsOf(question), ...from, model, input }, question);
  const calls = answer.output.filter((item) => item.type === "function_call");
  const contents = answer.output.flatMap((item) => (item.type === "message" ? item.content : []));
  const refusal = contents.flatMap((part) => (part.type === "refusal" ? [part.refusal] : [])).join("");
  const { usage } = answer;
  return {
    model: answer.model,
    text: contents.map((part) => (part.type === "output_text" ? part.text : "")).join(""),
    thought: answer.output
      .flatMap((item) => (item.type === "reasoning" ? item.summary : []))
      .map(({ text }) => text)
      .join(""),
    calls: calls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) })),
    refusal: refusal === "" ? null : refusal,
    finish: finishOf(answer),
    figures: figures({
      input_tokens: usage?.input_tokens,
      output_tokens: usage?.output_tokens,
      total_tokens: usage?.total_tokens,
      cached_tokens: usage?.input_tokens_details.cached_tokens,
      cache_write_tokens: usage?.input_tokens_details.cache_write_tokens ?? 0,
      reasoning_tokens: usage?.output_tokens_details.reasoning_tokens,
    }),
    goOn(results, next = model) {
      const told = calls.map(
        (call, index): Item => ({
          type: "function_call_output",
          call_id: call.call_id,
          output: results[index] ?? "",
        }),
      );
      if (question.stored) return talk(client, question, told, next, answer.id);
      return talk(client, question, [...input, ...(answer.output as Item[]), ...told], next);
    },
  };
}

/** `client.responses`, its streams through the SDK's helper. */
export const openaiResponses: Client = {
  id: "openai-responses",
  ask: (visit, question) => talk(visit.openai(), question, itemsOf(question), question.model),
  figuresOf: (tokens) => ({
    input_tokens: promptTokens(tokens),
    output_tokens: tokens.output,
    total_tokens: promptTokens(tokens) + tokens.output,
    cached_tokens: tokens.cacheRead,
    cache_write_tokens: tokens.cacheWrite,
    reasoning_tokens: tokens.reasoning,
  }),
  finishes: {
    end: "completed",
    tool: "completed with calls",
    length: "incomplete: max_output_tokens",
    stop: "completed",
    "stop-told": "completed",
    filter: "incomplete: content_filter",
    "refusal-plain": "completed",
    refusal: "completed",
  },
  caught,
  errorName,
  streamErrorName: "APIError",
};
