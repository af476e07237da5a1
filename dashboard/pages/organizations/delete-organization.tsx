import { useQueryClient } from "@tanstack/solid-query";
import { Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { Confirm } from "../../components/confirm.tsx";
import { count, money } from "../../format/numbers.ts";
import { plural, t } from "../../text/text.ts";
import { say } from "../../ui/toast.tsx";
import type { Organization } from "./organization-drawer.tsx";

/** Deletes an organization with nothing left in it; what is left is told, with the way to it. */
export function DeleteOrganization(props: {
  organization: Organization;
  open: boolean;
  onClose: () => void;
  onGone: () => void;
}) {
  const client = useQueryClient();
  const impact = useQuery(() => ({
    queryKey: ["organizations", "impact", props.organization.id],
    enabled: props.open,
    staleTime: 0,
    queryFn: ({ signal }) =>
      ask(api.organizations[":id"].impact.$get({ param: { id: props.organization.id } }, { init: { signal } })),
  }));
  const remove = async () => {
    const { id, name, version } = props.organization;
    await ask(api.organizations[":id"].$delete({ param: { id } }, ifVersion(version)));
    say(t("organizations.deleted", { name }));
    props.onGone();
    void client.invalidateQueries({ queryKey: ["organizations"] });
  };
  const left = () => {
    const found = impact.data;
    return found && (found.keys > 0 || found.organizations > 1 || found.members > 0) ? found : null;
  };
  return (
    <Confirm
      open={props.open}
      onClose={props.onClose}
      title={t("organizations.deleteTitle", { name: props.organization.name })}
      action={t("common.delete")}
      typed={props.organization.name}
      onConfirm={remove}
    >
      <p>{t("organizations.deleteBody")}</p>
      <Show when={left()}>
        {(found) => (
          <div class="rounded-panel border-l-4 border-warn bg-warn-bg px-4 py-3 text-ink">
            <ul class="list-inside list-disc">
              <li>{plural("organizations.leftBelow", Math.max(0, found().organizations - 1))}</li>
              <li>
                <a class="underline underline-offset-4" href={`/keys?state=any&org=${props.organization.id}`}>
                  {plural("organizations.leftKeys", found().keys)}
                </a>
              </li>
              <li>{plural("organizations.leftMembers", found().members)}</li>
              <li>
                {t("organizations.leftUse", {
                  requests: count(found().last_24h.requests),
                  cost: money(found().last_24h.cost_usd),
                })}
              </li>
            </ul>
          </div>
        )}
      </Show>
    </Confirm>
  );
}
