import { expect, test } from "vitest";
import type { TenantPriceRecord } from "../../../worker/canonical/tenant.ts";
import { TenantPriceCache } from "../../../worker/ledger/tenant-price-cache.ts";

const price = (from: number, until: number | null): TenantPriceRecord => ({
  ...{ id: "prc_000000000000", organizationId: "org_root0000", model: "openai/gpt-4.1", from, until },
  ...{ price: {}, removed: false },
});
const of = (keyId: string, model = "openai/gpt-4.1") => ({ rootId: "org_root0000", keyId, model });

test("a price holds for the key and model it was told for, within its days", () => {
  const cache = new TenantPriceCache();
  cache.remember(of("key_a"), price(100, 200));
  expect([99, 100, 199, 200].map((at) => cache.get(of("key_a"), at)?.id ?? null)).toEqual([
    null,
    "prc_000000000000",
    "prc_000000000000",
    null,
  ]);
  expect(cache.get(of("key_b"), 150)).toBeNull();
  expect(cache.get(of("key_a", "openai/gpt-4.1-mini"), 150)).toBeNull();
  cache.remember(of("key_a"), price(100, null));
  expect(cache.get(of("key_a"), 10_000)).not.toBeNull();
  cache.remember(of("key_a"), null);
  expect(cache.get(of("key_a"), 150)).toBeNull();
});

test("it does not grow without end: the oldest is forgotten", () => {
  const cache = new TenantPriceCache();
  for (let index = 0; index <= 10_000; index++) cache.remember(of(`key_${index}`), price(0, null));
  expect(cache.get(of("key_0"), 1)).toBeNull();
  expect(cache.get(of("key_1"), 1)).not.toBeNull();
  expect(cache.get(of("key_10000"), 1)).not.toBeNull();
});
