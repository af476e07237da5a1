import { useQuery } from "@tanstack/solid-query";
import { createSignal, For, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { type ApiFailure, asFailure } from "../../api/failure.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Panel } from "../../components/panel.tsx";
import { RevealOnce } from "../../components/reveal-once.tsx";
import { duration } from "../../format/numbers.ts";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";
import type { Webhook } from "./webhooks.tsx";

/** One webhook: what was sent to it, and turning it off, a test, another secret, the end. */
export function WebhookRecord(props: {
  webhook: Webhook | undefined;
  editable: boolean;
  onClose: () => void;
  onChanged: () => unknown;
}) {
  const [asking, setAsking] = createSignal<"rotate" | "remove" | null>(null);
  const [secret, setSecret] = createSignal<string | null>(null);
  const [problem, setProblem] = createSignal<ApiFailure | null>(null);
  const deliveries = useQuery(() => ({
    queryKey: ["webhooks", props.webhook?.id, "deliveries"],
    enabled: props.webhook !== undefined,
    queryFn: ({ signal }) =>
      ask(
        api.webhooks[":id"].deliveries.$get(
          { param: { id: props.webhook?.id ?? "" }, query: {} },
          { init: { signal } },
        ),
      ),
  }));
  const close = () => {
    setSecret(null);
    setProblem(null);
    props.onClose();
  };
  const attempt = async (asked: Promise<unknown>) => {
    setProblem(null);
    await asked.catch((thrown: unknown) => setProblem(asFailure(thrown)));
  };
  const turn = (webhook: Webhook, disabled: boolean) =>
    attempt(
      ask(
        api.webhooks[":id"].$patch({ param: { id: webhook.id }, json: { disabled } }, ifVersion(webhook.version)),
      ).then(({ version }) => {
        void props.onChanged();
        if (disabled) say(t("settings.webhooks.disabled"), () => void turn({ ...webhook, version }, false));
      }),
    );
  const test = ({ id }: Webhook) =>
    attempt(
      ask(api.webhooks[":id"].test.$post({ param: { id } })).then(() => {
        say(t("settings.webhooks.tested"));
        void deliveries.refetch();
      }),
    );

  return (
    <Dialog look="drawer" open={props.webhook !== undefined} onClose={close} title={props.webhook?.url ?? ""}>
      <Show when={props.webhook}>
        {(webhook) => (
          <>
            <Show when={props.editable}>
              <div class="mb-4 flex flex-wrap gap-2">
                <Button look="plain" onClick={() => void turn(webhook(), !webhook().disabled)}>
                  {t(webhook().disabled ? "settings.webhooks.enable" : "settings.webhooks.disable")}
                </Button>
                <Button look="plain" disabled={webhook().disabled} onClick={() => void test(webhook())}>
                  {t("settings.webhooks.test")}
                </Button>
                <Button look="plain" onClick={() => setAsking("rotate")}>
                  {t("settings.webhooks.rotate")}
                </Button>
                <Button look="danger" onClick={() => setAsking("remove")}>
                  {t("settings.webhooks.remove")}
                </Button>
              </div>
            </Show>
            <Show when={problem()}>{(failure) => <FailureNote failure={failure()} />}</Show>
            <Show when={secret()}>
              {(text) => (
                <RevealOnce
                  text={text()}
                  what={t("settings.webhooks.secretName")}
                  hint={t("settings.webhooks.secret")}
                />
              )}
            </Show>
            <Panel
              class="mt-6"
              title={t("settings.webhooks.deliveries")}
              query={deliveries}
              skeleton={<RowsSkeleton rows={4} />}
            >
              {(page) => (
                <Show
                  when={page().data.length > 0}
                  fallback={<p class="mt-2 text-ink-2">{t("settings.webhooks.noDeliveries")}</p>}
                >
                  <ul class="mt-2 border-t border-rule">
                    <For each={page().data}>
                      {(delivery) => (
                        <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule py-2 text-table">
                          <time datetime={delivery.at} title={exactTime(delivery.at)} class="w-32">
                            {dateAndTime(delivery.at)}
                          </time>
                          <Chip tone={delivery.delivered ? "ok" : "bad"}>
                            {delivery.status ?? t("settings.webhooks.noAnswer")}{" "}
                            {t(delivery.delivered ? "settings.webhooks.delivered" : "settings.webhooks.failed")}
                          </Chip>
                          <span class="font-mono text-meta">{delivery.event}</span>
                          <span class="text-meta text-ink-3">
                            {t("settings.webhooks.attempt", { attempt: delivery.attempt })}
                            <Show when={delivery.duration_ms !== null}> · {duration(delivery.duration_ms ?? 0)}</Show>
                            <Show when={delivery.error}> · {delivery.error}</Show>
                            <Show when={delivery.next_at}>
                              {(next) => <> · {t("settings.webhooks.again", { time: dateAndTime(next()) })}</>}
                            </Show>
                          </span>
                        </li>
                      )}
                    </For>
                  </ul>
                </Show>
              )}
            </Panel>
            <Confirm
              open={asking() === "rotate"}
              onClose={() => setAsking(null)}
              title={t("settings.webhooks.rotateTitle")}
              action={t("settings.webhooks.rotate")}
              onConfirm={async () => {
                const { id, version } = webhook();
                const made = await ask(api.webhooks[":id"].rotate.$post({ param: { id } }, ifVersion(version)));
                setSecret(made.secret);
                await props.onChanged();
              }}
            >
              <p>{t("settings.webhooks.rotateBody")}</p>
            </Confirm>
            <Confirm
              open={asking() === "remove"}
              onClose={() => setAsking(null)}
              title={t("settings.webhooks.removeTitle")}
              action={t("settings.webhooks.remove")}
              onConfirm={async () => {
                const { id, version } = webhook();
                await ask(api.webhooks[":id"].$delete({ param: { id } }, ifVersion(version)));
                close();
                await props.onChanged();
              }}
            >
              <p>{t("settings.webhooks.removeBody", { url: webhook().url })}</p>
            </Confirm>
          </>
        )}
      </Show>
    </Dialog>
  );
}
