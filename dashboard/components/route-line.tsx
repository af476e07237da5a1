import { For, Match, Switch } from "solid-js";

const HOP = 15;
const MAXIMUM_DRAWN = 4;

/**
 * The mark of a request: where it set out (ring), every attempt that failed (cross), where it ended (dot when it was
 * reached, cross when not, ring while nobody has gone there).
 * Decoration: words beside it always say the same.
 */
export function RouteLine(props: { attempts?: number; end: "reached" | "failed" | "open"; class?: string }) {
  const failed = () => Math.min((props.attempts ?? 1) - 1, MAXIMUM_DRAWN);
  const end = () => 5 + (failed() + 1) * HOP;

  return (
    <svg
      class={props.class}
      width={end() + 6}
      height="12"
      viewBox={`0 0 ${end() + 6} 12`}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      aria-hidden="true"
    >
      <circle cx="5" cy="6" r="3.25" />
      <For each={Array.from({ length: failed() }, (_, index) => 5 + (index + 1) * HOP)}>
        {(x) => <path d={`M${x - HOP + 4} 6H${x - 4}M${x - 2.5} 3.5l5 5m0-5l-5 5`} />}
      </For>
      <path d={`M${end() - HOP + 4} 6H${end() - 4}`} stroke-dasharray={props.end === "reached" ? undefined : "2 2"} />
      <Switch>
        <Match when={props.end === "reached"}>
          <circle cx={end()} cy="6" r="4" fill="currentColor" stroke="none" />
        </Match>
        <Match when={props.end === "failed"}>
          <path d={`M${end() - 2.75} 3.25l5.5 5.5m0-5.5l-5.5 5.5`} />
        </Match>
        <Match when={props.end === "open"}>
          <circle cx={end()} cy="6" r="3.25" />
        </Match>
      </Switch>
    </svg>
  );
}
