import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { UNDER_A_FORM } from "../../api/query.ts";
import { useQuery } from "../../api/use-query.ts";
import { Panel } from "../../components/panel.tsx";
import { t } from "../../text/text.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { GeneralForm } from "./general-form.tsx";

/** What an organization decides for itself and all below it. */
export function General(props: { id: string }) {
  const query = useQuery(() => ({
    ...UNDER_A_FORM,
    queryKey: ["organizations", "settings", props.id],
    queryFn: ({ signal }) =>
      ask(api.organizations[":id"].$get({ param: { id: props.id }, query: {} }, { init: { signal } })),
  }));
  return (
    <Panel title={t("settings.sections.general")} query={query} skeleton={<RowsSkeleton rows={8} />}>
      {(organization) => (
        <Show when={organization().version} keyed>
          <GeneralForm organization={organization()} />
        </Show>
      )}
    </Panel>
  );
}
