import { createSignal, Show } from "solid-js";
import { api, ask } from "../api/client.ts";
import { createForm } from "../state/form.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { Frame } from "./frame.tsx";
import { Problem } from "./problem.tsx";

/** Another password by a one-time link. All sessions end with it, so the next step is to sign in. */
export function ResetPassword() {
  const form = createForm();
  const [done, setDone] = createSignal(false);
  const token = location.hash.slice(1);
  const reset = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    setDone(await form.send(() => ask(api.password.reset.$post({ json: { token, password } }))));
  };
  return (
    <Frame title={t("signIn.reset.title")} lead={t("signIn.reset.lead")}>
      <Show
        when={!done()}
        fallback={
          <p role="status">
            {t("signIn.reset.done")}{" "}
            <a href="/login" class="text-accent underline">
              {t("signIn.action")}
            </a>
          </p>
        }
      >
        <form class="grid gap-4" onSubmit={reset}>
          <Problem failure={form.failure()} shown={["password"]} />
          <PasswordField
            label={t("signIn.reset.password")}
            name="password"
            autocomplete="new-password"
            error={form.errorOf("password")}
          />
          <Button look="primary" type="submit" class="min-h-10" disabled={form.busy()}>
            {t("signIn.reset.action")}
          </Button>
        </form>
      </Show>
    </Frame>
  );
}
