import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { alertNow } from "../../state/announce.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { say } from "../../ui/toast.tsx";
import { DeleteOrganization } from "./delete-organization.tsx";
import { MoveOrganization } from "./move-organization.tsx";
import type { Organization } from "./organization-drawer.tsx";

/** What can be done with one organization. The root stays where it is, and stays. */
export function OrganizationActions(props: {
  organization: Organization;
  onCreateBelow: () => void;
  onGone: () => void;
}) {
  const client = useQueryClient();
  const [over, setOver] = createSignal<"move" | "delete" | null>(null);
  const reread = () => client.invalidateQueries({ queryKey: ["organizations"] });

  /** At once, with a way back for ten seconds. */
  const setArchived = async (archived: boolean, version: number, undoable: boolean): Promise<void> => {
    const { id, name } = props.organization;
    try {
      const act = api.organizations[":id"][archived ? "archive" : "restore"];
      const answer = await ask(act.$post({ param: { id } }, ifVersion(version)));
      const back = undoable ? () => void setArchived(!archived, answer.version, false) : undefined;
      say(t(archived ? "organizations.isArchived" : "organizations.isRestored", { name }), back);
    } catch (thrown) {
      alertNow(asFailure(thrown).message);
      say(asFailure(thrown).message);
    }
    void reread();
  };

  return (
    <div class="mb-5 flex flex-wrap gap-2 pt-1">
      <Button look="plain" onClick={() => props.onCreateBelow()}>
        {t("organizations.createBelow")}
      </Button>
      <Show when={props.organization.parent_id !== null}>
        <Button look="plain" onClick={() => setOver("move")}>
          {t("organizations.move")}
        </Button>
        <Button
          look="plain"
          onClick={() => void setArchived(props.organization.archived_at === null, props.organization.version, true)}
        >
          {props.organization.archived_at === null ? t("organizations.archive") : t("organizations.restore")}
        </Button>
        <Button look="danger" onClick={() => setOver("delete")}>
          {t("common.delete")}
        </Button>
      </Show>
      <MoveOrganization organization={props.organization} open={over() === "move"} onClose={() => setOver(null)} />
      <DeleteOrganization
        organization={props.organization}
        open={over() === "delete"}
        onClose={() => setOver(null)}
        onGone={props.onGone}
      />
    </div>
  );
}
