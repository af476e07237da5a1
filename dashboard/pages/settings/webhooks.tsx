import { useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import type { Column } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { useOrganizations } from "../../components/organization-select.tsx";
import { Reveal } from "../../components/reveal.tsx";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { WebhookDrawer } from "./webhook-drawer.tsx";
import { EventChecks, type WebhookEvent } from "./webhook-events.tsx";

export type WebhookRow = InferResponseType<typeof api.webhooks.$get>["data"][number];

/** Where limit events are sent: the list, making one, and one's own drawer. */
export function Webhooks(props: { organization: string }) {
  const { can } = useAccount();
  const organizations = useOrganizations();
  const [open, setOpen] = useParam("id");
  const [creating, setCreating] = createSignal(false);
  const [secret, setSecret] = createSignal<string | null>(null);
  const list = usePages(() => ({
    key: ["webhooks", "list", props.organization],
    read: (cursor, init) => ask(api.webhooks.$get({ query: { organization: props.organization, ...cursor } }, init)),
  }));
  const columns: readonly Column<WebhookRow>[] = [
    {
      id: "url",
      name: () => t("settings.webhook.url"),
      cell: (row) => <span class="block max-w-80 truncate font-mono text-meta max-md:max-w-48">{row.url}</span>,
    },
    {
      id: "state",
      name: () => t("settings.webhook.state"),
      cell: (row) => (
        <Chip tone={row.disabled ? "warn" : "ok"}>
          {t(row.disabled ? "settings.webhook.off" : "settings.webhook.on")}
        </Chip>
      ),
    },
    {
      id: "events",
      name: () => t("settings.webhook.events"),
      priority: 2,
      cell: (row) => (row.events.length === 0 ? t("settings.webhook.allEvents") : row.events.join(", ")),
    },
    {
      id: "organization",
      name: () => t("common.organization"),
      priority: 2,
      cell: (row) => organizations.data?.data.find(({ id }) => id === row.organization_id)?.name ?? row.organization_id,
    },
  ];
  const create = () => (
    <Show when={can("webhooks:write")}>
      <Button look="primary" onClick={() => setCreating(true)}>
        {t("settings.webhook.create")}
      </Button>
    </Show>
  );
  return (
    <>
      <ListPanel
        title={t("settings.sections.webhooks")}
        aside={<Show when={list.rows().length > 0}>{create()}</Show>}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        openId={open()}
        onOpen={(row) => setOpen(row.id)}
        skeletonRows={3}
        empty={
          <Empty title={t("settings.webhook.empty")} hint={t("settings.webhook.emptyHint")}>
            {create()}
          </Empty>
        }
      />
      <CreateWebhook
        open={creating()}
        organization={props.organization}
        onClose={() => setCreating(false)}
        onSecret={setSecret}
      />
      <WebhookDrawer id={open()} onClose={() => setOpen("")} onSecret={setSecret} />
      <Reveal title={t("settings.webhook.secret")} secret={secret()} onClose={() => setSecret(null)}>
        <p class="text-ink-2">{t("settings.webhook.secretLead")}</p>
      </Reveal>
    </>
  );
}

function CreateWebhook(props: {
  open: boolean;
  organization: string;
  onClose: () => void;
  onSecret: (secret: string) => void;
}) {
  const client = useQueryClient();
  const form = createForm();
  const [url, setUrl] = createSignal("");
  const [events, setEvents] = createSignal<WebhookEvent[]>([]);
  const create = async (event: SubmitEvent) => {
    event.preventDefault();
    const done = await form.send(async () => {
      const made = await ask(
        api.webhooks.$post({ json: { organization_id: props.organization, url: url().trim(), events: events() } }),
      );
      props.onSecret(made.secret);
    });
    if (!done) return;
    setUrl("");
    props.onClose();
    void client.invalidateQueries({ queryKey: ["webhooks"] });
  };
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("settings.webhook.create")}>
      <form class="space-y-4" onSubmit={create}>
        <TextField
          label={t("settings.webhook.url")}
          hint={t("settings.webhook.urlHint")}
          type="url"
          required
          value={url()}
          onInput={(event) => setUrl(event.currentTarget.value)}
          error={form.errorOf("url")}
        />
        <EventChecks events={events()} onChange={setEvents} />
        <FormFailure form={form} fields={["url"]} />
        <Actions>
          <Button look="plain" onClick={() => props.onClose()}>
            {t("common.cancel")}
          </Button>
          <Button look="primary" type="submit" disabled={form.busy()}>
            {t("common.create")}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
