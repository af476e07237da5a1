import { sealState } from "../../canonical/envelope.ts";
import type { DocumentPart, Message, Part } from "../../canonical/message.ts";
import type { CanonicalRequest, Settings } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact, withRest } from "../fields.ts";
import { encodeOwnTools } from "./tools.ts";

/** A Messages client's request in its own spelling: what was decoded and what was left, nothing more and nothing less. */
export function encodeOwn(request: CanonicalRequest, target: TargetModel): EncodedRequest {
  const { settings, source } = request;
  const form = source.form ?? {};
  const [first, ...others] = request.messages;
  const top = first?.source?.form?.top === true;
  const messages = top ? others : request.messages;
  const body = compact({
    model: form.model === undefined ? undefined : target.name,
    messages: form.messages === true ? messages.map(ownMessage) : undefined,
    system: top && first !== undefined ? ownContent(first) : undefined,
    stream: form.stream,
    max_tokens: settings.maxOutputTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    top_k: settings.topK,
    stop_sequences: settings.stop,
    metadata: settings.user === undefined ? undefined : { user_id: settings.user },
    service_tier: settings.serviceTier,
    speed: settings.speed,
    cache_control: settings.cacheAuto === undefined ? undefined : ownMark(settings.cacheAuto),
    thinking: ownThinking(settings),
    ...ownConfig(request),
    tools: form.tools === true ? encodeOwnTools(request) : undefined,
    tool_choice: ownChoice(settings),
  });
  return { body: withRest(body, source), tools: null };
}

const ownMark = (cache: { ttl?: string }): JsonObject => compact({ type: "ephemeral", ttl: cache.ttl });

function ownThinking({ reasoningMode, reasoningBudget, reasoningVisible }: Settings): JsonObject | undefined {
  if (reasoningMode === undefined && reasoningBudget === undefined && reasoningVisible === undefined) return undefined;
  const words = { on: "enabled", off: "disabled", adaptive: "adaptive", between_tools: "between_tools" };
  return compact({
    type: reasoningMode === undefined ? undefined : words[reasoningMode],
    budget_tokens: reasoningBudget,
    display: reasoningVisible === undefined ? undefined : reasoningVisible ? "summarized" : "omitted",
  });
}

/** `output_config`, and the older `output_format`. */
function ownConfig({ settings, paths }: CanonicalRequest): JsonObject {
  const format =
    settings.responseFormat?.type === "json_schema"
      ? { type: "json_schema", schema: settings.responseFormat.schema }
      : undefined;
  const older = paths.responseFormat === "output_format";
  const config = compact({ effort: settings.reasoningEffort, format: older ? undefined : format });
  return compact({
    output_config: Object.keys(config).length === 0 ? undefined : config,
    output_format: older ? format : undefined,
  });
}

function ownChoice({ toolChoice, parallelToolCalls }: Settings): JsonObject | undefined {
  if (toolChoice === undefined && parallelToolCalls === undefined) return undefined;
  const type = toolChoice === undefined ? undefined : toolChoice.mode === "required" ? "any" : toolChoice.mode;
  return compact({
    type,
    name: toolChoice?.mode === "tool" ? toolChoice.name : undefined,
    disable_parallel_tool_use: parallelToolCalls === undefined ? undefined : !parallelToolCalls,
  });
}

function ownMessage(message: Message): JsonObject {
  const none = message.source?.form?.content === "none";
  return withRest({ role: message.role, ...(none ? {} : { content: ownContent(message) }) }, message.source);
}

function ownContent({ parts, source }: Message): unknown {
  const [only] = parts;
  if (source?.form?.content === "string" && only?.type === "text") return only.text;
  return ownParts(parts);
}

/** State of another vendor goes back into the thinking block it came in: before a call, after a text. */
const ownParts = (parts: readonly Part[]): unknown[] =>
  parts.flatMap((part) => {
    const carried =
      (part.type === "tool_call" || part.type === "text") && part.state !== undefined
        ? [{ type: "thinking", thinking: "", signature: sealState(part.state) }]
        : [];
    return part.type === "tool_call" ? [...carried, ownPart(part)] : [ownPart(part), ...carried];
  });

function ownPart(part: Part): unknown {
  if (part.type === "native") return part.raw;
  const cache = "cache" in part && part.cache !== undefined ? { cache_control: ownMark(part.cache) } : {};
  return withRest({ ...ownBlock(part), ...cache }, part.source);
}

function ownBlock(part: Exclude<Part, { type: "native" }>): JsonObject {
  const form = part.source?.form ?? {};
  switch (part.type) {
    case "text":
      return compact({ type: "text", text: part.text, citations: form.citations });
    case "image":
      return { type: "image", source: ownSource(part.media) };
    case "document":
      return ownDocument(part);
    case "thinking": {
      const sealed =
        part.state === undefined
          ? undefined
          : part.state.owner === "anthropic"
            ? part.state.value
            : sealState(part.state);
      if (form.redacted === true) return { type: "redacted_thinking", data: sealed ?? "" };
      return compact({
        type: "thinking",
        thinking: part.text,
        signature: sealed ?? (form.signature as string | undefined),
      });
    }
    case "tool_call":
      return compact({
        type: "tool_use",
        id: part.id,
        name: part.name,
        input: part.arguments === "" ? undefined : (JSON.parse(part.arguments) as unknown),
      });
    case "tool_result":
      return compact({
        type: "tool_result",
        tool_use_id: form.callId,
        content:
          form.content === "none"
            ? undefined
            : form.content === "string" && part.content[0]?.type === "text"
              ? part.content[0].text
              : ownParts(part.content),
        is_error: form.isError as boolean | undefined,
      });
    default:
      return { type: part.type };
  }
}

function ownDocument(part: DocumentPart): JsonObject {
  const { media, title, context, cited, searchResult, source } = part;
  const citations = cited === undefined ? undefined : { enabled: cited };
  if (searchResult !== undefined) {
    return compact({
      type: "search_result",
      source: searchResult.url,
      title,
      content: source?.form?.content,
      citations,
    });
  }
  const held = media.kind === "parts" || media.kind === "text" ? source?.form?.source : ownSource(media);
  return compact({ type: "document", source: held, title, context, citations });
}

function ownSource(media: DocumentPart["media"]): JsonObject {
  switch (media.kind) {
    case "base64":
      return { type: "base64", media_type: media.mediaType, data: media.data };
    case "url":
      return { type: "url", url: media.url };
    case "file":
      return { type: "file", file_id: media.id };
    default:
      return {};
  }
}
