import { useQueryClient } from "@tanstack/solid-query";
import { createSignal, Match, Show, Switch } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { usePages } from "../../api/use-pages.ts";
import { useQuery } from "../../api/use-query.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { EntryList } from "../../components/history.tsx";
import { duration } from "../../format/numbers.ts";
import { dateAndTime, exactTime, relativeTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";
import { EditWebhook } from "./edit-webhook.tsx";

/** One webhook: switched, given another secret, tried, ended; and what became of what was sent. */
export function WebhookDrawer(props: { id: string; onClose: () => void; onSecret: (secret: string) => void }) {
  const { can } = useAccount();
  const client = useQueryClient();
  const [over, setOver] = createSignal<"rotate" | "delete" | null>(null);
  const query = useQuery(() => ({
    queryKey: ["webhooks", "one", props.id],
    enabled: props.id !== "",
    queryFn: ({ signal }) => ask(api.webhooks[":id"].$get({ param: { id: props.id } }, { init: { signal } })),
  }));
  const webhook = () => (query.data?.id === props.id ? query.data : undefined);
  const reread = () => client.invalidateQueries({ queryKey: ["webhooks"] });
  const attempt = async (act: () => Promise<string>) => {
    try {
      say(await act());
    } catch (thrown) {
      say(asFailure(thrown).message);
    }
    void reread();
  };
  const param = () => ({ param: { id: props.id } });
  const turn = (disabled: boolean, version: number) =>
    attempt(async () => {
      await ask(api.webhooks[":id"].$patch({ ...param(), json: { disabled } }, ifVersion(version)));
      return t(disabled ? "settings.webhook.isOff" : "settings.webhook.isOn");
    });
  const test = () =>
    attempt(async () => {
      await ask(api.webhooks[":id"].test.$post(param()));
      return t("settings.webhook.tested");
    });
  return (
    <Dialog
      look="drawer"
      open={props.id !== ""}
      onClose={props.onClose}
      title={t("settings.webhook.one")}
      description={webhook()?.url}
    >
      <Switch fallback={<RowsSkeleton rows={6} />}>
        <Match when={query.error && !webhook() && asFailure(query.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        <Match when={webhook()}>
          {(shown) => (
            <>
              <Show when={can("webhooks:write")}>
                <div class="mb-5 flex flex-wrap gap-2">
                  <Button look="plain" disabled={shown().disabled} onClick={() => void test()}>
                    {t("settings.webhook.test")}
                  </Button>
                  <Button look="plain" onClick={() => void turn(!shown().disabled, shown().version)}>
                    {t(shown().disabled ? "settings.webhook.enable" : "settings.webhook.disable")}
                  </Button>
                  <Button look="plain" onClick={() => setOver("rotate")}>
                    {t("settings.webhook.rotate")}
                  </Button>
                  <Button look="danger" onClick={() => setOver("delete")}>
                    {t("common.delete")}
                  </Button>
                </div>
              </Show>
              <Show when={can("webhooks:write") && shown().id} keyed>
                <EditWebhook webhook={shown()} />
              </Show>
              <Deliveries id={shown().id} />
              <Confirm
                open={over() === "rotate"}
                onClose={() => setOver(null)}
                title={t("settings.webhook.rotateTitle")}
                action={t("settings.webhook.rotate")}
                onConfirm={async () => {
                  const answer = await ask(api.webhooks[":id"].rotate.$post(param(), ifVersion(shown().version)));
                  props.onSecret(answer.secret);
                  void reread();
                }}
              >
                <p>{t("settings.webhook.rotateBody")}</p>
              </Confirm>
              <Confirm
                open={over() === "delete"}
                onClose={() => setOver(null)}
                title={t("settings.webhook.deleteTitle")}
                action={t("common.delete")}
                onConfirm={async () => {
                  await ask(api.webhooks[":id"].$delete(param(), ifVersion(shown().version)));
                  props.onClose();
                  void reread();
                }}
              >
                <p class="font-mono break-all">{shown().url}</p>
              </Confirm>
            </>
          )}
        </Match>
      </Switch>
    </Dialog>
  );
}

function Deliveries(props: { id: string }) {
  const list = usePages(() => ({
    key: ["webhooks", "deliveries", props.id],
    read: (cursor, init) =>
      ask(api.webhooks[":id"].deliveries.$get({ param: { id: props.id }, query: { ...cursor } }, init)),
  }));
  return (
    <section aria-label={t("settings.webhook.deliveries")}>
      <div class="mb-1 flex items-center">
        <h3 class="caps flex-1">{t("settings.webhook.deliveries")}</h3>
        <Button look="quiet" onClick={() => void list.query.refetch()}>
          {t("settings.webhook.reread")}
        </Button>
      </div>
      <EntryList list={list} each={list.rows()} empty={t("settings.webhook.noDeliveries")}>
        {(row) => (
          <>
            <time datetime={row.at} title={exactTime(row.at)} class="whitespace-nowrap text-ink-2">
              {dateAndTime(row.at)}
            </time>
            <span class="font-mono text-meta">{row.event}</span>
            <Chip tone={row.delivered ? "ok" : "bad"}>{row.status ?? row.error ?? "—"}</Chip>
            <span class="text-meta text-ink-3">
              {t("settings.webhook.attempt", { attempt: row.attempt })}
              {row.duration_ms === null ? "" : ` · ${duration(row.duration_ms)}`}
              {row.next_at ? ` · ${t("settings.webhook.again", { time: relativeTime(row.next_at, Date.now()) })}` : ""}
            </span>
          </>
        )}
      </EntryList>
    </section>
  );
}
