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
import type { JsonObject } from "../../lib/json.ts";
import { readCacheMark } from "../cache-marks.ts";
import { Fields, objectsIn } from "../fields.ts";
import { decodeDetails, signatureOn } from "./reasoning.ts";

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
  const callId = role === "tool" && spelled === "tool" ? fields.string("tool_call_id") : undefined;
  if (callId !== undefined) form.callId = callId;
  const parts: Part[] =
    role === "tool"
      ? [
          {
            type: "tool_result",
            callId: spelled === "function" ? legacy.latest : (callId ?? ""),
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

type SourceOf = (form?: Record<string, unknown>, members?: Source["members"]) => Source;

function decodePart(fields: Fields, raw: JsonObject): Part {
  const { cache, cacheKey } = readCacheMark(fields);
  const marks = cache === undefined ? {} : { cache };
  const type = fields.string("type");
  const source: SourceOf = (form = {}, members) => fields.source({ cacheKey, ...form }, members);
  switch (type) {
    case "text":
      return { type: "text", text: fields.string("text") ?? "", ...marks, source: source() } satisfies TextPart;
    case "refusal":
      return { type: "refusal", text: fields.string("refusal") ?? "", source: source() };
    case "image_url":
      return decodeImage(fields, marks, source);
    case "video_url": {
      const url = requiredUrl(fields.nested("video_url")?.string("url"), fields.at("video_url.url"));
      return { type: "video", media: mediaOfUrl(url), source: source({ url }) };
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

/** OpenAI takes the bare address as well. */
function decodeImage(fields: Fields, marks: object, source: SourceOf): Part {
  const bare = typeof fields.peek("image_url") === "string";
  const image = bare ? undefined : fields.nested("image_url");
  const detail = image?.string("detail");
  const url = requiredUrl(bare ? fields.string("image_url") : image?.string("url"), fields.at("image_url.url"));
  return {
    type: "image",
    media: mediaOfUrl(url),
    ...(detail === undefined ? {} : { detail }),
    ...marks,
    // Data addresses have more spellings than are told apart here.
    source: source({ bare, url }, { detail: "image_url.detail" }),
  };
}

function requiredUrl(url: string | undefined, param: string): string {
  if (url !== undefined && url !== "") return url;
  throw new GatewayError("missing_required_parameter", `'${param}' is required: an address or a data URL.`, { param });
}

function mediaOfUrl(url: string): Media {
  const inline = parseDataUrl(url);
  return inline === null ? { kind: "url", url } : { kind: "base64", ...inline };
}

function decodeFile(fields: Fields, marks: object, source: SourceOf): Part {
  const members = { filename: "file.filename" };
  const file = fields.nested("file");
  const filename = file?.string("filename");
  const named = filename === undefined ? {} : { filename };
  const data = file?.string("file_data");
  const id = data === undefined ? file?.string("file_id") : undefined;
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
        source: source({ data }, members),
      } as DocumentPart;
    }
    const inline = parseDataUrl(data) ?? { mediaType: typeOfName(filename ?? "") ?? "application/pdf", data };
    const media: Media = { kind: "base64", ...inline };
    return { type: "document", media, ...named, ...marks, source: source({ data }, members) } as DocumentPart;
  }
  const media: Media = { kind: "file", id: id as string, vendor: "openai" };
  return { type: "document", media, ...named, ...marks, source: source({}, members) } as DocumentPart;
}

function assistantParts(
  fields: Fields,
  content: Part[],
  index: number,
  legacy: LegacyCalls,
  form: Record<string, unknown>,
): Part[] {
  const { thinking, states } = decodeThoughts(fields, form);
  form.calls = fields.has("tool_calls");
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
  const state = takeState(fields);
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
      givenId: given,
      ...(text !== undefined && typeof text !== "string" ? { parsed: true } : {}),
      ...(text === undefined ? { noArguments: true } : {}),
    }),
  };
}

function takeState(fields: Fields): ReasoningState | undefined {
  const signature = signatureOn({ extra_content: fields.peek("extra_content") });
  if (!isEnvelope(signature)) return undefined;
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
