import { sealState } from "../../canonical/envelope.ts";
import type { Losses } from "../../canonical/losses.ts";
import { dataUrl } from "../../canonical/media-type.ts";
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  Message,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  VideoPart,
} from "../../canonical/message.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import { cacheBreakpoint, cacheControl, openAiBreakpoint } from "../cache-marks.ts";
import { compact, withRest } from "../fields.ts";
import {
  COMMON_IMAGES,
  documentText,
  fileElsewhere,
  imageType,
  inlineText,
  nameLabels,
  refuseMedia,
  trueType,
  urlElsewhere,
} from "../media-rules.ts";
import { nameOthers } from "../reminder.ts";
import type { ToolNames } from "../tool-names.ts";
import { nameFailure } from "../tool-results.ts";
import { encodeThoughts } from "./reasoning.ts";

/** What the writing of messages needs to know; `own`: the client spoke Chat too, so spellings are kept. */
export interface MessageContext {
  target: TargetModel;
  names: ToolNames;
  losses: Losses;
  own: boolean;
}

/** Chat's `messages` for a history in arranged order (or, with `own`, in the client's). */
export const encodeMessages = (messages: readonly Message[], context: MessageContext): JsonObject[] =>
  messages.flatMap((message) => encodeMessage(message, context));

function encodeMessage(message: Message, context: MessageContext): JsonObject[] {
  const { own } = context;
  const form = message.source?.form ?? {};
  const name = own && message.name !== undefined ? { name: message.name } : {};
  if (message.role === "tool") return encodeResults(message, context);
  if (message.role === "assistant") {
    const encoded = { ...encodeAssistant(message, context), ...name };
    return [own ? withRest(encoded, message.source) : encoded];
  }
  const role = message.role === "system" ? (own && form.role === "developer" ? "developer" : "system") : "user";
  const content = contentOf(own || role === "user" ? message : onlyTexts(message, context), context);
  const encoded = { role, ...content, ...name };
  if (own) return [withRest(encoded, message.source)];
  return Array.isArray(content.content) && content.content.length === 0 ? [] : [encoded];
}

/** Instructions are texts; what else stands in them is named. */
function onlyTexts(message: Message, { losses }: MessageContext): Message {
  nameOthers(message, losses);
  return { ...message, parts: message.parts.filter((part) => part.type === "text") };
}

/** One text is a string, as most hosts like it; anything else is an array of parts. */
function contentOf({ parts, source }: Message, context: MessageContext): JsonObject {
  const spelling = context.own ? source?.form?.content : undefined;
  if (spelling === "none") return {};
  const [only] = parts;
  const plain = parts.length === 1 && only?.type === "text" && only.cache === undefined;
  if (spelling === "string" || (spelling === undefined && plain))
    return { content: only?.type === "text" ? only.text : "" };
  return { content: parts.flatMap((part) => encodePart(part, context)) };
}

function mark(
  part: TextPart | ImagePart | DocumentPart | AudioPart,
  { target, own, losses }: MessageContext,
): JsonObject {
  if (part.cache === undefined) return {};
  if (own) {
    return part.source?.form?.cacheKey === "prompt_cache_breakpoint"
      ? cacheBreakpoint(part.cache)
      : cacheControl(part.cache);
  }
  if (target.quirks.has("cache_control")) return cacheControl(part.cache);
  // OpenAI before explicit breakpoints caches every prefix by itself.
  if (target.explicitCache !== true) return {};
  return openAiBreakpoint(part.cache, part.source, losses);
}

function encodePart(part: Part, context: MessageContext): JsonObject[] {
  const { own, losses } = context;
  const finished = (encoded: JsonObject): JsonObject[] => [own ? withRest(encoded, part.source) : encoded];
  switch (part.type) {
    case "text":
      return finished({ type: "text", text: part.text, ...mark(part, context) });
    case "refusal":
      return finished({ type: "refusal", refusal: part.text });
    case "image":
      return finished({ type: "image_url", image_url: imageUrl(part, context), ...mark(part, context) });
    case "audio":
      return finished({ type: "input_audio", input_audio: inputAudio(part, context), ...mark(part, context) });
    case "video":
      return finished({ type: "video_url", video_url: { url: videoUrl(part, context) } });
    case "document":
      return finished({ ...encodeDocument(part, context), ...mark(part, context) });
    case "native":
      if (own) return [part.raw as JsonObject];
      losses.add("part_dropped", part.source?.path ?? "messages");
      return [];
    default:
      if (!own) losses.add("part_dropped", part.source?.path ?? "messages");
      return [];
  }
}

