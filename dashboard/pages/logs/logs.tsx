import { useQueryClient } from "@tanstack/solid-query";
import { createEffect, createMemo, createSignal, lazy, on, Show, Suspense } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { useOrganizations } from "../../components/organization-select.tsx";
import { Page } from "../../components/page.tsx";
import { Panel } from "../../components/panel.tsx";
import { SavedViews } from "../../components/saved-views.tsx";
import { ScopeBar } from "../../components/scope-bar.tsx";
import { count } from "../../format/numbers.ts";
import { date } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useChoice, useParam } from "../../state/address.ts";
import { announce } from "../../state/announce.ts";
import { createMedia } from "../../state/media.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { loadTexts, plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { onceIdle } from "../../ui/once-idle.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { FacetRail } from "./facet-rail.tsx";
import { useFacets } from "./facets.ts";
import { FilterBar } from "./filter-bar.tsx";
import { createLiveTail } from "./live-tail.ts";
import { columnsOf, DEFAULT_COLUMNS, fieldsOf } from "./log-columns.tsx";
import { type LogQuery, useLogFilters } from "./log-filters.ts";
import { createLogRows } from "./log-rows.ts";
import { LogTable } from "./log-table.tsx";
import { ColumnChooser, ExportMenu, LiveSwitch } from "./log-tools.tsx";
import { buttonOfRow } from "./row-button.ts";
import { Volume } from "./volume.tsx";

const readRecord = async () => ({ default: (await import("./record.tsx")).RequestRecord });
const LogEmpty = lazy(async () => ({ default: (await import("./log-empty.tsx")).LogEmpty }));
const RequestRecord = lazy(readRecord);
const RefusedNow = lazy(async () => {
  const [{ RefusedNow }] = await Promise.all([import("./refused-now.tsx"), loadTexts("editing")]);
  return { default: RefusedNow };
});

