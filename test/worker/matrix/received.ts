import type { BookEntry } from "../../../local/simulator/books.ts";
import { checkSeal } from "../../../local/simulator/seal.ts";
import {
  isObject,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  objectsOf,
  stringOf,
} from "../../../local/simulator/values.ts";

/**
 * A provider's request read by the provider's own documentation, for holding it against what was asked. Knows nothing of
 * the gateway: each dialect is read here once more, in the few things the matrix looks at.
 */
export interface Received {
  dialect: "openai-chat" | "openai-responses" | "anthropic-messages" | "google-generate-content";
  system: string;
  turns: Turn[];
  tools: { name: string; description: string; schema: JsonObject }[];
  /** The schema that the answer is to fit; null without. */
  schema: JsonObject | null;
  stop: string[];
  cap: number | null;
  /** How hard to think, in the vendor's word or its number of tokens; null when nothing is said. */
  thinking: string | number | null;
}

export interface Turn {
  role: "user" | "assistant";
  text: string;
  media: { type: string; data: string }[];
  calls: { name: string; arguments: unknown }[];
  results: string[];
  /** Reasoning state, each with what the vendor would say of it. */
  states: ("valid" | "altered" | "foreign")[];
  /** The text of earlier thoughts. */
  thought: string;
}

const turn = (role: Turn["role"]): Turn => ({
  role,
  text: "",
  media: [],
  calls: [],
  results: [],
  states: [],
  thought: "",
});

/** Neighbouring messages of one role are one turn, as every vendor reads them. */
function joined(turns: Turn[]): Turn[] {
  const all: Turn[] = [];
  for (const next of turns) {
    const last = all.at(-1);
    if (last?.role !== next.role) all.push(next);
    else {
      last.text += next.text;
      last.thought += next.thought;
      for (const name of ["media", "calls", "results", "states"] as const) last[name].push(...(next[name] as never[]));
    }
  }
  return all;
}

const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : objectsOf(content)
        .map((part) => stringOf(part.text))
        .join("");

/** `data:{type};base64,{data}`. */
function dataUrl(url: unknown): Turn["media"] {
  const [, type = "", data = ""] = /^data:([^;]+);base64,(.*)$/.exec(stringOf(url)) ?? [];
  return data === "" ? [] : [{ type, data }];
}

const parsed = (text: unknown): unknown => JSON.parse(stringOf(text));

function chatTurn(message: JsonObject): Turn {
  const made = turn(message.role === "assistant" ? "assistant" : "user");
  if (message.role === "tool") return { ...made, results: [textOf(message.content)] };
  const media = objectsOf(message.content).flatMap((part) => [
    ...dataUrl(objectOf(part.image_url).url),
    ...dataUrl(objectOf(part.file).file_data),
  ]);
  const details = objectsOf(message.reasoning_details);
  const sealed = details
    .map((detail) => stringOf(detail.data) || stringOf(detail.signature))
    .filter((one) => one !== "");
  return {
    ...made,
    text: textOf(message.content),
    media,
    calls: objectsOf(message.tool_calls).map(({ function: called }) => ({
      name: stringOf(objectOf(called).name),
      arguments: parsed(objectOf(called).arguments),
    })),
    states: sealed.map((seal) => checkSeal("openrouter", seal, "")),
    thought:
      stringOf(message.reasoning_content) ||
      details.map(({ text, summary }) => stringOf(text) + stringOf(summary)).join(""),
  };
}

function readChat(body: JsonObject): Omit<Received, "dialect"> {
  const messages = objectsOf(body.messages);
  const isSystem = ({ role }: JsonObject) => role === "system" || role === "developer";
  const format = objectOf(objectOf(body.response_format).json_schema);
  return {
    system: messages
      .filter(isSystem)
      .map(({ content }) => textOf(content))
      .join(""),
    turns: joined(messages.filter((message) => !isSystem(message)).map(chatTurn)),
    tools: objectsOf(body.tools).map(({ function: one }) => toolOf(objectOf(one), "parameters")),
    schema: isObject(format.schema) ? format.schema : null,
    stop: typeof body.stop === "string" ? [body.stop] : listOf(body.stop).map(stringOf),
    cap: numberOf(body.max_completion_tokens) ?? numberOf(body.max_tokens),
    thinking:
      stringOf(body.reasoning_effort) ||
      stringOf(objectOf(body.reasoning).effort) ||
      numberOf(objectOf(body.reasoning).max_tokens),
  };
}

const toolOf = (tool: JsonObject, key: string) => ({
  name: stringOf(tool.name),
  description: stringOf(tool.description),
  schema: objectOf(tool[key]),
});

function itemTurn(item: JsonObject): Turn {
  switch (item.type) {
    case "function_call":
      return {
        ...turn("assistant"),
        calls: [{ name: stringOf(item.name), arguments: parsed(item.arguments) }],
      };
    case "function_call_output":
      return { ...turn("user"), results: [textOf(item.output)] };
    case "reasoning":
      return {
        ...turn("assistant"),
        states: [checkSeal("openai", stringOf(item.encrypted_content), textOf(item.summary))],
        thought: textOf(item.summary),
      };
    default:
      return {
        ...turn(item.role === "assistant" ? "assistant" : "user"),
        text: textOf(item.content),
        media: objectsOf(item.content).flatMap((part) => [...dataUrl(part.image_url), ...dataUrl(part.file_data)]),
      };
  }
}

