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

const columnsOf = (targets: Targets): readonly Column<TargetRow>[] => [
  {
    id: "name",
    name: () => t("routes.target1"),
    cell: (row) => (
      <span class="font-mono break-all">
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
      <span class="inline-block min-w-44">
        <HealthMark target={row} until />
      </span>
    ),
  },
  {
    id: "recent",
    name: () => t("routes.recent"),
    numeric: true,
    cell: (row) =>
      row.recent.attempts === 0
        ? NONE()
        : t("routes.failed", { failures: count(row.recent.failures), attempts: count(row.recent.attempts) }),
  },
  {
    id: "p95",
    name: () => t("routes.recentP95"),
    numeric: true,
    priority: 3,
    cell: (row) => (row.recent.duration_ms_p95 === null ? NONE() : duration(row.recent.duration_ms_p95)),
  },
  {
    id: "day",
    name: () => t("routes.day"),
    priority: 2,
    cell: (row) => (
      <Show when={targets.dayOf(row.id)} fallback={NONE()}>
        {(day) => (
          <span
            class="flex items-center gap-2 whitespace-nowrap"
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
      <Show when={row.last_failure} fallback={NONE()}>
        {(failure) => (
          <span class="whitespace-nowrap">
            <span class="font-mono text-meta">{[failure().status, failure().code].filter(Boolean).join(" ")}</span>{" "}
            <time datetime={failure().at} title={exactTime(failure().at)} class="text-meta text-ink-3">
              {relativeTime(failure().at, Date.now())}
            </time>
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
        <span class="font-mono text-meta">
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
  const shown = createMemo(() =>
    (props.targets.health.data?.data ?? []).filter((one) => !props.state || one.state === props.state),
  );
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
