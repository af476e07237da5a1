import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Check, Select, TextField } from "../../ui/field.tsx";
import { MODALITIES } from "./model-query.ts";

const KINDS = ["chat", "embedding", "image", "audio", "moderation"] as const;
const FIELDS = ["model", "display_name", "kind", "context_window", "max_output_tokens", "input_modalities"];

/** Makes a model known that the catalogue does not have. Its price is set in its drawer. */
export function CreateModel(props: { open: boolean; onClose: () => void; onMade: (id: string) => void }) {
  const client = useQueryClient();
  const form = createForm();
  const [reads, setReads] = createSignal<(typeof MODALITIES)[number][]>(["text"]);
  const create = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const written = new FormData(event.currentTarget);
    const text = (name: string) => String(written.get(name) ?? "").trim();
    const number = (name: string) => (text(name) === "" ? {} : { [name]: Number(text(name).replace(/[\s,_]/g, "")) });
    const model = text("model");
    const done = await form.send(() =>
      ask(
        api.models.$post({
          json: {
            model,
            kind: text("kind") as "chat",
            input_modalities: reads(),
            ...(text("display_name") ? { display_name: text("display_name") } : {}),
            ...number("context_window"),
            ...number("max_output_tokens"),
            capabilities: { tools: written.has("tools"), streaming: written.has("streaming") },
          },
        }),
      ),
    );
    if (!done) return;
    props.onClose();
    void client.invalidateQueries({ queryKey: ["models"] });
    props.onMade(model);
  };
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("models.create")} description={t("models.createLead")}>
      <Show when={props.open}>
        <form class="space-y-4" onSubmit={create}>
          <TextField
            label={t("models.name")}
            name="model"
            required
            hint={t("models.nameHint")}
            error={form.errorOf("model")}
          />
          <div class="grid gap-4 sm:grid-cols-2">
            <TextField
              label={t("models.displayName")}
              name="display_name"
              optional
              error={form.errorOf("display_name")}
            />
            <Select label={t("models.kind")} name="kind" error={form.errorOf("kind")}>
              <For each={KINDS}>{(kind) => <option value={kind}>{t(`models.kinds.${kind}`)}</option>}</For>
            </Select>
            <TextField
              label={t("models.context")}
              name="context_window"
              inputmode="numeric"
              optional
              error={form.errorOf("context_window")}
            />
            <TextField
              label={t("models.maxOutput")}
              name="max_output_tokens"
              inputmode="numeric"
              optional
              error={form.errorOf("max_output_tokens")}
            />
          </div>
          <fieldset>
            <legend class="mb-1 text-table font-medium">{t("models.reads")}</legend>
            <div class="flex flex-wrap gap-x-5 gap-y-2">
              <For each={MODALITIES}>
                {(one) => (
                  <Check
                    label={t(`models.modality.${one}`)}
                    checked={reads().includes(one)}
                    onChange={(event) =>
                      setReads(
                        MODALITIES.filter((each) =>
                          each === one ? event.currentTarget.checked : reads().includes(each),
                        ),
                      )
                    }
                  />
                )}
              </For>
            </div>
          </fieldset>
          <fieldset>
            <legend class="mb-1 text-table font-medium">{t("models.abilities")}</legend>
            <div class="flex flex-wrap gap-x-5 gap-y-2">
              <Check label={t("models.short.tools")} name="tools" checked />
              <Check label={t("models.short.streaming")} name="streaming" checked />
            </div>
          </fieldset>
          <FormFailure form={form} fields={FIELDS} />
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
