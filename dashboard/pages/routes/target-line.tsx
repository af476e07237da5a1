import { For, Show } from "solid-js";
import { RouteLine } from "../../components/route-line.tsx";
import { t } from "../../text/text.ts";
import type { RouteRow } from "./route-draft.ts";

type Route = Pick<RouteRow, "targets" | "strategy">;

/** One target of a route in words: its model, whose credential, and its part in a route by weights. */
export function TargetName(props: { route: Route; target: Route["targets"][number] }) {
  const sum = () => props.route.targets.reduce((all, { weight }) => all + weight, 0);
  return (
    <>
      <span class="font-mono text-meta break-all">{props.target.model}</span>
      <Show when={props.target.credential}>
        {(credential) => <span class="text-meta text-ink-3"> {t("routes.by", { credential: credential() })}</span>}
      </Show>
      <Show when={props.route.strategy === "weighted"}>
        <span class="text-meta text-ink-3"> {Math.round((props.target.weight / sum()) * 100)} %</span>
      </Show>
    </>
  );
}

/** Where a route leads: its line, and its targets in order, which is what the line draws. */
export function TargetLine(props: { route: Route }) {
  return (
    <span class="flex items-center gap-2">
      <RouteLine class="shrink-0 text-accent max-md:hidden" end="reached" />
      <span class="min-w-0">
        <For each={props.route.targets}>
          {(target, index) => (
            <>
              <Show when={index() > 0}>
                <span class="text-ink-3">{props.route.strategy === "ordered" ? " → " : " · "}</span>
              </Show>
              <TargetName route={props.route} target={target} />
            </>
          )}
        </For>
      </span>
    </span>
  );
}
