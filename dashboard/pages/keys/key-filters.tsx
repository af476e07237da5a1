import { createMemo, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { BranchFilter, ChoiceFilter, FilterInput } from "../../components/filter-input.tsx";
import { useAccount } from "../../state/account.tsx";
import { useChoice, useParam } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { PRESETS, presetQuery } from "./key-query.ts";

const STATES = ["active", "disabled", "expired", "revoked", "any"] as const;
type State = (typeof STATES)[number];
const SORT = "-last_used_at";
/** What a link from elsewhere may ask, under the API's names. */
const LINKED = ["expiring_before", "unused_since", "created_before", "tag"] as const;

/** Which keys are listed: all of it stands in the address. */
export function useKeyFilters() {
  const [q, setQ] = useParam("q");
  const [state, setState] = useChoice("state", STATES);
  const [preset, setPreset] = useChoice("preset", PRESETS);
  const [organization, setOrganization] = useParam("org");
  const [owner, setOwner] = useParam("owner");
  const [sort, setSort] = useParam("sort", SORT);
  const linked = LINKED.map((name) => [name, useParam(name)] as const);
  const query = createMemo(() => ({
    sort: sort() as "-last_used_at",
    figures: "true" as const,
    ...(state() === "any" ? {} : { state: state() as Exclude<State, "any"> }),
    ...(q() ? { q: q() } : {}),
    ...(organization() ? { organization: organization() } : {}),
    ...(owner() ? { owner: owner() } : {}),
    ...presetQuery(preset(), Date.now()),
    ...Object.fromEntries(linked.flatMap(([name, [value]]) => (value() ? [[name, value()]] : []))),
  }));
  return {
    ...{ q, setQ, state, setState, preset, setPreset, organization, setOrganization, owner, setOwner, sort, setSort },
    query,
    linked: () => linked.some(([, [value]]) => value() !== ""),
    narrowed: () =>
      Boolean(q() || owner() || organization() || preset() !== "all" || state() !== "active") ||
      linked.some(([, [value]]) => value() !== ""),
    clear() {
      setQ("");
      setOwner("");
      setOrganization("");
      setPreset("all");
      setState("active");
      for (const [, [, set]] of linked) set("");
    },
  };
}

export type KeyFilters = ReturnType<typeof useKeyFilters>;

/** Names of owners, of the first 200 people. */
export function useOwnerNames(): (owner: string) => string {
  const people = useQuery(() => ({
    queryKey: ["members", "all"],
    staleTime: 60_000,
    queryFn: ({ signal }) => ask(api.members.$get({ query: { limit: "200", sort: "name" } }, { init: { signal } })),
  }));
  const names = createMemo(() => new Map(people.data?.data.map(({ id, name }) => [`user:${id}`, name])));
  return (owner) => (owner === "service" ? t("keys.service") : (names().get(owner) ?? owner.replace("user:", "")));
}

/** The bar over the list. */
export function KeyFilterBar(props: { filters: KeyFilters }) {
  const { account } = useAccount();
  const mine = () => `user:${account().user.id}`;
  return (
    <div class="mb-4 flex flex-wrap gap-2">
      <FilterInput label={t("keys.search")} value={props.filters.q()} onChange={props.filters.setQ} main />
      <ChoiceFilter
        label={t("keys.preset")}
        choices={PRESETS}
        nameOf={(preset) => t(`keys.presets.${preset}`)}
        value={props.filters.preset()}
        onChange={props.filters.setPreset}
      />
      <ChoiceFilter
        label={t("keys.state")}
        choices={STATES}
        nameOf={(state) => t(`keys.states.${state}`)}
        value={props.filters.state()}
        onChange={props.filters.setState}
      />
      <BranchFilter value={props.filters.organization()} onChange={props.filters.setOrganization} />
      <BarSelect
        label={t("keys.owner")}
        value={props.filters.owner()}
        onChange={(event) => props.filters.setOwner(event.currentTarget.value)}
      >
        <option value="">{t("keys.anyOwner")}</option>
        <option value={mine()}>{t("keys.mine")}</option>
        <option value="service">{t("keys.service")}</option>
        <Show when={props.filters.owner() && ![mine(), "service"].includes(props.filters.owner())}>
          <option value={props.filters.owner()}>{props.filters.owner().replace("user:", "")}</option>
        </Show>
      </BarSelect>
      <Show when={props.filters.linked()}>
        <Button look="quiet" onClick={props.filters.clear}>
          {t("keys.linked")} ×
        </Button>
      </Show>
    </div>
  );
}
