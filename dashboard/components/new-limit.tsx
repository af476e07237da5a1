import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, type JSX } from "solid-js";
import { api, ask } from "../api/client.ts";
import { createForm } from "../state/form.ts";
import { type LimitDraft, limitOfDraft, newDraft } from "../state/limit-draft.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Actions, Dialog } from "../ui/dialog.tsx";
import { FormFailure } from "./form-failure.tsx";
import { LimitFields } from "./limit-fields.tsx";

const FIELDS = ["metric", "window", "amount", "amount_usd", "mode"];

/** Sets a limit on an organization or a key. `children`: more fields, above these. */
export function NewLimit(props: {
  open: boolean;
  onClose: () => void;
  node: { organization_id: string } | { key_id: string };
  children?: JSX.Element;
  /** What stands below the fields, of what is written. */
  below?: (draft: LimitDraft) => JSX.Element;
}) {
  const client = useQueryClient();
  const form = createForm();
  const [draft, setDraft] = createSignal(newDraft());
  const create = async (event: SubmitEvent) => {
    event.preventDefault();
    const done = await form.send(() => ask(api.limits.$post({ json: { ...props.node, ...limitOfDraft(draft()) } })));
    if (!done) return;
    setDraft(newDraft());
    props.onClose();
    for (const queryKey of [["limits"], ["keys"], ["organizations"]]) void client.invalidateQueries({ queryKey });
  };
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("common.limits.create")}>
      <form class="space-y-3" onSubmit={create}>
        {props.children}
        <LimitFields draft={draft()} onChange={setDraft} errorOf={form.errorOf} />
        {props.below?.(draft())}
        <FormFailure form={form} fields={FIELDS} />
        <Actions>
          <Button look="plain" onClick={() => props.onClose()}>
            {t("common.cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={form.busy()}>
            {t("common.limits.create")}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
