import { createMemo, For, Show } from "solid-js";
import { Sparkline } from "../../charts/sparkline.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Panel } from "../../components/panel.tsx";
import { count, duration, percent } from "../../format/numbers.ts";
import { exactTime, relativeTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { HealthMark } from "./health-mark.tsx";
import type { TargetRow, Targets } from "./use-targets.ts";

const NONE = () => <span class="text-ink-3">—</span>;

/** What was answered, and when. */
const Failure = (props: { failure: NonNullable<TargetRow["last_failure"]> }) => (
  <>
    <span class="font-mono text-meta">{[props.failure.status, props.failure.code].filter(Boolean).join(" ")}</span>{" "}
    <time datetime={props.failure.at} title={exactTime(props.failure.at)} class="text-meta text-ink-3">
      {relativeTime(props.failure.at, Date.now())}
    </time>
  </>
);

const columnsOf = (targets: Targets): readonly Column<TargetRow>[] => [
  {
    id: "name",
    name: () => t("routes.target1"),
    cell: (row) => (
      <span class="block w-40 font-mono break-all md:w-72">
        {row.name}
        <Show when={row.credential}>
          {(credential) => <span class="text-ink-3"> {t("routes.by", { credential: credential() })}</span>}
        </Show>
      </span>
    ),
  },
  {
    id: "state",
    name: () => t("routes.state"),
    cell: (row) => (
      <span class="block min-w-44">
        <HealthMark target={row} until />
        <Show when={row.last_failure}>
          {(failure) => (
            <span class="block text-meta text-ink-3 md:hidden">
              <Failure failure={failure()} />
            </span>
          )}
        </Show>
      </span>
    ),
  },
  {
    id: "recent",
    name: () => t("routes.recent"),
    numeric: true,
    cell: (row) => (
      <span class="block min-w-24 whitespace-nowrap">
        {row.recent.attempts === 0
          ? NONE()
          : t("routes.failed", { failures: count(row.recent.failures), attempts: count(row.recent.attempts) })}
      </span>
    ),
  },
  {
    id: "p95",
    name: () => t("routes.recentP95"),
    numeric: true,
    priority: 3,
    cell: (row) => (
      <span class="block min-w-16">
        {row.recent.duration_ms_p95 === null ? NONE() : duration(row.recent.duration_ms_p95)}
      </span>
    ),
  },
  {
    id: "day",
    name: () => t("routes.day"),
    priority: 2,
    cell: (row) => (
      <Show when={targets.dayOf(row.id)} fallback={<span class="block w-56 text-ink-3">—</span>}>
        {(day) => (
          <span
            class="flex w-56 items-center gap-2 whitespace-nowrap"
            title={t("routes.daySince", { time: exactTime(day().since) })}
          >
            <Sparkline
              values={day().series.map(([attempts, failures]) => (attempts > 0 ? failures / attempts : 0))}
              tone={day().failures > 0 ? "bad" : "ink"}
              height={20}
            />
            {t("routes.ofAttempts", { share: percent(day().error_rate ?? 0), attempts: count(day().attempts) })}
          </span>
        )}
      </Show>
    ),
  },
  {
    id: "failure",
    name: () => t("routes.lastFailure"),
    priority: 2,
    cell: (row) => (
      <Show when={row.last_failure} fallback={<span class="block w-60 text-ink-3">—</span>}>
        {(failure) => (
          <span class="block w-60 break-words">
            <Failure failure={failure()} />
          </span>
        )}
      </Show>
    ),
  },
  {
    id: "routes",
    name: () => t("routes.title"),
    priority: 3,
    cell: (row) =>
      row.routes.length === 0 ? (
        NONE()
      ) : (
        <span class="block w-40 font-mono text-meta break-words">
          <For each={row.routes}>
            {(name, index) => (
              <>
                {index() > 0 ? ", " : ""}
                <a
                  class="underline decoration-rule underline-offset-4 hover:decoration-ink"
                  href={`/routes?q=${encodeURIComponent(name)}`}
                >
                  {name}
                </a>
              </>
            )}
          </For>
        </span>
      ),
  },
];

/** How every target stands, the worst first; only those of one state where one is named. */
export function TargetsPanel(props: { targets: Targets; state: string; onAll: () => void; class?: string }) {
  /** The worst come first when the page is opened; whatever becomes of them, they stay where they are. */
  const order = new Map<string, number>();
  const shown = createMemo(() => {
    const all = props.targets.health.data?.data ?? [];
    for (const { id } of all) if (!order.has(id)) order.set(id, order.size);
    return all
      .filter((one) => !props.state || one.state === props.state)
      .sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
  });
  return (
    <Panel
      title={t("routes.health")}
      class={props.class}
      query={props.targets.health}
      skeleton={<RowsSkeleton rows={6} />}
      aside={
        <Show when={props.state}>
          <Button look="plain" onClick={() => props.onAll()}>
            {t("routes.allTargets")}
          </Button>
        </Show>
      }
    >
      {(data) => (
        <>
          <Show when={!data().cooling_known}>
            <p class="mt-2 text-table text-warn">{t("routes.coolingUnknown")}</p>
          </Show>
          <Show
            when={shown().length > 0}
            fallback={<Empty title={props.state ? t("routes.noneOfState") : t("routes.noTargets")} />}
          >
            <DataTable
              caption={t("routes.health")}
              columns={columnsOf(props.targets)}
              rows={shown()}
              rowId={(row) => row.id}
              beside
            />
            <p class="mt-2 max-w-prose text-meta text-ink-3">{t("routes.healthHint")}</p>
          </Show>
        </>
      )}
    </Panel>
  );
}
