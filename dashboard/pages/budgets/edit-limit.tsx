import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ask, ifVersion } from "../../api/client.ts";
import type { BranchStanding, Limit } from "../../api/limits.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { limitPhrase, usedPhrase } from "../../format/limit.ts";
import { dateAndTime } from "../../format/time.ts";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions } from "../../ui/dialog.tsx";
import { say } from "../../ui/toast.tsx";
import { bindsAtOnce, changesOfEdit, editOfLimit } from "./limit-edit.ts";
import { LimitImpact } from "./limit-impact.tsx";
import { LimitTerms, TERM_FIELDS } from "./limit-terms.tsx";
import { Simulation } from "./simulation.tsx";

/** A limit's terms, to be changed, and its end. Lowering it below what is used asks first: it refuses requests at once. */
export function EditLimit(props: { limit: Limit; standing: BranchStanding | undefined; onGone: () => void }) {
  const client = useQueryClient();
  const form = createForm();
  const start = editOfLimit(props.limit);
  const [edit, setEdit] = createStore(editOfLimit(props.limit));
  const [asking, setAsking] = createSignal<"lower" | "delete" | null>(null);
  const [theirs, setTheirs] = createSignal<Limit | null>(null);
  const changes = () => changesOfEdit(start, { ...edit }, props.limit.metric);
  const changed = () => Object.keys(changes()).length > 0;
  const node = () =>
    props.limit.key_id ? { key_id: props.limit.key_id } : { organization_id: props.limit.organization_id };
  const reread = () => {
    for (const queryKey of [["limits"], ["keys"], ["organizations"]]) void client.invalidateQueries({ queryKey });
  };

  const save = async (version: number) => {
    const { id } = props.limit;
    const done = await form.send(async () => {
      const { pending: _pending, ...answer } = await ask(
        api.limits[":id"].$patch({ param: { id }, json: changes() }, ifVersion(version)),
      );
      // The form begins anew now, not when lists have been read again: what is written meanwhile would be lost.
      client.setQueryData<Limit>(["limits", "one", id], answer);
    });
    if (done) {
      say(t("budgets.saved"));
      reread();
    } else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      await form.send(async () => setTheirs(await ask(api.limits[":id"].$get({ param: { id } }))));
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const harder = edit.amount !== start.amount || edit.mode !== start.mode;
    if (harder && bindsAtOnce(edit, props.limit.metric, props.standing)) setAsking("lower");
    else void save(props.limit.version);
  };
  const remove = async () => {
    const { id, version } = props.limit;
    await ask(api.limits[":id"].$delete({ param: { id } }, ifVersion(version)));
    say(t("budgets.deleted"));
    props.onGone();
    reread();
  };
  const conflicts = () => {
    const other = theirs();
    if (!other) return [];
    const [mine, now] = [edit, editOfLimit(other)];
    return (["amount", "mode", "thresholds", "fallbackModel", "overrideAmount"] as const)
      .filter((field) => mine[field] !== start[field] || now[field] !== start[field])
      .map((field) => ({ name: t(`budgets.fields.${field}`), yours: mine[field], theirs: now[field] }));
  };

  return (
    <>
      <form class="space-y-4" onSubmit={submit}>
        <LimitTerms metric={props.limit.metric} edit={edit} onChange={setEdit} form={form} />
        <Simulation
          node={node()}
          draft={{
            metric: props.limit.metric,
            window: props.limit.window === "now" ? "minute" : props.limit.window,
            amount: edit.amount,
            mode: edit.mode,
          }}
        />
        <FormFailure form={form} fields={TERM_FIELDS} />
        <Actions>
          <Button look="danger" class="mr-auto" onClick={() => setAsking("delete")}>
            {t("common.delete")}
          </Button>
          <Show when={changed()}>
            <Button look="plain" onClick={() => setEdit(start)}>
              {t("common.discard")}
            </Button>
          </Show>
          <Button look="primary" type="submit" disabled={form.busy() || !changed()}>
            {form.busy() ? t("common.saving") : t("common.save")}
          </Button>
        </Actions>
      </form>
      <Confirm
        open={asking() === "lower"}
        onClose={() => setAsking(null)}
        title={t("budgets.lowerTitle", { name: props.standing?.node.name ?? "" })}
        action={t("budgets.lowerAction")}
        onConfirm={() => save(props.limit.version)}
      >
        <Show when={props.standing}>
          {(standing) => {
            const { name } = standing().node;
            const used = usedPhrase(standing());
            const ends = standing().resets_at;
            return (
              <p>
                {ends && standing().kind === "budget"
                  ? t("budgets.lowerBody", { used, name, time: dateAndTime(ends) })
                  : t("budgets.lowerBodyForGood", { used, name })}
              </p>
            );
          }}
        </Show>
        <Show when={asking() === "lower"}>
          <LimitImpact limit={props.limit} />
        </Show>
      </Confirm>
      <Confirm
        open={asking() === "delete"}
        onClose={() => setAsking(null)}
        title={t("budgets.deleteTitle", { limit: limitPhrase(props.limit) })}
        action={t("common.delete")}
        onConfirm={remove}
      >
        <p>{t("budgets.deleteBody")}</p>
        <Show when={props.standing}>{(standing) => <p>{usedPhrase(standing())}</p>}</Show>
      </Confirm>
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={conflicts()}
        onClose={() => setTheirs(null)}
        onTake={() => {
          setTheirs(null);
          reread();
        }}
        onOverwrite={() => {
          const version = theirs()?.version;
          setTheirs(null);
          if (version !== undefined) void save(version);
        }}
      />
    </>
  );
}
