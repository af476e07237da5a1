import type { PriceRow } from "./prices.ts";
import { dearest, type Rates, type RateTable } from "./rates.ts";

/** How long a written cache may live. */
export type CacheLife = keyof Rates["cacheWrite"];

/** What decides which of a row's rates a request can meet. */
export interface RateTerms {
  /** Input tokens at most: they decide which long-context steps can be reached. */
  inputTokens: number;
  /** The service asked for, in the provider's word; null: none. A provider may bill the standard one instead. */
  service: string | null;
  /** Lives of what the request may write to a cache. */
  writes: readonly CacheLife[];
}

/** Pico-USD a token costs at most, by what it is. */
export interface DearestRates {
  input: { text: bigint; image: bigint; audio: bigint; video: bigint };
  output: { text: bigint; image: bigint; audio: bigint };
}

/** Batch is never met: the gateway's requests are answered at once. */
const tablesOf = ({ standard, services }: PriceRow, service: string | null): RateTable[] => {
  const asked = services.get(service?.toLowerCase() ?? "");
  return asked === undefined ? [standard] : [standard, asked];
};

/** The dearest rates that can apply to a request. */
export function dearestRates(row: PriceRow, { inputTokens, service, writes }: RateTerms): DearestRates {
  const met = tablesOf(row, service).flatMap(({ base, tiers }) => [
    base,
    ...tiers.filter((tier) => inputTokens > tier.above).map((tier) => tier.rates),
  ]);
  const most = (least: bigint, ...rates: ((one: Rates) => bigint)[]): bigint =>
    dearest(least, ...met.flatMap((one) => rates.map((rate) => rate(one))));
  const { reserve } = row;
  // What is read from a cache, or written to one, is billed by that whatever it is.
  const cached = most(
    reserve.input,
    ({ cacheRead }) => cacheRead,
    ...writes.map((life) => (rates: Rates) => rates.cacheWrite[life]),
  );
  return {
    input: {
      text: most(cached, ({ input }) => input),
      image: most(
        cached,
        ({ inputImage }) => inputImage,
        ({ cacheReadImage }) => cacheReadImage,
      ),
      audio: most(cached, ({ inputAudio }) => inputAudio),
      video: most(cached, ({ inputVideo }) => inputVideo),
    },
    output: {
      text: most(reserve.output, ({ output }) => output),
      image: most(reserve.output, ({ outputImage }) => outputImage),
      audio: most(reserve.output, ({ outputAudio }) => outputAudio),
    },
  };
}
