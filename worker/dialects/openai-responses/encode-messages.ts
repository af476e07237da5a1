import type { Losses } from "../../canonical/losses.ts";
import { dataUrl, nameOfType } from "../../canonical/media-type.ts";
import type { DocumentPart, ImagePart, Message, Part, ToolCallPart, ToolResultPart } from "../../canonical/message.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import { splitSystem } from "../arrange-history.ts";
import { openAiBreakpoint } from "../cache-marks.ts";
import { COMMON_IMAGES, documentText, fileElsewhere, imageType, nameLabels, refuseMedia } from "../media-rules.ts";
import type { ToolNames } from "../tool-names.ts";
import { nameFailure } from "../tool-results.ts";
import { reasoningItem } from "./reasoning.ts";

/** What the writing of a history needs to know. */
export interface MessageContext {
  target: TargetModel;
  names: ToolNames;
  losses: Losses;
}

/**
 * A history in arranged order as `input` items, which is never empty. With `apart`, one plain block of instructions stands
 * apart; more keep their marks as a message.
 */
export function encodeHistory(
  history: readonly Message[],
  context: MessageContext,
  apart: boolean,
): { instructions?: string; input: JsonObject[] } {
  const { system, rest } = splitSystem(history);
  const blocks = system.flatMap(({ parts }) => parts);
  const [only] = blocks;
  const input = rest.flatMap((message) => encodeMessage(message, context));
  const plain = blocks.length === 1 && only?.type === "text" && only.cache === undefined;
  if (apart && plain && input.length > 0) return { instructions: only.text, input };
  const leading = system.flatMap((message) => encodeMessage(message, context));
  return { input: [...leading, ...input] };
}

function encodeMessage(message: Message, context: MessageContext): JsonObject[] {
  switch (message.role) {
    case "assistant":
      return encodeTurn(message.parts, context);
    case "tool":
      return message.parts.flatMap((part) => (part.type === "tool_result" ? [encodeResult(part, context)] : []));
    case "system":
    case "user": {
      const content = message.parts.flatMap((part) => encodeContent(part, context));
      if (content.length === 0) return [];
      return [{ type: "message", role: message.role === "system" ? "developer" : "user", content }];
    }
  }
}

/** An assistant's turn, item by item in its order. A thought that nothing follows is left out: OpenAI refuses it. */
function encodeTurn(parts: readonly Part[], context: MessageContext): JsonObject[] {
  const { losses } = context;
  const items: JsonObject[] = [];
  for (const part of parts) {
    switch (part.type) {
      case "text":
        if (part.text !== "") items.push({ type: "message", role: "assistant", content: part.text });
        break;
      case "refusal":
        if (part.text !== "") items.push({ type: "message", role: "assistant", content: part.text });
        break;
      case "thinking": {
        const item = reasoningItem(part);
        if (item !== null) items.push(item);
        break;
      }
      case "tool_call":
        items.push(encodeCall(part, context));
        break;
      case "audio":
        if (part.transcript !== undefined) items.push({ type: "message", role: "assistant", content: part.transcript });
        else throw refuseMedia("audio", part.source);
        break;
      default:
        losses.add("part_dropped", part.source?.path ?? "messages");
    }
  }
  while (items.at(-1)?.type === "reasoning") {
    items.pop();
    losses.add("reasoning_state_dropped", parts.at(-1)?.source?.path ?? "messages");
  }
  return items;
}

function encodeCall(call: ToolCallPart, { names }: MessageContext): JsonObject {
  const name = names.wire(call.name, call.namespace);
  if (call.kind === "custom") return { type: "custom_tool_call", call_id: call.id, name, input: call.arguments };
  return { type: "function_call", call_id: call.id, name, arguments: call.arguments || "{}" };
}

/** Text alone is a text; with media, parts. Responses has no flag for a failed result. */
function encodeResult(result: ToolResultPart, context: MessageContext): JsonObject {
  const type = result.kind === "custom" ? "custom_tool_call_output" : "function_call_output";
  nameFailure(result, context.losses);
  const text = result.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  const plain = result.content.every((part) => part.type === "text");
  const parts = plain ? [] : result.content.flatMap((part) => encodeContent(part, context));
  return { type, call_id: result.callId, output: parts.length === 0 ? text : parts };
}

/** A part of what a user, the instructions or a tool say. */
function encodeContent(part: Part, context: MessageContext): JsonObject[] {
  const { losses } = context;
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [{ type: "input_text", text: part.text, ...mark(part, context) }];
    case "refusal":
      return part.text === "" ? [] : [{ type: "input_text", text: part.text }];
    case "image":
      return [{ type: "input_image", ...imageOf(part, losses), detail: part.detail ?? "auto", ...mark(part, context) }];
    case "document":
      return encodeDocument(part, context);
    case "audio":
      throw refuseMedia("audio", part.source);
    case "video":
      throw refuseMedia("video", part.source);
    case "tool_result":
      return part.content.flatMap((one) => encodeContent(one, context));
    default:
      losses.add("part_dropped", part.source?.path ?? "messages");
      return [];
  }
}

function mark(
  part: Extract<Part, { type: "text" | "image" | "document" }>,
  { target, losses }: MessageContext,
): JsonObject {
  // Before explicit breakpoints OpenAI caches every prefix by itself.
  if (part.cache === undefined || target.explicitCache !== true) return {};
  return openAiBreakpoint(part.cache, part.source, losses);
}

function imageOf({ media, source }: ImagePart, losses: Losses): JsonObject {
  switch (media.kind) {
    case "base64":
      return { image_url: dataUrl(imageType(media, COMMON_IMAGES, source, losses), media.data) };
    case "url":
      return { image_url: media.url };
    case "file":
      if (media.vendor !== "openai") throw fileElsewhere(media, source);
      return { file_id: media.id };
  }
}

function encodeDocument(part: DocumentPart, context: MessageContext): JsonObject[] {
  const { media, filename, title, source } = part;
  const marks = mark(part, context);
  const name = filename ?? title;
  const named = name === undefined ? {} : { filename: name };
  if (media.kind !== "text" && media.kind !== "parts") {
    nameLabels(part, context.losses, filename === undefined ? ["title", "detail"] : ["filename", "detail"]);
  }
  const told = { ...named, ...(part.detail === undefined ? {} : { detail: part.detail }), ...marks };
  switch (media.kind) {
    case "base64":
      return [
        {
          type: "input_file",
          filename: nameOfType(media.mediaType),
          file_data: dataUrl(media.mediaType, media.data),
          ...told,
        },
      ];
    case "url":
      return [{ type: "input_file", file_url: media.url, ...told }];
    case "file":
      if (media.vendor !== context.target.files) throw fileElsewhere(media, source);
      return [{ type: "input_file", file_id: media.id, ...told }];
    default:
      context.losses.add("part_converted", source?.path ?? "messages");
      return [{ type: "input_text", text: documentText(part, context.losses), ...marks }];
  }
}
