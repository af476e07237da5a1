import { typeOfName } from "../../canonical/media-type.ts";
import type { Media, Message, Part, ResultPart, ToolCallPart, ToolResultPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import type { Source } from "../../canonical/source.ts";
import { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { Fields } from "../fields.ts";
import { readSignature, SENTINEL } from "./signatures.ts";
import { spelling } from "./spelling.ts";

/** `systemInstruction`: a content of texts, as the conversation's first message. A bare text counts as one. */
export function decodeSystem(fields: Fields): Message[] {
  const value = fields.peek("systemInstruction");
  if (value === undefined) return [];
  const path = fields.at("systemInstruction");
  if (typeof value === "string") {
    fields.take("systemInstruction");
    return [
      {
        role: "system",
        parts: [{ type: "text", text: value, source: { path } }],
        source: { path, form: { top: true, bare: true } },
      },
    ];
  }
  const content = fields.nested("systemInstruction") as Fields;
  const role = content.string("role");
  const parts = decodeParts(content);
  const form = { top: true, role, parts: content.has("parts"), ...spelling(content) };
  return [{ role: "system", parts, source: content.source(form) }];
}

/** `contents`, one canonical message each. */
export function decodeMessages(fields: Fields): Message[] {
  const messages = fields.objects("contents").map(({ object, path }, index): Message => {
    const content = new Fields(object, path, true);
    const role = content.string("role");
    if (role !== undefined && role !== "user" && role !== "model" && role !== "function") {
      const param = content.at("role");
      throw new GatewayError("invalid_value", `'${param}' must be user or model.`, { param });
    }
    return {
      role: role === "model" ? "assistant" : "user",
      parts: decodeParts(content, index),
      source: content.source({ role, parts: content.has("parts"), ...spelling(content) }),
    };
  });
  const turns: Message[][] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last?.[0]?.role === message.role) last.push(message);
    else turns.push([message]);
  }
  return turns.flatMap((turn) => (turn[0]?.role === "assistant" ? placeStates(turn) : turn));
}

function decodeParts(content: Fields, index = 0): Part[] {
  return content
    .objects("parts")
    .map(({ object, path }, ordinal) => decodePart(new Fields(object, path, true), object, `${index}_${ordinal}`));
}

function decodePart(fields: Fields, raw: JsonObject, place: string): Part {
  const signature = fields.string("thoughtSignature");
  const signed = (where: ReasoningState["where"]): { state?: ReasoningState } => {
    const state = signature === undefined ? undefined : readSignature(signature, where);
    if (state === undefined && signature !== SENTINEL) fields.leave("thoughtSignature");
    return state === undefined ? {} : { state };
  };
  const source = (form: Record<string, unknown> = {}, members?: Source["members"]) =>
    fields.source({ signature, ...form, ...spelling(fields) }, members);
  if (fields.has("functionCall")) return decodeCall(fields, place, signed("tool_call"), source);
  const unsigned = fields.has("functionResponse") || fields.has("inlineData") || fields.has("fileData");
  // Only calls, texts and thoughts are signed; elsewhere a signature says nothing that is known.
  if (unsigned) fields.leave("thoughtSignature");
  if (fields.has("functionResponse")) return decodeResponse(fields, source);
  if (unsigned) return decodeMedia(fields, source);
  if (typeof fields.peek("text") === "string") {
    const text = fields.string("text") ?? "";
    const thought = fields.boolean("thought");
    return thought === true
      ? { type: "thinking", text, ...signed("thinking"), source: source({ thought }) }
      : { type: "text", text, ...signed("text"), source: source({ thought }) };
  }
  const kind = Object.keys(raw).find((key) => !["thought", "thoughtSignature"].includes(key)) ?? "part";
  return { type: "native", kind, raw, source: { path: fields.path } };
}

type SourceOf = (form?: Record<string, unknown>, members?: Source["members"]) => Source;

function decodeCall(fields: Fields, place: string, signed: { state?: ReasoningState }, source: SourceOf): ToolCallPart {
  const call = fields.nested("functionCall") as Fields;
  const name = call.string("name");
  if (name === undefined || name === "") {
    const param = call.at("name");
    throw new GatewayError("missing_required_parameter", `'${param}' is required.`, { param });
  }
  const id = call.string("id");
  const args = call.object("args");
  return {
    type: "tool_call",
    // Google's ids are optional: the place in the history names a call as well, and stays what it is.
    id: id ?? `call_${place}`,
    name,
    kind: "function",
    arguments: args === undefined ? "" : JSON.stringify(args),
    ...signed,
    source: source({ hasId: id !== undefined, noArguments: args === undefined }),
  };
}