function imageUrl(part: ImagePart, { own, target, losses }: MessageContext): JsonObject | string {
  const { media, detail, source } = part;
  const told = detail === undefined ? {} : { detail };
  if (own) return source?.form?.bare === true ? String(source.form.url) : { url: source?.form?.url, ...told };
  if (media.kind === "base64") {
    // What other hosts of this dialect take is for them to say.
    const openai = target.owner === "openai";
    const mediaType = openai ? imageType(media, COMMON_IMAGES, source, losses) : media.mediaType;
    return { url: dataUrl(mediaType, media.data), ...told };
  }
  if (media.kind === "url") return { url: media.url, ...told };
  throw fileElsewhere(media, source);
}

function videoUrl(part: VideoPart, { own, target }: MessageContext): unknown {
  if (own) return part.source?.form?.url;
  if (target.owner !== "openrouter") throw refuseMedia("video", part.source);
  if (part.media.kind === "file") throw fileElsewhere(part.media, part.source);
  return part.media.kind === "url" ? part.media.url : dataUrl(part.media.mediaType, part.media.data);
}

/** The two formats that Chat takes, by the words media types have for them. */
const AUDIO_FORMATS: Record<string, string> = {
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/wave": "wav",
  "audio/mp3": "mp3",
  "audio/mpeg": "mp3",
};

function inputAudio({ media, source }: AudioPart, { own, target }: MessageContext): JsonObject {
  if (media?.kind !== "base64") throw refuseMedia("audio that is not sent along", source);
  const known = AUDIO_FORMATS[media.mediaType];
  if (known === undefined && !own && target.owner === "openai") throw refuseMedia(media.mediaType, source);
  const format = known ?? media.mediaType.replace(/^audio\//, "");
  return { data: media.data, format };
}

/** A document's name, which OpenAI requires of one that is sent along; a title serves as well. */
function labelled({ filename, title }: DocumentPart): JsonObject {
  const name = filename ?? title;
  return name === undefined ? {} : { filename: name };
}

function encodeDocument(part: DocumentPart, context: MessageContext): JsonObject {
  const { own, losses, target } = context;
  const { media, filename, source } = part;
  const named = filename === undefined ? {} : { filename };
  if (own && media.kind !== "file") return { type: "file", file: { ...named, file_data: source?.form?.data } };
  const text = media.kind === "base64" ? inlineText(media, media.mediaType) : null;
  if (text !== null) return encodeDocument({ ...part, media: { kind: "text", text } }, context);
  const told = media.kind !== "text" && media.kind !== "parts";
  if (!own && told) nameLabels(part, losses, filename === undefined ? ["title"] : ["filename"]);
  if (media.kind === "file") {
    if (!own && media.vendor !== target.files) throw fileElsewhere(media, source);
    return { type: "file", file: { file_id: media.id, ...(own ? named : labelled(part)) } };
  }
  if (media.kind === "base64") {
    const mediaType = trueType(media, source, losses);
    if (mediaType !== "application/pdf" && target.owner === "openai")
      throw refuseMedia(`a document of type ${mediaType}`, source);
    const file = { filename: "document.pdf", ...labelled(part), file_data: dataUrl(mediaType, media.data) };
    return { type: "file", file };
  }
  if (media.kind === "url") {
    if (target.owner === "openrouter") return { type: "file", file: { ...labelled(part), file_data: media.url } };
    throw urlElsewhere(media.url, source);
  }
  losses.add("part_converted", source?.path ?? "messages");
  return { type: "text", text: documentText(part, losses) };
}

const textOf = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === "text" ? part.text : "")).join("");

