import { Show } from "solid-js";
import { Button } from "../../ui/button.tsx";

/** One of several that stand in the same place, and the way to those before and after. Of one alone there is nothing to see. */
export const Pager = (props: {
  place: number;
  count: number;
  /** What the buttons are called. */
  before: string;
  after: string;
  onStep: (by: 1 | -1) => void;
}) => (
  <Show when={props.count > 1}>
    <span class="flex items-center text-meta text-ink-3">
      <Button look="quiet" disabled={props.place === 0} onClick={() => props.onStep(-1)} aria-label={props.before}>
        ‹
      </Button>
      {props.place + 1}/{props.count}
      <Button
        look="quiet"
        disabled={props.place === props.count - 1}
        onClick={() => props.onStep(1)}
        aria-label={props.after}
      >
        ›
      </Button>
    </span>
  </Show>
);
