import { useQuery, useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createMemo, createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { Panel } from "../../components/panel.tsx";
import { date } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { NewWebhook } from "./new-webhook.tsx";
import { WebhookRecord } from "./webhook-record.tsx";

export type Webhook = InferResponseType<typeof api.webhooks.$get>["data"][number];

const columns: readonly Column<Webhook>[] = [
  { id: "url", name: () => t("settings.webhooks.url"), cell: (row) => <span class="break-all">{row.url}</span> },
  {
    id: "events",
    name: () => t("settings.webhooks.events"),
    priority: 2,
    cell: (row) => (row.events.length > 0 ? row.events.join(", ") : t("settings.webhooks.allEvents")),
  },
  {
    id: "state",
    name: () => t("settings.webhooks.state"),
    cell: (row) => (
      <Chip tone={row.disabled ? "warn" : "ok"}>
        {t(row.disabled ? "settings.webhooks.off" : "settings.webhooks.on")}
      </Chip>
    ),
  },
  { id: "created", name: () => t("settings.webhooks.created"), priority: 2, cell: (row) => date(row.created_at) },
];

/** Who is told when a limit is nearly, or quite, used up. */
export function Webhooks() {
  const client = useQueryClient();
  const { can } = useAccount();
  const [adding, setAdding] = createSignal(false);
  const [open, setOpen] = useParam("id");
  const query = useQuery(() => ({
    queryKey: ["webhooks"],
    queryFn: ({ signal }) => ask(api.webhooks.$get({ query: { limit: "200" } }, { init: { signal } })),
  }));
  const rows = createMemo(() => query.data?.data ?? []);
  const reread = () => client.invalidateQueries({ queryKey: ["webhooks"] });
  const add = () => (
    <Show when={can("webhooks:write")}>
      <Button look="primary" onClick={() => setAdding(true)}>
        {t("settings.webhooks.add")}
      </Button>
    </Show>
  );

  return (
    <>
      <Panel title={t("settings.webhooks.title")} query={query} skeleton={<RowsSkeleton rows={4} />} aside={add()}>
        {() => (
          <>
            <p class="mt-2 max-w-prose text-ink-2">{t("settings.webhooks.lead")}</p>
            <Show when={rows().length > 0} fallback={<Empty title={t("settings.webhooks.empty")} />}>
              <DataTable
                caption={t("settings.webhooks.title")}
                columns={columns}
                rows={rows()}
                rowId={(row) => row.id}
                openId={open()}
                onOpen={(row) => setOpen(row.id)}
              />
            </Show>
          </>
        )}
      </Panel>
      <NewWebhook open={adding()} onClose={() => setAdding(false)} onMade={reread} />
      <WebhookRecord
        webhook={rows().find(({ id }) => id === open())}
        editable={can("webhooks:write")}
        onClose={() => setOpen("")}
        onChanged={reread}
      />
    </>
  );
}