function readResponses(body: JsonObject): Omit<Received, "dialect"> {
  const items =
    typeof body.input === "string" ? [{ role: "user", content: body.input } as JsonObject] : objectsOf(body.input);
  const isSystem = ({ role }: JsonObject) => role === "system" || role === "developer";
  const format = objectOf(objectOf(body.text).format);
  return {
    system:
      stringOf(body.instructions) +
      items
        .filter(isSystem)
        .map(({ content }) => textOf(content))
        .join(""),
    turns: joined(items.filter((item) => !isSystem(item)).map(itemTurn)),
    tools: objectsOf(body.tools).map((tool) => toolOf(tool, "parameters")),
    schema: isObject(format.schema) ? format.schema : null,
    stop: [],
    cap: numberOf(body.max_output_tokens),
    thinking: stringOf(objectOf(body.reasoning).effort) || null,
  };
}

function blockTurn(role: Turn["role"], block: JsonObject): Turn {
  const made = turn(role);
  switch (block.type) {
    case "text":
      return { ...made, text: stringOf(block.text) };
    case "image":
    case "document": {
      const source = objectOf(block.source);
      return { ...made, media: [{ type: stringOf(source.media_type), data: stringOf(source.data) }] };
    }
    case "tool_use":
      return { ...made, calls: [{ name: stringOf(block.name), arguments: block.input }] };
    case "tool_result":
      return { ...made, results: [textOf(block.content)] };
    case "thinking":
      return {
        ...made,
        states: [checkSeal("anthropic", stringOf(block.signature), stringOf(block.thinking))],
        thought: stringOf(block.thinking),
      };
    case "redacted_thinking":
      return { ...made, states: [checkSeal("anthropic", stringOf(block.data), "")] };
    default:
      return made;
  }
}

function readMessages(body: JsonObject): Omit<Received, "dialect"> {
  const turns = objectsOf(body.messages).flatMap(({ role, content }) => {
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : objectsOf(content);
    return blocks.map((block) => blockTurn(role === "assistant" ? "assistant" : "user", block));
  });
  const config = objectOf(body.output_config);
  const format = objectOf(config.format);
  const thinking = objectOf(body.thinking);
  const amount = numberOf(thinking.budget_tokens) ?? (stringOf(config.effort) || stringOf(thinking.type) || null);
  return {
    system: textOf(body.system),
    turns: joined(turns),
    tools: objectsOf(body.tools).map((tool) => toolOf(tool, "input_schema")),
    schema: isObject(format.schema) ? format.schema : null,
    stop: listOf(body.stop_sequences).map(stringOf),
    cap: numberOf(body.max_tokens),
    thinking: thinking.type === "disabled" ? null : amount,
  };
}

/** What Gemini takes for a signature that nobody can give. */
const SENTINEL = "skip_thought_signature_validator";

function partTurn(role: Turn["role"], part: JsonObject): Turn {
  const { inlineData, functionCall, functionResponse, thoughtSignature } = part;
  const media = objectOf(inlineData);
  const call = objectOf(functionCall);
  const response = objectOf(objectOf(functionResponse).response);
  const signature = stringOf(thoughtSignature);
  return {
    ...turn(role),
    text: part.thought === true ? "" : stringOf(part.text),
    thought: part.thought === true ? stringOf(part.text) : "",
    media: isObject(inlineData) ? [{ type: stringOf(media.mimeType), data: stringOf(media.data) }] : [],
    calls: isObject(functionCall) ? [{ name: stringOf(call.name), arguments: call.args }] : [],
    results: isObject(functionResponse)
      ? [stringOf(response.output ?? response.content) || JSON.stringify(response)]
      : [],
    states: signature === "" || signature === SENTINEL ? [] : [checkSeal("google", signature, "")],
  };
}

function readGenerate(body: JsonObject): Omit<Received, "dialect"> {
  const turns = objectsOf(body.contents).flatMap(({ role, parts }) =>
    objectsOf(parts).map((part) => partTurn(role === "model" ? "assistant" : "user", part)),
  );
  const config = objectOf(body.generationConfig);
  const thinking = objectOf(config.thinkingConfig);
  const schema = config.responseJsonSchema ?? config.responseSchema;
  return {
    system: textOf(objectOf(body.systemInstruction).parts),
    turns: joined(turns),
    tools: objectsOf(body.tools)
      .flatMap((one) => objectsOf(one.functionDeclarations))
      .map((one) => toolOf(one, "parametersJsonSchema" in one ? "parametersJsonSchema" : "parameters")),
    schema: isObject(schema) ? schema : null,
    stop: listOf(config.stopSequences).map(stringOf),
    cap: numberOf(config.maxOutputTokens),
    thinking: stringOf(thinking.thinkingLevel).toLowerCase() || numberOf(thinking.thinkingBudget),
  };
}

/** The request of an entry in the books. */
export function received({ path, body }: BookEntry): Received {
  const read = objectOf(body);
  if (path.includes("/chat/completions")) return { dialect: "openai-chat", ...readChat(read) };
  if (path.includes("/responses")) return { dialect: "openai-responses", ...readResponses(read) };
  if (path.includes("/messages")) return { dialect: "anthropic-messages", ...readMessages(read) };
  return { dialect: "google-generate-content", ...readGenerate(read) };
}
