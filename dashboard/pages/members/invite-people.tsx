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
import { RoleMatrix } from "./role-matrix.tsx";

type Invited = InferResponseType<typeof api.invites.$post>["data"][number];

/**
 * Invites many at once, an address a line: what is wrong with one keeps no other from being invited. Links are shown once, to be
 * sent by whoever invites, as the gateway sends no mail.
 */
export function InvitePeople(props: {
  open: boolean;
  /** The one whose people are shown; empty: the reader's own. */
  organization: string;
  onClose: () => void;
}) {
  const { account } = useAccount();
  const client = useQueryClient();
  const form = createForm();
  const [emails, setEmails] = createSignal("");
  const [role, setRole] = createSignal<(typeof ROLES)[number]>("member");
  const [chosen, setOrganization] = createSignal("");
  const organization = () => chosen() || props.organization || account().organization.id;
  const [results, setResults] = createSignal<Invited[] | null>(null);
  const invited = () => (results() ?? []).filter((one) => one.status === "invited");
  const refused = () => (results() ?? []).filter((one) => one.status === "refused");

  /** What is wrong with the lines that came back, beside the field that has them. */
  const [wrong, setWrong] = createSignal<Invited[]>([]);
  const mended = () =>
    wrong()
      .map((one) =>
        one.status === "refused" ? t("members.wrongLine", { email: one.email, message: one.error.message }) : "",
      )
      .join("\n") || null;

  const close = () => {
    setResults(null);
    setWrong([]);
    setOrganization("");
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
          {(lines) => (
            <>
              <div
                role="status"
                tabindex="-1"
                class="mb-2 text-ink-2 outline-none"
                ref={(element) => queueMicrotask(() => element.focus())}
              >
                <Show when={invited().length > 0}>
                  <p>
                    {plural("members.invited", invited().length)} {t("members.linksOnce")}
                  </p>
                </Show>
                <Show when={refused().length > 0}>
                  <p class="font-medium text-bad">{plural("members.refused", refused().length)}</p>
                </Show>
              </div>
              <ul class="border-t border-rule">
                <For each={lines()}>{(line) => <Line line={line} />}</For>
              </ul>
              <Actions>
                <Show when={refused().length > 0}>
                  <Button
                    look="plain"
                    onClick={() => {
                      setWrong(refused());
                      setResults(null);
                      queueMicrotask(() =>
                        document.querySelector<HTMLElement>('textarea[aria-invalid="true"]')?.focus(),
                      );
                    }}
                  >
                    {t("members.mend")}
                  </Button>
                </Show>
                <Button look="primary" onClick={close}>
                  {t("common.done")}
                </Button>
              </Actions>
            </>
          )}
        </Match>
        <Match when={props.open}>
          <div class="grid gap-x-8 lg:grid-cols-[2fr_3fr]">
            <form class="space-y-4" onSubmit={invite}>
              <TextArea
                label={t("members.emails")}
                hint={t("members.emailsHint")}
                required
                rows={5}
                spellcheck={false}
                value={emails()}
                onInput={(event) => setEmails(event.currentTarget.value)}
                error={form.errorOf("emails") ?? mended()}
              />
              <div class="grid gap-4 sm:max-lg:grid-cols-2">
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
            <RoleMatrix class="mt-8 lg:mt-0" marked={role()} />
          </div>
        </Match>
      </Switch>
    </Dialog>
  );
}

/** One line as it was given: the link of who is invited, or why they are not. */
function Line(props: { line: Invited }) {
  return (
    <li class="flex min-h-10 flex-wrap items-center gap-x-4 border-b border-rule py-1">
      <span class="font-medium break-all">{props.line.email}</span>
      {props.line.status === "invited" ? (
        <>
          <code class="min-w-0 flex-1 truncate font-mono text-meta text-ink-2">{props.line.url}</code>
          <CopyButton text={props.line.url} what={props.line.email} />
        </>
      ) : (
        <span class="font-medium text-bad">{props.line.error.message}</span>
      )}
    </li>
  );
}
