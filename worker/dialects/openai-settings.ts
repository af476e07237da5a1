import type { CanonicalRequest, Effort, ResponseFormat } from "../canonical/request.ts";
import type { TargetModel } from "../canonical/target-model.ts";
import type { Usage } from "../canonical/usage.ts";
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import { ownValue } from "../lib/own-value.ts";
import { effortOfBudget, nearestEffort } from "./effort.ts";
import { compact } from "./fields.ts";
import { objectSchema, schemaForOpenAiStrict } from "./json-schema.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Settings that mean the same in Chat and in Responses, and are OpenAI's own. */

const OPENAI_DIALECTS = ["openai-chat", "openai-responses"];

/** Other vendors' words for a tier that costs the same as OpenAI's; anything dearer is never chosen for a client. */
const TIERS: Record<string, string> = {
  auto: "auto",
  default: "default",
  flex: "flex",
  priority: "priority",
  scale: "scale",
  standard: "default",
  standard_only: "default",
};

/** OpenAI's word for the tier a client of another dialect asked for. */
export function tierAtOpenAi(settings: SettingReader): string | undefined {
  const tier = settings.take("serviceTier");
  if (tier === undefined) return undefined;
  return ownValue(TIERS, tier.toLowerCase()) ?? settings.lose("serviceTier");
}

/** Words for a tier in answers that are none in requests of other dialects. */
const BILLED: Record<string, string> = { ...TIERS, on_demand: "default", fast: "fast", ultrafast: "ultrafast" };

/** OpenAI's word for the tier that a provider has billed; undefined where it tells none, or one that OpenAI does not have. */
export const billedTier = (usage: Usage | null): string | undefined =>
  ownValue(BILLED, usage?.serviceTier?.toLowerCase());

/** The effort a client asked for in whichever way, as the model takes it; undefined leaves it to the model. */
export function effortAtOpenAi(settings: SettingReader, target: TargetModel): Effort | undefined {
  const effort = settings.take("reasoningEffort");
  const budget = settings.take("reasoningBudget");
  const mode = settings.take("reasoningMode");
  const amount = effort ?? (budget !== undefined && budget >= 0 ? effortOfBudget(budget) : undefined);
  // Claude's reports between calls are not thinking; no other model makes them.
  const reports = mode === "between_tools";
  if (reports) settings.lose("reasoningMode", "reasoning_adjusted");
  const asked = mode === "off" || reports ? "none" : amount;
  if (asked === undefined) {
    if (mode !== undefined && target.reasoning.support === "none") settings.lose("reasoningMode", "reasoning_adjusted");
    return undefined;
  }
  const path = effort !== undefined ? "reasoningEffort" : budget !== undefined ? "reasoningBudget" : "reasoningMode";
  const { support, efforts } = target.reasoning;
  if (support === "none") {
    if (asked !== "none") settings.lose(path, "reasoning_adjusted");
    return undefined;
  }
  const offered = nearestEffort(asked, efforts);
  if (offered !== asked && !reports) settings.lose(path, "reasoning_adjusted");
  return offered;
}

/** What is told to OpenAI about the user, and what it may keep: from its own dialects as it is, else what maps. */
export function forwardedVendorSettings(
  request: CanonicalRequest,
  settings: SettingReader,
  target: TargetModel,
): JsonObject {
  const [user, safetyId, metadata, store] = [
    settings.take("user"),
    settings.take("safetyId"),
    settings.take("metadata"),
    settings.take("store"),
  ];
  const vendorsOwn = OPENAI_DIALECTS.includes(request.dialect);
  if (!vendorsOwn) {
    // Another vendor's map means nothing here; its user is one to OpenAI too.
    if (metadata !== undefined) settings.lose("metadata");
    if (store === true) settings.lose("store", "not_stored");
    return compact({ safety_identifier: safetyId ?? user });
  }
  if (target.quirks.has("no_stored_state") && store === true) {
    settings.lose("store", "not_stored");
    return compact({ user, safety_identifier: safetyId, metadata });
  }
  return compact({ user, safety_identifier: safetyId, metadata, store });
}

/** JSON mode of a client whose own vendor does not want it told in words as well. */
export const wantsJsonAsked = ({ dialect, settings }: CanonicalRequest): boolean =>
  settings.responseFormat?.type === "json" && !OPENAI_DIALECTS.includes(dialect);

/** A schema for the answer: promised where it can be, else asked for without promise. OpenAI itself takes objects only. */
export function schemaAtOpenAi(
  { name = "response", description, schema, strict }: Extract<ResponseFormat, { type: "json_schema" }>,
  settings: SettingReader,
  target: TargetModel,
): JsonObject {
  const closed = strict === false ? null : schemaForOpenAiStrict(schema);
  if (closed !== null) return compact({ name, description, schema: closed, strict: true });
  const object = objectSchema(schema);
  if (object === null && target.owner === "openai") {
    const param = settings.path("responseFormat");
    const message = `'${param}': this model answers in objects only. Make the schema that of an object.`;
    throw new GatewayError("schema_unsupported", message, { param });
  }
  if (strict === true) settings.lose("responseFormat", "schema_relaxed");
  return compact({ name, description, schema: object ?? schema, strict: false });
}
