import { For } from "solid-js";
import { FILTERS, type Scope } from "../state/scope.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";

/** What a page is narrowed to beside its period, each with a way to take it off. */
export function FilterChips(props: { scope: Scope }) {
  const chosen = () => FILTERS.flatMap((name) => props.scope.filters[name][0]().map((value) => ({ name, value })));
  const remove = (name: (typeof FILTERS)[number], value: string) => {
    const [values, setValues] = props.scope.filters[name];
    setValues(values().filter((one) => one !== value));
  };
  return (
    <ul class="-mt-2 mb-5 flex flex-wrap gap-2" aria-label={t("common.filters")}>
      <For each={chosen()}>
        {({ name, value }) => (
          <li>
            <Button
              look="plain"
              class="max-w-full"
              aria-label={t("common.withoutFilter", { filter: `${t(`common.filterNames.${name}`)} ${value}` })}
              onClick={() => remove(name, value)}
            >
              <span class="truncate">
                <span class="font-normal text-ink-3">{t(`common.filterNames.${name}`)}</span> {value}
              </span>
              <span aria-hidden="true">×</span>
            </Button>
          </li>
        )}
      </For>
    </ul>
  );
}
