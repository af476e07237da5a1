import { useQueryClient } from "@tanstack/solid-query";
import { createEffect, createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";

/** Makes an organization below another; null: closed. */
export function CreateOrganization(props: {
  parent: string | null;
  onClose: () => void;
  onMade: (id: string) => void;
}) {
  const client = useQueryClient();
  const form = createForm();
  const [name, setName] = createSignal("");
  const [parent, setParent] = createSignal("");
  createEffect(() => {
    setParent(props.parent ?? "");
    setName("");
    form.forget();
  });
  const create = async (event: SubmitEvent) => {
    event.preventDefault();
    let made = "";
    const done = await form.send(async () => {
      made = (await ask(api.organizations.$post({ json: { name: name().trim(), parent_id: parent() } }))).id;
    });
    if (!done) return;
    props.onClose();
    await client.invalidateQueries({ queryKey: ["organizations"] });
    props.onMade(made);
  };
  return (
    <Dialog open={props.parent !== null} onClose={props.onClose} title={t("organizations.create")}>
      <Show when={props.parent !== null}>
        <form class="space-y-4" onSubmit={create}>
          <TextField
            label={t("organizations.name")}
            required
            maxlength={100}
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
            error={form.errorOf("name")}
          />
          <Select
            label={t("organizations.parent")}
            onChange={(event) => setParent(event.currentTarget.value)}
            error={form.errorOf("parent_id")}
          >
            <OrganizationOptions selected={parent()} />
          </Select>
          <FormFailure form={form} fields={["name", "parent_id"]} />
          <Actions>
            <Button look="plain" onClick={() => props.onClose()}>
              {t("common.cancel")}
            </Button>
            <Button look="primary" type="submit" disabled={form.busy()}>
              {t("common.create")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
