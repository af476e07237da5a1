import { createMemo, createSignal, lazy, Show, Suspense } from "solid-js";
import { asFailure } from "../../api/failure.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Page } from "../../components/page.tsx";
import { SavedViews } from "../../components/saved-views.tsx";
import { ScopeBar } from "../../components/scope-bar.tsx";
import { useParam } from "../../state/address.ts";
import { announce } from "../../state/announce.ts";
import { createMedia } from "../../state/media.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { onceIdle } from "../../ui/once-idle.ts";
import { FacetRail } from "./facet-rail.tsx";
import { useFacets } from "./facets.ts";
import { FilterBar } from "./filter-bar.tsx";
import { createFollowing } from "./follow.ts";
import { KeptSince } from "./kept-since.tsx";
import { columnsOf, DEFAULT_COLUMNS, fieldsOf } from "./log-columns.tsx";
import { type LogQuery, useLogFilters } from "./log-filters.ts";
import { LogPanel } from "./log-panel.tsx";
import { createLogRows } from "./log-rows.ts";
import { ColumnChooser, ExportMenu, LiveSwitch } from "./log-tools.tsx";
import { useOpenRecord } from "./open-record.ts";
import { Volume } from "./volume.tsx";

const readRecord = async () => ({ default: (await import("./record.tsx")).RequestRecord });
const RequestRecord = lazy(readRecord);

/** One request, or a pattern among many: the log, narrowed by what stands in the address. */
export function LogsPage() {
  onceIdle(readRecord);
  const filters = useLogFilters();
  const [chosenColumns, setChosenColumns] = useParam("cols", DEFAULT_COLUMNS.join(","));
  const [isRailOpen, setRailOpen] = createSignal(false);
  const isWide = createMedia("(min-width: 80rem)");
  const isCard = createMedia("(max-width: 47.99rem)");

  const columns = createMemo(() => columnsOf(["time", ...chosenColumns().split(",")]));
  const fields = createMemo(() => fieldsOf(columns()));
  const query = createMemo(() => ({ ...filters.query(), fields: fields() }) as LogQuery);
  const log = createLogRows(query);
  const { facets, known, nameOf } = useFacets(filters.query);
  const record = useOpenRecord(log.rows);
  const open = record.id;
  const following = createFollowing(filters, { log, query, isReading: () => open() !== "" });
  useShortcuts([
    { keys: ".", label: () => t("logs.live.label"), run: () => following.follow(!following.isOn()) },
    { keys: "r", label: () => t("logs.refresh"), run: following.refresh },
    { keys: "Escape", label: () => t("common.close"), run: () => open() && record.close(), listed: false },
    {
      keys: "y",
      label: () => t("logs.copyLink"),
      run: () => void navigator.clipboard?.writeText(location.href).then(() => announce(t("common.copied"))),
    },
  ]);

  return (
    <Page
      title={t("logs.title")}
      lead={<KeptSince />}
      actions={
        <>
          <LiveSwitch
            isOn={following.isOn()}
            isOpen={following.tail.isOpen()}
            isHeld={following.held()}
            onChange={following.follow}
          />
          <Button look="plain" title="R" onClick={following.refresh}>
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
      <Show when={following.tail.failure()}>{(failure) => <FailureNote failure={asFailure(failure())} />}</Show>
      <div
        class={`mt-3 grid gap-5 ${open() && isWide() ? "grid-cols-[minmax(0,1fr)_27rem]" : isWide() ? "grid-cols-[11rem_minmax(0,1fr)]" : ""}`}
      >
        <Show when={isWide() && !open()}>
          <aside aria-label={t("logs.facets.label")} class="ledger max-h-[calc(100dvh-8rem)] overflow-y-auto pt-3">
            <FacetRail filters={filters} facets={facets()} />
          </aside>
        </Show>
        <LogPanel {...{ filters, log, record, following }} columns={columns()} isCard={isCard()} />
        <Show when={open()}>
          {(id) => (
            <Suspense>
              <RequestRecord
                id={id()}
                filters={filters}
                isBeside={isWide()}
                onClose={record.close}
                onStep={record.step}
              />
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
