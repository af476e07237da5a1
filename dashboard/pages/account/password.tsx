import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Section } from "../../components/section.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions } from "../../ui/dialog.tsx";
import { PasswordField } from "../../ui/password-field.tsx";
import { say } from "../../ui/toast.tsx";

const FIELDS = ["old_password", "new_password"];

/** Another password, for those who sign in by one. */
export function Password() {
  const { account } = useAccount();
  const form = createForm();
  const change = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const element = event.currentTarget;
    const entered = new FormData(element);
    const done = await form.send(() =>
      ask(
        api.me.password.$post({
          json: {
            old_password: String(entered.get("old_password")),
            new_password: String(entered.get("new_password")),
          },
        }),
      ),
    );
    if (!done) return;
    element.reset();
    say(t("account.passwordChanged"));
  };
  return (
    <Section title={t("account.password")}>
      <Show when={account().user.has_password} fallback={<p class="text-ink-2">{t("account.noPassword")}</p>}>
        <form class="max-w-lg space-y-4" onSubmit={change}>
          <PasswordField
            label={t("account.oldPassword")}
            name="old_password"
            autocomplete="current-password"
            error={form.errorOf("old_password")}
          />
          <PasswordField
            label={t("account.newPassword")}
            hint={t("account.passwordHint")}
            name="new_password"
            autocomplete="new-password"
            error={form.errorOf("new_password")}
          />
          <Show when={form.failure() && !FIELDS.includes(form.failure()?.param ?? "") && form.failure()}>
            {(failure) => <FailureNote failure={failure()} />}
          </Show>
          <Actions>
            <Button look="plain" type="submit" disabled={form.busy()}>
              {t("account.changePassword")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Section>
  );
}
