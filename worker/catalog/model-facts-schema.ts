import { z } from "zod";
import { MODEL_KINDS } from "./models.ts";

/** Facts as organizations write their own, in the names of the management API, and as they are stored. */

export const MODALITIES = ["text", "image", "pdf", "audio", "video"] as const;
export const OUTPUTS = ["text", "image", "audio", "embedding"] as const;

/** No model has a longer window. */
const tokens = z.int().min(1).max(100_000_000);

const day = z.iso.date("must be a day like 2027-01-31");

const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) && text.isWellFormed(), "must be one line of text");

const some = <Word extends string>(words: readonly [Word, ...Word[]]) =>
  z
    .array(z.enum(words))
    .min(1, "must name at least one")
    .refine((given) => new Set(given).size === given.length, "must name each once");

/** How reasoning is steered: `effort:low,high`, `budget:128-32768`, `disabled`, … as the catalogue writes it. */
const WORDS = "none|minimal|low|medium|high|xhigh|max|standard|pro";
const KNOB = new RegExp(
  `^(?:adaptive|between_tools|disabled|(?:effort|level|mode):(?:${WORDS})(?:,(?:${WORDS})){0,9}|(?:budget|max_tokens):(?:0,)?\\d{1,9}-\\d{1,9})$`,
);

const flag = z.boolean();

const CAPABILITIES = {
  tools: flag,
  parallel_tools: flag,
  forced_tool_choice: flag,
  structured_output: flag,
  reasoning: z.enum(["none", "optional", "always"]),
  reasoning_knobs: z.array(z.string().regex(KNOB, "must be one of the catalogue's forms, e.g. effort:low,high")).max(8),
  prompt_caching: z.enum(["none", "implicit", "explicit", "both"]),
  streaming: flag,
  tools_with_reasoning: z.enum(["responses"]),
  sampling_params: flag,
  prefill: flag,
};

/** What a model may be able to do, by its name in the management API. */
export const CAPABILITY_NAMES = Object.keys(CAPABILITIES) as (keyof typeof CAPABILITIES)[];

const TRAITS = {
  display_name: line,
  kind: z.enum(MODEL_KINDS),
  context_window: tokens,
  max_input_tokens: tokens,
  max_output_tokens: tokens,
  input_modalities: some(MODALITIES),
  output_modalities: some(OUTPUTS),
  endpoints: some(["chat", "responses"]),
  release_date: day,
  deprecation_date: day,
};

type Shape = Readonly<Record<string, z.ZodType>>;

const optional = <S extends Shape>(shape: S) =>
  Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.optional()])) as {
    [K in keyof S]: z.ZodOptional<S[K]>;
  };

const nullish = <S extends Shape>(shape: S) =>
  Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.nullable().optional()])) as {
    [K in keyof S]: z.ZodOptional<z.ZodNullable<S[K]>>;
  };

/** All may be left out: then it is as shipped, or not known. */
export const factsFields = { ...optional(TRAITS), capabilities: z.strictObject(optional(CAPABILITIES)).optional() };

/** The same for a change: null takes away what was set. */
export const factsPatchSchema = z.strictObject({
  ...nullish(TRAITS),
  capabilities: z.strictObject(nullish(CAPABILITIES)).nullable().optional(),
});
