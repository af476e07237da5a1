import { For, Show } from "solid-js";
import { RouteLine } from "../../components/route-line.tsx";
import { t } from "../../text/text.ts";
import { HealthMark } from "./health-mark.tsx";
import type { RouteRow } from "./route-draft.ts";
import type { Targets } from "./use-targets.ts";

/** Where a route leads: its line, and its targets in order, which is what the line draws, each with how it stands. */
export function TargetLine(props: { route: Pick<RouteRow, "targets" | "strategy">; health?: Targets | undefined }) {
  const sum = () => props.route.targets.reduce((all, { weight }) => all + weight, 0);
  /** The line ends at the first that answers. */
  const passed = () => {
    const { targets, strategy } = props.route;
    if (strategy !== "ordered") return 0;
    const out = targets.findIndex((one) => !["failing", "cooling"].includes(props.health?.of(one)?.state ?? "ok"));
    return out < 0 ? targets.length - 1 : out;
  };
  const allOut = () =>
    props.route.targets.every((one) => ["failing", "cooling"].includes(props.health?.of(one)?.state ?? "ok"));
  return (
    <span class="flex items-center gap-2">
      <RouteLine
        class={`shrink-0 max-md:hidden ${allOut() ? "text-bad" : "text-accent"}`}
        attempts={passed() + 1}
        end={allOut() ? "failed" : "reached"}
      />
      <span class="min-w-0">
        <For each={props.route.targets}>
          {(target, index) => (
            <>
              <Show when={index() > 0}>
                <span class="text-ink-3">{props.route.strategy === "ordered" ? " → " : " · "}</span>
              </Show>
              <span class="inline-flex flex-wrap items-center gap-x-1">
                <Show when={props.health?.of(target)}>{(known) => <HealthMark target={known()} quiet />}</Show>
                <span class="font-mono text-meta break-all">
                  {target.model}
                  <Show when={target.credential}>
                    {(credential) => <span class="text-ink-3"> {t("routes.by", { credential: credential() })}</span>}
                  </Show>
                </span>
                <Show when={props.route.strategy === "weighted"}>
                  <span class="text-meta text-ink-3">{Math.round((target.weight / sum()) * 100)} %</span>
                </Show>
              </span>
            </>
          )}
        </For>
      </span>
    </span>
  );
}
