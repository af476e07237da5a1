import { lazy, Show, Suspense } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { Panel } from "../../components/panel.tsx";
import { count } from "../../format/numbers.ts";
import { loadTexts, plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import type { Following } from "./follow.ts";
import type { LogColumn } from "./log-columns.tsx";
import type { LogFilters } from "./log-filters.ts";
import type { LogRows } from "./log-rows.ts";
import { LogTable } from "./log-table.tsx";
import type { OpenRecord } from "./open-record.ts";

const LogEmpty = lazy(async () => ({ default: (await import("./log-empty.tsx")).LogEmpty }));
const RefusedNow = lazy(async () => {
  const [{ RefusedNow }] = await Promise.all([import("./refused-now.tsx"), loadTexts("editing")]);
  return { default: RefusedNow };
});

/** The requests that match: their rows, how many there are, and how many came meanwhile. */
export function LogPanel(props: {
  filters: LogFilters;
  log: LogRows;
  columns: readonly LogColumn[];
  record: OpenRecord;
  following: Following;
  isCard: boolean;
}) {
  const counted = useQuery(() => ({
    queryKey: ["logs", "count", props.filters.query()],
    queryFn: ({ signal }) => ask(api.requests.count.$get({ query: props.filters.query() }, { init: { signal } })),
  }));
  const total = () =>
    counted.data && !counted.data.capped ? Math.max(counted.data.count, props.log.rows().length) : null;
  const totalWords = () => {
    const known = counted.data;
    if (!known) return "";
    return known.capped
      ? t("logs.count.capped", { count: count(known.count) })
      : plural("logs.count.exact", known.count);
  };
  return (
    <Panel
      title={t("logs.requests")}
      hideTitle
      query={props.log}
      skeleton={<RowsSkeleton rows={20} />}
      aside={
        <>
          <Show when={props.filters.conditions().filter(({ param }) => param === "key").length === 1}>
            {/* On a narrow screen a line of its own, there from the beginning: what stands below it stays there. */}
            <span class="max-md:h-6 max-md:basis-full max-md:text-right">
              <Suspense>
                <RefusedNow filters={props.filters} />
              </Suspense>
            </span>
          </Show>
          <Show when={props.following.waiting() > 0}>
            <Button look="plain" onClick={props.following.release}>
              {plural("logs.live.waiting", props.following.waiting())}
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
          when={props.log.rows().length > 0}
          fallback={
            <Suspense>
              <LogEmpty filters={props.filters} />
            </Suspense>
          }
        >
          <div
            onPointerEnter={(event) => props.following.setPointed(event.pointerType === "mouse")}
            onPointerLeave={() => props.following.setPointed(false)}
            onFocusIn={({ target }) => props.following.setFocused(target.matches("[data-row] :focus-visible"))}
            // From row to row it goes out and in again.
            onFocusOut={({ currentTarget, relatedTarget }) => {
              if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)))
                props.following.setFocused(false);
            }}
          >
            <LogTable
              log={props.log}
              columns={props.columns}
              total={total()}
              openId={props.record.id()}
              arrived={props.following.arrived}
              isCard={props.isCard}
              onOpen={props.record.open}
              onMove={props.record.move}
              onScroll={props.following.setOffset}
            />
          </div>
        </Show>
      )}
    </Panel>
  );
}
