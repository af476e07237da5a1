import { parseDataUrl, typeOfName } from "../../canonical/media-type.ts";
import type {
  Citation,
  DocumentPart,
  ImagePart,
  Media,
  Message,
  Part,
  ResultPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { GatewayError } from "../../errors.ts";
import { arrayAt, type JsonObject, textOf } from "../../lib/json.ts";
import { readCacheMark } from "../cache-marks.ts";
import { Fields, objectsIn } from "../fields.ts";
import { stateOfReasoning, textOfReasoning } from "./reasoning.ts";

/** `instructions`, as the conversation's first message. */
export function decodeInstructions(fields: Fields): Message[] {
  const text = typeof fields.peek("instructions") === "string" ? fields.string("instructions") : undefined;
  if (text === undefined) return [];
  const path = "instructions";
  return [{ role: "system", parts: [{ type: "text", text, source: { path } }], source: { path, form: { top: true } } }];
}

/** `input`: a text is one user message; of a list, each item is one canonical message. */
export function decodeInput(fields: Fields): Message[] {
  const input = fields.take("input");
  if (input === undefined) return [];
  if (typeof input === "string") {
    const part: Part = { type: "text", text: input, source: { path: "input" } };
    return [{ role: "user", parts: [part], source: { path: "input", form: { bare: true } } }];
  }
  if (!Array.isArray(input)) {
    throw new GatewayError("invalid_type", "'input' must be a text or an array of items.", { param: "input" });
  }
  return placeStates(objectsIn(input, "input").map(({ object, path }) => decodeItem(object, path)));
}

const ROLES = { user: "user", assistant: "assistant", system: "system", developer: "system" } as const;

function decodeItem(object: JsonObject, path: string): Message {
  const fields = new Fields(object, path);
  const type = textOf(fields.peek("type") ?? "message");
  switch (type) {
    case "message":
      return decodeMessage(fields);
    case "function_call":
    case "custom_tool_call":
      return decodeCall(fields, type);
    case "function_call_output":
    case "custom_tool_call_output":
      return decodeOutput(fields, type);
    case "reasoning": {
      const text = textOfReasoning(object);
      const state = stateOfReasoning(object, "");
      // With summaries, the text in full is left.
      const full = arrayAt(object, "summary").length > 0 ? arrayAt(object, "content") : [];
      const source = full.length === 0 ? { path } : { path, rest: { content: full } };
      const part: Part = { type: "thinking", text, ...(state === null ? {} : { state }), source };
      return { role: "assistant", parts: [part], source: { path, form: { item: object } } };
    }
    case "item_reference":
      throw new GatewayError(
        "state_unsupported",
        `'${path}' names an item OpenAI keeps, which this model's provider cannot read. Send the item itself (in the AI SDK: store: false).`,
        { param: path },
      );
    default:
      return {
        role: "assistant",
        parts: [{ type: "native", kind: type, raw: object, source: { path } }],
        source: { path, form: { item: object } },
      };
  }
}

function decodeMessage(fields: Fields): Message {
  const spelled = fields.string("role") ?? "";
  const role = Object.hasOwn(ROLES, spelled) ? ROLES[spelled as keyof typeof ROLES] : undefined;
  if (role === undefined) {
    const param = fields.at("role");
    throw new GatewayError("invalid_value", `'${param}' must be one of ${Object.keys(ROLES).join(", ")}.`, { param });
  }
  const content = fields.take("content");
  const { parts, spelling } = decodeContent(content, fields.at("content"));
  return { role, parts, source: fields.source({ role: spelled, content: spelling }) };
}

function decodeContent(content: unknown, path: string): { parts: Part[]; spelling: "string" | "parts" | "none" } {
  if (content === undefined) return { parts: [], spelling: "none" };
  if (typeof content === "string")
    return { parts: [{ type: "text", text: content, source: { path } }], spelling: "string" };
  if (!Array.isArray(content)) {
    throw new GatewayError("invalid_type", `'${path}' must be a text or an array of parts.`, { param: path });
  }
  const parts = objectsIn(content, path).map(({ object, path: at }) => decodePart(new Fields(object, at), object));
  return { parts, spelling: "parts" };
}

function decodePart(fields: Fields, raw: JsonObject): Part {
  const { cache, cacheKey } = readCacheMark(fields);
  const marks = cache === undefined ? {} : { cache };
  const type = fields.string("type");
  const source = (form: Record<string, unknown> = {}) => fields.source({ type, cacheKey, ...form });
  switch (type) {
    case "input_text":
    case "output_text":
    case "text":
    case "summary_text":
    case "reasoning_text": {
      const citations = type === "output_text" ? decodeAnnotations(fields.peek("annotations")) : [];
      const cited = citations.length === 0 ? {} : { citations };
      return {
        type: "text",
        text: fields.string("text") ?? "",
        ...cited,
        ...marks,
        source: source(),
      } satisfies TextPart;
    }
    case "refusal":
      return { type: "refusal", text: fields.string("refusal") ?? "", source: source() };
    case "input_image":
      return decodeImage(fields, marks, source);
    case "input_file":
      return decodeFile(fields, marks, source);
    case "input_audio": {
      const audio = fields.nested("input_audio");
      const format = audio?.string("format");
      const data = audio?.string("data") ?? "";
      const media: Media = { kind: "base64", mediaType: `audio/${format ?? "wav"}`, data };
      return { type: "audio", media, source: source({ format }) };
    }
    default:
      return { type: "native", kind: type ?? "part", raw, source: { path: fields.path } };
  }
}

type SourceOf = (form?: Record<string, unknown>) => NonNullable<Part["source"]>;

function decodeImage(fields: Fields, marks: object, source: SourceOf): ImagePart {
  const url = fields.string("image_url");
  const id = fields.string("file_id");
  const detail = fields.string("detail");
  if (url === undefined && id === undefined) {
    const param = fields.at("image_url");
    throw new GatewayError("missing_required_parameter", `'${param}' is required: an address or a data URL.`, {
      param,
    });
  }
  // Beside the picture an id says nothing more.
  if (url !== undefined && id !== undefined) fields.leave("file_id");
  const inline = url === undefined ? null : parseDataUrl(url);
  const media: Media =
    inline !== null
      ? { kind: "base64", ...inline }
      : url !== undefined
        ? { kind: "url", url }
        : { kind: "file", id: id as string, vendor: "openai" };
  // Data addresses have more spellings than are told apart here.
  return { type: "image", media, ...(detail === undefined ? {} : { detail }), ...marks, source: source({ url, id }) };
}

function decodeFile(fields: Fields, marks: object, source: SourceOf): DocumentPart {
  const filename = fields.string("filename");
  const data = fields.string("file_data");
  const url = fields.string("file_url");
  const id = fields.string("file_id");
  const detail = fields.string("detail");
  const told = {
    ...(filename === undefined ? {} : { filename }),
    ...(detail === undefined ? {} : { detail }),
    ...marks,
  };
  // Of several ways to give a file the nearest counts; the others are left to be named.
  if (data !== undefined && url !== undefined) fields.leave("file_url");
  if ((data !== undefined || url !== undefined) && id !== undefined) fields.leave("file_id");
  const form = { data, url, id };
  if (data !== undefined) {
    const inline = parseDataUrl(data);
    const bare = { mediaType: typeOfName(filename ?? "") ?? "application/pdf", data };
    return {
      type: "document",
      media: { kind: "base64", ...(inline ?? bare) },
      ...told,
      source: source(form),
    };
  }
  if (url !== undefined) return { type: "document", media: { kind: "url", url }, ...told, source: source(form) };
  if (id === undefined) {
    const param = fields.path;
    throw new GatewayError("missing_required_parameter", `'${param}' needs 'file_data', 'file_url' or 'file_id'.`, {
      param,
    });
  }
  return { type: "document", media: { kind: "file", id, vendor: "openai" }, ...told, source: source(form) };
}

/** Addresses among the annotations; what they are for a client to see is in the rest. */
function decodeAnnotations(annotations: unknown): Citation[] {
  if (!Array.isArray(annotations)) return [];
  return annotations.flatMap((annotation: JsonObject): Citation[] =>
    annotation?.type === "url_citation" && typeof annotation.url === "string"
      ? [{ kind: "url", url: annotation.url }]
      : [],
  );
}

function decodeCall(fields: Fields, type: "function_call" | "custom_tool_call"): Message {
  const name = fields.string("name");
  const callId = fields.string("call_id");
  const itemId = typeof fields.peek("id") === "string" ? fields.peek("id") : undefined;
  if (name === undefined || name === "") {
    const param = fields.at("name");
    throw new GatewayError("missing_required_parameter", `'${param}' is required.`, { param });
  }
  const namespace = fields.string("namespace");
  const key = type === "function_call" ? "arguments" : "input";
  const value = fields.take(key);
  const part: ToolCallPart = {
    type: "tool_call",
    // Pairs are made by `call_id`; the item's own id is an alias at most.
    id: callId ?? String(itemId ?? `call_${fields.path.replace(/\D/g, "")}`),
    name,
    ...(namespace === undefined ? {} : { namespace }),
    kind: type === "function_call" ? "function" : "custom",
    arguments: typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value),
    source: { path: fields.path, form: { itemId } },
  };
  const form = { item: type, hasId: callId !== undefined, value: typeof value, has: value !== undefined };
  return { role: "assistant", parts: [part], source: fields.source(form) };
}

