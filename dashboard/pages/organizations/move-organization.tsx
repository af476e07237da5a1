import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { MovePreview, PlaceChanges } from "../../components/place-changes.tsx";
import { createForm } from "../../state/form.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import type { Organization } from "./organization-drawer.tsx";

/** Moves a branch: what changes for it and everything below is shown before. */
export function MoveOrganization(props: { organization: Organization; open: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const form = createForm();
  const [parent, setParent] = createSignal("");
  const move = (dryRun: boolean) =>
    ask(
      api.organizations[":id"].move.$post(
        { param: { id: props.organization.id }, json: { parent_id: parent(), dry_run: dryRun } },
        ifVersion(props.organization.version),
      ),
    );
  const preview = useQuery(() => ({
    queryKey: ["organizations", "move", props.organization.id, props.organization.version, parent()],
    enabled: props.open && parent() !== "",
    staleTime: 0,
    placeholderData: undefined,
    queryFn: () => move(true),
  }));
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!(await form.send(() => move(false)))) {
      if (form.failure()?.kind === "changed_meanwhile") void client.invalidateQueries({ queryKey: ["organizations"] });
      return;
    }
    say(t("organizations.moved", { name: props.organization.name }));
    props.onClose();
    setParent("");
    for (const queryKey of [["organizations"], ["keys"], ["limits"]]) void client.invalidateQueries({ queryKey });
  };
  return (
    <Dialog
      look="wide"
      open={props.open}
      onClose={props.onClose}
      title={t("organizations.moveTitle", { name: props.organization.name })}
    >
      <Show when={props.open}>
        <form class="space-y-4" onSubmit={submit}>
          <Select
            label={t("organizations.moveTo")}
            required
            onChange={(event) => setParent(event.currentTarget.value)}
            error={form.errorOf("parent_id")}
          >
            <option value="" selected={parent() === ""}>
              {t("organizations.choose")}
            </option>
            <OrganizationOptions selected={parent()} />
          </Select>
          <MovePreview empty={!preview.data && !preview.error}>
            <Show when={preview.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
            <Show when={preview.data}>
              {(changes) => (
                <>
                  <p class="mb-2 text-ink-2">
                    {plural("organizations.movesOrganizations", changes().organizations)}{" "}
                    {plural("organizations.movesKeys", changes().keys)}
                  </p>
                  <PlaceChanges changes={changes()} />
                </>
              )}
            </Show>
          </MovePreview>
          <FormFailure form={form} fields={["parent_id"]} />
          <Actions>
            <Button look="plain" onClick={() => props.onClose()}>
              {t("common.cancel")}
            </Button>
            <Button look="danger" type="submit" disabled={form.busy() || !preview.data}>
              {t("organizations.move")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
