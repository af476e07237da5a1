import { dataUrl } from "../../canonical/media-type.ts";
import type { Message, Part } from "../../canonical/message.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { cacheBreakpoint, cacheControl } from "../cache-marks.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact, withRest } from "../fields.ts";
import { ToolNames } from "../tool-names.ts";
import { encodeOwnTools, encodeToolChoice } from "./tools.ts";

/** A Responses client's request in its own spelling: what was decoded and what was left, nothing more and nothing less. */
export function encodeOwn(request: CanonicalRequest, target: TargetModel): EncodedRequest {
  const { settings, source } = request;
  const form = source.form ?? {};
  const [first, ...others] = request.messages;
  const top = first?.source?.form?.top === true;
  const instructions = top && first?.parts[0]?.type === "text" ? first.parts[0].text : undefined;
  const reasoning = compact({ effort: settings.reasoningEffort, summary: settings.reasoningSummary });
  const text = compact({ format: ownFormat(request), verbosity: settings.verbosity });
  const names = new ToolNames([], { valid: /^/, illegal: /^$/g }, null);
  const choice = settings.toolChoice;
  const body = compact({
    model: form.model === undefined ? undefined : target.name,
    input: form.input === true ? ownInput(top ? others : request.messages) : undefined,
    instructions,
    stream: form.stream,
    max_output_tokens: settings.maxOutputTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    top_logprobs: settings.topLogprobs,
    max_tool_calls: settings.maxToolCalls,
    prompt_cache_key: settings.cacheKey,
    service_tier: settings.serviceTier,
    user: settings.user,
    safety_identifier: settings.safetyId,
    truncation: settings.truncation,
    parallel_tool_calls: settings.parallelToolCalls,
    metadata: settings.metadata,
    store: settings.store,
    include: form.include,
    reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning,
    text: Object.keys(text).length === 0 ? undefined : text,
    tools: form.tools === true ? encodeOwnTools(request) : undefined,
    tool_choice: choice === undefined ? undefined : encodeToolChoice(request, choice, names),
  });
  return { body: withRest(body, source), tools: null };
}

function ownFormat({ settings: { responseFormat: format } }: CanonicalRequest): JsonObject | undefined {
  if (format === undefined) return undefined;
  if (format.type === "json") return { type: "json_object" };
  if (format.type === "text") return { type: "text" };
  const { type, name, description, schema, strict } = format;
  return compact({ type, name, description, schema, strict });
}

function ownInput(messages: readonly Message[]): unknown {
  const [only] = messages;
  const [part] = only?.parts ?? [];
  if (only?.source?.form?.bare === true && part?.type === "text") return part.text;
  return messages.map(ownItem);
}

function ownItem(message: Message): JsonObject {
  const form = message.source?.form ?? {};
  const [part] = message.parts;
  // Reasoning and vendor items have nothing that is read apart; the item itself is kept.
  if (isObject(form.item)) return form.item;
  if (part?.type === "tool_call") {
    const key = part.kind === "function" ? "arguments" : "input";
    const value =
      form.value === "string" || form.has === false ? part.arguments : (JSON.parse(part.arguments) as unknown);
    const encoded = compact({
      call_id: form.hasId === true ? part.id : undefined,
      name: part.name,
      namespace: part.namespace,
      [key]: form.has === true ? value : undefined,
    });
    return withRest(encoded, message.source);
  }
  if (part?.type === "tool_result") {
    const output = ownContent(part.content, form.content);
    const encoded = compact({ call_id: form.hasId === true ? part.callId : undefined, name: part.name, output });
    return withRest(encoded, message.source);
  }
  return withRest(compact({ role: form.role, content: ownContent(message.parts, form.content) }), message.source);
}

function ownContent(parts: readonly Part[], spelling: unknown): unknown {
  if (spelling === "none") return undefined;
  const [only] = parts;
  if (spelling === "string") return only?.type === "text" ? only.text : "";
  return parts.map(ownPart);
}

function ownPart(part: Part): unknown {
  if (part.type === "native") return part.raw;
  const form = part.source?.form ?? {};
  const cache = "cache" in part ? part.cache : undefined;
  const mark =
    cache === undefined ? {} : form.cacheKey === "cache_control" ? cacheControl(cache) : cacheBreakpoint(cache);
  return withRest({ type: form.type, ...compact(ownData(part, form)), ...mark }, part.source);
}

function ownData(part: Exclude<Part, { type: "native" }>, form: Readonly<Record<string, unknown>>): JsonObject {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "refusal":
      return { refusal: part.text };
    case "image": {
      const { media, detail } = part;
      if (media.kind === "file") return { file_id: media.id, detail };
      return { image_url: media.kind === "url" ? media.url : dataUrl(media.mediaType, media.data), detail };
    }
    case "document": {
      const { media, filename, detail } = part;
      const held =
        media.kind === "base64"
          ? { file_data: form.bare === true ? media.data : dataUrl(media.mediaType, media.data) }
          : media.kind === "url"
            ? { file_url: media.url }
            : media.kind === "file"
              ? { file_id: media.id }
              : {};
      return { ...held, filename, detail };
    }
    case "audio":
      return {
        input_audio: compact({
          data: part.media?.kind === "base64" ? part.media.data : undefined,
          format: form.format,
        }),
      };
    default:
      return {};
  }
}
