import { createMemo } from "solid-js";
import type { ChartValues, Tone } from "./chart.ts";
import { linePath } from "./paths.ts";
import { largest } from "./scale.ts";
import { STROKE } from "./tone-classes.ts";

/** How something went, in the height of a line; figures beside it say the same. */
export function Sparkline(props: {
  values: ChartValues;
  tone?: Tone;
  width?: number;
  height?: number;
  class?: string;
}) {
  const width = () => props.width ?? 96;
  const height = () => props.height ?? 24;
  const path = createMemo(() =>
    linePath(props.values, largest([props.values], false), { left: 0, top: 2, width: width(), height: height() - 4 }),
  );
  return (
    <svg width={width()} height={height()} class={`chart ${props.class ?? ""}`} aria-hidden="true">
      <path
        d={path()}
        fill="none"
        stroke-width="1.5"
        stroke-linejoin="round"
        class={`chart-line ${STROKE[props.tone ?? "ink"]}`}
      />
    </svg>
  );
}
