import { createMemo } from "solid-js";
import { useInfiniteQuery } from "./use-query.ts";

interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

/**
 * A list of the API, page after page: its rows so far, and how to have more. `read` asks for the page that a cursor names; with
 * `key` another list is meant. Asked again, all pages that are there are read anew.
 */
export function usePages<Answer extends Page<unknown>>(
  options: () => {
    key: readonly unknown[];
    read: (cursor: { cursor?: string }, init: { init: { signal: AbortSignal } }) => Promise<Answer>;
    enabled?: boolean;
  },
) {
  const query = useInfiniteQuery(() => ({
    queryKey: options().key,
    enabled: options().enabled ?? true,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }: { pageParam: string | undefined; signal: AbortSignal }) =>
      options().read(pageParam === undefined ? {} : { cursor: pageParam }, { init: { signal } }),
    getNextPageParam: (last: Answer) => last.next_cursor,
  }));
  const rows = createMemo(() => (query.data?.pages.flatMap(({ data }) => data) ?? []) as Answer["data"]);
  return {
    query,
    rows,
    /** The first page, for what it says beside its rows. */
    first: () => query.data?.pages[0],
    /** Null: all rows are here. */
    more: () =>
      query.hasNextPage ? { onMore: () => void query.fetchNextPage(), busy: query.isFetchingNextPage } : undefined,
  };
}
