import type { InferRequestType, InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

/** A model as the list has it. */
export type ModelRow = InferResponseType<typeof api.models.$get>["data"][number];

type Parameters = NonNullable<InferRequestType<typeof api.models.$get>["query"]>;

export const PROVIDERS = ["openai", "anthropic", "google", "openrouter", "compatible"] as const satisfies NonNullable<
  Parameters["provider"]
>[];
export const CAPABILITIES = [
  "tools",
  "structured_output",
  "reasoning",
  "prompt_caching",
  "parallel_tools",
  "streaming",
] as const satisfies NonNullable<Parameters["capability"]>[];
export const MODALITIES = ["text", "image", "pdf", "audio", "video"] as const satisfies NonNullable<
  Parameters["modality"]
>[];

/** A price's terms as the price book has them: decimal strings of USD per 1,000,000 tokens. */
interface PriceTerms {
  rates?: Record<string, string>;
  tiers?: { above: number; rates: Record<string, string> }[];
  batch?: Record<string, string>;
}

/** The terms of a price; none of what has no price. */
export const termsOfPrice = (price: { price: unknown } | null): PriceTerms => (price?.price ?? {}) as PriceTerms;

/** A rate of a price in force, USD per 1,000,000 tokens as its digits; null: there is none. */
export function rateOf(price: ModelRow["price"], name: string): string | null {
  return termsOfPrice(price).rates?.[name] ?? null;
}

/** What a model can do that people choose it for, by the API's names. */
export function abilitiesOf({ capabilities, input_modalities }: Pick<ModelRow, "capabilities" | "input_modalities">) {
  const can = (name: string) => {
    const value = capabilities[name];
    return value !== undefined && value !== false && value !== "none";
  };
  return {
    capabilities: CAPABILITIES.slice(0, 4).filter(can),
    modalities: MODALITIES.filter((one) => one !== "text" && input_modalities?.includes(one)),
  };
}
