import { For, Show } from "solid-js";
import { api, ask } from "../api/client.ts";
import { useQuery } from "../api/use-query.ts";
import { limitPhrase } from "../format/limit.ts";
import { t } from "../text/text.ts";
import { StandingCell } from "./standing-cell.tsx";

/** Limits that hold for what stands in an organization, of it and of those above, as they stand now. */
export function LimitsAbove(props: { organization?: string; keyId?: string }) {
  const query = () => ({
    ...(props.keyId ? { key: props.keyId } : props.organization ? { organization: props.organization } : {}),
  });
  const limits = useQuery(() => ({
    queryKey: ["limits", "status", query()],
    queryFn: ({ signal }) => ask(api.limits.status.$get({ query: query() }, { init: { signal } })),
  }));
  return (
    <Show when={limits.data}>
      {(page) => (
        <Show
          when={page().data.length > 0}
          fallback={<p class="text-meta text-ink-3">{t("common.limits.noneAbove")}</p>}
        >
          <ul class="text-table">
            <For each={page().data}>
              {(one) => (
                <li class="flex flex-wrap items-center justify-between gap-x-4 border-b border-rule py-1">
                  <span>
                    {one.node.name}: {limitPhrase(one)}
                    <Show when={one.mode === "warn"}>
                      <span class="text-ink-3"> ({t("common.limits.modes.warn")})</span>
                    </Show>
                  </span>
                  <StandingCell standing={one} />
                </li>
              )}
            </For>
          </ul>
        </Show>
      )}
    </Show>
  );
}
