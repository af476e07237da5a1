import { createSignal, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { LimitFields } from "../../components/limit-fields.tsx";
import { LimitsAbove } from "../../components/limits-above.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { type LimitDraft, limitOfDraft, newDraft } from "../../state/limit-draft.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { bare, useKeyCache } from "./key-cache.ts";
import { type KeyDraft, newKeyDraft, termsOfDraft } from "./key-draft.ts";
import { AdvancedTerms, MainTerms, TERM_FIELDS } from "./key-terms.tsx";

/** A key just made: its text, and what of its limits could not be set. */
export interface MadeKey {
  id: string;
  name: string;
  text: string;
  problems: string[];
}

/** Makes a key: three fields, and what few need. Its limits are set right after it. */
export function CreateKey(props: {
  open: boolean;
  organization: string;
  onClose: () => void;
  onMade: (key: MadeKey) => void;
}) {
  return (
    <Dialog look="drawer" open={props.open} onClose={props.onClose} title={t("keys.create")}>
      <Show when={props.open}>
        <CreateForm {...props} />
      </Show>
    </Dialog>
  );
}

function CreateForm(props: { organization: string; onClose: () => void; onMade: (key: MadeKey) => void }) {
  const { account } = useAccount();
  const cache = useKeyCache();
  const form = createForm();
  const [organization, setOrganization] = createSignal(props.organization || account().organization.id);
  const [draft, setDraft] = createStore<KeyDraft>(newKeyDraft(`user:${account().user.id}`, Date.now()));
  const [limits, setLimits] = createStore<LimitDraft[]>([]);

  const create = async (event: SubmitEvent) => {
    event.preventDefault();
    await form.send(async () => {
      const answer = await ask(api.keys.$post({ json: { ...termsOfDraft(draft), organization_id: organization() } }));
      const problems: string[] = [];
      for (const limit of limits) {
        await ask(api.limits.$post({ json: { key_id: answer.id, ...limitOfDraft(limit) } })).catch((thrown: unknown) =>
          problems.push(thrown instanceof Error ? thrown.message : String(thrown)),
        );
      }
      cache.add(bare(answer));
      props.onMade({ id: answer.id, name: answer.name, text: answer.key, problems });
    });
  };

  return (
    <form class="space-y-4" onSubmit={create}>
      <MainTerms draft={draft} onChange={setDraft} form={form}>
        <Select
          label={t("common.organization")}
          onChange={(event) => setOrganization(event.currentTarget.value)}
          error={form.errorOf("organization_id")}
        >
          <OrganizationOptions selected={organization()} />
        </Select>
        <section aria-label={t("keys.inherited")} class="rounded-panel border border-rule px-3 py-2">
          <h3 class="caps mb-1">{t("keys.inherited")}</h3>
          <div class="min-h-7 max-md:min-h-14">
            <LimitsAbove organization={organization()} />
          </div>
        </section>
      </MainTerms>
      <details class="border-t border-rule pt-3">
        <summary class="cursor-pointer text-table font-medium">{t("common.advanced")}</summary>
        <div class="mt-3 space-y-4">
          <Show when={account().permissions.includes("limits:write")}>
            <fieldset class="space-y-3">
              <legend class="mb-1 text-table font-medium">{t("keys.limits")}</legend>
              <For each={limits}>
                {(limit, index) => (
                  <div class="border-b border-rule pb-3">
                    <LimitFields draft={limit} onChange={(changed) => setLimits(index(), changed)} />
                    <Button
                      look="quiet"
                      class="mt-2"
                      onClick={() => setLimits((all) => all.filter((one) => one !== limit))}
                    >
                      {t("keys.removeLimit")}
                    </Button>
                  </div>
                )}
              </For>
              <Button look="plain" onClick={() => setLimits(limits.length, newDraft())}>
                {t("keys.addLimit")}
              </Button>
            </fieldset>
          </Show>
          <AdvancedTerms draft={draft} onChange={setDraft} form={form} />
        </div>
      </details>
      <FormFailure form={form} fields={[...TERM_FIELDS, "organization_id"]} />
      <Actions>
        <Button look="plain" onClick={() => props.onClose()}>
          {t("common.cancel")}
        </Button>
        <Button look="primary" type="submit" disabled={form.busy()}>
          {form.busy() ? t("common.saving") : t("keys.create")}
        </Button>
      </Actions>
    </form>
  );
}
