import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { RevealOnce } from "../../components/reveal-once.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";

/** A webhook's address; then its secret, this once. */
export function NewWebhook(props: { open: boolean; onClose: () => void; onMade: () => unknown }) {
  const form = createForm();
  const [secret, setSecret] = createSignal<string | null>(null);
  const close = () => {
    setSecret(null);
    form.forget();
    props.onClose();
  };
  const add = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const url = String(new FormData(event.currentTarget).get("url")).trim();
    await form.send(async () => {
      const made = await ask(api.webhooks.$post({ json: { url } }));
      setSecret(made.secret);
      props.onMade();
    });
  };
  return (
    <Dialog open={props.open} onClose={close} title={t("settings.webhooks.add")}>
      <Show
        when={secret()}
        fallback={
          <form onSubmit={add}>
            <TextField
              label={t("settings.webhooks.url")}
              hint={t("settings.webhooks.urlHint")}
              name="url"
              type="url"
              required
              maxlength={2048}
              placeholder="https://"
              error={form.errorOf("url")}
            />
            <Show when={form.failure()?.param !== "url" && form.failure()}>
              {(failure) => (
                <div class="mt-4">
                  <FailureNote failure={failure()} />
                </div>
              )}
            </Show>
            <Actions>
              <Button look="plain" onClick={close}>
                {t("common.cancel")}
              </Button>
              <Button look="primary" type="submit" disabled={form.busy()}>
                {t("common.create")}
              </Button>
            </Actions>
          </form>
        }
      >
        {(text) => (
          <>
            <RevealOnce text={text()} what={t("settings.webhooks.secretName")} hint={t("settings.webhooks.secret")} />
            <Actions>
              <Button look="primary" onClick={close}>
                {t("common.close")}
              </Button>
            </Actions>
          </>
        )}
      </Show>
    </Dialog>
  );
}
