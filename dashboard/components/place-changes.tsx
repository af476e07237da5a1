import type { InferResponseType } from "hono/client";
import { createMemo, For, type JSX, Show } from "solid-js";
import type { api } from "../api/client.ts";
import { limitPhrase } from "../format/limit.ts";
import { NO_SETTING, settingPhrase } from "../format/setting.ts";
import { t } from "../text/text.ts";
import { useOrganizations } from "./organization-select.tsx";

/** What another place in the tree changes, as the API previews it. */
type Changes = Pick<
  InferResponseType<(typeof api.organizations)[":id"]["move"]["$post"]>,
  "archived_by" | "settings" | "limits" | "routes" | "prices"
>;

/** The value of a setting, without where it comes from: of the models an organization and each above it has one. */
const withoutSource = (setting: unknown): unknown =>
  Array.isArray(setting) ? setting : (setting as { value?: unknown } | null)?.value;

/** Where it is shown before a move what would change; as large empty as full, so that nothing below it moves. */
export const MovePreview = (props: { empty: boolean; children: JSX.Element }) => (
  <section
    aria-label={t("common.place.preview")}
    aria-live="polite"
    tabindex="0"
    class="h-60 overflow-y-auto rounded-control"
  >
    <Show when={!props.empty} fallback={<p class="text-ink-3">{t("common.place.previewHint")}</p>}>
      {props.children}
    </Show>
  </section>
);

/** What is gained and lost with another place: limits first, for they stop requests. */
export function PlaceChanges(props: { changes: Changes }) {
  const organizations = useOrganizations();
  const nameOf = (id: string) => organizations.data?.data.find((one) => one.id === id)?.name ?? id;
  const lines = createMemo(() => {
    const { archived_by, settings, limits, routes, prices } = props.changes;
    return [
      ...limits.gained.map((one) => ({ gained: true, what: t("common.place.limit"), words: limitPhrase(one) })),
      ...limits.lost.map((one) => ({ gained: false, what: t("common.place.limit"), words: limitPhrase(one) })),
      ...routes.gained.map(({ name }) => ({ gained: true, what: t("common.place.route"), words: name })),
      ...routes.lost.map(({ name }) => ({ gained: false, what: t("common.place.route"), words: name })),
      ...prices.gained.map(({ model }) => ({ gained: true, what: t("common.place.price"), words: model })),
      ...prices.lost.map(({ model }) => ({ gained: false, what: t("common.place.price"), words: model })),
      ...settings.flatMap(({ setting, before, after }) => {
        const what = t(`common.settings.${setting}`);
        const [old, fresh] = [settingPhrase(withoutSource(before)), settingPhrase(withoutSource(after))];
        // The same from elsewhere changes nothing, and what was not set is not lost.
        if (old === fresh) return [];
        return [
          ...(old === NO_SETTING ? [] : [{ gained: false, what, words: old }]),
          ...(fresh === NO_SETTING ? [] : [{ gained: true, what, words: fresh }]),
        ];
      }),
      ...(archived_by.before !== archived_by.after
        ? [
            {
              gained: archived_by.after !== null,
              what: t("common.place.archived"),
              words: nameOf(archived_by.after ?? archived_by.before ?? ""),
            },
          ]
        : []),
    ];
  });
  return (
    <Show when={lines().length > 0} fallback={<p>{t("common.place.nothing")}</p>}>
      <ul class="border-t border-rule text-table">
        <For each={lines()}>
          {({ gained, what, words }) => (
            <li class="flex gap-3 border-b border-rule py-1">
              <span class={`w-14 shrink-0 font-medium ${gained ? "text-ok" : "text-bad"}`}>
                {gained ? t("common.place.gained") : t("common.place.lost")}
              </span>
              <span class="w-36 shrink-0 text-ink-3 max-md:w-28">{what}</span>
              <span class="min-w-0 break-words">{words}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
