import type { TenantConfiguration, TenantPriceRecord } from "../../canonical/tenant.ts";
import { type CatalogModel, findModel } from "../../catalog/models.ts";
import { type PriceRow, priceAt, priceOfVersion, tenantPriceRow } from "../../catalog/prices.ts";
import type { EventRow } from "../../usage/requests.ts";

/** What a request is priced by. */
type Priced = Pick<EventRow, "organizationId" | "provider" | "upstreamModel" | "servedModel" | "startedAt">;

/** A tenant's price book as it is now. */
export interface PriceBook {
  /**
   * The price of a request, by today's book for the moment it started: the tenant's own, of the nearest organization above
   * it, else the catalogue's, else that of the model that has served, since an alias has none of its own.
   */
  priceFor(event: Priced): PriceRow | null;
  /** The price of a version, where the book still has it. */
  ofVersion(version: string, event: Priced): PriceRow | null;
}

const catalogModels = ({ provider, upstreamModel, servedModel }: Priced): CatalogModel[] =>
  [upstreamModel, servedModel].flatMap((name) => (name === null ? [] : (findModel(provider, name) ?? [])));

const holdsAt = ({ from, until }: TenantPriceRecord, at: number): boolean =>
  at >= from && (until === null || at < until);

/** What of a configuration decides prices. */
export type PricedTree = Pick<TenantConfiguration, "organizations" | "prices">;

/** The book of a tenant, from its configuration. */
export function priceBookOf({ organizations, prices }: PricedTree): PriceBook {
  const parentOf = new Map(organizations.map(({ id, parentId }) => [id, parentId]));
  const own = Map.groupBy(
    prices.filter(({ removed }) => !removed).toSorted((a, b) => b.from - a.from),
    ({ organizationId, model }) => `${organizationId} ${model}`,
  );
  const byId = new Map(prices.map((record) => [record.id, record]));
  const parsed = new Map<string, PriceRow>();
  const rowOf = (record: TenantPriceRecord): PriceRow => {
    const row = parsed.get(record.id) ?? tenantPriceRow(record);
    parsed.set(record.id, row);
    return row;
  };
  return {
    priceFor(event) {
      const at = event.startedAt.getTime();
      let organization: string | null = event.organizationId;
      for (; organization !== null; organization = parentOf.get(organization) ?? null) {
        const records = own.get(`${organization} ${event.provider}/${event.upstreamModel}`) ?? [];
        const record = records.find((price) => holdsAt(price, at));
        if (record !== undefined) return rowOf(record);
      }
      return (
        catalogModels(event)
          .map((model) => priceAt(model, at))
          .find((row) => row !== null) ?? null
      );
    },
    ofVersion(version, event) {
      const record = byId.get(version);
      if (record !== undefined) return rowOf(record);
      return (
        catalogModels(event)
          .map((model) => priceOfVersion(model, version, event.startedAt.getTime()))
          .find((row) => row !== null) ?? null
      );
    },
  };
}