function decodeOutput(fields: Fields, type: "function_call_output" | "custom_tool_call_output"): Message {
  const callId = fields.string("call_id");
  const name = fields.string("name");
  const output = fields.take("output");
  const { parts, spelling } = decodeContent(output, fields.at("output"));
  const part: ToolResultPart = {
    type: "tool_result",
    callId: callId ?? "",
    ...(name === undefined ? {} : { name }),
    kind: type === "function_call_output" ? "function" : "custom",
    content: parts as ResultPart[],
    isError: false,
    source: { path: fields.path },
  };
  return {
    role: "tool",
    parts: [part],
    source: fields.source({ item: type, hasId: callId !== undefined, content: spelling }),
  };
}

/**
 * State that another vendor attached to a call or a text travels in a reasoning item of its own: before the call, after
 * the text. Here it goes back to its place.
 */
function placeStates(messages: Message[]): Message[] {
  let pending: ReasoningState | undefined;
  const placed: Message[] = [];
  for (const message of messages) {
    const [part] = message.parts;
    const state = part?.type === "thinking" ? part.state : undefined;
    if (message.role !== "assistant") pending = undefined;
    if (state?.where === "tool_call") {
      pending = state;
      placed.push({ ...message, parts: [] });
    } else if (state?.where === "text") {
      const before = placed.findLast(
        (one) => one.role === "assistant" && one.parts.some((inner) => inner.type === "text"),
      );
      const text = before?.parts.findLast((inner) => inner.type === "text");
      if (text !== undefined) text.state = state;
      placed.push({ ...message, parts: [] });
    } else if (part?.type === "tool_call" && pending !== undefined) {
      part.state = pending;
      pending = undefined;
      placed.push(message);
    } else placed.push(message);
  }
  return placed;
}
