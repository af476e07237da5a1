import { createMemo, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useInfiniteQuery } from "../../api/use-query.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Page } from "../../components/page.tsx";
import { Panel } from "../../components/panel.tsx";
import { ScopeBar } from "../../components/scope-bar.tsx";
import { count, duration, money, percent, shortCount } from "../../format/numbers.ts";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { useChoice, useParam } from "../../state/address.ts";
import { periodOf } from "../../state/period.ts";
import { useScope } from "../../state/scope.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { SessionRecord } from "./session-record.tsx";
import { lengthOf, type SessionRow } from "./session-row.ts";

type SessionQuery = Parameters<typeof api.stats.sessions.$get>[0]["query"];

/** The API looks at so many days of sessions. */
const MOST_DAYS = 32;
const DAY_MS = 86_400_000;

const models = ({ models: all }: SessionRow): string => {
  const [first, ...rest] = all;
  return first === undefined ? "—" : `${first.model}${rest.length > 0 ? ` +${rest.length}` : ""}`;
};

const columns: readonly Column<SessionRow>[] = [
  {
    id: "session",
    name: () => t("sessions.columns.session"),
    cell: (row) => <span class="break-all">{row.id}</span>,
  },
  {
    id: "last",
    name: () => t("sessions.columns.last"),
    priority: 2,
    cell: (row) => (
      <time datetime={row.last_request_at} title={exactTime(row.last_request_at)} class="whitespace-nowrap">
        {dateAndTime(row.last_request_at)}
      </time>
    ),
  },
  {
    id: "models",
    name: () => t("sessions.columns.models"),
    priority: 3,
    cell: (row) => <span title={row.models.map(({ model }) => model).join(", ")}>{models(row)}</span>,
  },
  {
    id: "requests",
    name: () => t("sessions.columns.requests"),
    numeric: true,
    priority: 2,
    cell: (row) => count(row.requests),
  },
  {
    id: "errors",
    name: () => t("sessions.columns.errors"),
    numeric: true,
    priority: 2,
    cell: (row) => (
      <Show when={Number(row.errors) > 0} fallback={<span class="text-ink-3">0</span>}>
        <span class="font-medium text-bad">{count(row.errors)}</span>
      </Show>
    ),
  },
  {
    id: "tokens",
    name: () => t("sessions.columns.tokens"),
    numeric: true,
    priority: 3,
    cell: (row) => shortCount(row.tokens.total),
  },
  {
    id: "cache",
    name: () => t("sessions.columns.cache"),
    numeric: true,
    priority: 3,
    cell: (row) => percent(row.cache_share),
  },
  {
    id: "length",
    name: () => t("sessions.columns.length"),
    numeric: true,
    priority: 2,
    cell: (row) => duration(lengthOf(row)),
  },
  {
    id: "cost",
    name: () => t("sessions.columns.cost"),
    numeric: true,
    cell: (row) => <span title={`$${row.cost_usd}`}>{money(row.cost_usd)}</span>,
  },
];

/** What each agent session cost, the latest or the dearest first. */
export function SessionsPage() {
  const scope = useScope("-7d");
  const [sort, setSort] = useChoice("sort", ["recent", "cost"]);
  const [open, setOpen] = useParam("id");
  const isTooLong = () => {
    const { from, to } = periodOf(scope.from(), scope.to(), Date.now());
    return to - from > MOST_DAYS * DAY_MS;
  };
  const query = createMemo(() => ({ ...scope.query(), sort: sort() }) as SessionQuery);
  const list = useInfiniteQuery(() => ({
    queryKey: ["sessions", query()],
    enabled: !isTooLong(),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.stats.sessions.$get(
          { query: { ...query(), limit: "50", ...(pageParam ? { cursor: pageParam } : {}) } },
          { init: { signal } },
        ),
      ),
    getNextPageParam: (last) => last.next_cursor,
  }));
  const rows = createMemo(() => list.data?.pages.flatMap(({ data }) => data) ?? []);
  const opened = () => rows().find(({ id }) => id === open());

  return (
    <Page title={t("sessions.title")} lead={t("sessions.lead")}>
      <ScopeBar scope={scope}>
        <fieldset class="flex gap-1">
          <legend class="sr-only">{t("sessions.sort.label")}</legend>
          <Button
            look={sort() === "recent" ? "plain" : "quiet"}
            aria-pressed={sort() === "recent"}
            onClick={() => setSort("recent")}
          >
            {t("sessions.sort.recent")}
          </Button>
          <Button
            look={sort() === "cost" ? "plain" : "quiet"}
            aria-pressed={sort() === "cost"}
            onClick={() => setSort("cost")}
          >
            {t("sessions.sort.cost")}
          </Button>
        </fieldset>
      </ScopeBar>
      <Show
        when={!isTooLong()}
        fallback={
          <Empty title={t("sessions.tooLong")}>
            <Button look="primary" onClick={() => scope.setRange("-30d")}>
              {t("shell.scope.ranges.-30d")}
            </Button>
          </Empty>
        }
      >
        <Panel title={t("sessions.title")} hideTitle query={list} skeleton={<RowsSkeleton rows={15} />}>
          {() => (
            <Show
              when={rows().length > 0}
              fallback={
                <Empty title={t("sessions.empty")} hint={t("sessions.emptyHint")}>
                  <Show when={scope.from() !== "-30d"}>
                    <Button look="plain" onClick={() => scope.setRange("-30d")}>
                      {t("shell.scope.ranges.-30d")}
                    </Button>
                  </Show>
                </Empty>
              }
            >
              <DataTable
                caption={t("sessions.title")}
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
      </Show>
      <SessionRecord session={opened()} onClose={() => setOpen("")} />
    </Page>
  );
}