function encodeAssistant(message: Message, context: MessageContext): JsonObject {
  const { own, losses, target } = context;
  const { parts, source } = message;
  const form = source?.form ?? {};
  const calls = parts.filter((part) => part.type === "tool_call");
  const legacy = own ? calls.find((call) => call.source?.form?.legacy === true) : undefined;
  const listed = calls.filter((call) => call !== legacy);
  const refusals = parts.filter((part) => part.type === "refusal").filter((part) => !(own && isContentPart(part)));
  const refusal = refusals.length === 0 ? undefined : refusals.map((part) => part.text).join("");
  const shown = parts.filter((part) => isShown(part, own));
  if (!own)
    for (const part of parts) if (!HELD.has(part.type)) losses.add("part_dropped", part.source?.path ?? "messages");
  const content = own
    ? contentOf({ ...message, parts: shown }, context)
    : { content: shown.length === 0 && (calls.length > 0 || refusal !== undefined) ? null : textOf(shown) };
  const audio = parts.find((part) => part.type === "audio");
  return {
    role: "assistant",
    ...content,
    ...(refusal === undefined ? {} : { refusal }),
    ...(own ? (form.reasoning as JsonObject | undefined) : encodeThoughts(parts, target, losses)),
    ...(audio?.type === "audio" && own ? { audio: { id: audio.id } } : {}),
    ...(listed.length > 0 || (own && form.calls === true)
      ? { tool_calls: listed.map((call) => encodeCall(call, context)) }
      : {}),
    ...(legacy === undefined ? {} : { function_call: { name: legacy.name, arguments: legacy.arguments } }),
  };
}

/** What an assistant's message can hold; audio is known by its id, and its words are left out. */
const HELD: ReadonlySet<Part["type"]> = new Set(["text", "refusal", "thinking", "tool_call"]);

/** A refusal that stood among the content's parts, not beside them. */
const isContentPart = (part: Part): boolean => /\.content\[\d+\]$/.test(part.source?.path ?? "");

/** What of an assistant's parts goes into `content`. Audio of an earlier answer is known by its words. */
function isShown(part: Part, own: boolean): boolean {
  if (part.type === "text" || part.type === "native") return own || part.type === "text";
  return own && part.type === "refusal" && isContentPart(part);
}

function encodeCall(call: ToolCallPart, { names, own, target }: MessageContext): JsonObject {
  const form = (own ? call.source?.form : undefined) ?? {};
  const name = names.wire(call.name, call.namespace);
  const id = own ? compact({ id: form.givenId }) : { id: call.id };
  const state =
    own && call.state !== undefined && call.source?.rest?.extra_content === undefined
      ? { extra_content: { google: { thought_signature: sealState(call.state) } } }
      : {};
  if (call.kind === "custom" && (own || !target.quirks.has("no_custom_tools"))) {
    const encoded = { ...id, type: "custom", custom: { name, input: call.arguments }, ...state };
    return own ? withRest(encoded, call.source) : encoded;
  }
  const written = call.kind === "custom" && !own ? JSON.stringify({ input: call.arguments }) : call.arguments;
  const text = form.noArguments === true ? undefined : form.parsed === true ? JSON.parse(written) : written;
  const called = compact({ name, arguments: text === "" && !own ? "{}" : text });
  const type = own ? {} : { type: "function" };
  const encoded = { ...id, ...type, function: called, ...state };
  return own ? withRest(encoded, call.source) : encoded;
}

/**
 * A `tool` message for each result; Chat takes only text there. What else the results hold follows in one user message,
 * after all of them, since no other role may stand between a turn's calls and its last result.
 */
function encodeResults(message: Message, context: MessageContext): JsonObject[] {
  const { own, losses } = context;
  const messages: JsonObject[] = [];
  const spilled: JsonObject[] = [];
  for (const result of message.parts) {
    if (result.type !== "tool_result") continue;
    if (own) {
      messages.push(withRest(encodeOwnResult(message, result, context), message.source));
      continue;
    }
    nameFailure(result, losses);
    const texts = result.content.filter((part) => part.type === "text");
    const others = result.content.filter((part) => part.type !== "text");
    messages.push({ role: "tool", tool_call_id: result.callId, content: texts.map((part) => part.text).join("\n") });
    const rest = others.flatMap((part) => encodePart(part, context));
    if (rest.length === 0) continue;
    losses.add("part_converted", result.source?.path ?? "messages");
    spilled.push({ type: "text", text: `Result of tool call ${result.callId}:` }, ...rest);
  }
  return spilled.length === 0 ? messages : [...messages, { role: "user", content: spilled }];
}

function encodeOwnResult(message: Message, result: ToolResultPart, context: MessageContext): JsonObject {
  const { parts: _, ...rest } = message;
  const content = contentOf({ ...rest, parts: result.content }, context);
  if (message.source?.form?.role === "function") return { role: "function", name: message.name, ...content };
  return {
    role: "tool",
    ...compact({ tool_call_id: message.source?.form?.callId }),
    ...content,
    ...named(message),
  };
}

const named = ({ name }: Message): JsonObject => (name === undefined ? {} : { name });
