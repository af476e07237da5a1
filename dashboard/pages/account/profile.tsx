import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, For, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { setPlace } from "../../api/place.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Section } from "../../components/section.tsx";
import { type Account, useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Actions } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";

const FIELDS = ["name", "time_zone"];

/** Name and time zone, and the organizations one may act at. */
export function Profile() {
  const { account } = useAccount();
  const client = useQueryClient();
  const form = createForm();
  const [name, setName] = createSignal(account().user.name);
  const [zone, setZone] = createSignal(account().user.time_zone ?? "");
  const [theirs, setTheirs] = createSignal<Account | null>(null);

  const save = async (version: number) => {
    const done = await form.send(async () => {
      const changed = await ask(
        api.me.$patch({ json: { name: name().trim(), time_zone: zone().trim() || null } }, ifVersion(version)),
      );
      client.setQueryData(["me"], changed);
    });
    if (done) say(t("account.saved"));
    else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      await form.send(async () => setTheirs(await ask(api.me.$get())));
    }
  };
  const take = () => {
    const other = theirs();
    setTheirs(null);
    if (!other) return;
    setName(other.user.name);
    setZone(other.user.time_zone ?? "");
    client.setQueryData(["me"], other);
  };
  const overwrite = () => {
    const version = theirs()?.user.version;
    setTheirs(null);
    if (version !== undefined) void save(version);
  };
  const actAt = (organization: string) => {
    setPlace(organization);
    client.clear();
    location.assign("/");
  };

  return (
    <Section title={t("account.profile")}>
      <form
        class="max-w-lg space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save(account().user.version);
        }}
      >
        <TextField label={t("account.email")} value={account().user.email} disabled />
        <TextField
          label={t("account.name")}
          required
          maxlength={100}
          value={name()}
          onInput={(event) => setName(event.currentTarget.value)}
          error={form.errorOf("name")}
        />
        <TextField
          label={t("account.zone")}
          hint={t("account.zoneHint")}
          list="zones"
          value={zone()}
          onInput={(event) => setZone(event.currentTarget.value)}
          error={form.errorOf("time_zone")}
        />
        <datalist id="zones">
          <For each={Intl.supportedValuesOf("timeZone")}>{(name) => <option value={name} />}</For>
        </datalist>
        <Show when={form.failure() && !FIELDS.includes(form.failure()?.param ?? "") && form.failure()}>
          {(failure) => <FailureNote failure={failure()} />}
        </Show>
        <Actions>
          <Button look="primary" type="submit" disabled={form.busy()}>
            {form.busy() ? t("common.saving") : t("common.save")}
          </Button>
        </Actions>
      </form>
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={[
          { name: t("account.name"), yours: name(), theirs: theirs()?.user.name },
          { name: t("account.zone"), yours: zone(), theirs: theirs()?.user.time_zone },
        ]}
        onClose={() => setTheirs(null)}
        onTake={take}
        onOverwrite={overwrite}
      />
      <h3 class="caps mt-6 mb-2">{t("account.places")}</h3>
      <ul class="border-t border-rule">
        <For each={account().organizations}>
          {(place) => (
            <li class="flex min-h-10 items-center gap-3 border-b border-rule">
              <span class="min-w-0 flex-1 truncate">{place.name}</span>
              <Chip tone="plain">{t(`shell.roles.${place.role}`)}</Chip>
              <Show
                when={place.id !== account().organization.id}
                fallback={<span class="text-meta text-ink-3">{t("account.here")}</span>}
              >
                <Button look="quiet" onClick={() => actAt(place.id)}>
                  {t("account.actHere")}
                </Button>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </Section>
  );
}
