import type { CanonicalRequest, ResponseFormat } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { compact, type Fields } from "../fields.ts";
import { forwardedVendorSettings, schemaAtOpenAi, tierAtOpenAi } from "../openai-settings.ts";
import type { SettingReader } from "../setting-reader.ts";
import { note, noteNumbers } from "../settings.ts";

/** Settings of Responses: everything beside input, tools and reasoning. */

const NUMBERS = {
  max_output_tokens: "maxOutputTokens",
  temperature: "temperature",
  top_p: "topP",
  top_logprobs: "topLogprobs",
  max_tool_calls: "maxToolCalls",
} as const;

const TEXTS = {
  prompt_cache_key: "cacheKey",
  service_tier: "serviceTier",
  user: "user",
  safety_identifier: "safetyId",
  truncation: "truncation",
} as const;

/** What may be included in an answer, by its names in `include`. */
const SEALED_REASONING = "reasoning.encrypted_content";
const LOGPROBS = "message.output_text.logprobs";

export function decodeSettings(fields: Fields, request: CanonicalRequest): void {
  noteNumbers(request, fields, NUMBERS);
  for (const [key, name] of Object.entries(TEXTS)) note(request, name, fields.string(key), key);
  note(request, "parallelToolCalls", fields.boolean("parallel_tool_calls"), "parallel_tool_calls");
  note(request, "metadata", fields.object("metadata"), "metadata");
  note(request, "store", fields.boolean("store"), "store");
  const text = fields.nested("text");
  if (text === undefined) return;
  const verbosity = text.string("verbosity");
  if (verbosity === "low" || verbosity === "medium" || verbosity === "high") {
    note(request, "verbosity", verbosity, "text.verbosity");
  } else text.leave("verbosity");
  decodeFormat(text, request);
}

/**
 * `include`, which is returned as the client wrote it. Reasoning comes sealed from every provider anyway, and
 * probabilities are a setting elsewhere; what is left has no counterpart.
 */
export function decodeInclude(fields: Fields, request: CanonicalRequest): string[] | undefined {
  const include = fields.strings("include");
  if (include?.includes(LOGPROBS)) note(request, "logprobs", true, "include");
  const others = include?.filter((one) => one !== SEALED_REASONING && one !== LOGPROBS) ?? [];
  note(request, "include", others.length === 0 ? undefined : others, "include");
  return include;
}

function decodeFormat(text: Fields, request: CanonicalRequest): void {
  const format = text.nested("format");
  if (format === undefined) return;
  const type = format.string("type");
  const path = "text.format";
  if (type === "text") note(request, "responseFormat", { type }, path);
  else if (type === "json_object") note(request, "responseFormat", { type: "json" }, path);
  else if (type === "json_schema") {
    const schema = format.object("schema");
    if (schema === undefined) {
      const param = "text.format.schema";
      throw new GatewayError("missing_required_parameter", `'${param}' is required.`, { param });
    }
    const decoded = compact({
      type,
      name: format.string("name"),
      description: format.string("description"),
      schema,
      strict: format.boolean("strict"),
    });
    note(request, "responseFormat", decoded as ResponseFormat, path);
  } else text.leave("format");
}

/** OpenAI takes no smaller cap. */
const LEAST_CAP = 16;

/** Settings of any client for Responses. */
export function encodeSettings(request: CanonicalRequest, settings: SettingReader, target: TargetModel): JsonObject {
  refuse(settings);
  const { wanted: wantsLogprobs, top } = logprobsOf(settings, target);
  const { store, ...vendor } = forwardedVendorSettings(request, settings, target);
  if (store === true) settings.lose("store", "not_stored");
  const format = encodeFormat(settings, target);
  const verbosity = settings.take("verbosity");
  const text = compact({ format, verbosity });
  const parallel = settings.take("parallelToolCalls");
  return compact({
    max_output_tokens: cap(settings, target),
    ...sampling(settings, target),
    ...(Object.keys(text).length === 0 ? {} : { text }),
    top_logprobs: wantsLogprobs ? top : undefined,
    include: includeOf(target, wantsLogprobs),
    parallel_tool_calls: request.tools.length > 0 ? parallel : undefined,
    prompt_cache_key: settings.take("cacheKey"),
    service_tier: tierAtOpenAi(settings),
    ...vendor,
    // The gateway keeps no conversation and asks nobody to.
    store: false,
  });
}

/** Probabilities, which models that reason do not tell. */
function logprobsOf(settings: SettingReader, target: TargetModel): { wanted: boolean; top: number | undefined } {
  const logprobs = settings.take("logprobs");
  const top = settings.take("topLogprobs");
  const wanted = logprobs === true || (top ?? 0) > 0;
  if (!wanted || target.sampling !== false) return { wanted, top };
  settings.lose(logprobs === true ? "logprobs" : "topLogprobs");
  return { wanted: false, top: undefined };
}

/** Reasoning comes back sealed, since nothing is stored. */
function includeOf(target: TargetModel, logprobs: boolean): string[] | undefined {
  const include = [...(target.reasoning.support === "none" ? [] : [SEALED_REASONING]), ...(logprobs ? [LOGPROBS] : [])];
  return include.length === 0 ? undefined : include;
}

/** Things a caller would miss in the answer. */
function refuse(settings: SettingReader): void {
  const stop = settings.take("stop");
  if (stop !== undefined && stop.length > 0) {
    const param = settings.path("stop");
    throw new GatewayError("stop_unsupported", `'${param}': this model takes no stop sequences. Leave them out.`, {
      param,
    });
  }
  const candidates = settings.take("candidates");
  if (candidates !== undefined && candidates > 1) {
    const param = settings.path("candidates");
    throw new GatewayError("n_unsupported", `'${param}': this model gives one answer. Ask again for another.`, {
      param,
    });
  }
  const modalities = settings.take("modalities");
  settings.ignore("audioOutput");
  if (modalities?.some((one) => one !== "text")) {
    const param = settings.path("modalities");
    throw new GatewayError("modality_unsupported", `'${param}': this model answers in text only.`, { param });
  }
}

function cap(settings: SettingReader, target: TargetModel): number | undefined {
  const tokens = settings.take("maxOutputTokens");
  if (tokens === undefined) return undefined;
  const most = target.maxOutputTokens ?? tokens;
  const clamped = Math.max(Math.min(tokens, most), LEAST_CAP);
  if (clamped !== tokens) settings.lose("maxOutputTokens", "param_clamped");
  return clamped;
}

function sampling(settings: SettingReader, target: TargetModel): JsonObject {
  const encoded: JsonObject = {};
  for (const [key, name] of [
    ["temperature", "temperature"],
    ["top_p", "topP"],
  ] as const) {
    const value = settings.take(name);
    if (value === undefined) continue;
    if (target.sampling === false) settings.lose(name);
    else encoded[key] = value;
  }
  return encoded;
}

function encodeFormat(settings: SettingReader, target: TargetModel): JsonObject | undefined {
  const format = settings.take("responseFormat");
  if (format === undefined || format.type === "text") return undefined;
  if (format.type === "json") return { type: "json_object" };
  return { type: "json_schema", ...schemaAtOpenAi(format, settings, target) };
}
