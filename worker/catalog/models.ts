/** The models we know, with their limits, capabilities and price rows. Unknown fields are absent, not false or zero. */
import data from "./models.json" with { type: "json" };

export type CatalogProvider = "openai" | "anthropic" | "google" | "openrouter" | "compatible";
export const MODEL_KINDS = ["chat", "embedding", "image", "audio", "moderation"] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

export interface ModelCapabilities {
  tools?: boolean;
  parallelTools?: boolean;
  forcedToolChoice?: boolean;
  structuredOutput?: boolean;
  reasoning?: "none" | "optional" | "always";
  /** How reasoning is steered, e.g. `effort:low,medium,high`, `budget:128-32768`, `disabled`. */
  reasoningKnobs?: string[];
  promptCaching?: "none" | "implicit" | "explicit" | "both";
  streaming?: boolean;
  /** OpenAI: functions beside reasoning are taken at this endpoint only. */
  toolsWithReasoning?: "responses";
  samplingParams?: boolean;
  prefill?: boolean;
}

/** Rates by name (`input`, `output`, `cacheRead`, `cacheWrite1h`, …), decimal strings, USD per 1,000,000 tokens. */
export type RateRecord = Readonly<Record<string, string>>;

/** Fees by name (`webSearch`, `fileSearch`, …), decimal strings, USD for each call. */
export type FeeRecord = Readonly<Record<string, string>>;

/** A price as the data file states it: it holds from midnight UTC of `from` to midnight UTC of `until`. */
export interface PriceRecord {
  from?: string;
  until?: string;
  rates: RateRecord;
  /** Long-context steps: above so many input tokens these rates cover the whole request. Ascending. */
  tiers?: readonly { above: number; rates: RateRecord }[];
  batch?: RateRecord;
  fast?: RateRecord;
  /** What to hold back where the provider may charge more than the listed rates. */
  reserve?: RateRecord;
  /** In place of the provider's own fees of the same names (`fees.ts`). */
  fees?: FeeRecord;
}

/** What is known of a model beside its name and its prices. */
export interface ModelTraits {
  displayName: string;
  kind: ModelKind;
  contextWindow?: number;
  maxInputTokens?: number;
  maxOutputTokens?: number;
  inputModalities: readonly string[];
  /** Absent for moderation, which answers with a verdict. */
  outputModalities?: readonly string[];
  capabilities?: ModelCapabilities;
  /** OpenAI: the endpoints that serve it. */
  endpoints?: readonly ("chat" | "responses")[];
  /** ISO dates. */
  releaseDate?: string;
  /** The first day on which its provider does not serve it any more. */
  deprecationDate?: string;
}

interface ModelRecord extends ModelTraits {
  provider: CatalogProvider;
  /** The model's name at the provider. */
  upstreamId: string;
  /** Ascending in time, without overlap. */
  prices: readonly PriceRecord[];
}

export interface CatalogModel extends ModelRecord {
  /** `{provider}/{upstreamId}`, the name that always works. */
  id: string;
}

const models: readonly CatalogModel[] = (data as unknown as ModelRecord[]).map((record) => ({
  ...record,
  id: `${record.provider}/${record.upstreamId}`,
}));

const byId = new Map(models.map((model) => [model.id, model]));
const byBareName = new Map(
  models.filter((model) => model.provider !== "openrouter").map((model) => [model.upstreamId, model]),
);

/** All known models, in the order of the data file: by vendor, newest first. */
export const listModels = (): readonly CatalogModel[] => models;

/** The model as one provider names it, or null: an unknown name may still exist at the provider. */
export const findModel = (provider: string, upstreamId: string): CatalogModel | null =>
  byId.get(`${provider}/${upstreamId}`) ?? null;

/** A name without a provider means the row of the vendor that makes the model, never a reseller's. */
export const findBareModel = (name: string): CatalogModel | null => byBareName.get(name) ?? null;
