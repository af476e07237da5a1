import { For, type JSX, Show } from "solid-js";
import type { Tone } from "./chart.ts";
import { GROUND } from "./tone-classes.ts";

export interface RankedBar {
  id: string;
  name: string;
  /** Where it leads; left away where there is nothing to go to. */
  href?: string;
  /** How long the bar is; below zero it is empty. */
  value: number;
  /** The value in words. */
  text: JSX.Element;
  tone: Tone;
}

/** The largest first, each a bar that is as long as its part of the largest. Bars are links. */
export function RankedBars(props: { label: string; bars: readonly RankedBar[] }) {
  const most = () => Math.max(0, ...props.bars.map(({ value }) => value));
  return (
    <ol aria-label={props.label}>
      <For each={props.bars}>
        {(bar) => (
          <li class="relative py-1.5 hover:bg-sunken">
            <div class="flex items-baseline justify-between gap-4 text-table">
              <Show when={bar.href} fallback={<span class="min-w-0 truncate">{bar.name}</span>}>
                {(href) => (
                  <a
                    href={href()}
                    class="min-w-0 truncate after:absolute after:inset-0 hover:underline"
                    title={bar.name}
                  >
                    {bar.name}
                  </a>
                )}
              </Show>
              <span class="shrink-0 text-right">{bar.text}</span>
            </div>
            <div aria-hidden="true" class="mt-1 h-1.5 bg-sunken">
              <div
                class={`chart-swatch h-full ${GROUND[bar.tone]}`}
                style={{ width: `${most() > 0 ? Math.max(0, bar.value / most()) * 100 : 0}%` }}
              />
            </div>
          </li>
        )}
      </For>
    </ol>
  );
}
