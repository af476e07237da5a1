import { For, Show } from "solid-js";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import type { Form } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Select, TextField } from "../../ui/field.tsx";
import { type RouteDraft, TIMEOUTS } from "./route-draft.ts";
import { TargetFields } from "./target-fields.tsx";

/** The fields of a route's draft. */
export function RouteFields(props: {
  isNew: boolean;
  draft: RouteDraft;
  onChange: (part: Partial<RouteDraft>) => void;
  form: Form;
}) {
  return (
    <div class="space-y-4">
      <Show when={props.isNew}>
        <TextField
          label={t("routes.name")}
          hint={t("routes.nameHint")}
          required
          maxlength={256}
          value={props.draft.name}
          onInput={(event) => props.onChange({ name: event.currentTarget.value })}
          error={props.form.errorOf("name")}
        />
        <Select
          label={t("common.organization")}
          hint={t("routes.organizationHint")}
          onChange={(event) => props.onChange({ organization: event.currentTarget.value })}
          error={props.form.errorOf("organization_id")}
        >
          <OrganizationOptions selected={props.draft.organization} />
        </Select>
      </Show>
      <Select
        label={t("routes.strategy")}
        value={props.draft.strategy}
        onChange={(event) => props.onChange({ strategy: event.currentTarget.value as RouteDraft["strategy"] })}
        error={props.form.errorOf("strategy")}
      >
        <option value="ordered">{t("routes.strategyHints.ordered")}</option>
        <option value="weighted">{t("routes.strategyHints.weighted")}</option>
      </Select>
      <TargetFields
        targets={props.draft.targets}
        weighted={props.draft.strategy === "weighted"}
        onChange={(targets) => props.onChange({ targets })}
        form={props.form}
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
                value={props.draft.timeouts[name]}
                onInput={(event) =>
                  props.onChange({ timeouts: { ...props.draft.timeouts, [name]: event.currentTarget.value } })
                }
                error={props.form.errorOf(`timeouts.${name}`)}
              />
            )}
          </For>
        </div>
      </details>
    </div>
  );
}
