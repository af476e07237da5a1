import { For, type JSX, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { useAccount } from "../../state/account.tsx";
import type { Form } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Check, Select, TextArea, TextField } from "../../ui/field.tsx";
import type { KeyDraft } from "./key-draft.ts";

/** The API's names of what these fields write. */
export const TERM_FIELDS = [
  "name",
  "owner",
  "expires_at",
  "permissions",
  "models",
  "ip_ranges",
  "origins",
  "tags",
  "note",
];

interface Props {
  draft: KeyDraft;
  onChange: (change: Partial<KeyDraft>) => void;
  form: Form;
}

/** Name, owner and end of a key. `children` stand between the name and the owner. */
export function MainTerms(props: Props & { children?: JSX.Element }) {
  const { can } = useAccount();
  return (
    <>
      <TextField
        label={t("keys.name")}
        required
        maxlength={100}
        value={props.draft.name}
        onInput={(event) => props.onChange({ name: event.currentTarget.value })}
        error={props.form.errorOf("name")}
      />
      {props.children}
      <Show when={can("keys:write")}>
        <OwnerSelect {...props} />
      </Show>
      <TextField
        label={t("keys.expires")}
        type="date"
        hint={t("keys.expiresHint")}
        value={props.draft.expires}
        onInput={(event) => props.onChange({ expires: event.currentTarget.value })}
        error={props.form.errorOf("expires_at")}
      />
    </>
  );
}

/** A person, or nobody: a service. */
function OwnerSelect(props: Props) {
  const people = useQuery(() => ({
    queryKey: ["members", "all"],
    staleTime: 60_000,
    queryFn: ({ signal }) => ask(api.members.$get({ query: { limit: "200", sort: "name" } }, { init: { signal } })),
  }));
  const known = () => people.data?.data.some(({ id }) => props.draft.owner === `user:${id}`);
  return (
    <Select
      label={t("keys.owner")}
      hint={t("keys.ownerHint")}
      onChange={(event) => props.onChange({ owner: event.currentTarget.value })}
      error={props.form.errorOf("owner")}
    >
      <option value="service" selected={props.draft.owner === "service"}>
        {t("keys.service")}
      </option>
      <Show when={props.draft.owner !== "service" && !known()}>
        <option value={props.draft.owner} selected>
          {props.draft.owner.replace("user:", "")}
        </option>
      </Show>
      <For each={people.data?.data ?? []}>
        {({ id, name, email }) => (
          <option value={`user:${id}`} selected={props.draft.owner === `user:${id}`}>
            {name} ({email})
          </option>
        )}
      </For>
    </Select>
  );
}

const PERMISSIONS = ["read", "write", "admin"] as const;

/** What few keys need. */
export function AdvancedTerms(props: Props) {
  const { can } = useAccount();
  const offered = () => PERMISSIONS.filter((one) => one !== "admin" || can("keys:write"));
  const toggle = (permission: (typeof PERMISSIONS)[number], on: boolean) =>
    props.onChange({
      permissions: PERMISSIONS.filter((one) => (one === permission ? on : props.draft.permissions.includes(one))),
    });
  return (
    <>
      <fieldset>
        <legend class="mb-1 text-table font-medium">{t("keys.permissions")}</legend>
        <div class="space-y-1.5">
          <For each={offered()}>
            {(permission) => (
              <Check
                label={t(`keys.permission.${permission}`)}
                hint={t(`keys.permissionHint.${permission}`)}
                checked={props.draft.permissions.includes(permission)}
                onChange={(event) => toggle(permission, event.currentTarget.checked)}
              />
            )}
          </For>
        </div>
        <Show when={props.form.errorOf("permissions")}>
          {(error) => <p class="mt-1 text-meta font-medium text-bad">{error()}</p>}
        </Show>
      </fieldset>
      <TextArea
        label={t("keys.models")}
        hint={t("keys.modelsHint")}
        optional
        rows={3}
        spellcheck={false}
        value={props.draft.models}
        onInput={(event) => props.onChange({ models: event.currentTarget.value })}
        error={props.form.errorOf("models")}
      />
      <TextArea
        label={t("keys.addresses")}
        hint={t("keys.addressesHint")}
        optional
        rows={2}
        spellcheck={false}
        value={props.draft.addresses}
        onInput={(event) => props.onChange({ addresses: event.currentTarget.value })}
        error={props.form.errorOf("ip_ranges")}
      />
      <TextArea
        label={t("keys.origins")}
        hint={t("keys.originsHint")}
        optional
        rows={2}
        spellcheck={false}
        value={props.draft.origins}
        onInput={(event) => props.onChange({ origins: event.currentTarget.value })}
        error={props.form.errorOf("origins")}
      />
      <TextArea
        label={t("keys.tags")}
        hint={t("common.oneALine")}
        optional
        rows={2}
        value={props.draft.tags}
        onInput={(event) => props.onChange({ tags: event.currentTarget.value })}
        error={props.form.errorOf("tags")}
      />
      <TextArea
        label={t("keys.note")}
        optional
        rows={2}
        maxlength={1000}
        value={props.draft.note}
        onInput={(event) => props.onChange({ note: event.currentTarget.value })}
        error={props.form.errorOf("note")}
      />
      <Check
        label={t("keys.strict")}
        hint={t("keys.strictHint")}
        checked={props.draft.strict}
        onChange={(event) => props.onChange({ strict: event.currentTarget.checked })}
      />
    </>
  );
}
