/** What became of one of many. */
export interface BulkResult {
  id: string;
  /** Why it was refused; null: it was done. */
  error: string | null;
}

export interface Bulk {
  done: number;
  total: number;
  failed: BulkResult[];
}

const AT_ONCE = 50;

/**
 * Does one thing with many, some at a time, and says how far it is after each lot. A lot that fails as a whole fails for each in it:
 * those are named, and can be tried again without doing the others twice. Stops where `signal` says so.
 */
export async function inLots(
  ids: readonly string[],
  act: (lot: string[]) => Promise<BulkResult[]>,
  { onProgress, signal }: { onProgress: (bulk: Bulk) => void; signal: AbortSignal },
): Promise<Bulk> {
  const bulk: Bulk = { done: 0, total: ids.length, failed: [] };
  for (let from = 0; from < ids.length && !signal.aborted; from += AT_ONCE) {
    const lot = ids.slice(from, from + AT_ONCE);
    const results = await act(lot).catch((thrown: unknown) => {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      return lot.map((id) => ({ id, error }));
    });
    bulk.done += lot.length;
    bulk.failed.push(...results.filter(({ error }) => error !== null));
    onProgress({ ...bulk, failed: [...bulk.failed] });
  }
  return bulk;
}
