import { A, useLocation } from "@solidjs/router";
import { createMemo, onMount, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useInfiniteQuery } from "../../api/use-query.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { FilterInput } from "../../components/filter-input.tsx";
import { Page } from "../../components/page.tsx";
import { Panel } from "../../components/panel.tsx";
import { ScopeBar } from "../../components/scope-bar.tsx";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { useParam } from "../../state/address.ts";
import { carriedSearch, FILTERS, type Filter, useScope } from "../../state/scope.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { NarrowedBy } from "../../usage/narrowed-by.tsx";
import { RefusedRecord } from "./refused-record.tsx";
import { type RefusedRow, reason } from "./refused-row.ts";

type RefusedQuery = NonNullable<Parameters<typeof api.refusals.$get>[0]>["query"];

/** What a refused request has of what requests are narrowed to. */
const KNOWN: readonly Filter[] = ["key", "member", "status", "error_code", "client", "dialect"];

const columns: readonly Column<RefusedRow>[] = [
  {
    id: "time",
    name: () => t("refused.columns.time"),
    cell: (row) => (
      <time datetime={row.created_at} title={exactTime(row.created_at)} class="whitespace-nowrap">
        {dateAndTime(row.created_at)}
      </time>
    ),
  },
  {
    id: "answer",
    name: () => t("refused.columns.answer"),
    cell: (row) => (
      <span class="inline-flex items-center gap-2 whitespace-nowrap">
        <Chip tone="bad">
          {row.status} {reason(row)}
        </Chip>
        <Show when={row.repeated > 0}>
          <span class="text-meta text-ink-3 max-md:hidden">{plural("refused.more", row.repeated)}</span>
        </Show>
      </span>
    ),
  },
  {
    id: "model",
    name: () => t("refused.columns.model"),
    priority: 2,
    cell: (row) => (
      <Show when={row.requested_model} fallback={<span class="text-ink-3">{t("refused.notRead")}</span>}>
        {(model) => (
          <span class="block max-w-64 truncate" title={model()}>
            {model()}
          </span>
        )}
      </Show>
    ),
  },
  {
    id: "key",
    name: () => t("refused.columns.key"),
    priority: 2,
    cell: (row) => (
      <span class="block max-w-48 truncate" title={row.key_id}>
        {row.key_name ?? row.key_id}
      </span>
    ),
  },
  {
    id: "why",
    name: () => t("refused.columns.why"),
    priority: 3,
    cell: (row) => {
      const why = row.message ?? (row.param === null ? "—" : t("refused.field", { field: row.param }));
      return (
        <span class="block max-w-96 truncate text-ink-2" title={why}>
          {why}
        </span>
      );
    },
  },
];

/** What the gateway refused before it was sent anywhere, the newest first: by whose key, and why. */
export function RefusedPage() {
  const scope = useScope("-7d");
  const here = useLocation();
  const [search, setSearch] = useParam("q");
  const [open, setOpen] = useParam("id");
  // What comes along from another page and means nothing here would look as if it narrowed.
  onMount(() => {
    for (const name of FILTERS) if (!KNOWN.includes(name)) scope.filters[name][1]([], "replace");
  });
  const query = createMemo((): RefusedQuery => {
    const { from, to, tz, organization, ...filters } = scope.query() as RefusedQuery & Record<string, string[]>;
    const known = Object.fromEntries(KNOWN.flatMap((name) => (filters[name] ? [[name, filters[name]]] : [])));
    return {
      ...{ from, tz, ...known },
      ...(to ? { to } : {}),
      ...(organization ? { organization } : {}),
      ...(search() ? { q: search() } : {}),
    };
  });
  const list = useInfiniteQuery(() => ({
    queryKey: ["refusals", query()],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.refusals.$get(
          { query: { ...query(), limit: "50", ...(pageParam ? { cursor: pageParam } : {}) } },
          { init: { signal } },
        ),
      ),
    getNextPageParam: (last) => last.next_cursor,
  }));
  const rows = createMemo(() => list.data?.pages.flatMap(({ data }) => data) ?? []);
  const narrowed = () => scope.narrowed() || search() !== "";
  const clear = () => {
    scope.clear();
    setSearch("");
  };

  return (
    <Page
      title={t("refused.title")}
      lead={
        <>
          {t("refused.lead")}{" "}
          <A href={`/logs${carriedSearch(here.search)}`} class="text-accent underline">
            {t("refused.logs")}
          </A>
        </>
      }
    >
      <ScopeBar scope={scope}>
        <FilterInput main label={t("refused.filter")} value={search()} onChange={setSearch} />
      </ScopeBar>
      <NarrowedBy scope={scope} />
      <Panel title={t("refused.title")} hideTitle query={list} skeleton={<RowsSkeleton rows={12} />}>
        {() => (
          <Show
            when={rows().length > 0}
            fallback={
              <Empty title={narrowed() ? t("common.excluded") : t("refused.empty")} hint={t("refused.emptyHint")}>
                <Show when={narrowed()}>
                  <Button look="plain" onClick={clear}>
                    {t("common.clearFilters")}
                  </Button>
                </Show>
                <Show when={!narrowed() && scope.from() !== "-30d"}>
                  <Button look="plain" onClick={() => scope.setRange("-30d")}>
                    {t("shell.scope.ranges.-30d")}
                  </Button>
                </Show>
              </Empty>
            }
          >
            <DataTable
              caption={t("refused.title")}
              columns={columns}
              rows={rows()}
              rowId={(row) => row.id}
              openId={open()}
              onOpen={(row) => setOpen(row.id)}
              more={
                list.hasNextPage
                  ? { onMore: () => void list.fetchNextPage(), busy: list.isFetchingNextPage }
                  : undefined
              }
            />
          </Show>
        )}
      </Panel>
      <RefusedRecord row={rows().find(({ id }) => id === open())} onClose={() => setOpen("")} />
    </Page>
  );
}
