import { Match, Show, Switch } from "solid-js";
import { timeOfDay } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import type { TargetRow } from "./use-targets.ts";

type State = TargetRow["state"];

const TONES: Record<State, string> = {
  ok: "text-ok",
  degraded: "text-warn",
  failing: "text-bad",
  cooling: "text-info",
  untested: "text-ink-3",
};

/** A state's shape: dot, dot with a gap, cross, bars, ring. The word for it stands beside. */
function Shape(props: { state: State }) {
  return (
    <svg class="inline-block shrink-0" width="12" height="12" viewBox="0 0 12 12" fill="none" aria-hidden="true">
      <Switch>
        <Match when={props.state === "ok"}>
          <circle cx="6" cy="6" r="4" fill="currentColor" />
        </Match>
        <Match when={props.state === "degraded"}>
          <circle cx="6" cy="6" r="4" stroke="currentColor" stroke-width="1.5" />
          <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" />
        </Match>
        <Match when={props.state === "failing"}>
          <path d="M2.5 2.5l7 7m0-7l-7 7" stroke="currentColor" stroke-width="2" />
        </Match>
        <Match when={props.state === "cooling"}>
          <path d="M4 2.5v7M8 2.5v7" stroke="currentColor" stroke-width="2" />
        </Match>
        <Match when={props.state === "untested"}>
          <circle cx="6" cy="6" r="3.25" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 1.5" />
        </Match>
      </Switch>
    </svg>
  );
}

/** How a target stands: a shape, a word and a colour that all say it. `until`: with the end of its cooldown. */
export function HealthMark(props: { target: TargetRow; until?: boolean }) {
  const state = () => props.target.state;
  return (
    <span class={`inline-flex items-center gap-1 whitespace-nowrap ${TONES[state()]}`}>
      <Shape state={state()} />
      <span class="text-meta font-medium">
        {t(`routes.states.${state()}`)}
        <Show when={props.until && props.target.cooling}>
          {(cooling) => <> {t("routes.until", { time: timeOfDay(cooling().until) })}</>}
        </Show>
      </span>
    </span>
  );
}
