import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/solid-query";
import type { ChangedKey, KeyRow } from "./key-query.ts";

type Pages = InfiniteData<{ data: KeyRow[] }>;

/** The key as lists and the drawer have it: the key's own text and what was told besides stay out of the cache. */
export function bare<Key extends ChangedKey>(
  answer: Key & { key?: string; pending?: boolean },
): Omit<Key, "key" | "pending"> {
  const { key: _text, pending: _pending, ...rest } = answer;
  return rest as unknown as Omit<Key, "key" | "pending">;
}

const inPages = (client: QueryClient, change: (rows: KeyRow[], page: number) => KeyRow[]) =>
  client.setQueriesData<Pages>(
    { queryKey: ["keys", "list"] },
    (all) => all && { ...all, pages: all.pages.map((page, index) => ({ ...page, data: change(page.data, index) })) },
  );

/** What is known of keys on this page, and how it is changed before and after the gateway has been asked. */
export function useKeyCache() {
  const client = useQueryClient();
  return {
    /** Shows a key as it is now, wherever it stands. */
    show(key: ChangedKey): void {
      inPages(client, (rows) => rows.map((row) => (row.id === key.id ? { ...row, ...key } : row)));
      client.setQueryData<KeyRow>(["keys", "one", key.id], (row) => row && { ...row, ...key });
    },
    /** A new one stands first until the lists are read again. */
    add(key: ChangedKey): void {
      inPages(client, (rows, page) => (page === 0 ? [{ ...key, figures: null }, ...rows] : rows));
    },
    reread: () => client.invalidateQueries({ queryKey: ["keys"] }),
  };
}
