import { z } from "zod";
import { FEE_NAMES } from "./fees.ts";
import { DECIMAL, RATE_NAMES } from "./rates.ts";

/** A price as organizations write their own: the catalogue's form (`PriceRecord`) without its days. */

const decimal = z
  .string()
  .regex(DECIMAL, 'must be a decimal like "2.5", of at most nine digits before the point and six after it');

const named = <Name extends string>(names: readonly Name[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, decimal.optional()])) as Record<Name, OptionalDecimal>);

type OptionalDecimal = z.ZodOptional<typeof decimal>;

/** USD per 1,000,000 tokens. */
const rates = named(RATE_NAMES);
/** Other rates follow the input rate, so that it cannot be left out. */
const wholeRates = rates.required({ input: true }).meta({
  id: "PriceRates",
  description: "USD per 1,000,000 tokens as decimal text. What is left out follows `input`.",
});

const tiers = z
  .array(z.strictObject({ above: z.int().min(1), rates: wholeRates }))
  .max(8)
  .refine(
    (steps) => steps.every(({ above }, index) => index === 0 || above > (steps[index - 1]?.above ?? 0)),
    "must ascend in 'above'",
  );

/** Refuses unknown names, decimals that cannot be held exactly, and tiers out of order. */
export const priceSchema = z.strictObject({
  rates: wholeRates,
  tiers: tiers.optional().describe("Above so many input tokens these rates cover the whole request; ascending."),
  batch: wholeRates.optional(),
  fast: wholeRates.optional(),
  reserve: named(["input", "output"]).optional().describe("What to hold back at least."),
  fees: named(FEE_NAMES).optional().describe("USD for each call."),
});
