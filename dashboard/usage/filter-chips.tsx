import { createMemo, For, Show } from "solid-js";
import { FILTERS, type Scope } from "../state/scope.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { createFilterNames } from "./filter-names.ts";

/** What a page is narrowed to beside its period, each by its name, with a way to take it off; its place is kept until names are known. */
export function FilterChips(props: { scope: Scope }) {
  const names = createFilterNames(props.scope);
  const chosen = createMemo(() =>
    FILTERS.flatMap((name) =>
      props.scope.filters[name][0]().map((value) => ({ name, value, called: names.of(name, value) ?? value })),
    ),
  );
  const remove = (name: (typeof FILTERS)[number], value: string) => {
    const [values, setValues] = props.scope.filters[name];
    setValues(values().filter((one) => one !== value));
  };
  return (
    <Show when={!names.toCome()} fallback={<div class="-mt-2 mb-5 h-8 pointer-coarse:h-11" />}>
      <ul class="-mt-2 mb-5 flex flex-wrap gap-2" aria-label={t("common.filters")}>
        <For each={chosen()}>
          {({ name, value, called }) => (
            <li class="max-w-full">
              <Button
                look="plain"
                class="max-w-full"
                title={value}
                aria-label={t("common.withoutFilter", { filter: `${t(`common.filterNames.${name}`)} ${called}` })}
                onClick={() => remove(name, value)}
              >
                <span class="truncate">
                  <span class="font-normal text-ink-3">{t(`common.filterNames.${name}`)}</span> {called}
                </span>
                <span aria-hidden="true">×</span>
              </Button>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}
