import type { Losses } from "../../canonical/losses.ts";
import type {
  DocumentPart,
  ImagePart,
  Media,
  Message,
  Part,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from "../../canonical/message.ts";
import { memberPath } from "../../canonical/source.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import { splitSystem } from "../arrange-history.ts";
import { compact } from "../fields.ts";
import {
  COMMON_IMAGES,
  fileElsewhere,
  imageType,
  inlineText,
  nameLabels,
  refuseMedia,
  trueType,
  urlElsewhere,
} from "../media-rules.ts";
import { withUserTurns } from "../prefill.ts";
import { asReminder, nameOthers } from "../reminder.ts";
import { argumentsObject } from "../tool-arguments.ts";
import type { ToolNames } from "../tool-names.ts";
import type { CacheBudget } from "./cache-budget.ts";

/** What the writing of a history needs to know. */
export interface MessageContext {
  target: TargetModel;
  names: ToolNames;
  marks: CacheBudget;
  losses: Losses;
  /** Where the client\'s own body keeps its turns. */
  turnsPath: string;
  /** A last assistant message begins the answer. */
  prefills: boolean;
}

/** A history in arranged order as Messages has it; the leading system messages apart. */
export function encodeHistory(
  history: readonly Message[],
  context: MessageContext,
): { system: JsonObject[]; messages: JsonObject[] } {
  const { system, rest } = splitSystem(history);
  const blocks = system.flatMap((message) => encodeInstructions(message, context));
  const messages: { role: string; content: JsonObject[] }[] = [];
  const shown: JsonObject[] = [];
  for (const message of rest) {
    const { role, content } = encodeMessage(message, context);
    if (role === "user") content.push(...shown.splice(0));
    if (role === "assistant") shown.push(...shownBy(message, context));
    const last = messages.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role && role !== "system") last.content.push(...content);
    else messages.push({ role, content });
  }
  if (shown.length > 0) messages.push({ role: "user", content: shown });
  const turnOf = (text: string) => ({ role: "user", content: [{ type: "text", text }] });
  const spoken = withUserTurns(messages, turnOf, context, !context.prefills);
  trimLast(spoken);
  return { system: blocks, messages: spoken };
}

function encodeMessage(message: Message, context: MessageContext): { role: string; content: JsonObject[] } {
  const { target, losses } = context;
  if (message.role === "assistant") return { role: "assistant", content: encodeTurn(message.parts, context) };
  if (message.role !== "system") return { role: "user", content: encodeParts(message.parts, context) };
  if (target.systemAnywhere === true) return { role: "system", content: encodeInstructions(message, context) };
  losses.add("role_repositioned", message.source?.path ?? "messages");
  nameOthers(message, losses);
  const text = message.parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  return { role: "user", content: text === "" ? [] : [{ type: "text", text: asReminder(text) }] };
}

/** Instructions are texts; what else stands in them is named. */
function encodeInstructions(message: Message, context: MessageContext): JsonObject[] {
  nameOthers(message, context.losses);
  const texts = message.parts.filter((part) => part.type === "text");
  return encodeParts(texts, context);
}

const isShown = ({ type }: Part): boolean => type === "image" || type === "document";

/** Pictures and documents of an assistant's, which only a user may send at Anthropic: they follow, and it is said whose they are. */
function shownBy({ parts }: Message, context: MessageContext): JsonObject[] {
  const shown = parts.filter(isShown);
  for (const part of shown) context.losses.add("part_converted", part.source?.path ?? "messages");
  return shown.length === 0 ? [] : [{ type: "text", text: SHOWN }, ...encodeParts(shown, context)];
}

const SHOWN = "[shown by the assistant before]";

/** An assistant's turn. A thought that nothing follows is left out: Anthropic refuses it. */
function encodeTurn(parts: readonly Part[], context: MessageContext): JsonObject[] {
  const blocks = encodeParts(
    parts.filter((part) => !isShown(part)),
    context,
  );
  while (/^(?:redacted_)?thinking$/.test(String(blocks.at(-1)?.type))) {
    blocks.pop();
    context.losses.add("reasoning_state_dropped", parts.at(-1)?.source?.path ?? "messages");
  }
  return blocks;
}

/** White space alone is refused as nothing; beside words it is kept. */
function encodeParts(parts: readonly Part[], context: MessageContext): JsonObject[] {
  const speaks = parts.some((part) => part.type === "text" && part.text.trim() !== "");
  return parts.flatMap((part) => (part.type === "text" && !speaks ? [] : encodePart(part, context)));
}

