import type { ModelFacts } from "../../catalog/model-facts.ts";
import type { RateRecord } from "../../catalog/models.ts";

/** A model as its provider lists it. What the list does not say is absent; so is what makes no sense. */
export interface ObservedModel {
  upstreamId: string;
  facts: ModelFacts;
  /** USD per 1,000,000 tokens; absent where the list names no prices. */
  rates?: RateRecord;
}

/** How a provider tells which models it has. */
export interface ModelList {
  /** Path and query below the base URL of a page. @param after what the page before named; null: the first */
  path(after: string | null): string;
  /** The models of a page, and what names the next one (null: it was the last). Null where it is no such page. */
  read(page: unknown): { models: ObservedModel[]; next: string | null } | null;
}
