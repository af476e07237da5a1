import type { Media, Message, Part } from "../canonical/message.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { MediaFeature, RequestFeatures } from "../canonical/request-features.ts";
import type { Tool } from "../canonical/tool.ts";
import { utf8 } from "../lib/encoding.ts";

/**
 * The tokens of a request by our own count, for providers without a counter and for a counter that is down. It leans to
 * the high side: a client that counts does so to stay within a window.
 *
 * - text: a token for every four bytes of UTF-8, rounded up part by part (English has four to five characters a token,
 *   code three to four, Chinese about one, which is three bytes);
 * - a message: four more, for what marks it; a tool: its JSON, and eight;
 * - an image: 1,500, about what the largest that vendors do not shrink costs;
 * - a document in base64: 1,500 for every 50 KB begun, as a page with its picture; at an address: one such page;
 * - sound and film: a token for every 500 bytes (some seconds of MP3 at 32 tokens a second); at an address: 1,500;
 * - what a vendor alone understands counts as its JSON; reasoning state as nothing, for it replaces text.
 */
export function estimateTokens({ messages, tools, settings }: CanonicalRequest): number {
  const schema = settings.responseFormat?.type === "json_schema" ? ofJson(settings.responseFormat.schema) : 0;
  return sum(messages.map(ofMessage)) + sum(tools.map(ofTool)) + schema;
}

/**
 * The same from the outside, for a request that was sent and told nothing: a body of so many bytes, most of them text.
 */
export function estimateInput({ media, mediaCharacters }: RequestFeatures, bytes: number): number {
  return Math.ceil(Math.max(0, bytes - mediaCharacters) / BYTES_PER_TOKEN) + sum(media.map(ofFeature));
}

function ofFeature({ kind, bytes }: MediaFeature): number {
  if (kind === "image") return IMAGE;
  if (kind === "document") return PAGE * Math.max(1, Math.ceil((bytes ?? 0) / BYTES_PER_PAGE));
  return bytes === null ? PAGE : Math.ceil(bytes / BYTES_PER_SOUND_TOKEN);
}

const BYTES_PER_TOKEN = 4;
const PER_MESSAGE = 4;
const PER_TOOL = 8;
const IMAGE = 1500;
const PAGE = 1500;
const BYTES_PER_PAGE = 50 * 1024;
const BYTES_PER_SOUND_TOKEN = 500;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const ofText = (text: string | undefined): number =>
  text === undefined ? 0 : Math.ceil(utf8(text).byteLength / BYTES_PER_TOKEN);
const ofJson = (value: unknown): number => ofText(JSON.stringify(value));

const ofMessage = ({ parts, name }: Message): number => PER_MESSAGE + ofText(name) + sum(parts.map(ofPart));

function ofTool(tool: Tool): number {
  if (tool.type === "builtin") return PER_TOOL + ofJson(tool.raw);
  const described = ofText(tool.name) + ofText(tool.description);
  return PER_TOOL + described + ofJson(tool.type === "function" ? tool.parameters : tool.grammar);
}

/** Bytes of what is sent inline; null for what only an address or an id stands for. */
const bytesOf = (media: Media | undefined): number | null =>
  media?.kind === "base64" ? Math.floor((media.data.length * 3) / 4) : null;

function ofSound(media: Media | undefined): number {
  const bytes = bytesOf(media);
  return bytes === null ? PAGE : Math.ceil(bytes / BYTES_PER_SOUND_TOKEN);
}

function ofPart(part: Part): number {
  switch (part.type) {
    case "text":
    case "refusal":
    case "thinking":
      return ofText(part.text);
    case "image":
      return IMAGE;
    case "document": {
      const { media, title, context } = part;
      const described = ofText(title) + ofText(context);
      if (media.kind === "text") return described + ofText(media.text);
      if (media.kind === "parts") return described + sum(media.parts.map(ofPart));
      return described + PAGE * Math.max(1, Math.ceil((bytesOf(media) ?? 0) / BYTES_PER_PAGE));
    }
    case "audio":
      return part.media === undefined ? ofText(part.transcript) : ofSound(part.media);
    case "video":
      return ofSound(part.media);
    case "tool_call":
      return ofText(part.name) + ofText(part.arguments);
    case "tool_result":
      return sum(part.content.map(ofPart));
    case "native":
      return ofJson(part.raw);
  }
}
