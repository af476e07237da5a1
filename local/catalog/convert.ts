/**
 * Makes `worker/catalog/models.json` from a listing of models (run by hand, when the listing has changed):
 *
 *   node local/catalog/convert.ts <listing.json> [yyyy-mm-dd]
 *
 * The day is the first on which changed prices hold, today if absent: rows already in the file keep what they say about
 * the time before it. The listing is an array of models with `id`, `provider`, `upstreamId`, limits, modalities,
 * capabilities and `pricesUsdPer1M` (decimal strings, USD per 1,000,000 tokens).
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type ListedPrices, type PriceRecord, priceRows, rerouted, succeed } from "./price-rows.ts";

interface ListedModel extends ListedPrices {
  id: string;
  provider: string;
  upstreamId: string;
  [field: string]: unknown;
}

interface ModelRecord {
  provider: string;
  upstreamId: string;
  prices: PriceRecord[];
  [field: string]: unknown;
}

/** What the product reads of a listed model, besides its prices. */
const FIELDS = [
  "provider",
  "upstreamId",
  "displayName",
  "kind",
  "contextWindow",
  "maxInputTokens",
  "maxOutputTokens",
  "inputModalities",
  "outputModalities",
  "capabilities",
  "endpoints",
  "releaseDate",
  "deprecationDate",
] as const;

/** Some models take functions together with reasoning at one of their endpoints only; the listing says so in words. */
const RESPONSES_FOR_TOOLS = /function tools together with reasoning need the Responses API/;

const REROUTED = /^from (\d{4}-\d\d-\d\d) the vendor reroutes this id to (\S+) and bills that model$/;

/** Converts a listing; `known` are the models of the present file, whose past prices are kept. */
export const convert = (listing: ListedModel[], known: ModelRecord[], day: string): ModelRecord[] => {
  const listedRows = new Map(listing.map((model) => [model.id, priceRows(model)]));
  const knownRows = new Map(known.map((model) => [`${model.provider}/${model.upstreamId}`, model.prices]));
  return listing.map((model) => {
    if (model.id !== `${model.provider}/${model.upstreamId}`) throw new Error(`${model.id} is not provider/upstreamId`);
    let prices = listedRows.get(model.id) ?? [];
    for (const note of model.notes ?? []) {
      const match = REROUTED.exec(note);
      if (!match?.[1]) continue;
      const other = listedRows.get(`${model.provider}/${match[2]}`);
      if (!other) throw new Error(`${model.id} is rerouted to the unknown ${match[2]}`);
      prices = rerouted(prices, other, match[1]);
    }
    const kept = Object.fromEntries(FIELDS.filter((name) => model[name] !== undefined).map((n) => [n, model[n]]));
    const tools = (model.notes ?? []).some((note) => RESPONSES_FOR_TOOLS.test(note));
    return {
      ...kept,
      ...(tools ? { capabilities: { ...(kept.capabilities as object), toolsWithReasoning: "responses" } } : {}),
      provider: model.provider,
      upstreamId: model.upstreamId,
      prices: succeed(knownRows.get(model.id) ?? [], prices, day),
    };
  });
};

/** One model a line, so that a change of the file reads well in review. */
const serialize = (models: ModelRecord[]): string =>
  `[\n${models.map((model) => JSON.stringify(model)).join(",\n")}\n]\n`;

const main = (listingPath: string | undefined, day = new Date().toISOString().slice(0, 10)): void => {
  if (!listingPath || !/^\d{4}-\d\d-\d\d$/.test(day)) {
    console.error("usage: node local/catalog/convert.ts <listing.json> [yyyy-mm-dd]");
    process.exitCode = 2;
    return;
  }
  const target = fileURLToPath(new URL("../../worker/catalog/models.json", import.meta.url));
  const known = existsSync(target) ? (JSON.parse(readFileSync(target, "utf8")) as ModelRecord[]) : [];
  const models = convert(JSON.parse(readFileSync(listingPath, "utf8")) as ListedModel[], known, day);
  const text = serialize(models);
  writeFileSync(target, text);
  console.log(`${models.length} models, ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} in gzip`);
};

if (import.meta.main) main(process.argv[2], process.argv[3]);
