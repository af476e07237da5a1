import type { CanonicalRequest, ResponseFormat } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { ownValue } from "../../lib/own-value.ts";
import { compact, type Fields } from "../fields.ts";
import { schemaForGemini, schemaFromOpenApi } from "../json-schema.ts";
import type { SettingReader } from "../setting-reader.ts";
import { note, noteNumbers } from "../settings.ts";
import { describedSchema } from "../structured-output.ts";

/** `generationConfig`, and what stands beside it. */

const NUMBERS = {
  maxOutputTokens: "maxOutputTokens",
  temperature: "temperature",
  topP: "topP",
  topK: "topK",
  candidateCount: "candidates",
  presencePenalty: "presencePenalty",
  frequencyPenalty: "frequencyPenalty",
  seed: "seed",
  logprobs: "topLogprobs",
} as const;

export function decodeConfig(config: Fields, request: CanonicalRequest): Record<string, unknown> {
  noteNumbers(request, config, NUMBERS);
  note(request, "stop", config.strings("stopSequences"), config.at("stopSequences"));
  note(request, "logprobs", config.boolean("responseLogprobs"), config.at("responseLogprobs"));
  const spelled = config.strings("responseModalities");
  const modalities = spelled?.map((one) => one.toLowerCase());
  note(request, "modalities", modalities, config.at("responseModalities"));
  return { ...decodeFormat(config, request), modalities: spelled };
}

export function decodeSettings(fields: Fields, request: CanonicalRequest): void {
  note(request, "safety", fields.array("safetySettings"), fields.at("safetySettings"));
  note(request, "metadata", fields.object("labels"), "labels");
  note(request, "serviceTier", fields.string("serviceTier"), fields.at("serviceTier"));
  note(request, "store", fields.boolean("store"), "store");
}

/** The answer is one of the schema's words, and no JSON. */
const PLAIN_CHOICE = "text/x.enum";

/** A schema in either spelling, or JSON without one. The client's own members are kept for it. */
function decodeFormat(config: Fields, request: CanonicalRequest): Record<string, unknown> {
  const mime = config.string("responseMimeType");
  const json = config.object("responseJsonSchema");
  const older = config.object("responseSchema");
  const path = config.at(
    json !== undefined ? "responseJsonSchema" : older !== undefined ? "responseSchema" : "responseMimeType",
  );
  const schema = json ?? (older === undefined ? undefined : schemaFromOpenApi(older));
  let format: ResponseFormat | undefined;
  if (mime === PLAIN_CHOICE) format = undefined;
  else if (schema !== undefined) format = { type: "json_schema", schema, strict: true };
  else if (mime === "application/json") format = { type: "json" };
  else if (mime === "text/plain") format = { type: "text" };
  note(request, "responseFormat", format, path);
  if (format === undefined && mime !== undefined) config.leave("responseMimeType");
  return { mime: format === undefined ? undefined : mime, json, older };
}

/** Google takes at most five. */
const MAXIMUM_STOPS = 5;

/** `generationConfig` for another dialect's client, without thinking. */
export function encodeConfig(request: CanonicalRequest, settings: SettingReader, target: TargetModel): JsonObject {
  const stop = settings.take("stop");
  if (stop !== undefined && stop.length > MAXIMUM_STOPS) {
    const param = settings.path("stop");
    const message = `'${param}': this model takes at most ${MAXIMUM_STOPS}.`;
    throw new GatewayError("too_many_stop_sequences", message, { param });
  }
  const seed = settings.take("seed");
  const candidates = settings.take("candidates");
  return compact({
    maxOutputTokens: cap(settings, target),
    ...sampling(settings, target),
    stopSequences: stop === undefined || stop.length === 0 ? undefined : stop,
    candidateCount: candidates === 1 ? undefined : candidates,
    // A 32-bit field; larger seeds are folded, so that the same seed stays the same.
    seed: seed === undefined ? undefined : seed | 0,
    responseLogprobs: settings.take("logprobs"),
    logprobs: settings.take("topLogprobs"),
    ...encodeFormat(request, settings, target),
    ...encodeModalities(settings),
  });
}

