import { createMemo, createSignal, For, Show, untrack } from "solid-js";
import { FilterInput } from "../../components/filter-input.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { useAccount } from "../../state/account.tsx";
import { useChoice, useParam } from "../../state/address.ts";
import type { Key } from "../../text/keys.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { CAPABILITIES, MODALITIES, PROVIDERS } from "./model-query.ts";

const YES_NO = ["any", "true", "false"] as const;
const ENABLED = ["true", "false", "any"] as const;

/** Which models are listed: all of it stands in the address, under the API's names. */
export function useModelFilters() {
  const [q, setQ] = useParam("q");
  const [organization, setOrganization] = useParam("org");
  const [sort, setSort] = useParam("sort", "-requests");
  const choices = {
    provider: useChoice("provider", ["any", ...PROVIDERS] as const),
    capability: useChoice("capability", ["any", ...CAPABILITIES] as const),
    modality: useChoice("modality", ["any", ...MODALITIES] as const),
    enabled: useChoice("enabled", ENABLED),
    priced: useChoice("priced", YES_NO),
    deprecated: useChoice("deprecated", YES_NO),
    used: useChoice("used", YES_NO),
    source: useChoice("source", ["any", "shipped", "custom", "synced"] as const),
  };
  type Name = keyof typeof choices;
  const query = createMemo(() => ({
    figures: "true" as const,
    sort: sort() as "-requests",
    ...(q() ? { q: q() } : {}),
    ...(organization() ? { organization: organization() } : {}),
    ...(Object.fromEntries(
      Object.entries(choices).flatMap(([name, [value]]) => (value() === "any" ? [] : [[name, value()]])),
    ) as Record<never, never>),
  }));
  return {
    ...{ q, setQ, organization, setOrganization, sort, setSort, query },
    value: (name: Name): string => choices[name][0](),
    set: (name: Name, value: string) => (choices[name][1] as (value: string) => void)(value),
    values: (name: Name): readonly string[] =>
      ({
        provider: ["any", ...PROVIDERS],
        capability: ["any", ...CAPABILITIES],
        modality: ["any", ...MODALITIES],
        enabled: ENABLED,
        priced: YES_NO,
        deprecated: YES_NO,
        used: YES_NO,
        source: ["any", "shipped", "custom", "synced"],
      })[name],
    narrowed: () =>
      Boolean(q()) ||
      Object.entries(choices).some(([name, [value]]) => value() !== (name === "enabled" ? "true" : "any")),
    clear() {
      setQ("");
      for (const [name, [, set]] of Object.entries(choices))
        (set as (value: string) => void)(name === "enabled" ? "true" : "any");
    },
  };
}

export type ModelFilters = ReturnType<typeof useModelFilters>;

const NAMES = ["provider", "capability", "modality", "enabled", "priced", "deprecated", "used", "source"] as const;

/** The bar over the list. */
export function ModelFilterBar(props: { filters: ModelFilters }) {
  const { account } = useAccount();
  const [all, setAll] = createSignal(untrack(props.filters.narrowed));
  const words = (name: (typeof NAMES)[number], value: string): string =>
    name === "provider" && value !== "any" ? value : t(`models.filters.${name}.${value}` as Key);
  return (
    <div class="mb-4 flex flex-wrap gap-2">
      <FilterInput label={t("models.search")} value={props.filters.q()} onChange={props.filters.setQ} main />
      <Show when={account().organization}>
        <BarSelect
          steady
          label={t("common.organization")}
          value={props.filters.organization()}
          onChange={(event) => props.filters.setOrganization(event.currentTarget.value)}
        >
          <option value="">{account().organization.name}</option>
          <OrganizationOptions selected={props.filters.organization()} />
        </BarSelect>
      </Show>
      {/* On a narrow screen they would be all there is to see. */}
      <Button look="plain" class="md:hidden" aria-expanded={all()} onClick={() => setAll(!all())}>
        {t("models.filters.all")}
      </Button>
      <div class={`contents ${all() ? "" : "max-md:hidden"}`}>
        <For each={NAMES}>
          {(name) => (
            <BarSelect
              label={t(`models.filters.${name}.any`)}
              value={props.filters.value(name)}
              onChange={(event) => props.filters.set(name, event.currentTarget.value)}
            >
              <For each={props.filters.values(name)}>
                {(value) => <option value={value}>{words(name, value)}</option>}
              </For>
            </BarSelect>
          )}
        </For>
      </div>
    </div>
  );
}
