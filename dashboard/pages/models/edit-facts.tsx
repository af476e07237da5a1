import { useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { For, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { changedFacts, FLAGS, LINES, NUMBERS } from "./fact-changes.ts";

type Model = InferResponseType<(typeof api.models)[":id"]["$get"]>;

/** Sets single facts of a model; what is left as it is stays the catalogue's, and an emptied field is the catalogue's again. */
export function EditFacts(props: { open: boolean; onClose: () => void; model: Model }) {
  const client = useQueryClient();
  const form = createForm();
  const save = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const { id, version } = props.model;
    const json = changedFacts(props.model, new FormData(event.currentTarget));
    const options = version > 0 ? ifVersion(version) : {};
    const done =
      Object.keys(json).length === 0 ||
      (await form.send(() => ask(api.models[":id"].$patch({ param: { id: encodeURIComponent(id) }, json }, options))));
    if (!done) return;
    say(t("models.factsSaved", { model: id }));
    void client.invalidateQueries({ queryKey: ["models"] });
    props.onClose();
  };
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("models.editFacts")}
      description={t("models.editFactsLead")}
    >
      <Show when={props.open}>
        <form onSubmit={save}>
          <div class="grid gap-4 sm:grid-cols-2">
            <For each={LINES}>
              {(name) => (
                <TextField
                  label={t(`models.fact.${name}`)}
                  name={name}
                  type={name.endsWith("_date") ? "date" : "text"}
                  optional
                  value={props.model[name] ?? ""}
                  error={form.errorOf(name)}
                />
              )}
            </For>
            <For each={NUMBERS}>
              {(name) => (
                <TextField
                  label={t(`models.fact.${name}`)}
                  name={name}
                  inputmode="numeric"
                  optional
                  value={props.model[name] ?? ""}
                  error={form.errorOf(name)}
                />
              )}
            </For>
            <For each={FLAGS}>
              {(name) => (
                <Select label={t(`models.fact.${name}`)} name={name} error={form.errorOf(`capabilities.${name}`)}>
                  <For each={["", "true", "false"] as const}>
                    {(value) => (
                      <option value={value} selected={String(props.model.capabilities[name] ?? "") === value}>
                        {value === "" ? t("models.asShipped") : t(value === "true" ? "models.yes" : "models.no")}
                      </option>
                    )}
                  </For>
                </Select>
              )}
            </For>
          </div>
          <FormFailure form={form} fields={[...LINES, ...NUMBERS, ...FLAGS.map((name) => `capabilities.${name}`)]} />
          <Actions>
            <Button look="plain" onClick={() => props.onClose()}>
              {t("common.cancel")}
            </Button>
            <Button look="primary" type="submit" disabled={form.busy()}>
              {t("common.save")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
