import { type CatalogModel, listModels } from "../../catalog/models.ts";
import { priceAt } from "../../catalog/prices.ts";
import type { PriceBookRow } from "../../organizations/records.ts";

/** A price that is the catalogue's or a tenant's own. Moments in milliseconds since the epoch; null: open. */
export interface BookEntry {
  /** A tenant's price by its id, the catalogue's by its version: either is the version of what it rates. */
  id: string;
  model: string;
  /** 0 for the organization's own, 1 for those of the one above, …; `CATALOGUE` for the catalogue's. */
  rank: number;
  from: number | null;
  until: number | null;
  price: object;
  /** Null for the catalogue's. */
  row: PriceBookRow | null;
}

/** An entry and what stands behind it. */
interface PlacedEntry extends BookEntry {
  /** What would rate in its place. */
  overrides: string | null;
  /** It rates what is asked for at that moment. */
  inForce: boolean;
}

/** Behind every organization: a tree is at most eight deep. */
const CATALOGUE = 9;

const midnight = (day: string | undefined): number | null => (day === undefined ? null : Date.parse(day));

/** The catalogue's prices of a model. Each is found by a moment of its time, for its version. */
const shipped = (model: CatalogModel): BookEntry[] =>
  model.prices.flatMap(({ from: firstDay, until: endDay, ...price }) => {
    const [from, until] = [midnight(firstDay), midnight(endDay)];
    const row = priceAt(model, from ?? (until === null ? 0 : until - 1));
    return row ? [{ id: row.version, model: model.id, rank: CATALOGUE, from, until, price, row: null }] : [];
  });

/** A tenant's own price as an entry, for an organization whose `path` leads to its root. */
const custom = (row: PriceBookRow, path: readonly string[]): BookEntry => ({
  id: row.id,
  model: row.model,
  rank: path.indexOf(row.organizationId),
  from: row.validFrom.getTime(),
  until: row.validUntil?.getTime() ?? null,
  price: row.price,
  row,
});

const holds = ({ from, until }: BookEntry, at: number): boolean =>
  at >= (from ?? -Infinity) && at < (until ?? Infinity);

/** What entries are sorted by, as one text: model, the nearest organization first, the oldest first. */
export const sortKey = ({ model, rank, from, id }: BookEntry): string =>
  [model, rank, String(from ?? 0).padStart(15, "0"), id].join("\n");

/**
 * The price book as it applies to an organization: the nearest organization's price decides, the catalogue's last.
 * @param at only what holds at this moment; null: everything, with `inForce` as of `now`. Both in milliseconds.
 */
export function priceBook({
  rows,
  path,
  model,
  at,
  now,
}: {
  rows: readonly PriceBookRow[];
  path: readonly string[];
  model: string | undefined;
  at: number | null;
  now: number;
}): PlacedEntry[] {
  const models = listModels().filter(({ id }) => model === undefined || id === model);
  const entries = [...models.flatMap(shipped), ...rows.map((row) => custom(row, path))];
  const ofModel = Map.groupBy(entries, (entry) => entry.model);
  const base = at ?? now;
  /** The nearest that holds at a moment and is farther than `rank`. */
  const nearest = (name: string, moment: number, rank: number): BookEntry | undefined =>
    ofModel
      .get(name)
      ?.filter((entry) => entry.rank > rank && holds(entry, moment))
      .reduce<BookEntry | undefined>((best, entry) => (best && best.rank <= entry.rank ? best : entry), undefined);
  const placed = entries.map((entry) => {
    const moment = holds(entry, base) ? base : (entry.from ?? base);
    return {
      ...entry,
      overrides: entry.row ? (nearest(entry.model, moment, entry.rank)?.id ?? null) : null,
      inForce: nearest(entry.model, base, -1) === entry,
    };
  });
  const shown = at === null ? placed : placed.filter((entry) => holds(entry, at));
  return shown
    .map((entry) => ({ entry, key: sortKey(entry) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ entry }) => entry);
}
