import {
  type CatalogModel,
  type CatalogProvider,
  findModel,
  type ModelCapabilities,
  type ModelTraits,
  type RateRecord,
} from "./models.ts";

/** What a tenant knows of a model, beside or against the shipped catalogue. What is absent is as shipped. */
export interface ModelFacts extends Partial<Omit<ModelTraits, "capabilities">> {
  /** Flag by flag. */
  capabilities?: ModelCapabilities;
  /** ISO date: since then it is in its provider's list no more. */
  gone?: string;
  /** What its provider's list named as prices when they were last accepted; what it costs is in the price book. */
  rates?: RateRecord;
}

/** A model as a tenant has it. */
export interface KnownModel extends CatalogModel {
  gone?: string;
}

/** `provider/model` in its parts; the model's own name may hold more slashes. */
export function partsOf(id: string): { provider: CatalogProvider; upstreamId: string } {
  const slash = id.indexOf("/");
  return { provider: id.slice(0, slash) as CatalogProvider, upstreamId: id.slice(slash + 1) };
}

/** Of a model that nobody has said more of nothing is known that it could not do. */
const UNTOLD = { kind: "chat", inputModalities: ["text", "image", "pdf", "audio", "video"], prices: [] } as const;

/** The shipped model (null: there is none) with a tenant's facts over it. */
export function informedModel(id: string, shipped: CatalogModel | null, facts: ModelFacts): KnownModel {
  const { capabilities, rates: _rates, ...traits } = facts;
  const parts = partsOf(id);
  const base = shipped ?? { ...UNTOLD, ...parts, id, displayName: parts.upstreamId };
  const flags = { ...base.capabilities, ...capabilities };
  return { ...base, ...traits, ...(Object.keys(flags).length > 0 ? { capabilities: flags } : {}) };
}

/** A model as a tenant knows it; null: neither the catalogue nor the tenant does. */
export function knownModel(id: string, facts: ModelFacts | null): KnownModel | null {
  const { provider, upstreamId } = partsOf(id);
  const shipped = findModel(provider, upstreamId);
  return facts === null ? shipped : informedModel(id, shipped, facts);
}
