import { z } from "zod";
import { CAPABILITY_NAMES, MODALITIES } from "../../catalog/model-facts-schema.ts";
import { MODEL_KINDS } from "../../catalog/models.ts";
import { memoryPage, type Place } from "../../lib/memory-page.ts";
import type { Page } from "../../lib/page.ts";
import { providers } from "../../providers/registry.ts";
import { listSchema, yesOrNo } from "./list.ts";
import { capabilitiesBody } from "./model-names.ts";
import { isFree, type ModelView } from "./model-view.ts";
import { idSchema, searchSchema } from "./validate.ts";

const MODEL_SORTS = ["id", "display_name", "context_window", "release_date", "input_price", "output_price"] as const;
type ModelSort = (typeof MODEL_SORTS)[number];

const providerIds = Object.keys(providers) as [string, ...string[]];

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
  /** Some of its id or name. */
  q: searchSchema.optional(),
});

type ModelQuery = z.output<typeof modelQuery>;

const has = ({ model }: ModelView, capability: string): boolean => {
  const value = capabilitiesBody(model.capabilities ?? {})[capability];
  return value !== undefined && value !== false && value !== "none";
};

const is = (wanted: boolean | undefined, value: boolean): boolean => wanted === undefined || wanted === value;

function fits(view: ModelView, asked: ModelQuery): boolean {
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
    is(asked.gone, model.gone !== undefined)
  );
}

const rateOf = ({ price }: ModelView, name: string): number | null => {
  const rates = (price?.price as { rates?: Record<string, string> } | undefined)?.rates;
  return rates?.[name] === undefined ? null : Number(rates[name]);
};

const VALUES: Record<ModelSort, (view: ModelView) => Place> = {
  id: ({ model }) => model.id,
  display_name: ({ model }) => model.displayName.toLowerCase(),
  context_window: ({ model }) => model.contextWindow ?? null,
  release_date: ({ model }) => model.releaseDate ?? null,
  input_price: (view) => rateOf(view, "input"),
  output_price: (view) => rateOf(view, "output"),
};

/** The models that fit, sorted, of one page, and how many fit. */
export function pageOfModels(views: readonly ModelView[], asked: ModelQuery): Page<ModelView> & { total: number } {
  const found = views.filter((view) => fits(view, asked));
  return {
    ...memoryPage(found, { place: VALUES[asked.sort.by], id: ({ model }) => model.id }, asked),
    total: found.length,
  };
}
