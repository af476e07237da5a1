import { useQueryClient } from "@tanstack/solid-query";
import { createEffect, createSignal, on } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import type { Organization } from "./organization-drawer.tsx";

/** Gives an organization another name. */
export function RenameOrganization(props: { organization: Organization }) {
  const client = useQueryClient();
  const form = createForm();
  const [name, setName] = createSignal(props.organization.name);
  const [theirs, setTheirs] = createSignal<{ name: string; version: number } | null>(null);
  createEffect(on(() => props.organization.name, setName, { defer: true }));

  const reread = () => client.invalidateQueries({ queryKey: ["organizations"] });
  const rename = async (version: number) => {
    const { id } = props.organization;
    const done = await form.send(() =>
      ask(api.organizations[":id"].$patch({ param: { id }, json: { name: name().trim() } }, ifVersion(version))),
    );
    if (done) {
      say(t("organizations.renamed", { name: name().trim() }));
      void reread();
    } else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      await form.send(async () => setTheirs(await ask(api.organizations[":id"].$get({ param: { id }, query: {} }))));
    }
  };

  return (
    <form
      class="mt-6 flex items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void rename(props.organization.version);
      }}
    >
      <TextField
        class="flex-1"
        label={t("organizations.name")}
        required
        maxlength={100}
        value={name()}
        onInput={(event) => setName(event.currentTarget.value)}
        error={form.errorOf("name")}
      />
      <Button
        look="plain"
        type="submit"
        disabled={form.busy() || name().trim() === props.organization.name || name().trim() === ""}
      >
        {t("organizations.rename")}
      </Button>
      <FormFailure form={form} fields={["name"]} />
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={[{ name: t("organizations.name"), yours: name(), theirs: theirs()?.name }]}
        onClose={() => setTheirs(null)}
        onTake={() => {
          setName(theirs()?.name ?? name());
          setTheirs(null);
          void reread();
        }}
        onOverwrite={() => {
          const version = theirs()?.version;
          setTheirs(null);
          if (version !== undefined) void rename(version);
        }}
      />
    </form>
  );
}
