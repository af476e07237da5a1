import type { InferResponseType } from "hono/client";
import { For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { Panel } from "../../components/panel.tsx";
import { plural, t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";

type Item = InferResponseType<typeof api.attention.$get>["data"][number];

const TONE = { critical: "bad", warning: "warn", info: "info" } as const;
/** Where each can be handled; a provider's failures are in the log. */
const PAGE: Record<Item["page"], string> = {
  limits: "/budgets",
  providers: "/logs",
  models: "/models",
  keys: "/keys",
  webhooks: "/settings/webhooks",
  reconciliations: "/settings/books",
  routes: "/routes",
};

const linkOf = ({ page, query }: Item): string => {
  const search = new URLSearchParams(query);
  if (page === "providers") {
    search.set("status", "5xx");
    search.set("from", "-24h");
  }
  return search.size > 0 ? `${PAGE[page]}?${search}` : PAGE[page];
};

/** What somebody should look at, the most severe first, each with the way to it. */
export function Attention(props: { organization: string }) {
  const query = useQuery(() => ({
    queryKey: ["attention", props.organization],
    queryFn: ({ signal }) =>
      ask(
        api.attention.$get(
          { query: props.organization ? { organization: props.organization } : {} },
          { init: { signal } },
        ),
      ),
  }));
  return (
    <Panel title={t("overview.attention.title")} query={query} skeleton={<RowsSkeleton rows={5} />}>
      {(data) => (
        <>
          <Show when={data().data.length === 0}>
            <p class="py-3 text-ink-2">{t("overview.attention.none")}</p>
          </Show>
          <ul class="mt-1">
            <For each={data().data}>
              {(item) => (
                <li class="relative flex flex-wrap items-baseline gap-x-3 border-b border-rule py-2 hover:bg-sunken">
                  <Chip tone={TONE[item.severity]}>{t(`overview.attention.severity.${item.severity}`)}</Chip>
                  <a href={linkOf(item)} class="font-medium after:absolute after:inset-0 hover:underline">
                    {plural(`overview.attention.kinds.${item.kind}`, item.count)}
                  </a>
                  <span class="min-w-0 flex-1 truncate text-right text-meta text-ink-3">
                    {(item.kind === "books_differ" ? [] : item.worst)
                      .map(({ name, percent }) => (percent === null ? name : `${name} ${percent} %`))
                      .join(", ")}
                  </span>
                </li>
              )}
            </For>
          </ul>
          <Show when={data().unknown.length > 0}>
            <p class="mt-2 text-meta text-ink-3">{t("overview.attention.unknown")}</p>
          </Show>
        </>
      )}
    </Panel>
  );
}
