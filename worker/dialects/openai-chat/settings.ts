import type { CanonicalRequest, ResponseFormat } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { compact, type Fields } from "../fields.ts";
import { forwardedVendorSettings, schemaAtOpenAi, tierAtOpenAi } from "../openai-settings.ts";
import type { SettingReader } from "../setting-reader.ts";
import { note, noteNumbers } from "../settings.ts";

/** Chat's settings: everything beside messages, tools and reasoning. */

const NUMBERS = {
  temperature: "temperature",
  top_p: "topP",
  top_k: "topK",
  min_p: "minP",
  top_a: "topA",
  n: "candidates",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  repetition_penalty: "repetitionPenalty",
  seed: "seed",
  top_logprobs: "topLogprobs",
} as const;

const TEXTS = {
  prompt_cache_key: "cacheKey",
  service_tier: "serviceTier",
  user: "user",
  safety_identifier: "safetyId",
} as const;

export function decodeSettings(fields: Fields, request: CanonicalRequest): void {
  noteNumbers(request, fields, NUMBERS);
  for (const [key, name] of Object.entries(TEXTS)) note(request, name, fields.string(key), fields.at(key));
  decodeCap(fields, request);
  const stop = fields.take("stop");
  if (typeof stop === "string") note(request, "stop", [stop], "stop");
  else if (Array.isArray(stop) && stop.every((one) => typeof one === "string")) note(request, "stop", stop, "stop");
  else if (stop !== undefined) {
    throw new GatewayError("invalid_type", "'stop' must be a text or an array of texts.", { param: "stop" });
  }
  note(request, "logitBias", fields.object("logit_bias"), "logit_bias");
  note(request, "logprobs", fields.boolean("logprobs"), "logprobs");
  note(request, "parallelToolCalls", fields.boolean("parallel_tool_calls"), "parallel_tool_calls");
  note(request, "metadata", fields.object("metadata"), "metadata");
  note(request, "store", fields.boolean("store"), "store");
  note(request, "modalities", fields.strings("modalities"), "modalities");
  const verbosity = fields.string("verbosity");
  if (verbosity === "low" || verbosity === "medium" || verbosity === "high") {
    note(request, "verbosity", verbosity, "verbosity");
  } else fields.leave("verbosity");
  const audio = fields.nested("audio");
  if (audio !== undefined) {
    const format = audio.string("format");
    const voice = audio.take("voice");
    note(request, "audioOutput", compact({ format, voice }), "audio");
  }
  decodeFormat(fields, request);
}

/** The newer name counts; with both, the older one is left to be named. */
function decodeCap(fields: Fields, request: CanonicalRequest): void {
  const key = fields.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
  note(request, "maxOutputTokens", fields.number(key), key);
}

function decodeFormat(fields: Fields, request: CanonicalRequest): void {
  const format = fields.nested("response_format");
  if (format === undefined) return;
  const type = format.string("type");
  const path = "response_format";
  if (type === "text") note(request, "responseFormat", { type }, path);
  else if (type === "json_object") note(request, "responseFormat", { type: "json" }, path);
  else if (type === "json_schema") {
    const inner = format.nested("json_schema");
    const schema = inner?.object("schema");
    if (inner === undefined || schema === undefined) {
      const param = "response_format.json_schema.schema";
      throw new GatewayError("missing_required_parameter", `'${param}' is required.`, { param });
    }
    const decoded: ResponseFormat = compact({
      type,
      name: inner.string("name"),
      description: inner.string("description"),
      schema,
      strict: inner.boolean("strict"),
    }) as ResponseFormat;
    note(request, "responseFormat", decoded, path);
  } else fields.leave("response_format");
}

/** OpenAI takes at most four. */
const MAXIMUM_STOPS = 4;

