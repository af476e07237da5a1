import { z } from "zod";
import { CAPABILITY_NAMES, MODALITIES } from "../../catalog/model-facts-schema.ts";
import { MODEL_KINDS } from "../../catalog/models.ts";
import { memoryPage, type Place } from "../../lib/memory-page.ts";
import type { Page } from "../../lib/page.ts";
import { providers } from "../../providers/registry.ts";
import { figuresField, listSchema, yesOrNo } from "./list.ts";
import { type ModelUsage, requestsOf } from "./model-figures.ts";
import { capabilitiesBody } from "./model-names.ts";
import { isFree, type ModelView } from "./model-view.ts";
import { idSchema, searchSchema } from "./validate.ts";

const MODEL_SORTS = [
  "id",
  "display_name",
  "context_window",
  "release_date",
  "deprecation_date",
  "input_price",
  "output_price",
  "requests",
] as const;
type ModelSort = (typeof MODEL_SORTS)[number];

const providerIds = Object.keys(providers) as [string, ...string[]];

const tokens = z
  .string()
  .regex(/^\d{1,12}$/, "Must be a whole number")
  .transform(Number)
  .meta({ type: "integer", minimum: 0 });
const price = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,6})?$/, 'Must be an amount in USD, e.g. "2.50"')
  .transform(Number)
  .meta({ type: "string", examples: ["2.50"] });

export const modelQuery = listSchema(MODEL_SORTS, "id").extend({
  organization: idSchema("org").optional().describe("Whose models; the caller's own organization when left out."),
  provider: z.enum(providerIds).optional(),
  kind: z.enum(MODEL_KINDS).optional(),
  enabled: yesOrNo.optional(),
  capability: z
    .enum(CAPABILITY_NAMES)
    .optional()
    .describe("A flag that is set, or a kind of reasoning or caching that there is."),
  modality: z.enum(MODALITIES).optional().describe("What it reads."),
  priced: yesOrNo.optional(),
  free: yesOrNo.optional().describe("Whether no part of its price costs anything."),
  source: z.enum(["shipped", "custom", "synced"]).optional(),
  deprecated: yesOrNo.optional().describe("Whether the day is known on which it ends."),
  gone: yesOrNo.optional(),
  used: yesOrNo.optional().describe("Whether it was asked for in the last 30 days."),
  context_min: tokens.optional().describe("Models with a context window of so many tokens or more."),
  context_max: tokens.optional(),
  input_price_max: price.optional().describe("Models whose input costs no more, in USD per 1,000,000 tokens."),
  output_price_max: price.optional(),
  figures: figuresField,
  /** Some of its id or name. */
  q: searchSchema.optional(),
});

type ModelQuery = z.output<typeof modelQuery>;

const has = ({ model }: ModelView, capability: string): boolean => {
  const value = capabilitiesBody(model.capabilities ?? {})[capability];
  return value !== undefined && value !== false && value !== "none";
};

/** Whether a number is known and within bounds, where there are any. */
const within = (value: number | null | undefined, least: number | undefined, most: number | undefined): boolean =>
  (least === undefined && most === undefined) ||
  (value !== null && value !== undefined && value >= (least ?? 0) && value <= (most ?? Infinity));

const is = (wanted: boolean | undefined, value: boolean): boolean => wanted === undefined || wanted === value;

function fits(view: ModelView, asked: ModelQuery, usage: ModelUsage | null): boolean {
  const { model, price, rule, source } = view;
  const { provider, kind, capability, modality, q } = asked;
  const text = `${model.id}\n${model.displayName}`.toLowerCase();
  return (
    (provider === undefined || model.provider === provider) &&
    (kind === undefined || model.kind === kind) &&
    (capability === undefined || has(view, capability)) &&
    (modality === undefined || model.inputModalities.includes(modality)) &&
    (asked.source === undefined || source === asked.source) &&
    (q === undefined || text.includes(q.toLowerCase())) &&
    is(asked.enabled, rule === null) &&
    is(asked.priced, price !== null) &&
    is(asked.free, isFree(view)) &&
    is(asked.deprecated, model.deprecationDate !== undefined) &&
    is(asked.gone, model.gone !== undefined) &&
    is(asked.used, requestsOf(model.id, usage) > 0) &&
    within(model.contextWindow, asked.context_min, asked.context_max) &&
    within(rateOf(view, "input"), undefined, asked.input_price_max) &&
    within(rateOf(view, "output"), undefined, asked.output_price_max)
  );
}

const rateOf = ({ price }: ModelView, name: string): number | null => {
  const rates = (price?.price as { rates?: Record<string, string> } | undefined)?.rates;
  return rates?.[name] === undefined ? null : Number(rates[name]);
};

const VALUES: Record<ModelSort, (view: ModelView, usage: ModelUsage | null) => Place> = {
  id: ({ model }) => model.id,
  display_name: ({ model }) => model.displayName.toLowerCase(),
  context_window: ({ model }) => model.contextWindow ?? null,
  release_date: ({ model }) => model.releaseDate ?? null,
  deprecation_date: ({ model }) => model.deprecationDate ?? null,
  input_price: (view) => rateOf(view, "input"),
  output_price: (view) => rateOf(view, "output"),
  requests: ({ model }, usage) => requestsOf(model.id, usage),
};

/** Whether what a branch used is needed to answer. */
export const needsUsage = ({ figures, used, sort }: ModelQuery): boolean =>
  figures === true || used !== undefined || sort.by === "requests";

/** The models that fit, sorted, of one page, and how many fit. `usage` is there where `needsUsage` says so. */
export function pageOfModels(
  views: readonly ModelView[],
  asked: ModelQuery,
  usage: ModelUsage | null,
): Page<ModelView> & { total: number } {
  const found = views.filter((view) => fits(view, asked, usage));
  const place = (view: ModelView) => VALUES[asked.sort.by](view, usage);
  return { ...memoryPage(found, { place, id: ({ model }) => model.id }, asked), total: found.length };
}
