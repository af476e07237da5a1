import { createSignal } from "solid-js";
import type { ApiFailure } from "../api/failure.ts";
import { createCountdown } from "../state/countdown.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { SignInFailure } from "./sign-in-failure.tsx";

/** E-mail and password. After too many failures it counts down until one may try again. */
export function SignInForm(props: {
  /** Whose password it is, where nobody else may answer. */
  email?: string;
  failure: ApiFailure | null;
  onSubmit: (email: string, password: string) => Promise<void>;
}) {
  const [busy, setBusy] = createSignal(false);
  const countdown = createCountdown();
  const wait = countdown.left;
  let password!: HTMLInputElement;

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    await props.onSubmit(String(form.get("email")), String(form.get("password")));
    setBusy(false);
    if (props.failure?.retryAfter) countdown.start(props.failure.retryAfter);
    // What comes next may have taken its place.
    if (password.isConnected) password.select();
  };

  return (
    <form class="grid gap-4" onSubmit={submit}>
      <SignInFailure failure={props.failure} />
      <TextField
        label={t("signIn.email")}
        type="email"
        name="email"
        autocomplete="username"
        required
        maxlength={254}
        value={props.email ?? ""}
        readOnly={Boolean(props.email)}
      />
      <TextField
        label={t("signIn.password")}
        ref={password}
        type="password"
        name="password"
        autocomplete="current-password"
        required
        maxlength={256}
      />
      <Button look="primary" type="submit" class="min-h-10" disabled={busy() || wait() > 0}>
        {wait() > 0 ? t("signIn.wait", { seconds: wait() }) : busy() ? t("signIn.busy") : t("signIn.action")}
      </Button>
    </form>
  );
}
