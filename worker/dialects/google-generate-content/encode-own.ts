import type { Message, Part, ToolResultPart } from "../../canonical/message.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import type { EncodedRequest } from "../dialect.ts";
import { compact, withRest } from "../fields.ts";
import { writeSignature } from "./signatures.ts";
import { respelled } from "./spelling.ts";
import { encodeOwnTools } from "./tools.ts";

type Form = Readonly<Record<string, unknown>>;

const formOf = (value: unknown): Form => (isObject(value) ? value : {});

/** A Gemini client's request in its own spelling: what was decoded and what was left, nothing more and nothing less. */
export function encodeOwn(request: CanonicalRequest): EncodedRequest {
  const { settings, source } = request;
  const form = source.form ?? {};
  const [first, ...others] = request.messages;
  const top = first?.source?.form?.top === true;
  const contents = top ? others : request.messages;
  const body = compact({
    contents: form.contents === true ? contents.map(ownContent) : undefined,
    systemInstruction: top && first !== undefined ? ownSystem(first) : undefined,
    tools: form.tools === undefined ? undefined : encodeOwnTools(request, [form.tools].flat() as JsonObject[]),
    toolConfig: ownToolConfig(formOf(form.choice)),
    generationConfig: form.config === undefined ? undefined : ownConfig(request),
    safetySettings: settings.safety,
    labels: settings.metadata,
    serviceTier: settings.serviceTier,
    store: settings.store,
  });
  return { body: withRest(respelled(body, form), source), tools: null };
}

function ownToolConfig({ mode, names, config, calling }: Form): JsonObject | undefined {
  if (config === undefined) return undefined;
  const inner = respelled(compact({ mode, allowedFunctionNames: names }), formOf(calling));
  return respelled({ functionCallingConfig: inner }, formOf(config));
}

function ownConfig({ settings, source }: CanonicalRequest): JsonObject {
  const form = source.form ?? {};
  const { mime, json, older, modalities } = formOf(form.config);
  const thinking = formOf(form.thinking);
  const thinkingConfig = compact({
    thinkingLevel: settings.reasoningEffort === undefined ? undefined : thinking.level,
    thinkingBudget: settings.reasoningBudget,
    includeThoughts: settings.reasoningVisible,
  });
  const config = compact({
    maxOutputTokens: settings.maxOutputTokens,
    temperature: settings.temperature,
    topP: settings.topP,
    topK: settings.topK,
    candidateCount: settings.candidates,
    presencePenalty: settings.presencePenalty,
    frequencyPenalty: settings.frequencyPenalty,
    seed: settings.seed,
    stopSequences: settings.stop,
    responseLogprobs: settings.logprobs,
    logprobs: settings.topLogprobs,
    responseModalities: modalities,
    responseMimeType: mime,
    responseJsonSchema: json,
    responseSchema: older,
    thinkingConfig: Object.keys(thinkingConfig).length === 0 ? undefined : respelled(thinkingConfig, thinking),
  });
  return respelled(config, formOf(form.configSpelling));
}

function ownSystem(message: Message): unknown {
  const [only] = message.parts;
  if (message.source?.form?.bare === true && only?.type === "text") return only.text;
  return ownContent(message);
}

function ownContent({ parts, source }: Message): JsonObject {
  const form = source?.form ?? {};
  const held = form.parts === false ? undefined : ownParts(parts);
  return withRest(respelled(compact({ role: form.role, parts: held }), form), source);
}

/** A thought that was carried by another part's signature is left to that part. */
function ownParts(parts: readonly Part[]): unknown[] {
  const written: unknown[] = [];
  for (const part of parts) if (part.source?.form?.carried !== true) written.push(ownPart(part));
  return written;
}

function ownPart(part: Part): unknown {
  if (part.type === "native") return part.raw;
  const form = part.source?.form ?? {};
  const signature = form.signature as string | undefined;
  const state = "state" in part ? part.state : undefined;
  const signed =
    signature ?? (state === undefined ? undefined : state.owner === "google" ? state.value : writeSignature(state));
  const encoded = compact({ ...ownData(part, form), thoughtSignature: signed });
  return withRest(respelled(encoded, form), part.source);
}

function ownData(part: Exclude<Part, { type: "native" }>, form: Form): JsonObject {
  switch (part.type) {
    case "text":
      return { text: part.text, thought: form.thought };
    case "thinking":
      return { text: part.text, thought: true };
    case "tool_call":
      return {
        functionCall: compact({
          id: form.hasId === true ? part.id : undefined,
          name: part.name,
          args: form.noArguments === true ? undefined : (JSON.parse(part.arguments) as unknown),
        }),
      };
    case "tool_result":
      return { functionResponse: ownResponse(part, form) };
    case "image":
    case "audio":
    case "video":
    case "document":
      return ownMedia(part, form);
    default:
      return {};
  }
}

function ownResponse(part: ToolResultPart, form: Form): JsonObject {
  const told = compact({
    id: form.hasId === true ? part.callId : undefined,
    name: part.name,
    response: form.response,
    parts: form.parts === true ? part.content.slice(1).map(ownPart) : undefined,
  });
  return respelled(told, formOf(form.told));
}

function ownMedia(part: Extract<Part, { type: "image" | "audio" | "video" | "document" }>, form: Form): JsonObject {
  const { media } = part;
  const inner = formOf(form.inner);
  const mimeType = form.mediaType;
  const displayName = form.named === true && part.type === "document" ? part.filename : undefined;
  if (media?.kind === "base64") {
    const data = form.held === true ? media.data : undefined;
    return { inlineData: respelled(compact({ mimeType, data, displayName }), inner) };
  }
  const held = media?.kind === "url" ? media.url : media?.kind === "file" ? media.id : undefined;
  const fileUri = form.held === true ? held : undefined;
  return { fileData: respelled(compact({ mimeType, fileUri, displayName }), inner) };
}