function cap(settings: SettingReader, target: TargetModel): number | undefined {
  const tokens = settings.take("maxOutputTokens");
  const most = target.maxOutputTokens;
  if (tokens === undefined || most === undefined || tokens <= most) return tokens;
  settings.lose("maxOutputTokens", "param_clamped");
  return most;
}

function sampling(settings: SettingReader, target: TargetModel): JsonObject {
  const encoded: JsonObject = {};
  for (const name of ["temperature", "topP", "topK"] as const) {
    const value = settings.take(name);
    if (value === undefined) continue;
    if (target.sampling === false) settings.lose(name);
    else encoded[name] = value;
  }
  // Gemini 2.5 refuses penalties.
  const refused =
    target.sampling === false || (target.reasoning.budget !== undefined && target.reasoning.levels === undefined);
  for (const name of ["presencePenalty", "frequencyPenalty"] as const) {
    const value = settings.take(name);
    if (value === undefined || value === 0) continue;
    if (refused) settings.lose(name);
    else encoded[name] = value;
  }
  return encoded;
}

/** Gemini 2.5 writes JSON or uses tools, not both. */
export const toolsExcludeFormat = ({ tools }: CanonicalRequest, { reasoning }: TargetModel): boolean =>
  reasoning.budget !== undefined &&
  reasoning.levels === undefined &&
  tools.some((tool) => tool.type !== "builtin" || tool.kind !== "tool_search");

function encodeFormat(request: CanonicalRequest, settings: SettingReader, target: TargetModel): JsonObject {
  const format = settings.take("responseFormat");
  if (format === undefined || format.type === "text") return {};
  const excluded = toolsExcludeFormat(request, target);
  if (format.type === "json") return excluded ? {} : { responseMimeType: "application/json" };
  if (excluded) {
    const param = settings.path("responseFormat");
    const message = `'${param}': this model keeps to a schema or uses tools, not both. Send one of them.`;
    throw new GatewayError("schema_unsupported", message, { param });
  }
  const { schema, relaxed } = schemaForGemini(describedSchema(format, settings));
  if (relaxed && format.strict === true) settings.lose("responseFormat", "schema_relaxed");
  return { responseMimeType: "application/json", responseJsonSchema: schema };
}

/** Audio comes as 24 kHz, 16 bit, without a container: the one form a Chat client can ask for as well. */
function encodeModalities(settings: SettingReader): JsonObject {
  const modalities = settings.take("modalities");
  const audio = settings.take("audioOutput");
  if (modalities === undefined || modalities.every((one) => one === "text")) return {};
  if (modalities.includes("audio") && audio?.format !== undefined && audio.format !== "pcm16") {
    const param = settings.path("audioOutput");
    const message = `'${param}': this model speaks in 'pcm16' only. Ask for that format.`;
    throw new GatewayError("modality_unsupported", message, { param });
  }
  const voice = typeof audio?.voice === "string" ? audio.voice : undefined;
  if (audio?.voice !== undefined && voice === undefined) settings.lose("audioOutput");
  return compact({
    responseModalities: (modalities.includes("audio") ? ["audio"] : modalities).map((one) => one.toUpperCase()),
    speechConfig: voice === undefined ? undefined : { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } },
  });
}

/** Google's words for tiers, by those of other vendors; none for what it chooses itself. */
export const TIERS: Record<string, string | undefined> = {
  auto: undefined,
  default: "standard",
  standard: "standard",
  standard_only: "standard",
  flex: "flex",
  priority: "priority",
};

/** What stands beside the configuration; a user's name has no place at Google, and nobody misses it. */
export function encodeSettings(settings: SettingReader): JsonObject {
  settings.ignore("user", "safetyId", "cacheKey", "cacheAuto");
  const verbosity = settings.take("verbosity");
  if (verbosity !== undefined && verbosity !== "medium") settings.lose("verbosity");
  if (settings.take("store") === true) settings.lose("store", "not_stored");
  if (settings.take("parallelToolCalls") === false) settings.lose("parallelToolCalls");
  const tier = settings.take("serviceTier");
  if (tier !== undefined && !Object.hasOwn(TIERS, tier.toLowerCase())) settings.lose("serviceTier");
  return compact({ serviceTier: ownValue(TIERS, tier?.toLowerCase()) });
}
