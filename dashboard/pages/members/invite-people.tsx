import { useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, For, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select, TextArea } from "../../ui/field.tsx";
import { ROLES } from "./capabilities.ts";

type Invited = InferResponseType<typeof api.invites.$post>["data"][number];

/**
 * Invites many at once, an address a line: what is wrong with one keeps no other from being invited. Links are shown once, to be
 * sent by whoever invites, as the gateway sends no mail.
 */
export function InvitePeople(props: { open: boolean; onClose: () => void }) {
  const { account } = useAccount();
  const client = useQueryClient();
  const form = createForm();
  const [emails, setEmails] = createSignal("");
  const [role, setRole] = createSignal<(typeof ROLES)[number]>("member");
  const [organization, setOrganization] = createSignal(account().organization.id);
  const [results, setResults] = createSignal<Invited[] | null>(null);
  const invited = () => (results() ?? []).filter((one) => one.status === "invited");
  const refused = () => (results() ?? []).filter((one) => one.status === "refused");

  const close = () => {
    setResults(null);
    props.onClose();
  };
  const invite = async (event: SubmitEvent) => {
    event.preventDefault();
    const lines = emails()
      .split(/[\n,;]/)
      .map((line) => line.trim())
      .filter(Boolean);
    const done = await form.send(async () => {
      const answer = await ask(
        api.invites.$post({ json: { organization_id: organization(), role: role(), emails: lines } }),
      );
      setResults(answer.data);
    });
    if (!done) return;
    // What was refused stays, to be mended.
    setEmails(
      refused()
        .map(({ email }) => email)
        .join("\n"),
    );
    void client.invalidateQueries({ queryKey: ["invites"] });
  };

  return (
    <Dialog look="wide" open={props.open} onClose={close} title={t("members.invite")}>
      <Switch>
        <Match when={results()}>
          <Show when={invited().length > 0}>
            <p class="mb-2 text-ink-2">{t("members.linksOnce")}</p>
            <ul class="border-t border-rule">
              <For each={invited()}>
                {(one) => (
                  <li class="flex min-h-10 flex-wrap items-center gap-x-4 border-b border-rule py-1">
                    <span class="font-medium">{one.email}</span>
                    <code class="min-w-0 flex-1 truncate font-mono text-meta text-ink-2">
                      {one.status === "invited" ? one.url : ""}
                    </code>
                    <CopyButton text={one.status === "invited" ? one.url : ""} what={one.email} />
                  </li>
                )}
              </For>
            </ul>
          </Show>
          <Show when={refused().length > 0}>
            <div class="mt-4 border-l-4 border-bad pl-3" role="alert">
              <p class="font-medium text-bad">{plural("members.refused", refused().length)}</p>
              <ul class="text-table">
                <For each={refused()}>
                  {(one) => (
                    <li>
                      <span class="font-medium break-all">{one.email}</span>:{" "}
                      {one.status === "refused" ? one.error.message : ""}
                    </li>
                  )}
                </For>
              </ul>
            </div>
          </Show>
          <Actions>
            <Show when={refused().length > 0}>
              <Button look="plain" onClick={() => setResults(null)}>
                {t("members.mend")}
              </Button>
            </Show>
            <Button look="primary" onClick={close}>
              {t("common.done")}
            </Button>
          </Actions>
        </Match>
        <Match when={props.open}>
          <form class="space-y-4" onSubmit={invite}>
            <TextArea
              label={t("members.emails")}
              hint={t("members.emailsHint")}
              required
              rows={5}
              spellcheck={false}
              value={emails()}
              onInput={(event) => setEmails(event.currentTarget.value)}
              error={form.errorOf("emails")}
            />
            <div class="grid gap-4 sm:grid-cols-2">
              <Select
                label={t("members.roles")}
                value={role()}
                onChange={(event) => setRole(event.currentTarget.value as (typeof ROLES)[number])}
                error={form.errorOf("role")}
              >
                <For each={ROLES}>{(one) => <option value={one}>{t(`members.role.${one}`)}</option>}</For>
              </Select>
              <Select
                label={t("common.organization")}
                onChange={(event) => setOrganization(event.currentTarget.value)}
                error={form.errorOf("organization_id")}
              >
                <OrganizationOptions selected={organization()} />
              </Select>
            </div>
            <FormFailure form={form} fields={["emails", "role", "organization_id"]} />
            <Actions>
              <Button look="plain" onClick={close}>
                {t("common.cancel")}
              </Button>
              <Button look="primary" type="submit" disabled={form.busy()}>
                {t("members.invite")}
              </Button>
            </Actions>
          </form>
        </Match>
      </Switch>
    </Dialog>
  );
}
