import type { InferResponseType } from "hono/client";
import { createMemo, For, Show } from "solid-js";
import type { api } from "../api/client.ts";
import { limitPhrase } from "../format/limit.ts";
import { t } from "../text/text.ts";

/** What another place in the tree changes, as the API previews it. */
type Changes = Pick<
  InferResponseType<(typeof api.organizations)[":id"]["move"]["$post"]>,
  "archived_by" | "settings" | "limits" | "routes" | "prices"
>;

const written = (value: unknown): string =>
  value === null || value === undefined ? "—" : typeof value === "object" ? JSON.stringify(value) : String(value);

/** What is gained and lost with another place: limits first, for they stop requests. */
export function PlaceChanges(props: { changes: Changes }) {
  const lines = createMemo(() => {
    const { archived_by, settings, limits, routes, prices } = props.changes;
    return [
      ...limits.gained.map((one) => ({ gained: true, what: t("common.place.limit"), words: limitPhrase(one) })),
      ...limits.lost.map((one) => ({ gained: false, what: t("common.place.limit"), words: limitPhrase(one) })),
      ...routes.gained.map(({ name }) => ({ gained: true, what: t("common.place.route"), words: name })),
      ...routes.lost.map(({ name }) => ({ gained: false, what: t("common.place.route"), words: name })),
      ...prices.gained.map(({ model }) => ({ gained: true, what: t("common.place.price"), words: model })),
      ...prices.lost.map(({ model }) => ({ gained: false, what: t("common.place.price"), words: model })),
      ...settings.flatMap(({ setting, before, after }) => [
        { gained: false, what: setting, words: written(before) },
        { gained: true, what: setting, words: written(after) },
      ]),
      ...(archived_by.before !== archived_by.after
        ? [{ gained: archived_by.after !== null, what: t("common.place.archived"), words: written(archived_by.after) }]
        : []),
    ];
  });
  return (
    <Show when={lines().length > 0} fallback={<p>{t("common.place.nothing")}</p>}>
      <ul class="max-h-72 overflow-y-auto border-t border-rule text-table">
        <For each={lines()}>
          {({ gained, what, words }) => (
            <li class="flex gap-3 border-b border-rule py-1">
              <span class={`w-20 shrink-0 font-medium ${gained ? "text-ok" : "text-bad"}`}>
                {gained ? t("common.place.gained") : t("common.place.lost")}
              </span>
              <span class="w-28 shrink-0 text-ink-3">{what}</span>
              <span class="min-w-0 break-words">{words}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
