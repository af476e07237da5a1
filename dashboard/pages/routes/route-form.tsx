import { createSignal, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ask, ifVersion } from "../../api/client.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { type Target, TargetsField } from "./targets-field.tsx";
import type { Route } from "./use-routes.ts";

const TIMEOUTS = ["headers_ms", "first_token_ms", "idle_ms", "total_ms"] as const;

/** A route to make, or one to change. What is inherited is only looked at here: it is changed where it stands. */
export function RouteForm(props: {
  route: Route | null;
  /** How many it had in the last 30 days. */
  requests: number;
  onClose: () => void;
  onChanged: () => unknown;
  onTest: (name: string) => void;
}) {
  const { account, can } = useAccount();
  const form = createForm();
  const [deleting, setDeleting] = createSignal(false);
  const [written, write] = createStore({
    name: props.route?.name ?? "",
    organization: props.route?.organization_id ?? account().organization.id,
    strategy: props.route?.strategy ?? ("ordered" as const),
    targets: (props.route?.targets ?? [{ model: "", credential: null, weight: 1 }]).map(
      (target): Target => ({ ...target }),
    ),
    timeouts: Object.fromEntries(
      TIMEOUTS.map((name) => [name, props.route?.timeouts[name]?.toString() ?? ""]),
    ) as Record<(typeof TIMEOUTS)[number], string>,
  });
  const editable = () => can("routes:write") && !props.route?.inherited;

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const timeouts = Object.fromEntries(
      TIMEOUTS.flatMap((name) => (written.timeouts[name] === "" ? [] : [[name, Number(written.timeouts[name])]])),
    );
    let pending = false;
    const done = await form.send(async () => {
      const changed = await ask(
        api.routes.$put(
          {
            json: {
              organization_id: written.organization,
              name: written.name.trim(),
              strategy: written.strategy,
              targets: written.targets.map((target) => ({ ...target, model: target.model.trim() })),
              timeouts,
            },
          },
          props.route ? ifVersion(props.route.version) : undefined,
        ),
      );
      ({ pending } = changed);
    });
    if (!done) return;
    say(t(pending ? "routes.pending" : "routes.saved"));
    props.onClose();
    await props.onChanged();
  };
  const atField = () => /^(name|organization_id|targets|timeouts)/.test(form.failure()?.param ?? "");

  return (
    <Dialog
      look="drawer"
      open
      onClose={props.onClose}
      title={props.route ? props.route.name : t("routes.create")}
      description={props.route?.inherited ? t("routes.inherited") : undefined}
    >
      <form class="space-y-4" onSubmit={save}>
        <TextField
          label={t("routes.fields.name")}
          hint={t("routes.fields.nameHint")}
          required
          maxlength={256}
          disabled={!editable() || props.route !== null}
          value={written.name}
          onInput={(event) => write("name", event.currentTarget.value)}
          error={form.errorOf("name")}
        />
        <Select
          label={t("routes.fields.organization")}
          hint={t("routes.fields.organizationHint")}
          disabled={!editable() || props.route !== null}
          onChange={(event) => write("organization", event.currentTarget.value)}
          error={form.errorOf("organization_id")}
        >
          <OrganizationOptions selected={written.organization} />
        </Select>
        <Select
          label={t("routes.fields.strategy")}
          disabled={!editable()}
          value={written.strategy}
          onChange={(event) => write("strategy", event.currentTarget.value as Route["strategy"])}
        >
          <option value="ordered">{t("routes.fields.ordered")}</option>
          <option value="weighted">{t("routes.fields.weighted")}</option>
        </Select>
        <TargetsField
          targets={written.targets}
          weighted={written.strategy === "weighted"}
          editable={editable()}
          errorOf={form.errorOf}
          onChange={(targets) => write("targets", targets)}
        />
        <details class="border-t border-rule pt-3" open={TIMEOUTS.some((name) => written.timeouts[name] !== "")}>
          <summary class="cursor-pointer text-table font-medium">{t("routes.fields.timeouts")}</summary>
          <p class="mt-1 text-meta text-ink-3">{t("routes.fields.timeoutsHint")}</p>
          <div class="mt-3 grid gap-3 sm:grid-cols-2">
            <For each={TIMEOUTS}>
              {(name) => (
                <TextField
                  label={t(`routes.fields.${name}`)}
                  inputmode="numeric"
                  pattern="[0-9]*"
                  disabled={!editable()}
                  value={written.timeouts[name]}
                  onInput={(event) => write("timeouts", name, event.currentTarget.value.trim())}
                  error={form.errorOf(`timeouts.${name}`)}
                />
              )}
            </For>
          </div>
        </details>
        <Show when={form.failure() && !atField() && form.failure()}>
          {(failure) => <FailureNote failure={failure()} />}
        </Show>
        <Actions>
          <Show when={props.route && editable()}>
            <Button look="danger" class="mr-auto" onClick={() => setDeleting(true)}>
              {t("routes.delete")}
            </Button>
          </Show>
          <Show when={props.route}>
            {(route) => (
              <Button look="plain" onClick={() => props.onTest(route().name)}>
                {t("routes.test")}
              </Button>
            )}
          </Show>
          <Show when={editable()}>
            <Button look="primary" type="submit" disabled={form.busy()}>
              {form.busy() ? t("common.saving") : t("common.save")}
            </Button>
          </Show>
        </Actions>
      </form>
      <Confirm
        open={deleting()}
        onClose={() => setDeleting(false)}
        title={t("routes.deleteTitle", { name: props.route?.name ?? "" })}
        action={t("routes.delete")}
        typed={props.route?.name}
        onConfirm={async () => {
          if (!props.route) return;
          const { id, version } = props.route;
          await ask(api.routes[":id"].$delete({ param: { id } }, ifVersion(version)));
          props.onClose();
          await props.onChanged();
        }}
      >
        <p>{plural("routes.used", props.requests)}</p>
        <p>{t("routes.deleteBody")}</p>
      </Confirm>
    </Dialog>
  );
}
