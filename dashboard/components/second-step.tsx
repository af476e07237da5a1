import { createSignal, onMount, Show } from "solid-js";
import { type ApiFailure, asFailure } from "../api/failure.ts";
import { hasPasskeys } from "../api/has-passkeys.ts";
import { type SecondStep as Step, showCode, signInByPasskey } from "../api/sign-in.ts";
import { createCountdown } from "../state/countdown.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { SignInFailure } from "./sign-in-failure.tsx";

/** After the password: a code of the app or a recovery code, in one field, or a passkey. It counts down as the password does. */
export function SecondStep(props: { step: Step; onSignedIn: () => void; onBack: () => void }) {
  const has = (factor: Step["second_factors"][number]) => props.step.second_factors.includes(factor);
  const [recovering, setRecovering] = createSignal(!has("totp"));
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<ApiFailure | null>(null);
  const countdown = createCountdown();
  let input: HTMLInputElement | undefined;
  onMount(() => input?.focus());

  const attempt = async (asked: () => Promise<void>) => {
    setBusy(true);
    setFailure(null);
    try {
      await asked();
      props.onSignedIn();
    } catch (thrown) {
      const known = asFailure(thrown);
      setFailure(known);
      if (known.retryAfter) countdown.start(known.retryAfter);
      input?.select();
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code"));
    void attempt(() => showCode(code));
  };
  const swap = () => {
    setRecovering((before) => !before);
    setFailure(null);
    if (input) input.value = "";
    input?.focus();
  };

  return (
    <div class="grid gap-4">
      <SignInFailure failure={failure()} />
      <Show when={has("totp") || has("recovery_code")} fallback={<p>{t("signIn.second.passkeyOnly")}</p>}>
        <form class="grid gap-4" onSubmit={submit}>
          <TextField
            ref={input}
            label={recovering() ? t("signIn.second.recovery") : t("signIn.second.code")}
            hint={recovering() ? t("signIn.second.recoveryHint") : t("signIn.second.codeHint")}
            name="code"
            required
            maxlength={64}
            autocomplete={recovering() ? "off" : "one-time-code"}
            inputmode={recovering() ? "text" : "numeric"}
            autocapitalize="none"
            spellcheck={false}
          />
          <Button look="primary" type="submit" class="min-h-10" disabled={busy() || countdown.left() > 0}>
            {countdown.left() > 0
              ? t("signIn.wait", { seconds: countdown.left() })
              : busy()
                ? t("signIn.busy")
                : t("signIn.action")}
          </Button>
        </form>
      </Show>
      <Show when={has("passkey") && hasPasskeys()}>
        <Button look="plain" class="min-h-10" disabled={busy()} onClick={() => void attempt(signInByPasskey)}>
          {t("signIn.passkey.action")}
        </Button>
      </Show>
      <div class="flex flex-wrap justify-between gap-2">
        <Show when={has("totp") && has("recovery_code")} fallback={<span />}>
          <Button look="quiet" class="-ml-2.5" onClick={swap}>
            {recovering() ? t("signIn.second.useApp") : t("signIn.second.useRecovery")}
          </Button>
        </Show>
        <Button look="quiet" class="-mr-2.5" onClick={() => props.onBack()}>
          {t("signIn.second.back")}
        </Button>
      </div>
    </div>
  );
}