/** One request, or a pattern among many: the log, narrowed by what stands in the address. */
export function LogsPage() {
  onceIdle(readRecord);
  const { account } = useAccount();
  const client = useQueryClient();
  const filters = useLogFilters();
  const [open, setOpen] = useParam("id");
  const [chosenColumns, setChosenColumns] = useParam("cols", DEFAULT_COLUMNS.join(","));
  const [live, setLive] = useChoice("live", ["off", "on"]);
  const [isRailOpen, setRailOpen] = createSignal(false);
  const isWide = createMedia("(min-width: 80rem)");
  const isCard = createMedia("(max-width: 47.99rem)");

  const columns = createMemo(() => columnsOf(["time", ...chosenColumns().split(",")]));
  const fields = createMemo(() => fieldsOf(columns()));
  const query = createMemo(() => ({ ...filters.query(), fields: fields() }) as LogQuery);
  const log = createLogRows(query);
  const { facets, known, nameOf } = useFacets(filters.query);
  const counted = useQuery(() => ({
    queryKey: ["logs", "count", filters.query()],
    queryFn: ({ signal }) => ask(api.requests.count.$get({ query: filters.query() }, { init: { signal } })),
  }));
  const organizations = useOrganizations();
  const isRoot = () =>
    organizations.data?.data.some(({ id, parent_id }) => parent_id === null && id === account().organization.id) ??
    false;
  const retention = useQuery(() => ({
    queryKey: ["retention"],
    // Only the root knows.
    enabled: isRoot(),
    staleTime: 600_000,
    queryFn: ({ signal }) => ask(api.retention.$get({}, { init: { signal } })),
  }));

  const [offset, setOffset] = createSignal(0);
  const [isPointed, setPointed] = createSignal(false);
  const [isFocused, setFocused] = createSignal(false);
  const arrived = new Map<string, number>();
  // What somebody reads, by pointer or by keyboard, must not move.
  const held = () => offset() > 0 || isPointed() || isFocused() || open() !== "";
  const tail = createLiveTail({
    query,
    enabled: () => live() === "on",
    held,
    onRows: (rows) => {
      for (const { id } of rows) arrived.set(id, Date.now());
      log.prepend(rows);
    },
  });
  createEffect(on(() => log.dataUpdatedAt, tail.reset, { defer: true }));
  const setFollowing = (on: boolean) => {
    // What is to come has no end.
    if (on && filters.scope.to()) filters.scope.setRange("-24h");
    setLive(on ? "on" : "off");
  };
  /** Count, bars and rail follow the list. */
  const recount = () => void client.invalidateQueries({ queryKey: ["logs"] });
  const refresh = () => {
    tail.reset();
    log.reload();
    recount();
  };
  /** Shows what has come meanwhile, from the newest on. */
  const release = () => {
    const table = document.querySelector<HTMLElement>('[role="table"]');
    table?.scrollTo({ top: 0 });
    // The button goes; whoever pressed it is at the head of the list.
    table?.focus({ preventScroll: true });
    if (tail.missed() > 0) return refresh();
    tail.release();
    recount();
  };

  const openRecord = (id: string) => setOpen(id, open() ? "replace" : "push");
  const close = () => setOpen("");
  // However it was closed, by Back too, the focus goes to the row of what was read last.
  createEffect(
    on(open, (id, before) => {
      if (!id && before) queueMicrotask(() => buttonOfRow(before)?.focus({ preventScroll: true }));
    }),
  );
  const stepRecord = (by: 1 | -1) => {
    const at = log.rows().findIndex(({ id }) => id === open());
    const next = log.rows()[at + by];
    if (at >= 0 && next) setOpen(next.id, "replace");
  };
  useShortcuts([
    { keys: ".", label: () => t("logs.live.label"), run: () => setFollowing(live() === "off") },
    { keys: "r", label: () => t("logs.refresh"), run: refresh },
    { keys: "Escape", label: () => t("common.close"), run: () => open() && close(), listed: false },
    {
      keys: "y",
      label: () => t("logs.copyLink"),
      run: () => void navigator.clipboard?.writeText(location.href).then(() => announce(t("common.copied"))),
    },
  ]);

  const total = () => (counted.data && !counted.data.capped ? Math.max(counted.data.count, log.rows().length) : null);
  const totalWords = () => {
    const known = counted.data;
    if (!known) return "";
    return known.capped
      ? t("logs.count.capped", { count: count(known.count) })
      : plural("logs.count.exact", known.count);
  };
  /** Since when requests are kept; until it is known, the place of the words is kept. */
  const kept = () => {
    const since = retention.data?.requests_since;
    const isToCome = organizations.isPending || (isRoot() && retention.isPending);
    return (
      <>
        {t("logs.noBodies")}{" "}
        <Show when={since || isToCome}>
          <span class={since ? "" : "invisible"}>
            {t("logs.keptSince", { date: date(since ?? new Date().toISOString()) })}
          </span>
        </Show>
      </>
    );
  };
  const waiting = () => tail.waiting() + tail.missed();

  return (
    <Page
      title={t("logs.title")}
      // Since when is known later, and needs its line on a narrow screen.
      lead={<span class="block max-sm:min-h-[2lh]">{kept()}</span>}
      actions={
        <>
          <LiveSwitch isOn={live() === "on"} isOpen={tail.isOpen()} isHeld={held()} onChange={setFollowing} />
          <Button look="plain" title="R" onClick={refresh}>
            {t("logs.refresh")}
          </Button>
          <SavedViews page="logs" path="/logs" />
          <ExportMenu query={filters.query()} />
        </>
      }
    >
      <ScopeBar scope={filters.scope}>
        <FilterBar filters={filters} known={known()} nameOf={nameOf} />
        <Show when={!isWide()}>
          <Button look="plain" onClick={() => setRailOpen(true)}>
            {t("logs.facets.open")}
          </Button>
        </Show>
        <Show when={!isCard()}>
          <ColumnChooser columns={columns().map(({ id }) => id)} onChange={(ids) => setChosenColumns(ids.join(","))} />
        </Show>
      </ScopeBar>
      <Volume filters={filters} />
      <Show when={tail.failure()}>{(failure) => <FailureNote failure={asFailure(failure())} />}</Show>
      <div
        class={`mt-3 grid gap-5 ${open() && isWide() ? "grid-cols-[minmax(0,1fr)_27rem]" : isWide() ? "grid-cols-[11rem_minmax(0,1fr)]" : ""}`}
      >
        <Show when={isWide() && !open()}>
          <aside aria-label={t("logs.facets.label")} class="ledger max-h-[calc(100dvh-8rem)] overflow-y-auto pt-3">
            <FacetRail filters={filters} facets={facets()} />
          </aside>
        </Show>
        <Panel
          title={t("logs.requests")}
          hideTitle
          query={log}
          skeleton={<RowsSkeleton rows={20} />}
          aside={
            <>
              <Show when={filters.conditions().filter(({ param }) => param === "key").length === 1}>
                <Suspense>
                  <RefusedNow filters={filters} />
                </Suspense>
              </Show>
              <Show when={live() === "on" && waiting() > 0}>
                <Button look="plain" onClick={release}>
                  {plural("logs.live.waiting", waiting())}
                </Button>
              </Show>
              <span class="text-meta text-ink-3" role="status">
                {totalWords()}
              </span>
            </>
          }
        >
          {() => (
            <Show
              when={log.rows().length > 0}
              fallback={
                <Suspense>
                  <LogEmpty filters={filters} />
                </Suspense>
              }
            >
              <div
                onPointerEnter={(event) => setPointed(event.pointerType === "mouse")}
                onPointerLeave={() => setPointed(false)}
                onFocusIn={({ target }) => setFocused(target.matches("[data-row] :focus-visible"))}
                // From row to row it goes out and in again.
                onFocusOut={({ currentTarget, relatedTarget }) => {
                  if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setFocused(false);
                }}
              >
                <LogTable
                  log={log}
                  columns={columns()}
                  total={total()}
                  openId={open()}
                  arrived={arrived}
                  isCard={isCard()}
                  onOpen={openRecord}
                  onMove={(id) => setOpen(id, "replace")}
                  onScroll={setOffset}
                />
              </div>
            </Show>
          )}
        </Panel>
        <Show when={open()}>
          {(id) => (
            <Suspense>
              <RequestRecord id={id()} filters={filters} isBeside={isWide()} onClose={close} onStep={stepRecord} />
            </Suspense>
          )}
        </Show>
      </div>
      <Dialog look="drawer" open={isRailOpen()} onClose={() => setRailOpen(false)} title={t("logs.facets.label")}>
        <FacetRail filters={filters} facets={facets()} />
      </Dialog>
    </Page>
  );
}
