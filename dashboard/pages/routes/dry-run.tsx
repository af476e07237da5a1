import { useMutation } from "@tanstack/solid-query";
import { createEffect, createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { dialectName } from "../../format/request.ts";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { DryRunResult } from "./dry-run-result.tsx";

const DIALECTS = ["openai-chat", "openai-responses", "anthropic-messages", "google-generate-content"] as const;

/** Where a request would go, and why: nothing is sent, and nothing spent. `model` null: closed. */
export function DryRun(props: { model: string | null; organization: string; onClose: () => void }) {
  const { account } = useAccount();
  const [model, setModel] = createSignal("");
  const [organization, setOrganization] = createSignal("");
  const [dialect, setDialect] = createSignal<(typeof DIALECTS)[number]>("openai-chat");
  const run = useMutation(() => ({
    mutationFn: () =>
      ask(
        api.routes["dry-run"].$post({
          json: { organization_id: organization(), model: model().trim(), dialect: dialect() },
        }),
      ),
  }));
  createEffect(() => {
    if (props.model === null) return;
    setModel(props.model);
    setOrganization(props.organization || account().organization.id);
    run.reset();
  });
  return (
    <Dialog
      look="wide"
      open={props.model !== null}
      onClose={props.onClose}
      title={t("routes.dryRun")}
      description={t("routes.dryRunLead")}
    >
      <Show when={props.model !== null}>
        <form
          class="grid items-end gap-3 sm:grid-cols-[1fr_1fr_1fr_auto]"
          onSubmit={(event) => {
            event.preventDefault();
            run.mutate();
          }}
        >
          <TextField
            label={t("routes.model")}
            required
            spellcheck={false}
            value={model()}
            onInput={(event) => setModel(event.currentTarget.value)}
          />
          <Select label={t("common.organization")} onChange={(event) => setOrganization(event.currentTarget.value)}>
            <OrganizationOptions selected={organization()} />
          </Select>
          <Select
            label={t("routes.dialect")}
            value={dialect()}
            onChange={(event) => setDialect(event.currentTarget.value as (typeof DIALECTS)[number])}
          >
            <For each={DIALECTS}>{(one) => <option value={one}>{dialectName(one)}</option>}</For>
          </Select>
          <Button look="primary" type="submit" disabled={run.isPending}>
            {t("routes.ask")}
          </Button>
        </form>
        <div class="mt-5" aria-live="polite">
          <Show when={run.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
          <Show when={run.data}>{(found) => <DryRunResult found={found()} />}</Show>
        </div>
      </Show>
    </Dialog>
  );
}
