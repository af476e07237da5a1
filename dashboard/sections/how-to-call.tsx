import { Tabs } from "@kobalte/core/tabs";
import { createResource, For, Show } from "solid-js";
import { readRouterUrl } from "../api/config.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Section } from "../parts/section.tsx";
import { CLIENTS } from "./clients.ts";

const PLACEHOLDER = "https://your-router.example";

/** The router's address and, for each kind of client, the lines that point it there. Never a key. */
export function HowToCall() {
  const [url] = createResource(readRouterUrl);
  const router = () => url() ?? PLACEHOLDER;

  return (
    <Section id="how-to-call" title="How to call it">
      <div class="mt-3 flex min-h-10 flex-wrap items-center gap-x-3">
        <span class="caps">Base URL</span>
        <Show when={!url.loading} fallback={<span class="skeleton h-4 w-56" />}>
          <Show
            when={url()}
            fallback={
              <span class="text-ink-2">
                Not known here: the site was started without <code class="font-mono text-table">ROUTER_URL</code>.
              </span>
            }
          >
            <code class="break-all font-mono text-body font-medium">{router()}</code>
            <CopyButton text={router()} what="the base URL" />
          </Show>
        </Show>
      </div>
      <Tabs class="mt-2">
        <Tabs.List aria-label="Client" class="flex flex-wrap gap-x-1 border-b border-rule">
          <For each={CLIENTS}>
            {({ id, name }) => (
              <Tabs.Trigger
                value={id}
                class="-mb-px min-h-9 border-b-2 border-transparent px-3 text-table text-ink-2 hover:text-ink data-[selected]:border-accent data-[selected]:font-medium data-[selected]:text-ink pointer-coarse:min-h-11"
              >
                {name}
              </Tabs.Trigger>
            )}
          </For>
        </Tabs.List>
        <For each={CLIENTS}>
          {({ id, name, note, code }) => (
            <Tabs.Content value={id}>
              <div class="mt-3 rounded-panel border border-rule bg-surface">
                <pre class="h-68 overflow-auto p-4 font-mono text-meta leading-5" tabindex="0">
                  <code>{code(router())}</code>
                </pre>
                <div class="flex items-center justify-between gap-4 border-t border-rule py-1 pr-1 pl-4">
                  <p class="text-meta text-ink-3">{note}</p>
                  <CopyButton text={code(router())} what={`the ${name} example`} />
                </div>
              </div>
            </Tabs.Content>
          )}
        </For>
      </Tabs>
      <p class="mt-3 text-meta text-ink-3">
        <code class="font-mono">GAIA_KEY</code> is a key of yours. A key is shown once, when it is made: the first one
        in the terminal that started the gateway.
      </p>
    </Section>
  );
}
