import { createEffect, createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { NewLimit } from "../../components/new-limit.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Select } from "../../ui/field.tsx";
import { Simulation } from "./simulation.tsx";

/** Sets a limit on an organization, or on one of its keys; what it would have done last month can be asked first. */
export function CreateLimit(props: { open: boolean; organization: string; onClose: () => void }) {
  const { account } = useAccount();
  const [organization, setOrganization] = createSignal("");
  const [key, setKey] = createSignal("");
  createEffect(() => {
    if (props.open) setOrganization(props.organization || account().organization.id);
    setKey("");
  });
  const keys = useQuery(() => ({
    queryKey: ["keys", "in", organization()],
    enabled: props.open && organization() !== "",
    placeholderData: undefined,
    queryFn: ({ signal }) =>
      ask(api.keys.$get({ query: { organization: organization(), sort: "name", limit: "200" } }, { init: { signal } })),
  }));
  const node = () => (key() ? { key_id: key() } : { organization_id: organization() });
  return (
    <NewLimit
      open={props.open}
      onClose={props.onClose}
      node={node()}
      below={(draft) => <Simulation node={node()} draft={draft} />}
    >
      <div class="grid gap-3 sm:grid-cols-2">
        <Select
          label={t("common.organization")}
          onChange={(event) => {
            setOrganization(event.currentTarget.value);
            setKey("");
          }}
        >
          <OrganizationOptions selected={organization()} />
        </Select>
        <Select label={t("budgets.onKey")} onChange={(event) => setKey(event.currentTarget.value)}>
          <option value="" selected={key() === ""}>
            {t("budgets.wholeOrganization")}
          </option>
          <Show when={keys.data}>
            {(page) => (
              <For each={page().data}>
                {({ id, name }) => (
                  <option value={id} selected={id === key()}>
                    {name}
                  </option>
                )}
              </For>
            )}
          </Show>
        </Select>
      </div>
    </NewLimit>
  );
}
