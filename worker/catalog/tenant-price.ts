import type { TenantPriceRecord } from "../canonical/tenant.ts";
import type { PriceRecord } from "./models.ts";
import type { PriceRow } from "./prices.ts";
import { serviceRates } from "./rates.ts";

/** A tenant's own price as a row of the price book; its version is the record's id. */
export const tenantPriceRow = ({ id, price }: TenantPriceRecord): PriceRow => ({
  version: id,
  standard: serviceRates(price as unknown as PriceRecord).standard,
  services: new Map(),
  reserve: { input: 0n, output: 0n },
});
