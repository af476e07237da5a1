import type { CatalogModel } from "../../../worker/catalog/models.ts";
import { type PriceRow, tenantPriceRow } from "../../../worker/catalog/prices.ts";

/** A model with a large window, for requests to models that the catalogue does not know any more. */
export const STAND_IN: CatalogModel = {
  id: "compatible/stand-in",
  provider: "openai",
  upstreamId: "stand-in",
  displayName: "Stand-in",
  kind: "chat",
  contextWindow: 1_000_000,
  maxOutputTokens: 128_000,
  inputModalities: ["text"],
  prices: [],
};

/** A price in which no two rates are alike, and every service has one. */
export const standInPrice = (provider: string): PriceRow =>
  tenantPriceRow({
    id: "prc_000000000001",
    organizationId: "org_00000001",
    model: `${provider}/stand-in`,
    from: Date.UTC(2026, 10, 1),
    until: null,
    price: {
      rates: {
        input: "3",
        output: "15",
        cacheRead: "0.3",
        cacheWrite5m: "3.75",
        cacheWrite30m: "4",
        cacheWrite1h: "6",
        cacheWrite12h: "7",
        inputAudio: "32",
        outputAudio: "64",
        inputImage: "5",
        outputImage: "40",
        cacheReadImage: "0.5",
        inputVideo: "9",
      },
      tiers: [{ above: 200_000, rates: { input: "6", output: "22.5" } }],
      batch: { input: "1.5", output: "7.5" },
      fast: { input: "6", output: "30" },
    },
    removed: false,
  });
