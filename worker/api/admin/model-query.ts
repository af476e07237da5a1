import { z } from "zod";
import { CAPABILITY_NAMES, MODALITIES } from "../../catalog/model-facts-schema.ts";
import { MODEL_KINDS } from "../../catalog/models.ts";
import { decodeUtf8, fromBase64, toBase64Url, utf8 } from "../../lib/encoding.ts";
import { providers } from "../../providers/registry.ts";
import { capabilitiesBody } from "./model-names.ts";
import type { ModelView } from "./model-view.ts";
import { idSchema, lineSchema, pageSchema } from "./validate.ts";

const MODEL_SORTS = ["id", "display_name", "context_window", "release_date", "input_price", "output_price"] as const;
type ModelSort = (typeof MODEL_SORTS)[number];

const yesOrNo = z.enum(["true", "false"]).transform((word) => word === "true");
const providerIds = Object.keys(providers) as [string, ...string[]];

/** The last row of a page: what it was sorted by, and its id. */
const cursorSchema = z
  .string()
  .max(1_000)
  .transform((text, context): [string | number | null, string] => {
    try {
      const [value, id] = JSON.parse(decodeUtf8(fromBase64(text) ?? new Uint8Array()) ?? "") as unknown[];
      const scalar = value === null || typeof value === "string" || typeof value === "number";
      if (scalar && typeof id === "string") return [value, id];
    } catch {
      // It is none of ours.
    }
    context.addIssue({ code: "custom", message: "Must be the `next_cursor` of a page" });
    return z.NEVER;
  });

export const modelQuery = pageSchema.extend({
  cursor: cursorSchema.optional(),
  /** Whose models; the caller's own organization when left out. */
  organization: idSchema("org").optional(),
  provider: z.enum(providerIds).optional(),
  kind: z.enum(MODEL_KINDS).optional(),
  enabled: yesOrNo.optional(),
  /** A flag that is set, or a kind of reasoning or caching that there is. */
  capability: z.enum(CAPABILITY_NAMES).optional(),
  /** What it reads. */
  modality: z.enum(MODALITIES).optional(),
  priced: yesOrNo.optional(),
  source: z.enum(["shipped", "custom", "synced"]).optional(),
  /** Whether the day is known on which it ends. */
  deprecated: yesOrNo.optional(),
  gone: yesOrNo.optional(),
  /** Some of its id or name. */
  q: lineSchema(100).optional(),
  sort: z
    .enum(MODEL_SORTS.flatMap((by) => [by, `-${by}`] as const))
    .default("id")
    .transform((sort) => {
      const descending = sort.startsWith("-");
      return { by: (descending ? sort.slice(1) : sort) as ModelSort, descending };
    }),
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
    is(asked.deprecated, model.deprecationDate !== undefined) &&
    is(asked.gone, model.gone !== undefined)
  );
}

const rateOf = ({ price }: ModelView, name: string): number | null => {
  const rates = (price?.price as { rates?: Record<string, string> } | undefined)?.rates;
  return rates?.[name] === undefined ? null : Number(rates[name]);
};

const VALUES: Record<ModelSort, (view: ModelView) => string | number | null> = {
  id: ({ model }) => model.id,
  display_name: ({ model }) => model.displayName.toLowerCase(),
  context_window: ({ model }) => model.contextWindow ?? null,
  release_date: ({ model }) => model.releaseDate ?? null,
  input_price: (view) => rateOf(view, "input"),
  output_price: (view) => rateOf(view, "output"),
};

type Place = [value: string | number | null, id: string];

/** What has no value comes last, whatever the direction. */
function compare([a, idA]: Place, [b, idB]: Place, descending: boolean): number {
  if (a === null || b === null) {
    if (a !== b) return a === null ? 1 : -1;
  } else if (a !== b) {
    return a < b === descending ? 1 : -1;
  }
  return idA < idB ? -1 : idA > idB ? 1 : 0;
}

/** The models that fit, sorted, of one page; `nextCursor` null: it is the last. */
export function pageOfModels(
  views: readonly ModelView[],
  asked: ModelQuery,
): { page: ModelView[]; total: number; nextCursor: string | null } {
  const { by, descending } = asked.sort;
  const placed = views
    .filter((view) => fits(view, asked))
    .map((view) => ({ view, place: [VALUES[by](view), view.model.id] as Place }))
    .sort((a, b) => compare(a.place, b.place, descending));
  const { cursor, limit } = asked;
  const following = cursor ? placed.filter(({ place }) => compare(place, cursor, descending) > 0) : placed;
  const shown = following.slice(0, limit);
  const last = following.length > limit ? shown.at(-1) : undefined;
  return {
    page: shown.map(({ view }) => view),
    total: placed.length,
    nextCursor: last ? toBase64Url(utf8(JSON.stringify(last.place))) : null,
  };
}
