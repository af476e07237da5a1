/** A price row's decimal strings as whole pico-USD (10⁻¹² dollar) per token, with everything filled in that it leaves open. */
import type { PriceRecord, RateRecord } from "./models.ts";

/** Pico-USD per token. A listing that names no rate of a kind leaves it out. */
export interface Rates {
  input: bigint;
  output: bigint;
  cacheRead: bigint;
  /** By time to live; `unknown` is the dearest of them. */
  cacheWrite: { "5m": bigint; "30m": bigint; "1h": bigint; "12h": bigint; unknown: bigint };
  inputAudio: bigint;
  outputAudio: bigint;
  inputImage: bigint;
  outputImage: bigint;
  cacheReadImage: bigint;
  inputVideo: bigint;
}

/** What a price may name; another name is a mistake, and would be a rate nobody charges. */
export const RATE_NAMES = [
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
  "inputVideo",
] as const;

/** The rates of one service tier. */
export interface RateTable {
  base: Rates;
  /** Ascending in `above`. */
  tiers: readonly { above: number; rates: Rates }[];
}

/** USD with at most six places, as prices are written. */
export const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/**
 * USD per 1,000,000 tokens as a decimal string → pico-USD per token, exactly.
 * @throws RangeError for anything but a plain decimal of at most six places: such a price cannot be held exactly.
 */
export const picoPerToken = (usdPerMillion: string): bigint => {
  const match = DECIMAL.exec(usdPerMillion);
  if (!match?.[1]) throw new RangeError(`not a price in USD per 1M tokens: ${JSON.stringify(usdPerMillion)}`);
  return BigInt(match[1] + (match[2] ?? "").padEnd(6, "0"));
};

export const dearest = (...rates: bigint[]): bigint => rates.reduce((a, b) => (b > a ? b : a), 0n);

const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

type Named = ReadonlyMap<string, bigint>;

const named = (record: RateRecord): Named =>
  new Map(Object.entries(record).map(([name, price]) => [name, picoPerToken(price)]));

/**
 * Rates of a tier or service. One it does not name moves as its input rate does against the base: providers state cache
 * and long-context prices as multiples of it.
 */
const derived = (base: Named, own: Named): Named => {
  const from = base.get("input") ?? 0n;
  const to = own.get("input") ?? from;
  const rates = new Map(own);
  for (const [name, rate] of base) {
    if (!rates.has(name)) rates.set(name, from === 0n ? rate : divideUp(rate * to, from));
  }
  return rates;
};

/** Fills in what a listing leaves open: no discount for a cached read, no surcharge for a write, text rates for media. */
const complete = (rates: Named): Rates => {
  const input = rates.get("input") ?? 0n;
  const output = rates.get("output") ?? rates.get("outputImage") ?? rates.get("outputAudio") ?? 0n;
  const cacheRead = rates.get("cacheRead") ?? input;
  const write = (ttl: string) => rates.get(`cacheWrite${ttl}`);
  // Resellers list the shorter of Anthropic's lives alone; the longer costs twice the input.
  const hour = write("1h") ?? (write("5m") === undefined ? undefined : 2n * input);
  const unknown = dearest(input, hour ?? 0n, ...["5m", "30m", "12h"].map((ttl) => write(ttl) ?? 0n));
  return {
    input,
    output,
    cacheRead,
    cacheWrite: {
      "5m": write("5m") ?? unknown,
      "30m": write("30m") ?? unknown,
      "1h": hour ?? unknown,
      "12h": write("12h") ?? unknown,
      unknown,
    },
    inputAudio: rates.get("inputAudio") ?? input,
    outputAudio: rates.get("outputAudio") ?? output,
    inputImage: rates.get("inputImage") ?? input,
    outputImage: rates.get("outputImage") ?? output,
    cacheReadImage: rates.get("cacheReadImage") ?? cacheRead,
    inputVideo: rates.get("inputVideo") ?? input,
  };
};

/** Rates of a long request on another service: the service's, moved as the tier moves the standard ones. */
const moved = (base: Named, tier: Named, service: Named): Named =>
  new Map(
    [...tier].map(([name, rate]) => {
      const from = base.get(name);
      const own = service.get(name);
      return [name, from && own !== undefined ? divideUp(own * rate, from) : rate];
    }),
  );

export interface ServiceRates {
  standard: RateTable;
  batch: RateTable | null;
  fast: RateTable | null;
}

/** @throws RangeError when a price of the record cannot be held exactly. */
export const serviceRates = (record: PriceRecord): ServiceRates => {
  const base = named(record.rates);
  const table = (service: Named): RateTable => ({
    base: complete(service),
    tiers: (record.tiers ?? []).map((tier) => ({
      above: tier.above,
      rates: complete(moved(base, derived(base, named(tier.rates)), service)),
    })),
  });
  const optional = (rates: RateRecord | undefined) => (rates ? table(derived(base, named(rates))) : null);
  return { standard: table(base), batch: optional(record.batch), fast: optional(record.fast) };
};
