import type { Losses } from "../../canonical/losses.ts";
import type {
  DocumentPart,
  ImagePart,
  Media,
  Message,
  Part,
  ToolCallPart,
  ToolResultPart,
} from "../../canonical/message.ts";
import { memberPath, type Source } from "../../canonical/source.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { isObject, type JsonObject, parseRewritable } from "../../lib/json.ts";
import { splitSystem } from "../arrange-history.ts";
import {
  documentText,
  fileElsewhere,
  imageType,
  nameLabels,
  refuseMedia,
  trueType,
  urlElsewhere,
} from "../media-rules.ts";
import { withUserTurns } from "../prefill.ts";
import { asReminder, nameOthers } from "../reminder.ts";
import { argumentsObject } from "../tool-arguments.ts";
import type { ToolNames } from "../tool-names.ts";
import { SENTINEL, signsCalls } from "./signatures.ts";

/** What the writing of a history needs to know. */
export interface MessageContext {
  target: TargetModel;
  names: ToolNames;
  losses: Losses;
  /** Where the client\'s own body keeps its turns. */
  turnsPath: string;
}

/** A history in arranged order as `contents`; the leading system messages apart. */
export function encodeHistory(
  history: readonly Message[],
  context: MessageContext,
): { system: JsonObject[]; contents: JsonObject[] } {
  const { system, rest } = splitSystem(history);
  const instructions = system.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      if (part.type === "text") return part.text === "" ? [] : [{ text: part.text }];
      context.losses.add("part_dropped", part.source?.path ?? "messages");
      return [];
    }),
  );
  const contents: { role: string; parts: JsonObject[] }[] = [];
  for (const message of rest) {
    const { role, parts } = encodeMessage(message, context);
    if (parts.length === 0) continue;
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  const spoken = withUserTurns(contents, (text) => ({ role: "user", parts: [{ text }] }), context, false);
  return { system: instructions, contents: spoken };
}

function encodeMessage(message: Message, context: MessageContext): { role: string; parts: JsonObject[] } {
  const { losses } = context;
  if (message.role === "assistant") return { role: "model", parts: encodeTurn(message.parts, context) };
  if (message.role !== "system") {
    return { role: "user", parts: message.parts.flatMap((part) => encodePart(part, context)) };
  }
  losses.add("role_repositioned", message.source?.path ?? "messages");
  nameOthers(message, losses);
  const text = message.parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  return { role: "user", parts: text === "" ? [] : [{ text: asReminder(text) }] };
}

/** A model's turn: its first call must be signed, or Gemini refuses the history. */
function encodeTurn(parts: readonly Part[], context: MessageContext): JsonObject[] {
  const encoded = parts.flatMap((part) => encodePart(part, context));
  const first = encoded.find((part) => part.functionCall !== undefined);
  if (first !== undefined && first.thoughtSignature === undefined && signsCalls(context.target.name)) {
    first.thoughtSignature = SENTINEL;
    const call = parts.find((part) => part.type === "tool_call");
    context.losses.add("signature_sentinel_used", call?.source?.path ?? "messages");
  }
  return encoded;
}

function encodePart(part: Part, context: MessageContext): JsonObject[] {
  const { losses } = context;
  switch (part.type) {
    case "text": {
      const signed = part.state === undefined ? {} : { thoughtSignature: part.state.value };
      return part.text === "" && part.state === undefined ? [] : [{ text: part.text, ...signed }];
    }
    case "refusal":
      return part.text === "" ? [] : [{ text: part.text }];
    case "thinking":
      return encodeThought(part);
    case "image":
      return [encodeImage(part, losses)];
    case "document":
      return encodeDocument(part, context);
    case "audio":
      if (part.media === undefined) {
        if (part.transcript !== undefined) return [{ text: part.transcript }];
        throw refuseMedia("audio that is not sent along", part.source);
      }
      return [encodeMedia(part.media, part.source, losses)];
    case "video":
      return [encodeMedia(part.media, part.source, losses)];
    case "tool_call":
      return [encodeCall(part, context)];
    case "tool_result":
      return encodeResult(part, context);
    case "native":
      losses.add("part_dropped", part.source?.path ?? "messages");
      return [];
  }
}

