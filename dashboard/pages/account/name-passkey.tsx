import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";

/** A passkey's name, of a new one or of one there is. Closed when `onSend` has done it. */
export function NamePasskey(props: {
  /** The name there is, "" for a new one; null: closed. */
  name: string | null;
  title: string;
  action: string;
  hint?: string;
  onSend: (name: string) => Promise<unknown>;
  onClose: () => void;
}) {
  const form = createForm();
  const close = () => {
    form.forget();
    props.onClose();
  };
  const send = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (await form.send(() => props.onSend(name))) close();
  };
  return (
    <Dialog
      open={props.name !== null}
      onClose={close}
      title={props.title}
      {...(props.hint ? { description: props.hint } : {})}
    >
      <form class="space-y-4" onSubmit={send}>
        <FormFailure form={form} fields={["name"]} />
        <TextField
          label={t("account.factors.passkeyName")}
          hint={t("account.factors.passkeyNameHint")}
          name="name"
          value={props.name ?? ""}
          required
          maxlength={100}
          error={form.errorOf("name")}
        />
        <Actions>
          <Button look="primary" type="submit" disabled={form.busy()}>
            {props.action}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