function decodeResponse(fields: Fields, source: SourceOf): ToolResultPart {
  const told = fields.nested("functionResponse") as Fields;
  const id = told.string("id");
  const name = told.string("name");
  const response = told.object("response");
  const media = told.objects("parts").map(({ object, path }) => decodePart(new Fields(object, path, true), object, ""));
  const isError = response?.error !== undefined && response.output === undefined;
  return {
    type: "tool_result",
    callId: id ?? "",
    ...(name === undefined ? {} : { name }),
    kind: "function",
    content: [
      { type: "text", text: textOfResponse(response ?? {}, name) },
      ...(media.filter((part) => part.type !== "tool_call") as ResultPart[]),
    ],
    isError,
    source: source(
      { hasId: id !== undefined, response, parts: media.length > 0, told: spelling(told) },
      { isError: `${relative(fields, told.at("response"))}.error` },
    ),
  };
}

/** A text alone, under the key that Google's guides or the AI SDK put it, is what the tool said; anything else is JSON. */
function textOfResponse(response: JsonObject, name: string | undefined): string {
  const { name: repeated, ...told } = response;
  const [only, ...others] = Object.entries(repeated === name ? told : response);
  const plain = ["output", "result", "error", "content"].includes(only?.[0] ?? "") && others.length === 0;
  return plain && typeof only?.[1] === "string" ? only[1] : JSON.stringify(response);
}

function decodeMedia(fields: Fields, source: SourceOf): Part {
  const inline = fields.nested("inlineData");
  // A part holds one of both; a second one is left to be named.
  const file = inline === undefined ? fields.nested("fileData") : undefined;
  const holder = (inline ?? file) as Fields;
  const mediaType = holder.string("mimeType");
  const uri = file?.string("fileUri") ?? "";
  const media: Media =
    inline === undefined
      ? mediaOfUri(uri, mediaType)
      : { kind: "base64", mediaType: mediaType ?? "application/octet-stream", data: inline.string("data") ?? "" };
  const held = holder.has(inline === undefined ? "fileUri" : "data");
  const form = { mediaType, inner: spelling(holder), held };
  const type = mediaType ?? typeOfName(uri) ?? (/youtu\.?be/.test(uri) ? "video/mp4" : "application/octet-stream");
  if (type.startsWith("image/")) return { type: "image", media, source: source(form) };
  if (type.startsWith("audio/")) return { type: "audio", media, source: source(form) };
  if (type.startsWith("video/")) return { type: "video", media, source: source(form) };
  const name = holder.string("displayName");
  return {
    type: "document",
    media,
    ...(name === undefined ? {} : { filename: name }),
    source: source({ ...form, named: name !== undefined }, { filename: relative(fields, holder.at("displayName")) }),
  };
}

/** A path below that of `fields`. */
const relative = (fields: Fields, path: string): string => path.slice(fields.path.length + 1);

/** Files of Google's own store, or anything on the web. */
function mediaOfUri(uri: string, mediaType: string | undefined): Media {
  const typed = mediaType === undefined ? {} : { mediaType };
  const own =
    /^gs:/i.test(uri) || /^https:\/\/generativelanguage\.googleapis\.com\//i.test(uri) || !/^https?:/i.test(uri);
  return own ? { kind: "file", id: uri, vendor: "google", ...typed } : { kind: "url", url: uri, ...typed };
}

/**
 * A thought's state of another vendor travels on the call that follows it, or on an empty text. Here it goes back to the
 * thought, or becomes one that shows nothing, where the client has left the thought out: before the texts of its step,
 * since models think first. `steps`: a model's turn may be told in several contents.
 */
function placeStates(steps: readonly Message[]): Message[] {
  const placed: Placed[] = [];
  /** What stands before this place is of an earlier step. */
  let floor = 0;
  for (const [step, { parts }] of steps.entries()) {
    for (const part of parts) {
      const state = part.type === "tool_call" || part.type === "text" ? part.state : undefined;
      if (state === undefined || state.where === "tool_call" || state.where === "text") {
        placed.push({ step, part });
        continue;
      }
      restoreThought(placed, floor, state, { step, path: part.source?.path ?? "contents" });
      const { state: _state, ...bare } = part as ToolCallPart;
      // An empty text was only there to carry it.
      if (part.type !== "text" || part.text !== "") placed.push({ step, part: bare as Part });
      floor = placed.length;
    }
  }
  return steps.map((message, index) => ({
    ...message,
    parts: placed.flatMap(({ step, part }) => (step === index ? [part] : [])),
  }));
}

/** A part, and the content it stands in. */
interface Placed {
  step: number;
  part: Part;
}

/** Gives `state` to the step's last thought, if it has none; else a thought is put in before the step's texts. */
function restoreThought(
  placed: Placed[],
  floor: number,
  state: ReasoningState,
  carrier: { step: number; path: string },
): void {
  const at = Math.max(
    placed.findLastIndex(({ part }) => part.type !== "text"),
    floor - 1,
  );
  const before = placed[at]?.part;
  if (at >= floor && before?.type === "thinking" && before.state === undefined && state.where === "thinking") {
    placed.splice(at, 1, { step: placed[at]?.step ?? carrier.step, part: { ...before, state } });
    return;
  }
  const source = { path: carrier.path, form: { carried: true } };
  const step = placed[at + 1]?.step ?? carrier.step;
  placed.splice(at + 1, 0, { step, part: { type: "thinking", text: "", state, source } });
}
