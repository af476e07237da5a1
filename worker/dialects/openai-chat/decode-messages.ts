import { isEnvelope, openState } from "../../canonical/envelope.ts";
import { parseDataUrl, typeOfName } from "../../canonical/media-type.ts";
import type {
  AudioPart,
  DocumentPart,
  Media,
  Message,
  Part,
  ResultPart,
  TextPart,
  ThinkingPart,
  ToolCallPart,
} from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import type { Source } from "../../canonical/source.ts";
import { GatewayError } from "../../errors.ts";
import { type JsonObject, objectAt, stringAt } from "../../lib/json.ts";
import { readCacheMark } from "../cache-marks.ts";
import { Fields, objectsIn } from "../fields.ts";
import { decodeDetails } from "./reasoning.ts";

const ROLES = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
} as const;

/** Ids that the deprecated `function_call` does not have: by order, so that a call and its result get the same. */
class LegacyCalls {
  #count = 0;
  next(): string {
    this.#count++;
    return this.latest;
  }
  get latest(): string {
    return `call_function_${this.#count}`;
  }
}

/** Chat's `messages`, one canonical message each. */
export function decodeMessages(fields: Fields): Message[] {
  const legacy = new LegacyCalls();
  return fields.objects("messages").map(({ object, path }, index) => decodeMessage(object, path, index, legacy));
}

function decodeMessage(object: JsonObject, path: string, index: number, legacy: LegacyCalls): Message {
  const fields = new Fields(object, path);
  const spelled = fields.string("role") ?? "";
  const role = Object.hasOwn(ROLES, spelled) ? ROLES[spelled as keyof typeof ROLES] : undefined;
  if (role === undefined) {
    const param = fields.at("role");
    const roles = Object.keys(ROLES).join(", ");
    throw new GatewayError("invalid_value", `'${param}' must be one of ${roles}.`, { param });
  }
  const name = fields.string("name");
  const content = decodeContent(fields);
  const form: Record<string, unknown> = { role: spelled, content: content.spelling };
  const parts: Part[] =
    role === "tool"
      ? [
          {
            type: "tool_result",
            callId: spelled === "function" ? legacy.latest : (fields.string("tool_call_id") ?? ""),
            kind: "function",
            content: content.parts as ResultPart[],
            isError: false,
            ...(spelled === "function" && name !== undefined ? { name } : {}),
            source: { path },
          },
        ]
      : role === "assistant"
        ? assistantParts(fields, content.parts, index, legacy, form)
        : content.parts;
  return { role, parts, ...(name === undefined ? {} : { name }), source: fields.source(form) };
}

type Spelling = "string" | "parts" | "none";

function decodeContent(fields: Fields): { parts: Part[]; spelling: Spelling } {
  const content = fields.take("content");
  if (content === undefined) return { parts: [], spelling: "none" };
  const path = fields.at("content");
  if (typeof content === "string") {
    return { parts: [{ type: "text", text: content, source: { path } }], spelling: "string" };
  }
  if (!Array.isArray(content)) {
    throw new GatewayError("invalid_type", `'${path}' must be a text or an array of parts.`, { param: path });
  }
  return {
    parts: objectsIn(content, path).map(({ object, path: at }) => decodePart(new Fields(object, at), object)),
    spelling: "parts",
  };
}

function decodePart(fields: Fields, raw: JsonObject): Part {
  const { cache, cacheKey } = readCacheMark(fields);
  const marks = cache === undefined ? {} : { cache };
  const type = fields.string("type");
  const source = (members?: Source["members"]) =>
    fields.source(cacheKey === undefined ? undefined : { cacheKey }, members);
  switch (type) {
    case "text":
      return { type: "text", text: fields.string("text") ?? "", ...marks, source: source() } satisfies TextPart;
    case "refusal":
      return { type: "refusal", text: fields.string("refusal") ?? "", source: source() };
    case "image_url": {
      const image = fields.nested("image_url");
      const detail = image?.string("detail");
      return {
        type: "image",
        media: mediaOfUrl(requiredUrl(image?.string("url"), fields.at("image_url.url"))),
        ...(detail === undefined ? {} : { detail }),
        ...marks,
        source: source({ detail: "image_url.detail" }),
      };
    }
    case "video_url": {
      const url = requiredUrl(fields.nested("video_url")?.string("url"), fields.at("video_url.url"));
      return { type: "video", media: mediaOfUrl(url), source: source() };
    }
    case "input_audio": {
      const audio = fields.nested("input_audio");
      const format = audio?.string("format") ?? "wav";
      const data = audio?.string("data") ?? "";
      const media: Media = { kind: "base64", mediaType: `audio/${format}`, data };
      return { type: "audio", media, ...marks, source: source() } satisfies AudioPart;
    }
    case "file":
      return decodeFile(fields, marks, source);
    default:
      return { type: "native", kind: type ?? "part", raw, source: { path: fields.path } };
  }
}

function requiredUrl(url: string | undefined, param: string): string {
  if (url !== undefined && url !== "") return url;
  throw new GatewayError("missing_required_parameter", `'${param}' is required: an address or a data URL.`, { param });
}

function mediaOfUrl(url: string): Media {
  const inline = parseDataUrl(url);
  return inline === null ? { kind: "url", url } : { kind: "base64", ...inline };
}