/** Writes a client's settings; `own`: it spoke Chat, so its spellings are kept. */
export function encodeSettings(request: CanonicalRequest, settings: SettingReader, target: TargetModel): JsonObject {
  const own = request.dialect === "openai-chat";
  const sampled = samplingOf(settings, target, own);
  const vendor = forwardedVendorSettings(request, settings, target);
  const parallel = settings.take("parallelToolCalls");
  return compact({
    ...cap(request, settings, target, own),
    ...sampled,
    stop: encodeStop(request, settings, target, own),
    n: settings.take("candidates"),
    seed: settings.take("seed"),
    response_format: encodeFormat(settings, target, own),
    verbosity: settings.take("verbosity"),
    ...encodeModalities(settings, own),
    parallel_tool_calls: own || request.tools.length > 0 ? parallel : undefined,
    prompt_cache_key: settings.take("cacheKey"),
    service_tier: own ? settings.take("serviceTier") : tierAtOpenAi(settings),
    ...vendor,
  });
}

function cap(request: CanonicalRequest, settings: SettingReader, target: TargetModel, own: boolean): JsonObject {
  const tokens = settings.take("maxOutputTokens");
  if (tokens === undefined) return {};
  if (own) return { [request.paths.maxOutputTokens ?? "max_completion_tokens"]: tokens };
  const most = target.maxOutputTokens;
  const clamped = most !== undefined && tokens > most ? most : tokens;
  if (clamped !== tokens) settings.lose("maxOutputTokens", "param_clamped");
  return { [target.quirks.has("max_tokens") ? "max_tokens" : "max_completion_tokens"]: clamped };
}

const SAMPLING = {
  temperature: "temperature",
  top_p: "topP",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  logprobs: "logprobs",
  top_logprobs: "topLogprobs",
  logit_bias: "logitBias",
} as const;
const EXTENSIONS = { top_k: "topK", min_p: "minP", top_a: "topA", repetition_penalty: "repetitionPenalty" } as const;

/** Models that reason refuse what steers or tells sampling, which other dialects' clients send as a matter of course. */
function samplingOf(settings: SettingReader, target: TargetModel, own: boolean): JsonObject {
  const encoded: JsonObject = {};
  for (const [key, name] of Object.entries(SAMPLING)) {
    const value = settings.take(name);
    if (value === undefined) continue;
    if (!own && target.sampling === false) {
      if (value !== false) settings.lose(name);
    } else encoded[key] = value;
  }
  for (const [key, name] of Object.entries(EXTENSIONS)) {
    if (own || target.quirks.has("sampling_extensions")) encoded[key] = settings.take(name);
  }
  return encoded;
}

function encodeStop(
  request: CanonicalRequest,
  settings: SettingReader,
  target: TargetModel,
  own: boolean,
): string | string[] | undefined {
  const stop = settings.take("stop");
  if (stop === undefined) return undefined;
  if (own) return request.source.form?.stop === "string" ? stop[0] : stop;
  if (stop.length === 0) return undefined;
  const param = settings.path("stop");
  if (stop.length > MAXIMUM_STOPS) {
    throw new GatewayError("too_many_stop_sequences", `'${param}': this model takes at most ${MAXIMUM_STOPS}.`, {
      param,
    });
  }
  if (target.owner === "openai" && target.sampling === false) {
    throw new GatewayError("stop_unsupported", `'${param}': OpenAI's reasoning models take no stop sequences.`, {
      param,
    });
  }
  return stop;
}

function encodeFormat(settings: SettingReader, target: TargetModel, own: boolean): JsonObject | undefined {
  const format = settings.take("responseFormat");
  if (format === undefined) return undefined;
  if (format.type === "text") return own ? { type: "text" } : undefined;
  if (format.type === "json") return { type: "json_object" };
  const { name, description, schema, strict } = format;
  if (own) return { type: "json_schema", json_schema: compact({ name, description, schema, strict }) };
  return { type: "json_schema", json_schema: schemaAtOpenAi(format, settings, target) };
}

function encodeModalities(settings: SettingReader, own: boolean): JsonObject {
  const modalities = settings.take("modalities");
  const audio = settings.take("audioOutput");
  if (own) return { modalities, audio };
  if (modalities === undefined || modalities.every((one) => one === "text")) return {};
  const param = settings.path("modalities");
  if (modalities.some((one) => one !== "text" && one !== "audio")) {
    throw new GatewayError("modality_unsupported", `'${param}': this model answers in text only.`, { param });
  }
  // The one format both sides have: 24 kHz, 16 bit, without a container.
  return { modalities: ["text", "audio"], audio: { format: "pcm16", voice: audio?.voice ?? "alloy" } };
}
