import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { ApiFailure, asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { OrganizationOptions, useOrganizations } from "../../components/organization-select.tsx";
import { count, money } from "../../format/numbers.ts";
import { plural, t } from "../../text/text.ts";
import { Select } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { moveKeysOut, type StayingKey } from "./move-keys-out.ts";
import type { Organization } from "./organization-drawer.tsx";

const link = "underline underline-offset-4";

/** Deletes an organization: what keeps it is told, with the way to it; keys may be moved out of it in the same step. */
export function DeleteOrganization(props: {
  organization: Organization;
  open: boolean;
  onClose: () => void;
  onGone: () => void;
}) {
  const client = useQueryClient();
  const organizations = useOrganizations();
  const [place, setPlace] = createSignal("");
  const [staying, setStaying] = createSignal<StayingKey[]>([]);
  const to = () => place() || (props.organization.parent_id ?? "");
  const impact = useQuery(() => ({
    queryKey: ["organizations", "impact", props.organization.id],
    enabled: props.open,
    staleTime: 0,
    // Not those of the one before.
    placeholderData: undefined,
    queryFn: ({ signal }) =>
      ask(api.organizations[":id"].impact.$get({ param: { id: props.organization.id } }, { init: { signal } })),
  }));
  const below = () => Math.max(0, (impact.data?.organizations ?? 1) - 1);
  const members = () => impact.data?.members ?? 0;
  const keys = () => impact.data?.keys ?? 0;
  /** Nobody can say where people and whole branches are to go. */
  const keeping = () => below() > 0 || members() > 0;

  /** The tree, open down to it. */
  const way = () => {
    const all = new Map(organizations.data?.data.map((one) => [one.id, one.parent_id]));
    const ids: string[] = [];
    for (let id: string | null | undefined = props.organization.id; id; id = all.get(id)) ids.unshift(id);
    return ids.map((id) => `open=${id}`).join("&");
  };
  const close = () => {
    setStaying([]);
    setPlace("");
    props.onClose();
  };
  const remove = async () => {
    const { id, name, version } = props.organization;
    if (keys() > 0) {
      setStaying(await moveKeysOut(id, to()));
      void client.invalidateQueries({ queryKey: ["keys"] });
      if (staying().length > 0) {
        void impact.refetch();
        throw new ApiFailure({ kind: "other", message: plural("organizations.keysStay", staying().length) });
      }
    }
    await ask(api.organizations[":id"].$delete({ param: { id } }, ifVersion(version)));
    say(t("organizations.deleted", { name }));
    props.onGone();
    void client.invalidateQueries({ queryKey: ["organizations"] });
  };
  const used = () =>
    t("organizations.leftUse", {
      requests: count(impact.data?.last_24h.requests ?? 0),
      cost: money(impact.data?.last_24h.cost_usd ?? "0"),
    });

  return (
    <Confirm
      open={props.open}
      onClose={close}
      title={t("organizations.deleteTitle", { name: props.organization.name })}
      action={keys() > 0 ? plural("organizations.moveAndDelete", keys()) : t("common.delete")}
      typed={props.organization.name}
      pending={impact.isPending}
      refused={keeping()}
      onConfirm={remove}
    >
      <p>{keeping() ? t("organizations.keeping") : t("organizations.deleteBody")}</p>
      <Show when={impact.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <Show when={keeping() || keys() > 0}>
        <ul class="list-inside list-disc rounded-panel border-l-4 border-warn bg-warn-bg px-4 py-3 text-ink">
          <Show when={below() > 0}>
            <li>
              <a class={link} href={`/orgs?${way()}`}>
                {plural("organizations.leftBelow", below())}
              </a>
            </li>
          </Show>
          <Show when={members() > 0}>
            <li>
              <a class={link} href={`/members?org=${props.organization.id}`}>
                {plural("organizations.leftMembers", members())}
              </a>
            </li>
          </Show>
          <Show when={keys() > 0}>
            <li>
              <a class={link} href={`/keys?state=any&org=${props.organization.id}`}>
                {plural("organizations.leftKeys", keys())}
              </a>
            </li>
          </Show>
          <li>{used()}</li>
        </ul>
      </Show>
      <Show when={!keeping() && keys() > 0}>
        <Select
          label={plural("organizations.moveKeysTo", keys())}
          hint={t("organizations.moveKeysHint")}
          onChange={(event) => setPlace(event.currentTarget.value)}
        >
          <OrganizationOptions selected={to()} without={props.organization.id} />
        </Select>
      </Show>
      <Show when={staying().length > 0}>
        <ul class="max-h-40 overflow-y-auto border-l-4 border-bad pl-3">
          <For each={staying()}>
            {({ name, reason }) => (
              <li class="py-0.5 text-table">
                <span class="font-medium">{name}</span>: {reason}
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Confirm>
  );
}
