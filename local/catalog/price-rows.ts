/**
 * From a listing's prices to rows with validity dates. Dates are `yyyy-mm-dd`, meant as midnight UTC; `from` is the first
 * day a row holds, `until` the first day it no longer does. Prices are decimal strings, USD per 1,000,000 tokens, and
 * are only ever computed with as whole millionths of a dollar.
 */

/** Named rates, e.g. `input`, `cacheWrite5m`. */
export type RateRecord = Record<string, string>;

export interface PriceRecord {
  from?: string;
  until?: string;
  rates: RateRecord;
  tiers?: { above: number; rates: RateRecord }[];
  batch?: RateRecord;
  fast?: RateRecord;
  reserve?: RateRecord;
}

/** The price fields of a listing (`pricesUsdPer1M` and its dates). */
export interface ListedPrices {
  pricesUsdPer1M?: Record<string, unknown>;
  pricesValidFrom?: string;
  /** Last day on which the price holds. */
  pricesValidUntil?: string;
  scheduledPrices?: ({ from: string } & RateRecord)[];
  notes?: string[];
}

const DECIMAL = /^(\d+)(?:\.(\d{1,6}))?$/;

/** Millionths of a dollar. @throws when the string is not a plain decimal of at most six places. */
const millionths = (text: string): bigint => {
  const match = DECIMAL.exec(text);
  if (!match?.[1]) throw new Error(`not a price: ${JSON.stringify(text)}`);
  return BigInt(match[1] + (match[2] ?? "").padEnd(6, "0"));
};

const decimal = (value: bigint): string => {
  const digits = value.toString().padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, "");
};

/** `rate × to / from`, exact. @throws when it is not a whole number of millionths. */
const scaled = (rate: string, from: string, to: string): string => {
  const product = millionths(rate) * millionths(to);
  const divisor = millionths(from);
  if (divisor === 0n || product % divisor !== 0n) throw new Error(`cannot scale ${rate} from ${from} to ${to} exactly`);
  return decimal(product / divisor);
};

const largest = (a: string, b: string): string => (millionths(a) >= millionths(b) ? a : b);

const dayAfter = (day: string): string => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

const rateFields = (listed: Record<string, unknown>): RateRecord => {
  const rates: RateRecord = {};
  for (const [name, value] of Object.entries(listed)) {
    if (typeof value !== "string") continue;
    millionths(value);
    rates[name] = value;
  }
  return rates;
};

/**
 * A reseller's listing may carry one cheap endpoint's price while another listing is dearer. What is held back before a
 * request is then the dearer of each side.
 */
const reserveRates = (rates: RateRecord, notes: string[]): RateRecord | undefined => {
  for (const note of notes) {
    const match = /^listed elsewhere at ([\d.]+) in, ([\d.]+) out/.exec(note);
    if (!match?.[1] || !match[2] || !rates.input || !rates.output) continue;
    const reserve = { input: largest(rates.input, match[1]), output: largest(rates.output, match[2]) };
    if (reserve.input !== rates.input || reserve.output !== rates.output) return reserve;
  }
  return undefined;
};

/** An announced price names only some rates; the others keep their proportion to the input rate. */
const scheduledRow = (current: PriceRecord, announced: { from: string } & RateRecord): PriceRecord => {
  const { from, ...named } = announced;
  const before = current.rates.input;
  const after = named.input;
  if (!before || !after) throw new Error("a scheduled price needs an input rate before and after");
  const follow = (rates: RateRecord): RateRecord =>
    Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, scaled(rate, before, after)]));
  return {
    from,
    rates: { ...follow(current.rates), ...rateFields(named) },
    ...(current.tiers && { tiers: current.tiers.map((tier) => ({ above: tier.above, rates: follow(tier.rates) })) }),
    ...(current.batch && { batch: follow(current.batch) }),
    ...(current.fast && { fast: follow(current.fast) }),
  };
};

/**
 * The rows of one model: the listed price, then the scheduled ones, each ending where the next begins.
 * @throws when a listing's dates leave a hole between two rows.
 */
export const priceRows = (listed: ListedPrices): PriceRecord[] => {
  const prices = listed.pricesUsdPer1M;
  if (!prices) return [];
  const rates = rateFields(prices);
  const reserve = reserveRates(rates, listed.notes ?? []);
  const tiers = (prices.tiers ?? []) as ({ aboveInputTokens: number } & Record<string, unknown>)[];
  const current: PriceRecord = {
    ...(listed.pricesValidFrom && { from: listed.pricesValidFrom }),
    rates,
    ...(tiers.length > 0 && {
      tiers: tiers.map((tier) => ({ above: tier.aboveInputTokens, rates: rateFields(tier) })),
    }),
    ...(prices.batch ? { batch: rateFields(prices.batch as Record<string, unknown>) } : {}),
    ...(prices.fast ? { fast: rateFields(prices.fast as Record<string, unknown>) } : {}),
    ...(reserve && { reserve }),
  };
  const rows = [current];
  for (const announced of listed.scheduledPrices ?? []) {
    const previous = rows[rows.length - 1] as PriceRecord;
    previous.until = announced.from;
    rows.push(scheduledRow(previous, announced));
  }
  const end = listed.pricesValidUntil && dayAfter(listed.pricesValidUntil);
  if (end && current.until === undefined) current.until = end;
  if (end && current.until !== end) throw new Error(`the price ends on ${end}, the next begins on ${current.until}`);
  return rows;
};

/** The part of the rows that lies at or after a day. */
const onward = (rows: PriceRecord[], day: string): PriceRecord[] =>
  rows
    .filter((row) => row.until === undefined || row.until > day)
    .map((row) => (row.from !== undefined && row.from > day ? row : { ...row, from: day }));

/** The part of the rows that lies before a day. */
const before = (rows: PriceRecord[], day: string): PriceRecord[] =>
  rows
    .filter((row) => row.from === undefined || row.from < day)
    .map((row) => (row.until !== undefined && row.until <= day ? row : { ...row, until: day }));

const sameRows = (a: PriceRecord[], b: PriceRecord[]): boolean => canonicalJson(a) === canonicalJson(b);

/** JSON with sorted keys, so that two rows compare by content. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/**
 * A price change is a new row, never an update: what `known` says before `day` stays, and `listed` holds from that day.
 * Without a change from that day on, `known` is kept as it is.
 */
export const succeed = (known: PriceRecord[], listed: PriceRecord[], day: string): PriceRecord[] => {
  if (known.length === 0) return listed;
  if (sameRows(onward(known, day), onward(listed, day))) return known;
  return [...before(known, day), ...onward(listed, day)];
};

/** Rows of a model whose traffic the vendor answers and bills as another model from `day` on. */
export const rerouted = (own: PriceRecord[], other: PriceRecord[], day: string): PriceRecord[] => [
  ...before(own, day),
  ...onward(other, day),
];
