import { createSignal, Show } from "solid-js";
import { api, ask } from "../api/client.ts";
import { mark } from "../api/sign-in.ts";
import { type LaterStep, laterStep } from "../components/later-step.ts";
import { createForm } from "../state/form.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Frame } from "./frame.tsx";
import { Problem } from "./problem.tsx";

/** Accepting an invitation: a name and a password, or the password of an account that is there. */
export function Invite() {
  const form = createForm();
  // Not sent to any server until the person says so, and not kept in the browser's history after that.
  const token = location.hash.slice(1);
  // The invitation is accepted by then; what is left is to sign in.
  const [step, setStep] = createSignal<LaterStep | null>(null);
  const goOn = () => location.replace("/");
  const toLogin = () => location.replace("/login");
  const accept = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const name = String(entered.get("name")).trim();
    const taken = await form.send(async () => {
      const answer = await ask(
        api.invites.accept.$post({
          json: { token, password: String(entered.get("password")), ...(name ? { name } : {}) },
        }),
      );
      if ("second_factors" in answer) setStep(await laterStep(answer));
    });
    if (!taken || step()) return;
    mark();
    goOn();
  };
  return (
    <Frame title={t("signIn.invite.title")} lead={t("signIn.invite.lead")}>
      <Show
        when={!step()}
        fallback={
          <Show when={step()}>
            {(known) => {
              const { Form, step } = known();
              return <Form step={step} onSignedIn={goOn} onBack={toLogin} />;
            }}
          </Show>
        }
      >
        <form class="grid gap-4" onSubmit={accept}>
          <Problem failure={form.failure()} shown={["name", "password"]} />
          <TextField
            label={t("signIn.invite.name")}
            hint={t("signIn.invite.nameHint")}
            optional
            name="name"
            autocomplete="name"
            maxlength={100}
            error={form.errorOf("name")}
          />
          <TextField
            label={t("signIn.password")}
            hint={t("signIn.invite.passwordHint")}
            name="password"
            type="password"
            autocomplete="new-password"
            required
            maxlength={256}
            error={form.errorOf("password")}
          />
          <Button look="primary" type="submit" class="min-h-10" disabled={form.busy()}>
            {form.busy() ? t("signIn.busy") : t("signIn.invite.action")}
          </Button>
        </form>
      </Show>
    </Frame>
  );
}
