/**
 * The price book. A request is rated by the row that holds at its start, and its event keeps that row's `version`.
 * Rates are whole pico-USD (10⁻¹² dollar) a token, fees the same a call.
 */
import type { TenantPriceRecord } from "../canonical/tenant.ts";
import { type Fees, listedFees, midnight, parseFees } from "./fees.ts";
import type { CatalogModel, FeeRecord, PriceRecord } from "./models.ts";
import { picoPerToken, type RateTable, serviceRates } from "./rates.ts";

export interface PriceRow {
  /** Names the row for good: model, first day where it has one, and a digest of everything it states. */
  version: string;
  standard: RateTable;
  /** By the provider's own word for a service tier, in lower case. Words without an entry cost the standard rates. */
  services: ReadonlyMap<string, RateTable>;
  /** At least so much is held back per token. */
  reserve: { input: bigint; output: bigint };
  fees: Fees;
}

interface ServiceWords {
  batch: string[];
  fast: string[];
}

/** Flex costs what batch costs at OpenAI and Google. */
const COMMON_WORDS: ServiceWords = { batch: ["batch", "flex"], fast: ["priority", "fast"] };

/** The words with which each provider bills its cheaper and its faster service. */
const SERVICE_WORDS: Readonly<Record<string, ServiceWords>> = {
  openai: { batch: ["batch", "flex"], fast: ["priority", "fast", "ultrafast"] },
  // Its `priority` is capacity paid beforehand, not its `fast` mode.
  anthropic: { batch: ["batch"], fast: ["fast"] },
  google: { batch: ["batch", "flex"], fast: ["priority"] },
};

const wordsOf = (provider: string): ServiceWords => SERVICE_WORDS[provider] ?? COMMON_WORDS;

/** Words that a provider bills dearer than the standard rates: without an entry of their own their price is not known. */
export const isDearerService = (provider: string, word: string): boolean =>
  wordsOf(provider).fast.includes(word.toLowerCase());

/** FNV-1a, 64 bits, as hex: short, stable and synchronous; it tells rows apart and protects nothing. */
const digest = (text: string): string => {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
};

/** A row without its end: a price that has been given one is still the same price. */
const stated = ({ until: _until, ...row }: PriceRecord, fees: FeeRecord): string => JSON.stringify({ ...row, fees });

const parseRow = (version: string, provider: string, record: PriceRecord, fees: FeeRecord): PriceRow => {
  const { standard, batch, fast } = serviceRates(record);
  const words = wordsOf(provider);
  const services = new Map<string, RateTable>();
  if (batch) for (const word of words.batch) services.set(word, batch);
  if (fast) for (const word of words.fast) services.set(word, fast);
  return {
    version,
    standard,
    services,
    reserve: {
      input: picoPerToken(record.reserve?.input ?? "0"),
      output: picoPerToken(record.reserve?.output ?? "0"),
    },
    fees: parseFees(fees),
  };
};

/** Rows by what they state; a record has another row when the provider's fees change. */
const parsed = new WeakMap<PriceRecord, Map<string, PriceRow>>();

/** A record's row, with the fees its provider asks at a moment. */
const rowOf = (model: CatalogModel, record: PriceRecord, atMs: number): PriceRow => {
  const fees = { ...listedFees(model.provider, model.upstreamId, atMs), ...record.fees };
  const rows = parsed.get(record) ?? new Map<string, PriceRow>();
  parsed.set(record, rows);
  const key = JSON.stringify(fees);
  const known = rows.get(key);
  if (known !== undefined) return known;
  const version = `${model.id}@${record.from ? `${record.from}-` : ""}${digest(stated(record, fees)).slice(0, 8)}`;
  const row = parseRow(version, model.provider, record, fees);
  rows.set(key, row);
  return row;
};

/** The price that holds at a moment (milliseconds since the epoch) as the data file states it; null: none. */
export const priceRecordAt = ({ prices }: CatalogModel, atMs: number): PriceRecord | null =>
  prices.find(({ from, until }) => atMs >= midnight(from, -Infinity) && atMs < midnight(until, Infinity)) ?? null;

/** The price that holds at a moment (milliseconds since the epoch), or null when we know none: then it is unpriced. */
export const priceAt = (model: CatalogModel, atMs: number): PriceRow | null => {
  const record = priceRecordAt(model, atMs);
  return record && rowOf(model, record, atMs);
};

/**
 * The price of a version for a request begun at a moment, or null when the book no longer has it: prices that were wrong
 * are replaced.
 */
export const priceOfVersion = (model: CatalogModel, version: string, atMs: number): PriceRow | null =>
  model.prices.map((record) => rowOf(model, record, atMs)).find((row) => row.version === version) ?? null;

const ownRows = new WeakMap<TenantPriceRecord, PriceRow>();

/**
 * An organization's own price as a row; its version is the record's id. A fee that it does not name is the provider's, as
 * it was when the price began.
 * @throws RangeError for a price that was not checked by `priceSchema`.
 */
export const tenantPriceRow = (own: TenantPriceRecord): PriceRow => {
  const known = ownRows.get(own);
  if (known !== undefined) return known;
  const { id, model, from, price } = own;
  const slash = model.indexOf("/");
  const provider = model.slice(0, slash);
  const record = price as unknown as PriceRecord;
  const fees = { ...listedFees(provider, model.slice(slash + 1), from), ...record.fees };
  const row = parseRow(id, provider, record, fees);
  ownRows.set(own, row);
  return row;
};
