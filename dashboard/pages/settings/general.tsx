import { useBeforeLeave } from "@solidjs/router";
import { useQuery, useQueryClient } from "@tanstack/solid-query";
import type { InferRequestType, InferResponseType } from "hono/client";
import { createMemo, createSignal, For, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Panel } from "../../components/panel.tsx";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";

type Organization = InferResponseType<(typeof api.organizations)[":id"]["$get"]>;
type Change = InferRequestType<(typeof api.organizations)[":id"]["$patch"]>["json"];

const NUMBERS = [
  { name: "default_output_tokens", label: "settings.general.defaultOutput", unit: "settings.general.tokens" },
  { name: "max_output_tokens", label: "settings.general.maxOutput", unit: "settings.general.tokens" },
  { name: "least_output_tokens", label: "settings.general.leastOutput", unit: "settings.general.tokens" },
  { name: "wait_seconds", label: "settings.general.wait", unit: "settings.general.seconds" },
] as const;

/** The organization's name, time zone and how its requests are bounded; what is empty is inherited, and says from where. */
export function General() {
  const { account, can } = useAccount();
  const id = () => account().organization.id;
  const query = useQuery(() => ({
    queryKey: ["organizations", id()],
    queryFn: ({ signal }) =>
      ask(api.organizations[":id"].$get({ param: { id: id() }, query: {} }, { init: { signal } })),
  }));
  return (
    <Panel title={t("settings.general.title")} query={query} skeleton={<RowsSkeleton rows={8} />}>
      {(organization) => <GeneralForm organization={organization()} editable={can("organizations:write")} />}
    </Panel>
  );
}

function GeneralForm(props: { organization: Organization; editable: boolean }) {
  const client = useQueryClient();
  const form = createForm();
  // What was written and is not saved, by the field's name.
  const [written, setWritten] = createSignal<Record<string, string>>({});
  const write = (field: string, value: string, saved: string) =>
    setWritten((all) => {
      const { [field]: _, ...rest } = all;
      return value === saved ? rest : { ...rest, [field]: value };
    });
  const changes = () => Object.keys(written()).length;
  const saved = createMemo(() => {
    const { name, time_zone, settings } = props.organization;
    return {
      name,
      time_zone,
      lower_caps: settings.lower_caps === null ? "" : String(settings.lower_caps),
      ...Object.fromEntries(NUMBERS.map((field) => [field.name, settings[field.name]?.toString() ?? ""])),
    } as Record<string, string>;
  });
  const value = (field: string) => written()[field] ?? saved()[field] ?? "";
  const source = (field: (typeof NUMBERS)[number]["name"] | "lower_caps") => {
    const { value: inForce, source: from } = props.organization.effective[field];
    const words =
      inForce === null
        ? t("settings.general.noLimit")
        : typeof inForce === "boolean"
          ? t(inForce ? "settings.general.yes" : "settings.general.no")
          : String(inForce);
    if (from === props.organization.id) return t("settings.general.fromHere");
    const place = t(from === "default" ? "settings.general.fromDefault" : "settings.general.fromAbove");
    return `${t("settings.general.inherit", { value: words })} (${place})`;
  };

  useBeforeLeave((event) => {
    if (changes() === 0 || event.defaultPrevented) return;
    event.preventDefault();
    if (window.confirm(t("settings.general.leave"))) event.retry(true);
  });

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const all = written();
    const settings: NonNullable<Change["settings"]> = {};
    for (const { name } of NUMBERS) {
      const text = all[name];
      if (text !== undefined) settings[name] = text === "" ? null : Number(text);
    }
    if (all.lower_caps !== undefined) settings.lower_caps = all.lower_caps === "" ? null : all.lower_caps === "true";
    const json: Change = {
      ...(all.name === undefined ? {} : { name: all.name.trim() }),
      ...(all.time_zone === undefined ? {} : { time_zone: all.time_zone.trim() }),
      ...(Object.keys(settings).length > 0 ? { settings } : {}),
    };
    const { id, version } = props.organization;
    const done = await form.send(() =>
      ask(api.organizations[":id"].$patch({ param: { id }, json }, ifVersion(version))),
    );
    if (!done) return;
    setWritten({});
    say(t("settings.general.saved"));
    await client.invalidateQueries({ queryKey: ["organizations"] });
    await client.invalidateQueries({ queryKey: ["me"] });
  };
  const known = ["name", "time_zone", "settings.lower_caps", ...NUMBERS.map(({ name }) => `settings.${name}`)];

  return (
    <form class="mt-3 max-w-xl space-y-4" onSubmit={save}>
      <TextField
        label={t("settings.general.name")}
        required
        maxlength={100}
        disabled={!props.editable}
        value={value("name")}
        onInput={(event) => write("name", event.currentTarget.value, saved().name ?? "")}
        error={form.errorOf("name")}
      />
      <TextField
        label={t("settings.general.zone")}
        hint={t("settings.general.zoneHint")}
        list="organization-zones"
        required
        disabled={!props.editable}
        value={value("time_zone")}
        onInput={(event) => write("time_zone", event.currentTarget.value, saved().time_zone ?? "")}
        error={form.errorOf("time_zone")}
      />
      <datalist id="organization-zones">
        <For each={Intl.supportedValuesOf("timeZone")}>{(zone) => <option value={zone} />}</For>
      </datalist>
      <For each={NUMBERS}>
        {({ name, label, unit }) => (
          <TextField
            label={`${t(label)} (${t(unit)})`}
            hint={source(name)}
            inputmode="numeric"
            pattern="[0-9]*"
            disabled={!props.editable}
            value={value(name)}
            onInput={(event) => write(name, event.currentTarget.value.trim(), saved()[name] ?? "")}
            error={form.errorOf(`settings.${name}`)}
          />
        )}
      </For>
      <Select
        label={t("settings.general.lowerCaps")}
        hint={source("lower_caps")}
        disabled={!props.editable}
        value={value("lower_caps")}
        onChange={(event) => write("lower_caps", event.currentTarget.value, saved().lower_caps ?? "")}
        error={form.errorOf("settings.lower_caps")}
      >
        <option value="">—</option>
        <option value="true">{t("settings.general.yes")}</option>
        <option value="false">{t("settings.general.no")}</option>
      </Select>
      <Show when={form.failure() && !known.includes(form.failure()?.param ?? "") && form.failure()}>
        {(failure) => <FailureNote failure={failure()} />}
      </Show>
      <Show when={props.editable}>
        <div class="sticky bottom-0 flex min-h-14 flex-wrap items-center justify-end gap-3 border-t border-rule bg-canvas py-2">
          <span class="text-table text-ink-2" role="status">
            {changes() > 0 ? plural("common.unsaved", changes()) : ""}
          </span>
          <Button look="plain" disabled={changes() === 0} onClick={() => setWritten({})}>
            {t("settings.general.discard")}
          </Button>
          <Button look="primary" type="submit" disabled={changes() === 0 || form.busy()}>
            {form.busy() ? t("common.saving") : t("common.save")}
          </Button>
        </div>
      </Show>
    </form>
  );
}
