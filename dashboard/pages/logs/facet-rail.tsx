import { createMemo, For, Show } from "solid-js";
import { count } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import type { Facets } from "./facets.ts";
import { RAIL, type RailField, valueWords } from "./facets.ts";
import type { LogFilters } from "./log-filters.ts";

const SHOWN = 6;

/** How often each value occurs among the newest 10,000 that match, to narrow by. What is chosen stays, also where nothing matches. */
export function FacetRail(props: { filters: LogFilters; facets: Facets | undefined }) {
  return (
    <div class="space-y-4">
      <For each={RAIL}>{(field) => <Facet field={field} filters={props.filters} facets={props.facets} />}</For>
      <Show when={props.facets?.capped}>
        <p class="text-meta text-ink-3">{t("logs.facets.capped")}</p>
      </Show>
    </div>
  );
}

function Facet(props: { field: RailField; filters: LogFilters; facets: Facets | undefined }) {
  const isChosen = ({ value }: { value: string | null }) =>
    props.filters.has({ param: props.field, value: value ?? "" });
  const values = createMemo(() => {
    const found = props.facets?.data[props.field]?.values.filter((one) => one.value !== null) ?? [];
    const chosen = props.filters
      .conditions()
      .filter(({ param, value }) => param === props.field && !found.some((one) => one.value === value))
      .map(({ value }) => ({ value, count: 0, name: undefined }));
    return [...chosen, ...found.slice(0, SHOWN), ...found.slice(SHOWN).filter(isChosen)];
  });
  const more = () => {
    const found = props.facets?.data[props.field];
    return found ? Math.max(0, found.values.length - SHOWN) > 0 || found.more : false;
  };

  return (
    <Show when={values().length > 0}>
      <fieldset class="min-w-0">
        <legend class="caps">{t(`logs.columns.${props.field}`)}</legend>
        <For each={values()}>
          {(one) => (
            <label class="flex min-h-6 cursor-pointer items-center gap-2 rounded-chip text-table hover:bg-sunken pointer-coarse:min-h-11">
              <input
                type="checkbox"
                class="size-3.5 shrink-0 accent-accent"
                checked={isChosen(one)}
                onChange={() => props.filters.toggle({ param: props.field, value: one.value ?? "" })}
              />
              <span class="min-w-0 flex-1 truncate" title={one.value ?? undefined}>
                {valueWords(props.field, one.value ?? "", one.name ?? null)}
              </span>
              <span class="text-meta text-ink-3">{count(one.count)}</span>
            </label>
          )}
        </For>
        <Show when={more()}>
          <p class="text-meta text-ink-3">{t("logs.facets.more")}</p>
        </Show>
      </fieldset>
    </Show>
  );
}
