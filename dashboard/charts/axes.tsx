import { createMemo, For } from "solid-js";
import type { ChartBucket, Plot } from "./chart.ts";
import { heightOf } from "./paths.ts";
import { axisTicks } from "./ticks.ts";

/** Pixels that a word on the axis of time takes, and the least between two. */
const WORD = 68;

/** Three lines with their values, the ground line, and the names of some buckets. */
export function Axes(props: {
  buckets: readonly ChartBucket[];
  lines: readonly number[];
  plot: Plot;
  formatShort: (value: number) => string;
}) {
  const bottom = () => props.plot.top + props.plot.height;
  const top = () => props.lines.at(-1) ?? 1;
  const ticks = createMemo(() =>
    axisTicks(
      props.buckets.map(({ hour }) => hour),
      props.plot.width,
      WORD,
    ),
  );
  const middle = (index: number) => props.plot.left + ((index + 0.5) / props.buckets.length) * props.plot.width;
  const anchor = (index: number) => {
    const x = middle(index);
    if (x < props.plot.left + WORD / 2) return { x: Math.max(x - WORD / 2, props.plot.left), at: "start" as const };
    const right = props.plot.left + props.plot.width;
    return x > right - WORD / 2 ? { x: right, at: "end" as const } : { x, at: "middle" as const };
  };

  return (
    <g>
      <For each={props.lines}>
        {(value) => {
          const y = () => Math.round(heightOf(value, top(), props.plot)) + 0.5;
          return (
            <>
              <path d={`M${props.plot.left} ${y()}h${props.plot.width}`} class="stroke-rule" />
              <text x={props.plot.left - 8} y={y()} dy="0.35em" text-anchor="end" class="fill-ink-3">
                {props.formatShort(value)}
              </text>
            </>
          );
        }}
      </For>
      <path d={`M${props.plot.left} ${Math.round(bottom()) + 0.5}h${props.plot.width}`} class="stroke-edge" />
      <For each={ticks()}>
        {(index) => (
          <>
            <path d={`M${Math.round(middle(index)) + 0.5} ${bottom()}v4`} class="stroke-edge" />
            <text x={anchor(index).x} y={bottom() + 18} text-anchor={anchor(index).at} class="fill-ink-3">
              {props.buckets[index]?.short}
            </text>
          </>
        )}
      </For>
    </g>
  );
}