function encodeThought({ text, state }: Extract<Part, { type: "thinking" }>): JsonObject[] {
  if (state === undefined) return [];
  return [{ text, thought: true, thoughtSignature: state.value }];
}

/** Google's list (image understanding guide). */
const IMAGES = ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];

function encodeImage({ media, detail, source }: ImagePart, losses: Losses): JsonObject {
  if (detail !== undefined && detail !== "auto") losses.add("param_dropped", memberPath(source, "detail"));
  if (media.kind !== "base64") return encodeMedia(media, source, losses);
  const mediaType = imageType(media, IMAGES, source, losses);
  return { inlineData: { mimeType: mediaType, data: media.data } };
}

function encodeMedia(media: Media, source: Source | undefined, losses: Losses): JsonObject {
  switch (media.kind) {
    case "base64":
      return { inlineData: { mimeType: mediaTypeOf(media, source, losses), data: media.data } };
    case "file": {
      if (media.vendor !== "google") throw fileElsewhere(media, source);
      const typed = media.mediaType === undefined ? {} : { mimeType: media.mediaType };
      return { fileData: { ...typed, fileUri: media.id } };
    }
    case "url":
      throw urlElsewhere(media.url, source);
  }
}

/** Google's word for an MP3 is its own. */
function mediaTypeOf(media: Extract<Media, { kind: "base64" }>, source: Source | undefined, losses: Losses): string {
  const known = trueType(media, source, losses);
  return known === "audio/mpeg" ? "audio/mp3" : known;
}

function encodeDocument(part: DocumentPart, context: MessageContext): JsonObject[] {
  const { media, source } = part;
  if (media.kind === "text" || media.kind === "parts") {
    if (part.searchResult !== undefined) context.losses.add("part_converted", source?.path ?? "messages");
    const images = media.kind === "parts" ? media.parts.filter((one) => one.type === "image") : [];
    const texts = media.kind === "parts" ? media.parts.filter((one) => one.type === "text") : [];
    const held: DocumentPart = media.kind === "parts" ? { ...part, media: { kind: "parts", parts: texts } } : part;
    const text = documentText(held, context.losses);
    return [{ text }, ...images.map((image) => encodeImage(image, context.losses))];
  }
  nameLabels(part, context.losses, []);
  return [encodeMedia(media, source, context.losses)];
}

function encodeCall(call: ToolCallPart, { names, losses }: MessageContext): JsonObject {
  const name = names.wire(call.name, call.namespace);
  const signed = call.state === undefined ? {} : { thoughtSignature: call.state.value };
  return { functionCall: { id: call.id, name, args: argumentsObject(call, losses) }, ...signed };
}

/**
 * A result is an object at Google: JSON as it is, anything else under `output`, a failure under `error`; beside it stands
 * media alone. An object with `$ref` in it would be read as a reference to media, so it goes as text.
 */
function encodeResult(result: ToolResultPart, context: MessageContext): JsonObject[] {
  const texts: unknown[] = result.content.filter((part) => part.type === "text").map((part) => part.text);
  const others = result.content.filter((part) => part.type !== "text").flatMap((part) => encodePart(part, context));
  const media = others.filter((part) => part.text === undefined);
  const text = [...texts, ...others.flatMap((part) => part.text ?? [])].join("\n");
  const parsed = parseRewritable(text);
  const plain = isObject(parsed) && !text.includes('"$ref"') ? parsed : { output: text };
  const response = result.isError ? { error: text } : plain;
  const inside = media.length > 0 && signsCalls(context.target.name);
  const name = context.names.wire(result.name ?? "", result.namespace);
  const told: JsonObject = { id: result.callId, name, response };
  if (inside) told.parts = media;
  return [{ functionResponse: told }, ...(inside ? [] : media)];
}
