import { Show } from "solid-js";
import type { BranchStanding } from "../../api/limits.ts";
import type { Column } from "../../components/data-table.tsx";
import { Meter } from "../../components/meter.tsx";
import { limitAmount, limitPhrase, limitTone, usedPhrase } from "../../format/limit.ts";
import { percent } from "../../format/numbers.ts";
import { date, exactTime, relativeTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";

const TONES = { ok: "ok", near: "warn", over: "bad" } as const;

/** What stands where, and how it does. */
export const budgetColumns: readonly Column<BranchStanding>[] = [
  {
    id: "subject",
    name: () => t("budgets.subject"),
    sort: "name",
    cell: (row) => (
      <span class="flex items-center gap-2">
        <span class="block max-w-48 truncate max-md:max-w-28">{row.node.name}</span>
        <span class="text-meta font-normal text-ink-3 max-md:hidden">{t(`budgets.nodeOf.${row.node.kind}`)}</span>
      </span>
    ),
  },
  {
    id: "limit",
    name: () => t("budgets.limit"),
    priority: 2,
    cell: (row) => (
      <span class="whitespace-nowrap">
        {limitPhrase(row)}
        <Show when={row.override}>
          {(override) => (
            <>
              {" "}
              <Chip
                tone="info"
                title={t("budgets.overrideUntil", {
                  amount: limitAmount(row.metric, override().amount, override().amount_usd),
                  time: exactTime(override().until),
                })}
              >
                {t("budgets.overridden")}
              </Chip>
            </>
          )}
        </Show>
      </span>
    ),
  },
  {
    id: "used",
    name: () => t("budgets.used"),
    sort: "percent_used",
    cell: (row) => (
      <span class="inline-flex items-center gap-2 whitespace-nowrap">
        <Meter
          percent={row.percent_used}
          tone={limitTone(row)}
          label={t("common.limits.share")}
          text={`${percent(row.percent_used / 100)}, ${usedPhrase(row)}`}
          class="w-28 max-md:w-16"
        />
        <span class="w-14 text-right font-medium">{percent(row.percent_used / 100)}</span>
        <span class="text-ink-2 max-xl:hidden">{usedPhrase(row)}</span>
      </span>
    ),
  },
  {
    id: "state",
    name: () => t("budgets.state"),
    cell: (row) => <Chip tone={TONES[row.level]}>{t(`budgets.levels.${row.level}`)}</Chip>,
  },
  {
    id: "forecast",
    name: () => t("budgets.forecast"),
    priority: 2,
    sort: "reaches_amount_at",
    cell: (row) => (
      <Show when={row.reaches_amount_at} fallback={<span class="text-ink-3">—</span>}>
        {(at) => (
          <time datetime={at()} title={exactTime(at())} class="whitespace-nowrap text-warn">
            {t("budgets.reaches", { date: date(at()) })}
          </time>
        )}
      </Show>
    ),
  },
  {
    id: "resets",
    name: () => t("budgets.resets"),
    priority: 2,
    cell: (row) => (
      <Show
        when={row.resets_at}
        fallback={<span class="text-ink-3">{t(row.kind === "rate" ? "budgets.steadily" : "budgets.never")}</span>}
      >
        {(at) => (
          <time datetime={at()} title={`${exactTime(at())} · ${row.time_zone}`} class="whitespace-nowrap">
            {relativeTime(at(), Date.now())}
          </time>
        )}
      </Show>
    ),
  },
  {
    id: "mode",
    name: () => t("common.limits.mode"),
    priority: 3,
    cell: (row) => (
      <span class="whitespace-nowrap">
        {row.fallback ? t("budgets.fallback", { model: row.fallback.model }) : t(`common.limits.modes.${row.mode}`)}
      </span>
    ),
  },
];
