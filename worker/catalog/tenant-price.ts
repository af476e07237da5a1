import type { TenantPriceRecord } from "../canonical/tenant.ts";
import type { PriceRecord } from "./models.ts";
import { type PriceRow, parseRow } from "./prices.ts";

/**
 * A price of the tenant's own as it is rated by; its version is its id. What is stored was checked when it was set.
 * @throws RangeError when a price of the record cannot be held exactly.
 */
export const tenantPriceRow = ({ id, model, price }: TenantPriceRecord): PriceRow => ({
  ...parseRow({ id: model, provider: model.slice(0, model.indexOf("/")) }, price as unknown as PriceRecord),
  version: id,
});
