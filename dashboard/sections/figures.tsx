import { createMemo, For } from "solid-js";
import type { RequestRow } from "../api/client.ts";
import { duration, median, shortCount, usd } from "../format/numbers.ts";
import { cacheTokens } from "../format/request.ts";

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

const GRID = "mt-4 grid grid-cols-2 gap-x-6 gap-y-5 md:grid-cols-3 xl:grid-cols-5";

/** In the size of the figures to come. */
export const FiguresSkeleton = () => (
  <div class={GRID}>
    <For each={Array(5)}>
      {() => (
        <div class="h-[4.375rem]">
          <span class="skeleton block h-3 w-20" />
          <span class="skeleton mt-3 block h-5 w-28" />
        </div>
      )}
    </For>
  </div>
);

/** What the rows below add up to; nothing here is known of any other request. */
export function Figures(props: { rows: readonly RequestRow[] }) {
  const figures = createMemo(() => {
    const { rows } = props;
    const input = sum(rows.map(({ tokens }) => tokens.input_uncached + cacheTokens(tokens)));
    const cached = sum(rows.map(({ tokens }) => tokens.cache_read));
    const failed = rows.filter(({ outcome }) => outcome !== "ok").length;
    const unpriced = rows.filter((row) => row.price_version === null).length;
    const estimated = rows.filter(({ exact }) => !exact).length;
    const first = median(rows.flatMap(({ ttft_ms }) => (ttft_ms === null ? [] : [ttft_ms])));
    const whole = median(rows.map(({ duration_ms }) => duration_ms));
    return [
      {
        name: "Cost",
        value: usd(sum(rows.map(({ cost_nano }) => cost_nano))),
        note:
          unpriced > 0
            ? `without ${plural(unpriced, "request")} that ${unpriced === 1 ? "has" : "have"} no price`
            : "at list price",
      },
      {
        name: "Tokens in",
        value: shortCount(input),
        note: input > 0 ? `${((cached / input) * 100).toFixed(1)} % read from a cache` : "none",
      },
      {
        name: "Tokens out",
        value: shortCount(sum(rows.map(({ tokens }) => tokens.output))),
        note: estimated > 0 ? `${plural(estimated, "request")} estimated` : "all figures exact",
      },
      {
        name: "First token",
        value: first === null ? "—" : duration(first),
        note: whole === null ? "median" : `median; ${duration(whole)} to the end`,
      },
      {
        name: "Failed or cut short",
        value: String(failed),
        note: `of the latest ${plural(rows.length, "request")}`,
      },
    ];
  });

  return (
    <dl class={GRID}>
      <For each={figures()}>
        {({ name, value, note }) => (
          <div>
            <dt class="caps">{name}</dt>
            <dd class="mt-1 text-figure font-semibold tracking-tight">{value}</dd>
            <dd class="text-meta text-ink-3">{note}</dd>
          </div>
        )}
      </For>
    </dl>
  );
}
