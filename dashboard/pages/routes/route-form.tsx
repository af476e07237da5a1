import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ask, ifVersion } from "../../api/client.ts";
import { ApiFailure } from "../../api/failure.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { bodyOfRoute, draftOfRoute, type RouteDraft, type RouteRow, TIMEOUTS } from "./route-draft.ts";
import { TargetFields } from "./target-fields.tsx";

const written = (draft: RouteDraft) => JSON.stringify(bodyOfRoute(draft));

/** A new route must not replace another: throws where its organization has one of the name. */
async function requireFree({ organization_id, name }: { organization_id: string; name: string }): Promise<void> {
  const { data } = await ask(api.routes.$get({ query: { organization: organization_id, name } }));
  if (!data.some((one) => one.organization_id === organization_id && one.name === name)) return;
  throw new ApiFailure({ kind: "other", message: t("routes.taken", { name }), param: "name" });
}

/** A route's name, where it leads and in which order, and how long it waits. Saved as a whole: it holds from the next request on. */
export function RouteForm(props: { route: RouteRow | null; organization: string; onDone: () => void }) {
  const client = useQueryClient();
  const form = createForm();
  const start = draftOfRoute(props.route, props.organization);
  const [draft, setDraft] = createStore(draftOfRoute(props.route, props.organization));
  const [deleting, setDeleting] = createSignal(false);
  const [theirs, setTheirs] = createSignal<RouteRow | null>(null);
  const changed = () => written({ ...draft }) !== written(start);
  const reread = () => client.invalidateQueries({ queryKey: ["routes"] });

  const save = async (version: number | null) => {
    const done = await form.send(async () => {
      if (version === null) await requireFree(bodyOfRoute(draft));
      await ask(api.routes.$put({ json: bodyOfRoute(draft) }, version === null ? {} : ifVersion(version)));
    });
    if (done) {
      say(t("routes.saved", { name: draft.name }));
      void reread();
      props.onDone();
    } else if (form.failure()?.kind === "changed_meanwhile" && props.route) {
      const { id } = props.route;
      form.forget();
      await form.send(async () => setTheirs(await ask(api.routes[":id"].$get({ param: { id } }))));
    }
  };
  const remove = async () => {
    if (!props.route) return;
    await ask(api.routes[":id"].$delete({ param: { id: props.route.id } }, ifVersion(props.route.version)));
    say(t("routes.deleted", { name: props.route.name }));
    props.onDone();
    void reread();
  };
  const conflicts = () => {
    const other = theirs();
    if (!other) return [];
    const line = ({ targets }: RouteDraft) => targets.map(({ model, weight }) => `${model} (${weight})`).join(" → ");
    const now = draftOfRoute(other, other.organization_id);
    return [
      {
        name: t("routes.strategy"),
        yours: t(`routes.strategies.${draft.strategy}`),
        theirs: t(`routes.strategies.${now.strategy}`),
      },
      { name: t("routes.targets"), yours: line(draft), theirs: line(now) },
      { name: t("routes.timeouts"), yours: draft.timeouts, theirs: now.timeouts },
    ];
  };

  return (
    <>
      <form
        class="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save(props.route?.version ?? null);
        }}
      >
        <Show when={props.route === null}>
          <TextField
            label={t("routes.name")}
            hint={t("routes.nameHint")}
            required
            maxlength={256}
            value={draft.name}
            onInput={(event) => setDraft("name", event.currentTarget.value)}
            error={form.errorOf("name")}
          />
          <Select
            label={t("common.organization")}
            hint={t("routes.organizationHint")}
            onChange={(event) => setDraft("organization", event.currentTarget.value)}
            error={form.errorOf("organization_id")}
          >
            <OrganizationOptions selected={draft.organization} />
          </Select>
        </Show>
        <Select
          label={t("routes.strategy")}
          value={draft.strategy}
          onChange={(event) => setDraft("strategy", event.currentTarget.value as RouteDraft["strategy"])}
          error={form.errorOf("strategy")}
        >
          <option value="ordered">{t("routes.strategyHints.ordered")}</option>
          <option value="weighted">{t("routes.strategyHints.weighted")}</option>
        </Select>
        <TargetFields
          targets={draft.targets}
          weighted={draft.strategy === "weighted"}
          onChange={(targets) => setDraft("targets", targets)}
          form={form}
        />
        <details class="border-t border-rule pt-3">
          <summary class="cursor-pointer text-table font-medium">{t("routes.timeouts")}</summary>
          <div class="mt-3 grid gap-3 sm:grid-cols-2">
            <For each={TIMEOUTS}>
              {(name) => (
                <TextField
                  label={t(`routes.timeout.${name}`)}
                  hint={t("routes.timeoutHint")}
                  type="number"
                  min="100"
                  max="3600000"
                  value={draft.timeouts[name]}
                  onInput={(event) => setDraft("timeouts", name, event.currentTarget.value)}
                  error={form.errorOf(`timeouts.${name}`)}
                />
              )}
            </For>
          </div>
        </details>
        <FormFailure
          form={form}
          fields={["name", "organization_id", "strategy", "targets", ...TIMEOUTS.map((name) => `timeouts.${name}`)]}
        />
        <Actions>
          <Show when={props.route}>
            <Button look="danger" class="mr-auto" onClick={() => setDeleting(true)}>
              {t("common.delete")}
            </Button>
          </Show>
          <Show when={changed()}>
            <Button look="plain" onClick={() => setDraft(draftOfRoute(props.route, props.organization))}>
              {t("common.discard")}
            </Button>
          </Show>
          <Button look="primary" type="submit" disabled={form.busy() || !changed()}>
            {form.busy() ? t("common.saving") : props.route ? t("common.save") : t("common.create")}
          </Button>
        </Actions>
      </form>
      <Confirm
        open={deleting()}
        onClose={() => setDeleting(false)}
        title={t("routes.deleteTitle", { name: props.route?.name ?? "" })}
        action={t("common.delete")}
        typed={props.route?.name}
        onConfirm={remove}
      >
        <p>{t("routes.deleteBody")}</p>
      </Confirm>
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={conflicts()}
        onClose={() => setTheirs(null)}
        onTake={() => {
          setTheirs(null);
          void reread();
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
