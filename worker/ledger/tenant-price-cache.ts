import type { TenantPriceRecord } from "../canonical/tenant.ts";

const MOST = 10_000;

/** Whose price for which model. */
export interface PricedModel {
  rootId: string;
  keyId: string;
  /** `provider/model`, as it is sent upstream. */
  model: string;
}

/**
 * The tenants' own prices an isolate has been told. Only a shortcut: the Ledger says so when another holds, and the request
 * is rated anew before it is admitted.
 */
export class TenantPriceCache {
  readonly #known = new Map<string, TenantPriceRecord>();

  /** The price that holds at a moment (milliseconds since the epoch); null: the price book's, as far as is known. */
  get(priced: PricedModel, at: number): TenantPriceRecord | null {
    const price = this.#known.get(nameOf(priced));
    if (price === undefined || at < price.from || (price.until !== null && at >= price.until)) return null;
    return price;
  }

  /** What the Ledger said: a price of the tenant's own, or null: none. */
  remember(priced: PricedModel, price: TenantPriceRecord | null): void {
    const name = nameOf(priced);
    this.#known.delete(name);
    if (price === null) return;
    this.#known.set(name, price);
    if (this.#known.size <= MOST) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

const nameOf = ({ rootId, keyId, model }: PricedModel): string => `${rootId}/${keyId}/${model}`;
