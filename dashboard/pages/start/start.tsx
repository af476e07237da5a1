import { createResource, createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { readRouterUrl } from "../../api/config.ts";
import { useQuery } from "../../api/use-query.ts";
import { FirstSteps } from "../../components/first-steps.tsx";
import { Page } from "../../components/page.tsx";
import { RouteLine } from "../../components/route-line.tsx";
import { Section } from "../../components/section.tsx";
import { Snippets } from "../../components/snippets.tsx";
import { HELLO } from "../../snippets/target.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { Select } from "../../ui/field.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { Arrival } from "./arrival.tsx";
import { FirstKey, type MadeKey } from "./first-key.tsx";
import { RunHere } from "./run-here.tsx";

const PLACEHOLDER = "https://your-router.example";
const MODELS = ["openai/gpt-6.1-sol", "anthropic/claude-sonnet-5-5", "google/gemini-3.8-flash"] as const;
/** Steps of the whole way that are taken where there is a key, and where its request has arrived. */
const [AT_KEY, AT_SEND, AFTER_ALL] = [3, 4, 6];

/** From a key to a first request that is seen to arrive; whoever comes back goes on where they were. */
export function StartPage() {
  const { account } = useAccount();
  const [url] = createResource(readRouterUrl);
  const [made, setMade] = createSignal<MadeKey | null>(null);
  const [model, setModel] = createSignal<string>(MODELS[0]);
  const [client, setClient] = useParam("client");
  const [arrived, setArrived] = createSignal(false);
  const before = useQuery(() => ({
    queryKey: ["keys", "own", account().user.id],
    queryFn: ({ signal }) =>
      ask(
        api.keys.$get(
          { query: { owner: `user:${account().user.id}`, state: "active", limit: "1", sort: "-created_at" } },
          { init: { signal } },
        ),
      ),
  }));
  const keyBefore = () => before.data?.data[0];
  const keyId = () => made()?.id ?? keyBefore()?.id;
  const at = () => (arrived() ? AFTER_ALL : keyId() ? AT_SEND : AT_KEY);
  const router = () => url() ?? PLACEHOLDER;

  return (
    <Page title={t("start.title")} lead={t("start.lead")}>
      <FirstSteps at={at()} class="mb-8" />
      <div class="grid gap-x-12 gap-y-10 lg:grid-cols-[2fr_3fr] lg:grid-rows-[auto_auto_1fr]">
        <Section title={`2  ${t("start.provider")}`}>
          <p class="max-w-prose text-ink-2">{t("start.providerBody")}</p>
          <p class="mt-2 font-mono text-meta break-words text-ink-3">{t("start.providerKeys")}</p>
        </Section>
        <Section title={`3  ${t("start.key")}`}>
          {/* As high with a form, a key or neither: what stands below it stays there. */}
          <div class="min-h-40">
            <Show when={!before.isPending} fallback={<RowsSkeleton rows={4} />}>
              <FirstKey made={made()} before={keyBefore()} onMade={setMade} />
            </Show>
          </div>
        </Section>
        <Section
          class="lg:col-start-2 lg:row-span-3 lg:row-start-1"
          title={`4  ${t("start.send")}`}
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
            target={{ router: router(), key: made()?.key ?? null, model: model(), request: HELLO }}
            client={client()}
            onClient={(id) => setClient(id, "replace")}
          />
          <Show when={made()} fallback={<p class="mt-3 text-meta text-ink-3">{t("start.noKey")}</p>}>
            {(known) => <RunHere apiKey={known().key} model={model()} />}
          </Show>
          <Show when={!url.loading && !url()}>
            <p class="mt-3 text-meta text-warn">{t("start.noRouter")}</p>
          </Show>
        </Section>
        <Section title={`5  ${t("start.arrive")}`} class="lg:row-start-3">
          <Show
            when={keyId()}
            keyed
            fallback={
              <p class="flex items-center gap-3 text-ink-2">
                <RouteLine class="text-ink-3" end="open" />
                {t("start.needsKey")}
              </p>
            }
          >
            {(id) => <Arrival keyId={id} router={router()} onArrived={setArrived} />}
          </Show>
        </Section>
      </div>
    </Page>
  );
}