function decodeFile(fields: Fields, marks: object, source: (members?: Source["members"]) => Source): Part {
  const members = { filename: "file.filename" };
  const file = fields.nested("file");
  const filename = file?.string("filename");
  const named = filename === undefined ? {} : { filename };
  const id = file?.string("file_id");
  const data = file?.string("file_data");
  if (id === undefined && data === undefined) {
    const param = fields.at("file");
    throw new GatewayError("missing_required_parameter", `'${param}' needs 'file_data' or 'file_id'.`, { param });
  }
  if (data !== undefined) {
    // Beside the content an id says nothing more.
    if (id !== undefined) file?.leave("file_id");
    // OpenRouter takes an address here as well.
    if (/^https?:/i.test(data)) {
      return {
        type: "document",
        media: { kind: "url", url: data },
        ...named,
        ...marks,
        source: source(members),
      } as DocumentPart;
    }
    const inline = parseDataUrl(data) ?? { mediaType: typeOfName(filename ?? "") ?? "application/pdf", data };
    const bare = parseDataUrl(data) === null ? { bare: true } : {};
    const at = source(members);
    const form = { ...at, form: { ...at.form, ...bare } };
    return { type: "document", media: { kind: "base64", ...inline }, ...named, ...marks, source: form } as DocumentPart;
  }
  const media: Media = { kind: "file", id: id as string, vendor: "openai" };
  return { type: "document", media, ...named, ...marks, source: source(members) } as DocumentPart;
}

function assistantParts(
  fields: Fields,
  content: Part[],
  index: number,
  legacy: LegacyCalls,
  form: Record<string, unknown>,
): Part[] {
  const { thinking, states } = decodeThoughts(fields, form);
  const calls = fields.objects("tool_calls").map(({ object, path }, ordinal) => {
    const call = decodeCall(new Fields(object, path), `call_${index}_${ordinal}`);
    const state = call.state ?? states.get(call.id);
    return state === undefined ? call : { ...call, state };
  });
  const textState = states.get("");
  if (textState !== undefined) {
    const last = content.findLast((part) => part.type === "text");
    if (last !== undefined) last.state = textState;
  }
  const refusal = fields.string("refusal");
  const audio = fields.nested("audio");
  const spoken = audio?.string("id");
  const old = fields.nested("function_call");
  return [
    ...thinking,
    ...content,
    ...(refusal === undefined
      ? []
      : [{ type: "refusal", text: refusal, source: { path: fields.at("refusal") } } as Part]),
    ...(spoken === undefined ? [] : [{ type: "audio", id: spoken, source: { path: fields.at("audio") } } as Part]),
    ...calls,
    ...(old === undefined ? [] : [legacyCall(old, legacy)]),
  ];
}

/** Three conventions side by side; the most detailed is read, all are kept as they were for the host that made them. */
function decodeThoughts(
  fields: Fields,
  form: Record<string, unknown>,
): { thinking: ThinkingPart[]; states: Map<string, ReasoningState> } {
  const details = fields.array("reasoning_details");
  const content = fields.string("reasoning_content");
  const plain = typeof fields.peek("reasoning") === "string" ? fields.string("reasoning") : undefined;
  form.reasoning = {
    ...(content === undefined ? {} : { reasoning_content: content }),
    ...(plain === undefined ? {} : { reasoning: plain }),
    ...(details === undefined ? {} : { reasoning_details: details }),
  };
  if (details !== undefined && details.length > 0) return decodeDetails(details, fields.at("reasoning_details"));
  const text = content ?? plain;
  const path = fields.at(content === undefined ? "reasoning" : "reasoning_content");
  return {
    thinking: text === undefined || text === "" ? [] : [{ type: "thinking", text, source: { path } }],
    states: new Map(),
  };
}

function decodeCall(fields: Fields, fallbackId: string): ToolCallPart {
  const given = fields.string("id");
  const id = given === undefined || given === "" ? fallbackId : given;
  const state = googleState(fields);
  const custom = fields.nested("custom");
  const called = custom ?? fields.nested("function");
  const name = called?.string("name");
  if (called === undefined || name === undefined || name === "") {
    const param = `${called?.path ?? fields.at("function")}.name`;
    throw new GatewayError("missing_required_parameter", `'${param}' is required: a call needs its tool's name.`, {
      param,
    });
  }
  const text = custom === undefined ? called.take("arguments") : called.string("input");
  const asText = typeof text === "string" ? text : text === undefined ? "" : JSON.stringify(text);
  return {
    type: "tool_call",
    id,
    name,
    kind: custom === undefined ? "function" : "custom",
    arguments: asText,
    ...(state === undefined ? {} : { state }),
    source: fields.source({
      ...(given === undefined ? { noId: true } : {}),
      ...(text !== undefined && typeof text !== "string" ? { parsed: true } : {}),
      ...(text === undefined ? { noArguments: true } : {}),
    }),
  };
}

/** Google's own convention in Chat: `extra_content.google.thought_signature` on a call. Only an envelope is ours to read. */
function googleState(fields: Fields): ReasoningState | undefined {
  const signature = stringAt(objectAt(fields.peek("extra_content"), "google"), "thought_signature");
  if (signature === undefined || !isEnvelope(signature)) return undefined;
  fields.take("extra_content");
  return openState(signature) ?? undefined;
}

function legacyCall(fields: Fields, legacy: LegacyCalls): ToolCallPart {
  return {
    type: "tool_call",
    id: legacy.next(),
    name: fields.string("name") ?? "",
    kind: "function",
    arguments: fields.string("arguments") ?? "",
    source: { path: fields.path, form: { legacy: true } },
  };
}
