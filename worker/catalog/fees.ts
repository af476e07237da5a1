/**
 * What providers charge by the call, beside tokens. List prices as of 2026-11-23; docs/prices.md says which of them are
 * still to be checked. Free allowances (Google's searches of a day, Anthropic's container hours of a month) belong to an
 * account and not to a request: they are left out, so that a request is never told to be cheaper than it may be.
 */
import type { FeeRecord } from "./models.ts";
import { picoPerToken } from "./rates.ts";

/**
 * `request`: every request; `groundedRequest`: a request with at least one search, however many; `webSearch`, `webFetch`,
 * `fileSearch`, `imageGeneration`: each call; `codeSession`: each container.
 */
export const FEE_NAMES = [
  "request",
  "groundedRequest",
  "webSearch",
  "webFetch",
  "fileSearch",
  "codeSession",
  "imageGeneration",
] as const;
export type FeeName = (typeof FEE_NAMES)[number];

/** Pico-USD a call; a fee that is not here is not known, which is not the same as none. */
export type Fees = Readonly<Partial<Record<FeeName, bigint>>>;

interface FeeRow {
  provider: string;
  /** Which of the provider's models; all when absent. */
  models?: RegExp;
  /** ISO days: from midnight UTC of `from` to midnight UTC of `until`. */
  from?: string;
  until?: string;
  fees: FeeRecord;
}

/** Every row that fits counts, a later one over an earlier one. */
const ROWS: readonly FeeRow[] = [
  // OpenAI, "Pricing, built-in tools": 10.00 / 1,000 web searches, 2.50 / 1,000 file searches, 0.03 a container of 1 GB.
  { provider: "openai", fees: { webSearch: "0.01", fileSearch: "0.0025", codeSession: "0.03" } },
  // The same page: `web_search_preview` with models that do not reason, 25.00 / 1,000. Usage does not tell which tool ran.
  { provider: "openai", models: /^gpt-4(?:o|\.1)/, fees: { webSearch: "0.025" } },
  // Anthropic, "Pricing, tools": 10.00 / 1,000 web searches; fetching costs the tokens alone. Containers are billed by
  // the hour, of which no usage tells.
  { provider: "anthropic", fees: { webSearch: "0.01", webFetch: "0" } },
  // Google, "Gemini Developer API pricing", Gemini 3 and later: 14.00 / 1,000 queries; what is read costs its tokens.
  { provider: "google", models: /^gemini-[3-9]/, fees: { webSearch: "0.014", webFetch: "0" } },
  // The same page, Gemini 2: 35.00 / 1,000 requests that were grounded.
  { provider: "google", models: /^gemini-2/, fees: { groundedRequest: "0.035", webFetch: "0" } },
  // Rerouted to Gemini 3.8 and 3.5 that day, and billed as they are (models.json has their rates from then on).
  {
    provider: "google",
    models: /^gemini-2\.5-(?:pro|flash)$/,
    from: "2026-12-01",
    fees: { groundedRequest: "0", webSearch: "0.014" },
  },
];

/** Midnight UTC of an ISO day. */
export const midnight = (day: string | undefined, absent: number): number =>
  day === undefined ? absent : Date.parse(`${day}T00:00:00Z`);

/** A model's fees at a moment (milliseconds since the epoch), as they are listed. */
export function listedFees(provider: string, upstreamId: string, at: number): FeeRecord {
  const rows = ROWS.filter(
    (row) =>
      row.provider === provider &&
      (row.models === undefined || row.models.test(upstreamId)) &&
      at >= midnight(row.from, -Infinity) &&
      at < midnight(row.until, Infinity),
  );
  return Object.assign({}, ...rows.map(({ fees }) => fees)) as FeeRecord;
}

/** USD → pico-USD: a price in USD per million tokens is as many pico-USD a token as a fee in USD is micro-USD a call. */
const PICO_PER_MICRO = 1_000_000n;

/**
 * Fees as pico-USD a call.
 * @throws RangeError for a fee that is no plain decimal of at most six places.
 */
export const parseFees = (record: FeeRecord): Fees =>
  Object.fromEntries(Object.entries(record).map(([name, usd]) => [name, picoPerToken(usd) * PICO_PER_MICRO]));