function encodePart(part: Part, context: MessageContext): JsonObject[] {
  const { marks, losses } = context;
  const marked = (block: JsonObject): JsonObject[] => {
    if ("cache" in part) marks.place(block, part.cache, part.source);
    return [block];
  };
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : marked({ type: "text", text: part.text });
    case "refusal":
      return part.text.trim() === "" ? [] : [{ type: "text", text: part.text }];
    case "image":
      return marked(encodeImage(part, losses));
    case "document":
      return marked(encodeDocument(part, context));
    case "thinking":
      return encodeThinking(part);
    case "tool_call":
      return marked(encodeToolUse(part, context));
    case "tool_result":
      return [encodeToolResult(part, context)];
    case "audio":
      if (part.transcript !== undefined && part.media === undefined) return [{ type: "text", text: part.transcript }];
      throw refuseMedia("audio", part.source);
    case "video":
      throw refuseMedia("video", part.source);
    case "native":
      losses.add("part_dropped", part.source?.path ?? "messages");
      return [];
  }
}

function encodeImage({ media, detail, source }: ImagePart, losses: Losses): JsonObject {
  if (detail !== undefined && detail !== "auto") losses.add("param_dropped", memberPath(source, "detail"));
  if (media.kind === "file") {
    if (media.vendor !== "anthropic") throw fileElsewhere(media, source);
    return { type: "image", source: { type: "file", file_id: media.id } };
  }
  if (media.kind === "url") {
    if (!/^https:/i.test(media.url)) throw urlElsewhere(media.url, source);
    return { type: "image", source: { type: "url", url: media.url } };
  }
  const mediaType = imageType(media, COMMON_IMAGES, source, losses);
  return { type: "image", source: { type: "base64", media_type: mediaType, data: media.data } };
}

function encodeDocument(part: DocumentPart, context: MessageContext): JsonObject {
  const { media, title, filename, context: about, cited, searchResult, source } = part;
  nameLabels(part, context.losses, [title === undefined ? "filename" : "title", "context", "cited"]);
  const told = compact({
    title: title ?? filename,
    context: about,
    citations: cited === undefined ? undefined : { enabled: cited },
  });
  switch (media.kind) {
    case "file":
      if (media.vendor !== "anthropic") throw fileElsewhere(media, source);
      return { type: "document", source: { type: "file", file_id: media.id }, ...told };
    case "url":
      if (!/^https:/i.test(media.url)) throw urlElsewhere(media.url, source);
      return { type: "document", source: { type: "url", url: media.url }, ...told };
    case "text":
      return { type: "document", source: { type: "text", media_type: "text/plain", data: media.text }, ...told };
    case "parts": {
      const content = encodeParts(media.parts, context);
      return searchResult === undefined
        ? { type: "document", source: { type: "content", content }, ...told }
        : { type: "search_result", source: searchResult.url, title: title ?? searchResult.url, content };
    }
    case "base64":
      return { type: "document", source: inlineDocument(media, part, context.losses), ...told };
  }
}

/** PDFs go as they are, texts as text; nothing else is read. */
function inlineDocument(media: Extract<Media, { kind: "base64" }>, part: DocumentPart, losses: Losses): JsonObject {
  const { data } = media;
  const mediaType = trueType(media, part.source, losses);
  if (mediaType === "application/pdf") return { type: "base64", media_type: mediaType, data };
  const text = inlineText(media, mediaType);
  if (text === null) throw refuseMedia(`a document of type ${mediaType}`, part.source);
  return { type: "text", media_type: "text/plain", data: text };
}

/** Only Anthropic's own state gets here; text without it was taken out before. */
function encodeThinking({ text, state }: ThinkingPart): JsonObject[] {
  if (state === undefined) return [];
  if (state.where === "redacted") return [{ type: "redacted_thinking", data: state.value }];
  return [{ type: "thinking", thinking: text, signature: state.value }];
}

function encodeToolUse(part: ToolCallPart, { names, losses }: MessageContext): JsonObject {
  return {
    type: "tool_use",
    id: part.id,
    name: names.wire(part.name, part.namespace),
    input: argumentsObject(part, losses),
  };
}

/** The mark of a result stays on the result: inside its content Anthropic refuses it. */
function encodeToolResult(part: ToolResultPart, context: MessageContext): JsonObject {
  const inner = part.content.map((one) => ("cache" in one ? { ...one, cache: undefined } : one)) as Part[];
  const content = encodeParts(inner, context);
  const block: JsonObject = { type: "tool_result", tool_use_id: part.callId };
  if (content.length > 0) block.content = content;
  if (part.isError) block.is_error = true;
  const cache = part.cache ?? part.content.flatMap((one) => ("cache" in one && one.cache ? [one.cache] : [])).at(-1);
  context.marks.place(block, cache, part.source);
  return block;
}

/** The end of a last assistant text is trimmed: white space there is refused. */
function trimLast(messages: { role: string; content: JsonObject[] }[]): void {
  const last = messages.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== "assistant" || block?.type !== "text" || typeof block.text !== "string") return;
  block.text = block.text.trimEnd();
  if (block.text !== "") return;
  last.content.pop();
  trimLast(messages);
}
