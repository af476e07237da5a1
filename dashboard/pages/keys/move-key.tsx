import { createSignal, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { MovePreview, PlaceChanges } from "../../components/place-changes.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { bare, useKeyCache } from "./key-cache.ts";
import type { ChangedKey } from "./key-query.ts";

/** Moves a key to another organization: what changes for it is shown before. */
export function MoveKey(props: { apiKey: ChangedKey; open: boolean; onClose: () => void }) {
  const cache = useKeyCache();
  const form = createForm();
  const [place, setPlace] = createSignal("");
  const move = (dryRun: boolean) =>
    ask(
      api.keys[":id"].move.$post(
        { param: { id: props.apiKey.id }, json: { organization_id: place(), dry_run: dryRun } },
        ifVersion(props.apiKey.version),
      ),
    );
  const preview = useQuery(() => ({
    queryKey: ["keys", "move", props.apiKey.id, props.apiKey.version, place()],
    enabled: props.open && place() !== "",
    staleTime: 0,
    placeholderData: undefined,
    queryFn: () => move(true),
  }));
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const done = await form.send(async () => {
      cache.show(bare((await move(false)).key));
      say(t("keys.moved", { name: props.apiKey.name }));
      setPlace("");
      props.onClose();
      void cache.reread();
    });
    if (!done && form.failure()?.kind === "changed_meanwhile") void cache.reread();
  };
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("keys.moveTitle", { name: props.apiKey.name })}
      description={t("keys.moveBody")}
    >
      <Show when={props.open}>
        <form class="space-y-4" onSubmit={submit}>
          <Select
            label={t("keys.moveTo")}
            required
            onChange={(event) => setPlace(event.currentTarget.value)}
            error={form.errorOf("organization_id")}
          >
            <option value="" selected={place() === ""}>
              {t("keys.choosePlace")}
            </option>
            <OrganizationOptions selected={place()} />
          </Select>
          <MovePreview empty={!preview.data && !preview.error}>
            <Show when={preview.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
            <Show when={preview.data}>
              {(changes) => (
                <>
                  <PlaceChanges changes={changes()} />
                  <Show when={changes().models_not_allowed.length > 0}>
                    <p class="mt-2 text-warn">
                      {t("keys.moveModels", { models: changes().models_not_allowed.join(", ") })}
                    </p>
                  </Show>
                </>
              )}
            </Show>
          </MovePreview>
          <FormFailure form={form} fields={["organization_id"]} />
          <Actions>
            <Button look="plain" onClick={() => props.onClose()}>
              {t("common.cancel")}
            </Button>
            <Button look="primary" type="submit" disabled={form.busy() || !preview.data}>
              {t("keys.move")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
