import { fnv1a } from "../lib/fnv1a.ts";
import { type KnownModel, type ModelFacts, partsOf } from "./model-facts.ts";
import type { RateRecord } from "./models.ts";

/** What differs between what is known of a provider's models and what its list says. */

/** A model as a list says it is. */
export interface ListedFacts {
  /** `provider/model`. */
  id: string;
  facts: ModelFacts;
  rates?: RateRecord;
}

/** A field that differs, by the name that facts have for it; `capabilities.tools` and `rates.input` are fields too. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

export interface ModelChange {
  /** Names what the change says: another change of the same model has another. */
  id: string;
  kind: "new" | "changed" | "gone";
  /** `provider/model`. */
  model: string;
  fields: FieldChange[];
}

/** What is known before a list is held against it. */
export interface KnownBefore {
  /** Of one provider. */
  models: readonly KnownModel[];
  /** The rates in force of a model; null: it has no price. */
  ratesOf(id: string): RateRecord | null;
}

/** Two hashes, since one of 32 bits is little where a change is named by it. */
const changeId = (change: Omit<ModelChange, "id">): string => {
  const text = JSON.stringify(change);
  return `chg_${fnv1a(text)}${fnv1a(`${text.length} ${text}`)}`;
};

const named = (change: Omit<ModelChange, "id">): ModelChange => ({ id: changeId(change), ...change });

/** The changes of one provider's list, by model. @param told whether what is not listed is gone */
export function changesOf(list: readonly ListedFacts[], before: KnownBefore, told: { gone: boolean }): ModelChange[] {
  const known = new Map(before.models.map((model) => [model.id, model]));
  const listed = new Set(list.map(({ id }) => id));
  const differing = list.flatMap((one) => {
    const model = known.get(one.id);
    return model === undefined ? [newModel(one)] : changed(one, model, before.ratesOf(one.id));
  });
  const gone = told.gone
    ? before.models.filter((model) => model.gone === undefined && !isListed(model.id, listed))
    : [];
  const ended = gone.map(({ id }) => named({ kind: "gone", model: id, fields: [] }));
  return [...differing, ...ended].sort((a, b) => (a.model < b.model ? -1 : 1));
}

/** An alias stands in few lists; the dated model that it means does. */
const isListed = (id: string, listed: ReadonlySet<string>): boolean => {
  if (listed.has(id)) return true;
  const dated = [...listed].filter((one) => one.startsWith(`${id}-`));
  return dated.some((one) => /^-\d{4}-?\d\d-?\d\d$/.test(one.slice(id.length)));
};

function newModel({ id, facts, rates }: ListedFacts): ModelChange {
  const { capabilities, ...traits } = facts;
  const fields = { ...traits, ...under("capabilities", capabilities ?? {}), ...under("rates", rates ?? {}) };
  return named({
    ...{ kind: "new", model: id },
    fields: Object.entries(fields).map(([field, after]) => ({ field, before: null, after })),
  });
}

const under = (name: string, values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]));

/** What a list says of a model that is known already: names and days of release are not compared, each writes them its way. */
function changed({ id, facts, rates }: ListedFacts, model: KnownModel, inForce: RateRecord | null): ModelChange[] {
  const { capabilities = {}, displayName: _name, releaseDate: _day, kind: _kind, ...traits } = facts;
  const is: Record<string, unknown> = { ...traits, ...under("capabilities", capabilities) };
  const was: Record<string, unknown> = {
    ...model,
    // Where only a window is known it holds the prompt.
    maxInputTokens: model.maxInputTokens ?? model.contextWindow,
    ...under("capabilities", model.capabilities ?? {}),
  };
  const fields = [
    ...differing(is, was),
    ...differing(under("rates", rates === undefined ? {} : alike(rates, inForce)), under("rates", inForce ?? {})),
    ...(model.gone === undefined ? [] : [{ field: "gone", before: model.gone, after: null }]),
  ];
  return fields.length === 0 ? [] : [named({ kind: "changed", model: id, fields })];
}

const differing = (is: Record<string, unknown>, was: Record<string, unknown>): FieldChange[] =>
  Object.entries(is)
    .filter(([field, after]) => comparable(after) !== comparable(was[field]))
    .map(([field, after]) => ({ field, before: was[field] ?? null, after }));

/** Lists are sets here. */
const comparable = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) ? value.toSorted() : (value ?? null));

/** A list does not say how long what is written into a cache lives: it is as long as what is known. */
function alike({ cacheWrite5m, ...rates }: RateRecord, inForce: RateRecord | null): RateRecord {
  if (cacheWrite5m === undefined) return rates;
  const life = inForce?.cacheWrite5m === undefined && inForce?.cacheWrite30m !== undefined ? "30m" : "5m";
  return { ...rates, [`cacheWrite${life}`]: cacheWrite5m };
}

/** What a change makes of a tenant's facts, and the rates it names (null: none). @param day the day on which it is accepted */
export function accepted(
  change: ModelChange,
  facts: ModelFacts,
  day: string,
): { facts: ModelFacts; rates: RateRecord | null } {
  if (change.kind === "gone") return { facts: { ...facts, gone: day }, rates: null };
  const { gone: _gone, ...kept } = facts;
  const next: Record<string, unknown> = { ...kept };
  const flags: Record<string, unknown> = { ...facts.capabilities };
  const rates: Record<string, string> = {};
  for (const { field, after } of change.fields) {
    const [group = "", name] = field.split(".");
    if (group === "rates" && name !== undefined) rates[name] = String(after);
    else if (group === "capabilities" && name !== undefined) flags[name] = after;
    else if (field !== "gone") next[field] = after;
  }
  return {
    facts: { ...next, ...(Object.keys(flags).length > 0 ? { capabilities: flags } : {}) } as ModelFacts,
    rates: Object.keys(rates).length > 0 ? rates : null,
  };
}

/** The provider of a change's model. */
export const providerOf = ({ model }: Pick<ModelChange, "model">): string => partsOf(model).provider;
