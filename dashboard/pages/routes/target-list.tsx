import { For, Show } from "solid-js";
import { RouteLine } from "../../components/route-line.tsx";
import { HealthMark } from "./health-mark.tsx";
import type { RouteRow } from "./route-draft.ts";
import { TargetName } from "./target-line.tsx";
import type { Targets } from "./use-targets.ts";

const OUT: readonly string[] = ["failing", "cooling"];

/**
 * Where a route leads, one target a line, each with how it stands; the drawn line passes over those that are left out. Whatever
 * comes of them, everything stays where it is.
 */
export function TargetList(props: { route: Pick<RouteRow, "targets" | "strategy">; health: Targets }) {
  const isOut = (target: RouteRow["targets"][number]) => OUT.includes(props.health.of(target)?.state ?? "");
  const allOut = () => props.route.targets.every(isOut);
  /** Of targets in order, those before the first that answers. */
  const passed = () => {
    if (props.route.strategy !== "ordered") return 0;
    const first = props.route.targets.findIndex((target) => !isOut(target));
    return first < 0 ? props.route.targets.length - 1 : first;
  };
  return (
    <span class="flex items-center gap-2 py-1">
      <span class="w-14 shrink-0 max-md:hidden">
        <RouteLine
          class={allOut() ? "text-bad" : "text-accent"}
          attempts={Math.min(passed(), 2) + 1}
          end={allOut() ? "failed" : "reached"}
        />
      </span>
      <span class="min-w-0">
        <For each={props.route.targets}>
          {(target) => (
            <span class="grid items-baseline gap-x-1 sm:grid-cols-[6.75rem_1fr] max-sm:mb-1">
              <span class="min-h-5">
                <Show when={props.health.of(target)}>{(known) => <HealthMark target={known()} />}</Show>
              </span>
              <span class="min-w-0">
                <TargetName route={props.route} target={target} />
              </span>
            </span>
          )}
        </For>
      </span>
    </span>
  );
}
