import { type AccessRule, ruleAgainst } from "../../canonical/model-access.ts";
import { type KnownModel, knownModel, partsOf } from "../../catalog/model-facts.ts";
import { findModel, listModels } from "../../catalog/models.ts";
import { accessRules } from "../../organizations/model-access.ts";
import { factsOf, type ModelStanding, noSuchModel } from "../../organizations/models.ts";
import type { ModelRow } from "../../organizations/records.ts";
import { capabilitiesBody, snakeCase } from "./model-names.ts";
import { type BookEntry, priceBook } from "./price-book.ts";
import { priceBody } from "./prices.ts";

/** A model as one organization has it. */
export interface ModelView {
  model: KnownModel;
  /** Null: nothing is known of it but what is shipped. */
  row: ModelRow | null;
  /** `shipped`: the catalogue has it, and nothing else is said of it. */
  source: "shipped" | ModelRow["source"];
  /** What it costs now; null: it has no price. */
  price: BookEntry | null;
  /** The rule that does not allow it, of the highest organization that has one; null: it is enabled. */
  rule: AccessRule | null;
}

/** Every model that is known, as an organization has it, in the order of their ids. */
export function viewModels({ path, rows, prices }: ModelStanding, now: number): ModelView[] {
  const rules = accessRules(path);
  const byModel = new Map(rows.map((row) => [row.model, row]));
  const ids = path.map(({ id }) => id);
  const book = priceBook({ rows: prices, path: ids, model: undefined, at: now, now });
  const inForce = new Map(book.filter((entry) => entry.inForce).map((entry) => [entry.model, entry]));
  const known = new Set([...listModels().map(({ id }) => id), ...byModel.keys()]);
  return [...known].sort().flatMap((id) => {
    const row = byModel.get(id) ?? null;
    const model = knownModel(id, row && factsOf(row));
    if (model === null) return [];
    const rule = ruleAgainst(rules, id);
    return [{ model, row, source: row?.source ?? "shipped", price: inForce.get(id) ?? null, rule }];
  });
}

/** One model as an organization has it; throws `not_found` for one that nobody knows. */
export function viewModel(standing: ModelStanding, id: string, now: number): ModelView {
  const view = viewModels(standing, now).find(({ model }) => model.id === id);
  if (view === undefined) throw noSuchModel();
  return view;
}

const isShipped = (id: string): boolean => {
  const { provider, upstreamId } = partsOf(id);
  return findModel(provider, upstreamId) !== null;
};

/** No part of the price costs anything. What has no price is not free. */
export const isFree = ({ price }: ModelView): boolean => price !== null && amountsOf(price.price).every(isNothing);

const isNothing = (amount: string): boolean => /^0+(?:\.0+)?$/.test(amount);

/** Every decimal of a price, whatever it is for. */
const amountsOf = (part: unknown): string[] => {
  if (typeof part === "string") return [part];
  return typeof part === "object" && part !== null ? Object.values(part).flatMap(amountsOf) : [];
};

/** Where each fact comes from that is not as shipped, by its name in the API. */
const sourcesBody = (row: ModelRow | null) =>
  Object.fromEntries(
    Object.entries(row?.sources ?? {})
      .filter(([name]) => name !== "rates")
      .map(([name, source]) => [name.split(".").map(snakeCase).join("."), source]),
  );

/** A model as the API shows it. What is not known is null, or left out of `capabilities`. */
export function modelBody(view: ModelView) {
  const { model, row, source, price, rule } = view;
  const facts = row && factsOf(row);
  const shipped = isShipped(model.id);
  return {
    id: model.id,
    provider: model.provider,
    upstream_model: model.upstreamId,
    source,
    shipped,
    display_name: model.displayName,
    kind: model.kind,
    context_window: model.contextWindow ?? null,
    max_input_tokens: model.maxInputTokens ?? null,
    max_output_tokens: model.maxOutputTokens ?? null,
    // Of a model nobody has said more of it is only assumed.
    input_modalities: shipped || facts?.inputModalities !== undefined ? model.inputModalities : null,
    output_modalities: model.outputModalities ?? null,
    capabilities: capabilitiesBody(model.capabilities ?? {}),
    endpoints: model.endpoints ?? null,
    release_date: model.releaseDate ?? null,
    deprecation_date: model.deprecationDate ?? null,
    gone_since: model.gone ?? null,
    sources: sourcesBody(row),
    price: price && priceBody(price),
    free: isFree(view),
    enabled: rule === null,
    disabled_by: rule && { organization_id: rule.organizationId, name: rule.name },
    version: row?.version ?? 0,
    created_by: row?.createdBy ?? null,
    updated_at: row?.updatedAt.toISOString() ?? null,
  };
}
