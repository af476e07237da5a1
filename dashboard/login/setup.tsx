import { createResource, createSignal, Match, Switch } from "solid-js";
import { api, ask } from "../api/client.ts";
import { signIn } from "../api/sign-in.ts";
import { createForm } from "../state/form.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Select, TextField } from "../ui/field.tsx";
import { PasswordField } from "../ui/password-field.tsx";
import { Frame } from "./frame.tsx";
import { Problem } from "./problem.tsx";

const JURISDICTIONS = ["global", "eu", "us"] as const;
const FIELDS = ["token", "organization", "email", "password", "jurisdiction"];

/** The first of all: a tenant and its owner, once, with the operator's token. Then on to the first request. */
export function Setup() {
  const [state, { refetch }] = createResource(() => ask(api.setup.$get()));
  const form = createForm();
  const [unsigned, setUnsigned] = createSignal(false);

  const create = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const [email, password] = [String(entered.get("email")), String(entered.get("password"))];
    const made = await form.send(() =>
      ask(
        api.setup.$post({
          json: {
            token: String(entered.get("token")).trim(),
            organization: String(entered.get("organization")).trim(),
            email,
            password,
            jurisdiction: entered.get("jurisdiction") as (typeof JURISDICTIONS)[number],
          },
        }),
      ),
    );
    if (!made) return;
    // The keys of this answer are for programs that set up; here the next step makes one to be shown.
    await signIn(email, password).then(
      () => location.replace("/start"),
      () => setUnsigned(true),
    );
  };

  return (
    <Frame title={t("signIn.setup.title")} lead={t("signIn.setup.lead")}>
      <Switch>
        <Match when={state.error}>
          <p role="alert" class="text-bad">
            {t("common.failure.gateway_away")}
          </p>
          <Button look="plain" class="mt-3" onClick={() => void refetch()}>
            {t("common.retry")}
          </Button>
        </Match>
        <Match when={state()?.done || unsigned()}>
          <p role="status">
            {t("signIn.setup.done")}{" "}
            <a href="/login" class="text-accent underline">
              {t("signIn.action")}
            </a>
          </p>
        </Match>
        <Match when={state()}>
          <form class="grid gap-4" onSubmit={create}>
            <Problem failure={form.failure()} shown={FIELDS} />
            <TextField
              label={t("signIn.setup.token")}
              hint={t("signIn.setup.tokenHint")}
              name="token"
              required
              maxlength={512}
              error={form.errorOf("token")}
            />
            <TextField
              label={t("signIn.setup.organization")}
              name="organization"
              autocomplete="organization"
              required
              maxlength={100}
              error={form.errorOf("organization")}
            />
            <TextField
              label={t("signIn.email")}
              type="email"
              name="email"
              autocomplete="username"
              required
              maxlength={254}
              error={form.errorOf("email")}
            />
            <PasswordField
              label={t("signIn.password")}
              name="password"
              autocomplete="new-password"
              error={form.errorOf("password")}
            />
            <Select
              label={t("signIn.setup.jurisdiction")}
              hint={t("signIn.setup.jurisdictionHint")}
              name="jurisdiction"
              error={form.errorOf("jurisdiction")}
            >
              <option value="global">{t("signIn.setup.global")}</option>
              <option value="eu">{t("signIn.setup.eu")}</option>
              <option value="us">{t("signIn.setup.us")}</option>
            </Select>
            <Button look="primary" type="submit" class="min-h-10" disabled={form.busy()}>
              {form.busy() ? t("signIn.busy") : t("signIn.setup.action")}
            </Button>
          </form>
        </Match>
      </Switch>
    </Frame>
  );
}
