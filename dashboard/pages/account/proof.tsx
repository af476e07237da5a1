import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { hasPasskeys } from "../../api/has-passkeys.ts";
import { showPasskey } from "../../api/passkey.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";

interface Waiting {
  goOn(): void;
  giveUp(): void;
}

/** Does what the gateway does only for somebody who has just shown who they are: where it asks for that, so does the page. */
export function createProof() {
  const [waiting, setWaiting] = createSignal<Waiting | null>(null);
  const settle = (how: keyof Waiting): void => {
    const act = waiting();
    setWaiting(null);
    act?.[how]();
  };
  return {
    /** Whether something waits for the person to show who they are. */
    isAsked: (): boolean => waiting() !== null,
    /** Does it now, or when they have. Throws what else goes wrong, and the gateway's refusal where they do not. */
    async act(what: () => Promise<unknown>): Promise<void> {
      try {
        await what();
      } catch (thrown) {
        if (asFailure(thrown).code !== "confirmation_required") throw thrown;
        await new Promise<void>((goOn, giveUp) => setWaiting({ goOn, giveUp: () => giveUp(thrown) }));
        await what();
      }
    },
    goOn: (): void => settle("goOn"),
    giveUp: (): void => settle("giveUp"),
  };
}

/** Asks whether it is them, by password or passkey. */
export function ProofDialog(props: { proof: ReturnType<typeof createProof>; passkeys: boolean }) {
  const form = createForm();
  const byPassword = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    if (await form.send(() => ask(api.me.confirm.$post({ json: { password } })))) props.proof.goOn();
  };
  const byPasskey = async () => {
    const shown = async () => ask(api.me.confirm.passkey.$post({ json: { credential: await showPasskey() } }));
    if (await form.send(shown)) props.proof.goOn();
  };
  return (
    <Dialog
      open={props.proof.isAsked()}
      onClose={() => {
        form.forget();
        props.proof.giveUp();
      }}
      title={t("account.proof.title")}
      description={t("account.proof.body")}
    >
      <Show when={props.proof.isAsked()}>
        <form class="space-y-4" onSubmit={byPassword}>
          <FormFailure form={form} fields={["password"]} />
          <TextField
            label={t("account.password")}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            maxlength={256}
            error={form.errorOf("password")}
          />
          <Actions>
            <Show when={props.passkeys && hasPasskeys()}>
              <Button look="plain" disabled={form.busy()} onClick={() => void byPasskey()}>
                {t("account.proof.passkey")}
              </Button>
            </Show>
            <Button look="primary" type="submit" disabled={form.busy()}>
              {t("account.proof.action")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
