import { useQueryClient } from "@tanstack/solid-query";
import { createEffect, createSignal, on, Show } from "solid-js";
import { api, ask, ifVersion } from "../../api/client.ts";
import { ChangedMeanwhile } from "../../components/changed-meanwhile.tsx";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { EventChecks, type WebhookEvent } from "./webhook-events.tsx";
import type { WebhookRow } from "./webhooks.tsx";

const eventsOf = ({ events }: WebhookRow) => events as WebhookEvent[];
const written = (events: readonly string[]): string =>
  events.length === 0 ? t("settings.webhook.allEvents") : events.toSorted().join(", ");

/** Where a webhook's events go, and which. When somebody else has changed it meanwhile, both versions are shown, and one is chosen. */
export function EditWebhook(props: { webhook: WebhookRow }) {
  const client = useQueryClient();
  const form = createForm();
  const [start, setStart] = createSignal(props.webhook);
  const [url, setUrl] = createSignal(start().url);
  const [events, setEvents] = createSignal(eventsOf(start()));
  const [theirs, setTheirs] = createSignal<WebhookRow | null>(null);
  const changes = () => ({
    ...(url().trim() === start().url ? {} : { url: url().trim() }),
    ...(written(events()) === written(start().events) ? {} : { events: events() }),
  });
  const changed = () => Object.keys(changes()).length > 0;
  const begin = (webhook: WebhookRow) => {
    setStart(webhook);
    setUrl(webhook.url);
    setEvents(eventsOf(webhook));
  };
  // Disabled or given another secret beside this form: what is not written over follows.
  createEffect(
    on(
      () => props.webhook.version,
      () => !changed() && begin(props.webhook),
      { defer: true },
    ),
  );
  const reread = () => client.invalidateQueries({ queryKey: ["webhooks"] });

  const save = async (version: number) => {
    const param = { id: props.webhook.id };
    const done = await form.send(async () => {
      const { pending: _pending, ...answer } = await ask(
        api.webhooks[":id"].$patch({ param, json: changes() }, ifVersion(version)),
      );
      begin(answer);
    });
    if (done) {
      say(t("settings.saved"));
      void reread();
    } else if (form.failure()?.kind === "changed_meanwhile") {
      form.forget();
      await form.send(async () => setTheirs(await ask(api.webhooks[":id"].$get({ param }))));
    }
  };
  const fields = () => {
    const other = theirs();
    if (!other) return [];
    return [
      { name: t("settings.webhook.url"), yours: url().trim(), theirs: other.url },
      { name: t("settings.webhook.events"), yours: written(events()), theirs: written(other.events) },
    ];
  };

  return (
    <form
      class="mb-6 space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save(start().version);
      }}
    >
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
        <Show when={changed()}>
          <Button look="plain" onClick={() => begin(start())}>
            {t("common.discard")}
          </Button>
        </Show>
        <Button look="primary" type="submit" disabled={form.busy() || !changed()}>
          {form.busy() ? t("common.saving") : t("common.save")}
        </Button>
      </Actions>
      <ChangedMeanwhile
        open={theirs() !== null}
        fields={fields()}
        onClose={() => setTheirs(null)}
        onTake={() => {
          const now = theirs();
          if (now) begin(now);
          setTheirs(null);
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
