import { For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { Panel } from "../../components/panel.tsx";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { TargetLine } from "./target-line.tsx";

/** Routes that hold for an organization: its own, and those it inherits. */
export function InForce(props: { organization: string; nameOf: (organization: string) => string }) {
  const { account } = useAccount();
  const place = () => props.organization || account().organization.id;
  const query = useQuery(() => ({
    queryKey: ["routes", "effective", place()],
    queryFn: ({ signal }) => ask(api.routes.effective.$get({ query: { organization: place() } }, { init: { signal } })),
  }));
  return (
    <Panel
      title={t("routes.inForce", { organization: props.nameOf(place()) })}
      query={query}
      skeleton={<RowsSkeleton rows={3} />}
    >
      {(page) => (
        <Show when={page().data.length > 0} fallback={<p class="py-3 text-ink-2">{t("routes.noneInForce")}</p>}>
          <ul class="mt-2 border-t border-rule text-table">
            <For each={page().data}>
              {(route) => (
                <li class="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-rule py-1.5">
                  <span class="w-48 font-mono font-medium break-all">{route.name}</span>
                  <span class="min-w-0 flex-1">
                    <TargetLine route={route} />
                  </span>
                  <Chip tone={route.inherited ? "plain" : "info"}>
                    {route.inherited
                      ? t("routes.inherited", { organization: props.nameOf(route.organization_id) })
                      : t("routes.own")}
                  </Chip>
                </li>
              )}
            </For>
          </ul>
        </Show>
      )}
    </Panel>
  );
}
