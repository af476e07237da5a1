import type { Tone } from "./chart.ts";
import { GROUND } from "./tone-classes.ts";

/** The colour of a series beside its name; the name is ink, for not every colour is dark enough for letters. */
export const Swatch = (props: { tone: Tone; line?: boolean }) => (
  <span
    aria-hidden="true"
    class={`chart-swatch inline-block shrink-0 rounded-chip ${props.line ? "h-0.5 w-3" : "size-2.5"} ${GROUND[props.tone]}`}
  />
);

/** The previous period's dashes, beside its words. */
export const DashedSwatch = () => (
  <span aria-hidden="true" class="inline-block w-3 shrink-0 border-t-[1.5px] border-dashed border-ink" />
);
