import type { InferResponseType } from "hono/client";
import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { QrCode } from "./qr-code.tsx";

export type TotpSetUp = InferResponseType<typeof api.me.totp.$post>;

/** Four characters at a time are easier to type. */
const grouped = (secret: string): string => secret.replace(/.{4}(?=.)/g, "$& ");

/** The authenticator app: scan or type its secret, then a code of it shows that it works. */
export function SetUpTotp(props: {
  setUp: TotpSetUp | null;
  onClose: () => void;
  onDone: (codes: string[] | null) => void;
}) {
  const form = createForm();
  const confirm = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code"));
    let codes: string[] | null = null;
    const done = await form.send(async () => {
      codes = (await ask(api.me.totp.confirm.$post({ json: { code } }))).recovery_codes;
    });
    if (done) props.onDone(codes);
  };
  const close = () => {
    form.forget();
    props.onClose();
  };
  return (
    <Dialog open={props.setUp !== null} onClose={close} title={t("account.factors.totpTitle")}>
      <Show when={props.setUp}>
        {(shown) => (
          <form class="space-y-4" onSubmit={confirm}>
            <p class="text-ink-2">{t("account.factors.scan")}</p>
            <div class="flex flex-wrap items-start gap-x-6 gap-y-4">
              <QrCode text={shown().url} />
              <div class="min-w-0 flex-1 basis-40">
                <p class="caps">{t("account.factors.secret")}</p>
                <code class="mt-1 block font-mono text-body break-words select-all">{grouped(shown().secret)}</code>
                <div class="-ml-2.5">
                  <CopyButton text={shown().secret} what={t("account.factors.secret")} />
                </div>
              </div>
            </div>
            <FormFailure form={form} fields={["code"]} />
            <TextField
              label={t("account.factors.code")}
              hint={t("account.factors.firstCode")}
              name="code"
              required
              maxlength={16}
              inputmode="numeric"
              autocomplete="one-time-code"
              error={form.errorOf("code")}
            />
            <Actions>
              <Button look="primary" type="submit" disabled={form.busy()}>
                {t("account.factors.confirmTotp")}
              </Button>
            </Actions>
          </form>
        )}
      </Show>
    </Dialog>
  );
}
