import { useQueryClient } from "@tanstack/solid-query";
import { type Accessor, batch, createEffect, createSignal, on, onCleanup } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { LEFT } from "../../api/left.ts";
import type { RequestRow } from "../../api/requests.ts";
import type { Asked } from "../../components/panel.tsx";
import type { LogQuery } from "./log-filters.ts";

const PAGE = 200;
/** Newer rows are looked for among so many: one comes twice when its hold had run out and it is settled late. */
const RECENT = 500;

/** A request of the list; which fields it has follows from the columns. */
export type LogRow = Partial<RequestRow> & Pick<RequestRow, "id">;

export interface LogRows extends Asked<readonly LogRow[]> {
  rows: Accessor<readonly LogRow[]>;
  /** Whether there are older ones. */
  hasMore: Accessor<boolean>;
  isFetchingMore: Accessor<boolean>;
  /** Asks for the next page, unless it is being asked for. */
  loadMore(): void;
  /** Asks for the newest page anew, whatever is on its way. */
  reload(): void;
  /** Puts newer ones in front, the newest first. */
  prepend(newer: readonly LogRow[]): void;
}

/**
 * Requests page by page, for as long as somebody scrolls: a hundred thousand of them are one array that grows, and no page is
 * asked for twice. A page's list of queries would ask for all of them anew, and compare each row.
 */
export function createLogRows(query: Accessor<LogQuery>): LogRows {
  const client = useQueryClient();
  const [rows, setRows] = createSignal<readonly LogRow[] | undefined>();
  const [cursor, setCursor] = createSignal<string | null>(null);
  const [error, setError] = createSignal<unknown>(null);
  const [fetching, setFetching] = createSignal<"first" | "more" | null>(null);
  const [updatedAt, setUpdatedAt] = createSignal(0);
  let ended = new AbortController();
  let asked = 0;
  /** Before which request the page that failed would have begun. */
  let failed: string | null = null;

  async function load(after: string | null): Promise<void> {
    ended.abort(LEFT);
    const own = new AbortController();
    ended = own;
    batch(() => {
      setFetching(after === null ? "first" : "more");
      setError(null);
    });
    const given = { ...query(), limit: String(PAGE), ...(after === null ? {} : { cursor: after }) } as LogQuery;
    try {
      const page = await client.fetchQuery({
        // Each has a name of its own: two of the same would share one answer, and the first has just been given up.
        queryKey: ["logs", "page", given, asked++],
        queryFn: () => ask(api.requests.$get({ query: given }, { init: { signal: own.signal } })),
        staleTime: 0,
        gcTime: 0,
      });
      if (own.signal.aborted) return;
      batch(() => {
        setRows((before) =>
          after === null ? (page.data as LogRow[]) : [...(before ?? []), ...(page.data as LogRow[])],
        );
        setCursor(page.next_cursor);
        setUpdatedAt(Date.parse(page.as_of));
        setFetching(null);
      });
    } catch (thrown) {
      if (own.signal.aborted) return;
      failed = after;
      batch(() => {
        setError(thrown);
        setFetching(null);
      });
    }
  }

  createEffect(on(query, () => void load(null)));
  onCleanup(() => ended.abort(LEFT));

  return {
    rows: () => rows() ?? [],
    hasMore: () => cursor() !== null,
    isFetchingMore: () => fetching() === "more",
    loadMore: () => {
      const after = cursor();
      if (after !== null && fetching() === null && !error()) void load(after);
    },
    reload: () => void load(null),
    prepend: (newer) =>
      setRows((before = []) => {
        const ids = new Set(newer.map(({ id }) => id));
        const recent = before.slice(0, RECENT).filter(({ id }) => !ids.has(id));
        return [...newer, ...recent, ...before.slice(RECENT)];
      }),
    get data() {
      return rows();
    },
    get error() {
      return error();
    },
    get isPending() {
      return rows() === undefined;
    },
    get isFetching() {
      return fetching() !== null;
    },
    get dataUpdatedAt() {
      return updatedAt();
    },
    refetch: () => load(error() ? failed : null),
  };
}
