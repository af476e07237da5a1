import { Show } from "solid-js";
import type { Figures } from "../api/stats.ts";
import type { ChartValues, Tone } from "../charts/chart.ts";
import { Sparkline } from "../charts/sparkline.tsx";
import { Swatch } from "../charts/swatch.tsx";
import { GROUND } from "../charts/tone-classes.ts";
import { percent } from "../format/numbers.ts";
import { t } from "../text/text.ts";
import type { Change } from "./change.ts";
import { Delta } from "./delta.tsx";
import { groupName } from "./groups.ts";
import type { Metric } from "./metrics.ts";
import type { Ranked } from "./ranked.ts";

/** A value, its share, what it was and how it changed: the cells that every row and the total have. */
export function Measures(props: {
  figures: Figures;
  previous: Figures | null;
  metric: Metric;
  share: number | null;
  change: Change;
  compared: boolean;
  unpriced: boolean;
}) {
  /** A model without a price costs nothing that is known. */
  const hasNoPrice = () => props.unpriced && props.metric.id === "cost" && Number(props.figures.cost_nano) === 0;
  return (
    <>
      <td class="px-2 text-right whitespace-nowrap">
        <Show when={!hasNoPrice()} fallback={<span class="text-ink-3">{t("common.noPrice")}</span>}>
          <span title={props.metric.id === "cost" ? `$${props.figures.cost_usd}` : undefined}>
            {props.metric.text(props.figures)}
          </span>
        </Show>
      </td>
      <Show when={props.metric.parts}>
        <td class="px-2 text-right text-ink-2 max-sm:hidden">{hasNoPrice() ? "—" : percent(props.share)}</td>
      </Show>
      <Show when={props.compared}>
        <td class="px-2 text-right whitespace-nowrap text-ink-2 max-md:hidden">
          {props.previous ? props.metric.text(props.previous) : "—"}
        </td>
        <td class="pl-2 text-right">
          <Delta change={props.change} as={props.metric.change} up={props.metric.up} />
        </td>
      </Show>
    </>
  );
}

/** A group, or a part of one: its name leads to its requests. */
export function UsageRow(props: {
  ranked: Ranked;
  metric: Metric;
  /** The largest value of the table, as long as a bar may be. */
  most: number;
  tone: Tone;
  href: string | undefined;
  compared: boolean;
  unpriced: boolean;
  /** How it went, where the table tells that. */
  course?: ChartValues | undefined;
  /** Whether its parts are shown; left away where it has none. */
  open?: boolean | undefined;
  onToggle?: () => void;
  /** Narrows the page to it; left away where that cannot be. */
  onOnly?: (() => void) | undefined;
  /** It is a part of the row above. */
  below?: boolean;
}) {
  const name = () => groupName(props.ranked.row);
  const bar = () => (props.most > 0 ? Math.max(0, (props.ranked.value ?? 0) / props.most) * 100 : 0);
  return (
    <tr class="group relative h-8 border-b border-rule hover:bg-sunken">
      <th scope="row" class={`max-w-0 min-w-32 pr-2 text-left font-normal ${props.below ? "pl-9" : ""}`}>
        <span class="flex items-center gap-2">
          <Show when={props.open !== undefined}>
            <button
              type="button"
              class="relative z-10 size-6 shrink-0 text-ink-2 hover:text-ink pointer-coarse:size-11"
              aria-expanded={props.open}
              aria-label={t("usage.table.parts", { name: name() })}
              onClick={() => props.onToggle?.()}
            >
              <span aria-hidden="true">{props.open ? "▾" : "▸"}</span>
            </button>
          </Show>
          <Show when={!props.below}>
            <Swatch tone={props.tone} />
          </Show>
          <Show when={props.href} fallback={<span class="truncate text-ink-2">{name()}</span>}>
            {(href) => (
              <a
                href={href()}
                class="truncate after:absolute after:inset-0 hover:underline"
                title={`${name()} (${props.ranked.row.value})`}
              >
                {name()}
              </a>
            )}
          </Show>
          <Show when={props.onOnly}>
            {(only) => (
              <button
                type="button"
                class="relative z-10 ml-auto min-h-6 max-md:not-focus-visible:sr-only shrink-0 rounded-control px-1.5 text-meta text-ink-2 opacity-0 group-hover:opacity-100 hover:text-ink hover:underline focus-visible:opacity-100 pointer-coarse:min-h-11 pointer-coarse:opacity-100"
                aria-label={t("usage.table.only", { name: name() })}
                onClick={() => only()()}
              >
                {t("usage.table.onlyThis")}
              </button>
            )}
          </Show>
        </span>
      </th>
      <td class="px-2 max-lg:hidden">
        <div
          aria-hidden="true"
          class={`chart-swatch h-2 ${GROUND[props.tone]} ${props.below ? "opacity-60" : ""}`}
          style={{ width: `${bar()}%` }}
        />
      </td>
      <Show when={props.course}>
        {(values) => (
          <td class="px-2 max-xl:hidden">
            <Sparkline values={values()} tone={props.tone} height={22} />
          </td>
        )}
      </Show>
      <Measures
        figures={props.ranked.row}
        previous={props.ranked.row.previous}
        metric={props.metric}
        share={props.ranked.share}
        change={props.ranked.change}
        compared={props.compared}
        unpriced={props.unpriced}
      />
    </tr>
  );
}
