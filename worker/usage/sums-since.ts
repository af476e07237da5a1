import type { Database } from "../../drizzle/client.ts";
import { loadSums, type Sums, TOTAL } from "./sums.ts";

/** What a key was charged since a boundary, which is told by its place in the list. */
export interface SumsSince {
  boundary: number;
  keyId: string;
  organizationId: string;
  settled: Sums;
}

/**
 * What the keys of a root were charged since each of some moments (milliseconds since the epoch; null: since ever), as a
 * Ledger asks that begins without its storage. Throws what the database throws.
 */
export async function sumsSince(
  database: Database,
  rootId: string,
  boundaries: readonly { from: number | null }[],
): Promise<SumsSince[]> {
  const named = boundaries.flatMap(({ from }, place) =>
    from === null ? [] : [{ window: String(place), from: new Date(from) }],
  );
  const ever = boundaries.findIndex(({ from }) => from === null);
  const rows = await loadSums(database, rootId, named);
  return rows.flatMap(({ window, keyId, organizationId, settled }) => {
    const boundary = window === TOTAL ? ever : Number(window);
    return boundary < 0 ? [] : [{ boundary, keyId, organizationId, settled }];
  });
}
