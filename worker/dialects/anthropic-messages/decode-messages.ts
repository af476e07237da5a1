import { isEnvelope, openState } from "../../canonical/envelope.ts";
import type {
  CacheMark,
  Citation,
  DocumentPart,
  ImagePart,
  Message,
  NativePart,
  Part,
  ResultPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { readCacheMark } from "../cache-marks.ts";
import { Fields, objectsIn } from "../fields.ts";
import { decodeCitation } from "./citations.ts";

/** Messages' `system`: a text or blocks of text, as the conversation's first message. */
export function decodeSystem(fields: Fields): Message[] {
  const system = fields.take("system");
  if (system === undefined) return [];
  const { parts: said, spelling } = decodeContent(system, "system");
  const parts = Array.isArray(system) ? said.map((part, index) => billingApart(part, system[index])) : said;
  return [{ role: "system", parts, source: { path: "system", form: { top: true, content: spelling } } }];
}

/** Claude Code's note to Anthropic's billing stands among the instructions and may be another one each turn. */
const billingApart = (part: Part, raw: unknown): Part =>
  part.type === "text" && part.text.startsWith("x-anthropic-billing-header:")
    ? { type: "native", kind: "billing", raw, elsewhere: "" }
    : part;

/** Messages' `messages`, one canonical message each. */
export function decodeMessages(fields: Fields): Message[] {
  return fields.objects("messages").map(({ object, path }) => {
    const message = new Fields(object, path);
    const role = message.string("role");
    if (role !== "user" && role !== "assistant" && role !== "system") {
      const param = message.at("role");
      throw new GatewayError("invalid_value", `'${param}' must be user, assistant or system.`, { param });
    }
    const content = message.take("content");
    const { parts, spelling } = decodeContent(content ?? [], message.at("content"));
    const form = { content: content === undefined ? "none" : spelling };
    return { role, parts: role === "assistant" ? placeStates(parts) : parts, source: message.source(form) };
  });
}

function decodeContent(content: unknown, path: string): { parts: Part[]; spelling: "string" | "blocks" } {
  if (typeof content === "string")
    return { parts: [{ type: "text", text: content, source: { path } }], spelling: "string" };
  if (!Array.isArray(content)) {
    throw new GatewayError("invalid_type", `'${path}' must be a text or an array of blocks.`, { param: path });
  }
  const parts = objectsIn(content, path).map(({ object, path: at }) => decodeBlock(new Fields(object, at), object));
  return { parts, spelling: "blocks" };
}

type Marked = { cache?: CacheMark };

function decodeBlock(fields: Fields, raw: JsonObject): Part {
  const type = fields.string("type");
  const { cache } = readCacheMark(fields);
  const marked: Marked = cache === undefined ? {} : { cache };
  switch (type) {
    case "text":
      return decodeText(fields, marked);
    case "image": {
      const media = decodeSource(fields);
      if (media.kind === "text" || media.kind === "parts") {
        const param = `${fields.at("source")}.type`;
        throw new GatewayError("invalid_value", `'${param}' must be base64, url or file in an image.`, { param });
      }
      return { type: "image", media, ...marked, source: fields.source() } satisfies ImagePart;
    }
    case "document":
      return decodeDocument(fields, marked);
    case "search_result":
      return decodeSearchResult(fields, marked);
    case "thinking":
      return decodeThinking(fields);
    case "redacted_thinking":
      return decodeRedacted(fields);
    case "tool_use":
      return decodeToolUse(fields, marked);
    case "tool_result":
      return decodeToolResult(fields, marked);
    case "tool_reference": {
      // The answer of a client's own search for tools: elsewhere they are all loaded from the start.
      const elsewhere = `The tool ${fields.string("tool_name") ?? ""} can be called.`;
      return { type: "native", kind: type, raw, elsewhere, source: { path: fields.path } };
    }
    default:
      return { type: "native", kind: type ?? "block", raw, source: { path: fields.path } } satisfies NativePart;
  }
}

function decodeText(fields: Fields, marked: Marked): TextPart {
  const text = fields.string("text") ?? "";
  const raw = fields.array("citations");
  const citations = raw?.flatMap((citation): Citation[] => decodeCitation(citation));
  return {
    type: "text",
    text,
    ...(citations === undefined || citations.length === 0 ? {} : { citations }),
    ...marked,
    source: fields.source(raw === undefined ? undefined : { citations: raw }),
  };
}

/** `source` of an image or a document. */
function decodeSource(fields: Fields): DocumentPart["media"] {
  const source = fields.nested("source");
  if (source === undefined) {
    const param = fields.at("source");
    throw new GatewayError("missing_required_parameter", `'${param}' is required.`, { param });
  }
  const type = source.string("type");
  const mediaType = source.string("media_type");
  switch (type) {
    case "base64":
      return { kind: "base64", mediaType: mediaType ?? "application/octet-stream", data: source.string("data") ?? "" };
    case "url":
      return { kind: "url", url: source.string("url") ?? "" };
    case "file":
      return { kind: "file", id: source.string("file_id") ?? "", vendor: "anthropic" };
    case "text":
      return { kind: "text", text: source.string("data") ?? "" };
    case "content": {
      const content = source.take("content") ?? [];
      const { parts } = decodeContent(content, source.at("content"));
      return { kind: "parts", parts: parts.filter((part) => part.type === "text" || part.type === "image") };
    }
    default: {
      const param = source.at("type");
      throw new GatewayError("invalid_value", `'${param}' must be base64, url, file, text or content.`, { param });
    }
  }
}

function decodeDocument(fields: Fields, marked: Marked): DocumentPart {
  const source = fields.peek("source");
  const media = decodeSource(fields);
  const title = fields.string("title");
  const context = fields.string("context");
  const cited = fields.nested("citations")?.boolean("enabled");
  return {
    type: "document",
    media,
    ...(title === undefined ? {} : { title }),
    ...(context === undefined ? {} : { context }),
    ...(cited === undefined ? {} : { cited }),
    ...marked,
    // Inner content in its own spelling: `source.content` may be a text.
    source: fields.source(media.kind === "parts" || media.kind === "text" ? { source } : undefined),
  };
}

function decodeSearchResult(fields: Fields, marked: Marked): DocumentPart {
  const raw = fields.array("content") ?? [];
  const { parts } = decodeContent(raw, fields.at("content"));
  const url = fields.string("source") ?? "";
  const title = fields.string("title");
  const cited = fields.nested("citations")?.boolean("enabled");
  return {
    type: "document",
    media: { kind: "parts", parts: parts.filter((part) => part.type === "text") },
    searchResult: { url },
    ...(title === undefined ? {} : { title }),
    ...(cited === undefined ? {} : { cited }),
    ...marked,
    source: fields.source({ content: raw }),
  };
}

/** A raw signature is Anthropic's own; an envelope of ours names its owner; an empty one vouches for nothing. */
function decodeThinking(fields: Fields): Part {
  const text = fields.string("thinking") ?? "";
  const signature = fields.string("signature") ?? "";
  const state = stateOf(signature, "thinking");
  const form = { signature: fields.has("signature") ? signature : undefined };
  return { type: "thinking", text, ...(state === null ? {} : { state }), source: fields.source(form) };
}

function decodeRedacted(fields: Fields): Part {
  const state = stateOf(fields.string("data") ?? "", "redacted");
  return {
    type: "thinking",
    text: "",
    ...(state === null ? {} : { state }),
    source: fields.source({ redacted: true }),
  };
}

function stateOf(value: string, where: ReasoningState["where"]): ReasoningState | null {
  if (value === "") return null;
  return isEnvelope(value) ? openState(value) : { owner: "anthropic", value, model: "", where };
}

function decodeToolUse(fields: Fields, marked: Marked): ToolCallPart {
  const id = fields.string("id");
  const name = fields.string("name");
  if (id === undefined || id === "" || name === undefined || name === "") {
    const param = fields.at(id === undefined || id === "" ? "id" : "name");
    throw new GatewayError("missing_required_parameter", `'${param}' is required.`, { param });
  }
  const input = fields.take("input");
  return {
    type: "tool_call",
    id,
    name,
    kind: "function",
    arguments: input === undefined ? "" : JSON.stringify(input),
    ...marked,
    source: fields.source(),
  };
}

function decodeToolResult(fields: Fields, marked: Marked): ToolResultPart {
  const content = fields.take("content");
  const { parts, spelling } = decodeContent(content ?? [], fields.at("content"));
  const isError = fields.boolean("is_error");
  const callId = fields.string("tool_use_id");
  return {
    type: "tool_result",
    callId: callId ?? "",
    kind: "function",
    content: parts as ResultPart[],
    isError: isError ?? false,
    ...marked,
    source: fields.source(
      { content: content === undefined ? "none" : spelling, isError, callId },
      { isError: "is_error" },
    ),
  };
}

/**
 * State that another vendor attached to a call or a text travels in a thinking block of its own: before the call, after
 * the text, and before the text that ends an answer. Here it goes back to its place.
 */
function placeStates(parts: readonly Part[]): Part[] {
  const placed: Part[] = [];
  let ofCall: ReasoningState | undefined;
  let ofText: ReasoningState | undefined;
  const texts = (state: ReasoningState | undefined): Part[] =>
    state === undefined ? [] : [{ type: "text", text: "", state }];
  for (const part of parts) {
    const state = part.type === "thinking" ? part.state : undefined;
    if (state?.where === "tool_call") {
      ofCall = state;
      continue;
    }
    if (state?.where === "text") {
      const before = placed.at(-1);
      if (before?.type === "text" && before.state === undefined) placed[placed.length - 1] = { ...before, state };
      else {
        placed.push(...texts(ofText));
        ofText = state;
      }
      continue;
    }
    if (part.type === "text" && ofText !== undefined) placed.push({ ...part, state: ofText });
    else {
      placed.push(...texts(ofText));
      placed.push(part.type === "tool_call" && ofCall !== undefined ? { ...part, state: ofCall } : part);
      if (part.type === "tool_call") ofCall = undefined;
    }
    ofText = undefined;
  }
  return [...placed, ...texts(ofText)];
}
