import { z } from "zod";

/** Every rate a price may name, as in `models.json`. */
const RATE_NAMES = [
  "input",
  "output",
  "cacheRead",
  "cacheWrite5m",
  "cacheWrite30m",
  "cacheWrite1h",
  "cacheWrite12h",
  "inputAudio",
  "outputAudio",
  "inputImage",
  "outputImage",
  "cacheReadImage",
] as const;

const rate = z
  .string()
  .regex(/^\d{1,9}(?:\.\d{1,6})?$/, 'Must be USD per 1M tokens, e.g. "2.50", with at most 6 places');
const optionalRates = Object.fromEntries(RATE_NAMES.map((name) => [name, rate.optional()])) as {
  [Name in (typeof RATE_NAMES)[number]]: z.ZodOptional<typeof rate>;
};

/** Everything is charged by the input rate where no other is named: without it a price would be none. */
const rates = z.strictObject({ ...optionalRates, input: rate });
const someRates = z.strictObject(optionalRates);

const tiers = z
  .array(z.strictObject({ above: z.int().min(1), rates }))
  .max(10)
  .refine(
    (list) => list.every(({ above }, index) => index === 0 || above > (list[index - 1]?.above ?? 0)),
    "Must ascend in 'above'",
  );

/** A price in the catalogue's own form (`PriceRecord` without its days); rates in decimal strings, USD per 1,000,000 tokens. */
export const priceSchema = z.strictObject({
  rates,
  tiers: tiers.optional(),
  batch: someRates.optional(),
  fast: someRates.optional(),
  reserve: someRates.pick({ input: true, output: true }).optional(),
});
