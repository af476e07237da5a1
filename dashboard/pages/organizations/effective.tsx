import { For, type JSX, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { useOrganizations } from "../../components/organization-select.tsx";
import { limitPhrase } from "../../format/limit.ts";
import { accessPhrase, settingPhrase } from "../../format/setting.ts";
import { t } from "../../text/text.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";

/** What holds for an organization, each value with where it comes from. */
export function Effective(props: { id: string }) {
  const all = useOrganizations();
  const query = useQuery(() => ({
    queryKey: ["organizations", "effective", props.id],
    queryFn: ({ signal }) =>
      ask(api.organizations[":id"].effective.$get({ param: { id: props.id } }, { init: { signal } })),
  }));
  const source = (id: string | null) => {
    if (id === props.id) return t("organizations.here");
    if (id === "default" || id === null) return t("organizations.default");
    return t("organizations.from", { name: all.data?.data.find((one) => one.id === id)?.name ?? id });
  };
  return (
    <>
      <Show when={query.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <Show when={query.data} fallback={<RowsSkeleton rows={8} />}>
        {(found) => (
          <>
            <Group name={t("organizations.settings")}>
              <For each={Object.entries(found().settings).filter(([name]) => name !== "model_access")}>
                {([name, value]) => {
                  const one = value as { value: unknown; source: string };
                  return (
                    <Line
                      name={t(`common.settings.${name as "max_output_tokens"}`)}
                      value={settingPhrase(one.value)}
                      source={source(one.source)}
                    />
                  );
                }}
              </For>
              <For each={found().settings.model_access}>
                {({ value, source: from }) => (
                  <Line name={t("common.settings.model_access")} value={accessPhrase(value)} source={source(from)} />
                )}
              </For>
            </Group>
            <Show when={found().limits.length > 0}>
              <Group name={t("organizations.limits")}>
                <For each={found().limits}>
                  {(limit) => (
                    <Line
                      name={t(`common.limits.metrics.${limit.metric}`)}
                      value={limitPhrase(limit)}
                      source={source(limit.organization_id)}
                    />
                  )}
                </For>
              </Group>
            </Show>
            <Show when={found().routes.length > 0}>
              <Group name={t("organizations.routes")}>
                <For each={found().routes}>
                  {(route) => (
                    <Line
                      name={route.name}
                      value={route.targets.map(({ model }) => model).join(" → ")}
                      source={source(route.organization_id)}
                    />
                  )}
                </For>
              </Group>
            </Show>
            <Show when={found().prices.length > 0}>
              <Group name={t("organizations.prices")}>
                <For each={found().prices}>
                  {(price) => (
                    <Line
                      name={price.model}
                      value={price.valid_from?.slice(0, 10) ?? ""}
                      source={source(price.organization_id)}
                    />
                  )}
                </For>
              </Group>
            </Show>
          </>
        )}
      </Show>
    </>
  );
}

const Group = (props: { name: string; children: JSX.Element }) => (
  <section class="mb-5" aria-label={props.name}>
    <h3 class="caps mb-1">{props.name}</h3>
    <ul class="border-t border-rule text-table">{props.children}</ul>
  </section>
);

const Line = (props: { name: string; value: string; source: string }) => (
  <li class="flex flex-wrap items-baseline gap-x-3 border-b border-rule py-1">
    <span class="min-w-0 flex-1">{props.name}</span>
    <span class="min-w-0 font-medium break-words">{props.value}</span>
    <span class="w-36 text-right text-meta text-ink-3">{props.source}</span>
  </li>
);
