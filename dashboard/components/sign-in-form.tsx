import { createSignal, onCleanup, Show } from "solid-js";
import type { ApiFailure } from "../api/failure.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";

/** E-mail and password. After too many failures it counts down until one may try again. */
export function SignInForm(props: {
  /** Whose password it is, where nobody else may answer. */
  email?: string;
  failure: ApiFailure | null;
  onSubmit: (email: string, password: string) => Promise<void>;
}) {
  const [busy, setBusy] = createSignal(false);
  const [now, setNow] = createSignal(Date.now());
  const timer = setInterval(() => setNow(Date.now()), 1000);
  onCleanup(() => clearInterval(timer));
  const [until, setUntil] = createSignal(0);
  const wait = () => Math.max(0, Math.ceil((until() - now()) / 1000));
  let password!: HTMLInputElement;

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    await props.onSubmit(String(form.get("email")), String(form.get("password")));
    setBusy(false);
    if (props.failure?.retryAfter) {
      setNow(Date.now());
      setUntil(Date.now() + props.failure.retryAfter * 1000);
    }
    password.select();
  };

  return (
    <form class="grid gap-4" onSubmit={submit}>
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
      {/* Its line is there from the beginning, so that an answer moves nothing. */}
      <div class="min-h-5">
        <Show when={props.failure}>
          {(failure) => (
            <p role="alert" class="font-medium text-bad">
              {failure().message}
            </p>
          )}
        </Show>
      </div>
      <Button look="primary" type="submit" class="min-h-10" disabled={busy() || wait() > 0}>
        {wait() > 0 ? t("signIn.wait", { seconds: wait() }) : busy() ? t("signIn.busy") : t("signIn.action")}
      </Button>
    </form>
  );
}
