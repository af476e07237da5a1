import { For } from "solid-js";
import { plural, t } from "../../text/text.ts";
import type { ListedRoute } from "./route-draft.ts";

/** Prices further apart than this are told: a fallback may cost more than anybody thinks. */
const FAR_APART = 3;

/** What is doubtful about a route, each in a few words. */
export function warningsOf({ targets, figures }: Pick<ListedRoute, "targets" | "figures">): string[] {
  const spread = figures?.price_spread ?? 1;
  const lacking = figures?.lacking ?? [];
  return [
    ...(targets.length === 1 ? [t("routes.noFallback")] : []),
    ...(spread > FAR_APART ? [t("routes.farApart", { times: spread })] : []),
    ...lacking.map(({ model, lacks, requests }) =>
      plural("routes.lacks", requests, { model, what: t(`routes.uses.${lacks}`) }),
    ),
  ];
}

/** The same, under one another. */
export const RouteWarnings = (props: { route: Pick<ListedRoute, "targets" | "figures"> }) => (
  <ul class="space-y-1">
    <For each={warningsOf(props.route)}>
      {(warning) => (
        <li class="w-fit rounded-chip bg-warn-bg px-1.5 text-meta font-medium break-words text-warn">{warning}</li>
      )}
    </For>
  </ul>
);
