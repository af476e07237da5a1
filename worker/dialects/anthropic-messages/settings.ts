import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { GatewayError } from "../../errors.ts";
import type { JsonObject } from "../../lib/json.ts";
import { ownValue } from "../../lib/own-value.ts";
import { readCacheMark } from "../cache-marks.ts";
import { compact, type Fields } from "../fields.ts";
import type { SettingReader } from "../setting-reader.ts";
import { note, noteNumbers } from "../settings.ts";
import { decodeEffort } from "./reasoning.ts";

/** Messages' settings: everything beside messages, tools, thinking and structured output. */

const NUMBERS = { max_tokens: "maxOutputTokens", temperature: "temperature", top_p: "topP", top_k: "topK" } as const;

export function decodeSettings(fields: Fields, request: CanonicalRequest): void {
  noteNumbers(request, fields, NUMBERS);
  note(request, "stop", fields.strings("stop_sequences"), "stop_sequences");
  note(request, "user", fields.nested("metadata")?.string("user_id"), "metadata.user_id");
  note(request, "serviceTier", fields.string("service_tier"), "service_tier");
  const speed = fields.string("speed");
  if (speed === "standard" || speed === "fast") note(request, "speed", speed, "speed");
  else fields.leave("speed");
  note(request, "cacheAuto", readCacheMark(fields).cache, "cache_control");
  const config = fields.nested("output_config");
  if (config !== undefined) decodeEffort(config, request);
  decodeFormat(config, "format", "output_config.format", request);
  if (request.settings.responseFormat === undefined) decodeFormat(fields, "output_format", "output_format", request);
}

/** Claude keeps to its schema as strictly as OpenAI does when told so. */
function decodeFormat(fields: Fields | undefined, key: string, path: string, request: CanonicalRequest): void {
  const format = fields?.nested(key);
  if (format === undefined) return;
  const type = format.string("type");
  const schema = format.object("schema");
  if (type !== "json_schema" || schema === undefined) {
    fields?.leave(key);
    return;
  }
  note(request, "responseFormat", { type, schema, strict: true }, path);
}

/** What a request without a cap is given, within what the model can write. */
const DEFAULT_CAP = 32_000;

/** `max_tokens`, which Messages requires. */
export function encodeCap(settings: SettingReader, target: TargetModel): number {
  const asked = settings.take("maxOutputTokens");
  const most = target.maxOutputTokens;
  if (asked === undefined) return Math.min(DEFAULT_CAP, most ?? DEFAULT_CAP);
  if (most === undefined || asked <= most) return asked;
  settings.lose("maxOutputTokens", "param_clamped");
  return most;
}

/** The first wire version that forbids sampling parameters. */
const WITHOUT_SAMPLING = "2026-10-21";

/** Everything else that has a counterpart; what Messages cannot promise is refused. */
export function encodeSettings(settings: SettingReader, target: TargetModel, thinks: boolean): JsonObject {
  refuseCardinality(settings);
  settings.ignore("cacheKey", "logprobs");
  const verbosity = settings.take("verbosity");
  if (verbosity !== undefined && verbosity !== "medium") settings.lose("verbosity");
  if (settings.take("store") === true) settings.lose("store", "not_stored");
  const safetyId = settings.take("safetyId");
  const user = settings.take("user");
  if (safetyId !== undefined && user !== undefined && safetyId !== user) settings.lose("user");
  const id = safetyId ?? user;
  return compact({
    ...sampling(settings, target, thinks),
    stop_sequences: stopSequences(settings),
    metadata: id === undefined ? undefined : { user_id: id },
    service_tier: tier(settings),
  });
}

/** Things a caller would miss in the answer. */
function refuseCardinality(settings: SettingReader): void {
  const candidates = settings.take("candidates");
  if (candidates !== undefined && candidates > 1) {
    const param = settings.path("candidates");
    throw new GatewayError("n_unsupported", `'${param}': this model gives one answer. Ask again for another.`, {
      param,
    });
  }
  const logprobs = settings.take("logprobs");
  if (logprobs === true || (settings.take("topLogprobs") ?? 0) > 0) {
    const param = settings.path(logprobs === true ? "logprobs" : "topLogprobs");
    throw new GatewayError("logprobs_unsupported", `'${param}': this model tells no probabilities.`, { param });
  }
  const modalities = settings.take("modalities");
  settings.ignore("audioOutput");
  if (modalities?.some((one) => one !== "text")) {
    const param = settings.path("modalities");
    throw new GatewayError("modality_unsupported", `'${param}': this model answers in text only.`, { param });
  }
}

/**
 * Newer models, the newer wire version, and any model that thinks take no sampling parameters; where both are taken,
 * temperature counts.
 */
function sampling(settings: SettingReader, target: TargetModel, thinks: boolean): JsonObject {
  const taken = target.sampling !== false && !thinks && (target.anthropicVersion ?? "") < WITHOUT_SAMPLING;
  const temperature = settings.take("temperature");
  const topP = settings.take("topP");
  const topK = settings.take("topK");
  if (!taken) {
    if (temperature !== undefined && temperature !== 1) settings.lose("temperature");
    if (topP !== undefined && topP < 0.99) settings.lose("topP");
    if (topK !== undefined) settings.lose("topK");
    return {};
  }
  if (temperature !== undefined && temperature > 1) settings.lose("temperature", "param_clamped");
  if (temperature !== undefined && topP !== undefined) settings.lose("topP");
  return compact({
    temperature: temperature === undefined ? undefined : Math.min(1, temperature),
    top_p: temperature === undefined ? topP : undefined,
    top_k: topK,
  });
}

function stopSequences(settings: SettingReader): string[] | undefined {
  const stop = settings.take("stop");
  if (stop === undefined || stop.length === 0) return undefined;
  if (stop.some((one) => one.trim() === "")) {
    const param = settings.path("stop");
    const message = `'${param}': Anthropic takes no stop sequence that is only white space.`;
    throw new GatewayError("stop_unsupported", message, { param });
  }
  return stop;
}

const TIERS: Record<string, string> = {
  auto: "auto",
  default: "standard_only",
  standard: "standard_only",
  standard_only: "standard_only",
};

/** A dearer or slower tier is never chosen for a client that did not name it in Anthropic's own words. */
function tier(settings: SettingReader): string | undefined {
  const asked = settings.take("serviceTier");
  return asked === undefined ? undefined : (ownValue(TIERS, asked.toLowerCase()) ?? settings.lose("serviceTier"));
}
