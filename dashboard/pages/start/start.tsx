import { createResource, createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { readRouterUrl } from "../../api/config.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Page } from "../../components/page.tsx";
import { RouteLine } from "../../components/route-line.tsx";
import { Section } from "../../components/section.tsx";
import { Snippets } from "../../components/snippets.tsx";
import { HELLO } from "../../snippets/target.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { Arrival } from "./arrival.tsx";

const PLACEHOLDER = "https://your-router.example";
const MODELS = ["openai/gpt-6.1-sol", "anthropic/claude-sonnet-5-5", "google/gemini-3.8-flash"] as const;
const VALID_DAYS = 90;
const DAY_MS = 86_400_000;

/** What the page is told of a key that was just made: its text is in memory only, and gone with the page. */
interface MadeKey {
  id: string;
  key: string;
}

/** From a key to a first request that is seen to arrive. */
export function StartPage() {
  const { account, can } = useAccount();
  const [url] = createResource(readRouterUrl);
  const [made, setMade] = createSignal<MadeKey | null>(null);
  const [model, setModel] = createSignal<string>(MODELS[0]);
  const [client, setClient] = useParam("client");
  const form = createForm();
  const router = () => url() ?? PLACEHOLDER;

  const makeKey = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    await form.send(async () => {
      const { id, key } = await ask(
        api.keys.$post({
          json: {
            name,
            organization_id: account().organization.id,
            expires_at: new Date(Date.now() + VALID_DAYS * DAY_MS).toISOString(),
          },
        }),
      );
      setMade({ id, key });
    });
  };

  return (
    <Page title={t("start.title")} lead={t("start.lead")}>
      <div class="grid gap-x-12 gap-y-10 lg:grid-cols-[2fr_3fr] lg:grid-rows-[auto_auto_1fr]">
        <Section title={`1  ${t("start.provider")}`}>
          <p class="max-w-prose text-ink-2">{t("start.providerBody")}</p>
          <p class="mt-2 font-mono text-meta break-words text-ink-3">{t("start.providerKeys")}</p>
        </Section>
        <Section title={`2  ${t("start.key")}`}>
          <Show
            when={made()}
            fallback={
              <form class="max-w-lg space-y-3" onSubmit={makeKey}>
                <TextField
                  label={t("start.keyName")}
                  hint={t("start.limits", { organization: account().organization.name })}
                  name="name"
                  required
                  maxlength={100}
                  value={t("start.keyDefault")}
                  error={form.errorOf("name")}
                />
                <Show when={form.failure()?.param !== "name" && form.failure()}>
                  {(failure) => <FailureNote failure={failure()} />}
                </Show>
                <Button look="primary" type="submit" disabled={form.busy() || !can("own_keys:write")}>
                  {t("start.makeKey")}
                </Button>
              </form>
            }
          >
            {(known) => (
              <div role="status">
                <div class="flex items-start gap-2 rounded-panel border border-edge bg-surface p-3">
                  <code class="min-w-0 flex-1 font-mono text-table break-all">{known().key}</code>
                  <CopyButton text={known().key} what={t("start.yourKey")} />
                </div>
                <p class="mt-2 text-ink-2">{t("start.keyShown")}</p>
              </div>
            )}
          </Show>
        </Section>
        <Section
          class="lg:col-start-2 lg:row-span-3 lg:row-start-1"
          title={`3  ${t("start.send")}`}
          aside={
            <Select
              label={t("start.model")}
              class="flex items-center gap-2 [&_select]:mt-0"
              value={model()}
              onChange={(event) => setModel(event.currentTarget.value)}
            >
              <For each={MODELS}>{(name) => <option value={name}>{name}</option>}</For>
            </Select>
          }
        >
          <Snippets
            label={t("start.clients")}
            client={client()}
            onClient={(id) => setClient(id, "replace")}
            target={{ router: router(), key: made()?.key ?? null, model: model(), request: HELLO }}
          />
          <Show when={!made()}>
            <p class="mt-3 text-meta text-ink-3">{t("start.noKey")}</p>
          </Show>
          <Show when={!url.loading && !url()}>
            <p class="mt-3 text-meta text-warn">{t("start.noRouter")}</p>
          </Show>
        </Section>
        <Section title={`4  ${t("start.arrive")}`} class="lg:row-start-3">
          <Show
            when={made()}
            fallback={
              <p class="flex items-center gap-3 text-ink-2">
                <RouteLine class="text-ink-3" end="open" />
                {t("start.needsKey")}
              </p>
            }
          >
            {(known) => <Arrival keyId={known().id} router={router()} />}
          </Show>
        </Section>
      </div>
    </Page>
  );
}
