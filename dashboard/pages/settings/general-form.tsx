import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For } from "solid-js";
import { createStore } from "solid-js/store";
import { api, ask, ifVersion } from "../../api/client.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { useOrganizations } from "../../components/organization-select.tsx";
import { SaveBar } from "../../components/save-bar.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Select, TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { LedgerDownFields } from "./ledger-down-fields.tsx";
import { settingWords } from "./setting-words.ts";
import {
  changedSettings,
  draftOfSettings,
  NUMBERS,
  type Organization,
  patchOfSettings,
  type SettingsDraft,
} from "./settings-draft.ts";

const FIELDS = [
  "name",
  "time_zone",
  ...[...NUMBERS, "lower_caps", "on_ledger_down"].map((field) => `settings.${field}`),
];

/** The fields of an organization's settings, each with what holds now and from where; saved all at once. */
export function GeneralForm(props: { organization: Organization }) {
  const { can } = useAccount();
  const client = useQueryClient();
  const organizations = useOrganizations();
  const form = createForm();
  const start = draftOfSettings(props.organization);
  const [draft, setDraft] = createStore<SettingsDraft>(draftOfSettings(props.organization));
  const [theirs, setTheirs] = createSignal<Organization | null>(null);
  const changes = () => changedSettings(start, { ...draft, numbers: { ...draft.numbers } });
  const readOnly = () => !can("organizations:write");
  const reread = () => client.invalidateQueries({ queryKey: ["organizations"] });

  const save = async (version: number) => {
    const { id } = props.organization;
    const done = await form.send(async () => {
      const { pending: _pending, ...answer } = await ask(
        api.organizations[":id"].$patch({ param: { id }, json: patchOfSettings(changes()) }, ifVersion(version)),
      );
      // The form begins anew now, not when it has been read again: what is written meanwhile would be lost.
      client.setQueryData<Organization>(["organizations", "settings", id], (known) => known && { ...known, ...answer });
    });
    if (done) {
      say(t("settings.saved"));
      await reread();
    } else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      await form.send(async () => setTheirs(await ask(api.organizations[":id"].$get({ param: { id }, query: {} }))));
    }
  };
  const holds = (setting: keyof Organization["effective"]) =>
    settingWords(props.organization, setting, (id) => organizations.data?.data.find((one) => one.id === id)?.name);
  const conflicts = () => {
    const other = theirs();
    if (!other) return [];
    const [mine, now] = [changes(), changedSettings(start, draftOfSettings(other))];
    return Object.keys({ ...mine, ...now }).map((field) => ({
      name: t(`settings.fields.${field as "name"}`),
      yours: mine[field as "name"],
      theirs: now[field as "name"],
    }));
  };

  return (
    <form
      class="max-w-2xl space-y-5 pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save(props.organization.version);
      }}
    >
      <TextField
        label={t("settings.fields.name")}
        required
        maxlength={100}
        disabled={readOnly()}
        value={draft.name}
        onInput={(event) => setDraft("name", event.currentTarget.value)}
        error={form.errorOf("name")}
      />
      <TextField
        label={t("settings.fields.time_zone")}
        hint={t("settings.zoneHint")}
        list="settings-zones"
        required
        disabled={readOnly()}
        value={draft.timeZone}
        onInput={(event) => setDraft("timeZone", event.currentTarget.value)}
        error={form.errorOf("time_zone")}
      />
      <datalist id="settings-zones">
        <For each={Intl.supportedValuesOf("timeZone")}>{(zone) => <option value={zone} />}</For>
      </datalist>
      <For each={NUMBERS}>
        {(field) => (
          <TextField
            label={t(`settings.fields.${field}`)}
            hint={holds(field)}
            inputmode="numeric"
            placeholder={t("settings.inherit")}
            disabled={readOnly()}
            value={draft.numbers[field]}
            onInput={(event) => setDraft("numbers", field, event.currentTarget.value)}
            error={form.errorOf(`settings.${field}`)}
          />
        )}
      </For>
      <Select
        label={t("settings.fields.lower_caps")}
        hint={holds("lower_caps")}
        disabled={readOnly()}
        value={draft.lowerCaps}
        onChange={(event) => setDraft("lowerCaps", event.currentTarget.value as SettingsDraft["lowerCaps"])}
        error={form.errorOf("settings.lower_caps")}
      >
        <option value="inherit">{t("settings.inherit")}</option>
        <option value="yes">{t("settings.yes")}</option>
        <option value="no">{t("settings.no")}</option>
      </Select>
      <LedgerDownFields
        hint={holds("on_ledger_down")}
        disabled={readOnly()}
        draft={draft}
        onChange={setDraft}
        errorOf={form.errorOf}
      />
      <p class="text-ink-2">
        {t("settings.modelsHint")}{" "}
        <a
          class="underline decoration-edge underline-offset-4 hover:decoration-ink"
          href={`/models?org=${props.organization.id}`}
        >
          {t("settings.openModels")}
        </a>
      </p>
      <FormFailure form={form} fields={FIELDS} />
      <SaveBar
        count={Object.keys(changes()).length}
        busy={form.busy()}
        onDiscard={() => setDraft(draftOfSettings(props.organization))}
        onSave={() => void save(props.organization.version)}
      />
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={conflicts()}
        onClose={() => setTheirs(null)}
        onTake={() => {
          setTheirs(null);
          setDraft(start);
          void reread();
        }}
        onOverwrite={() => {
          const version = theirs()?.version;
          setTheirs(null);
          if (version !== undefined) void save(version);
        }}
      />
    </form>
  );
}
