import { createEffect, createMemo, createSignal, For, type JSX, Match, on, Show, Switch } from "solid-js";
import type { RequestRow } from "../api/client.ts";
import { type Health, type PartHealth, readHealth } from "../api/health.ts";
import { createPoll } from "../live/poll.ts";
import { Provider } from "../parts/request-cells.tsx";
import { RouteLine } from "../parts/route-line.tsx";
import { Section } from "../parts/section.tsx";

const EVERY_MS = 15_000;

const state = (part: PartHealth): string => (part.ok ? `answered in ${part.milliseconds} ms` : "does not answer");

function Part(props: { name: string; does: string; ok: boolean | null; children: JSX.Element }) {
  return (
    <div class="flex items-baseline gap-4 border-b border-rule py-3">
      <dt class="w-24 shrink-0 font-medium">{props.name}</dt>
      <dd class="min-w-0 flex-1">
        <span class="flex items-center gap-2">
          <Show when={props.ok !== null}>
            <RouteLine class={`shrink-0 ${props.ok ? "text-ok" : "text-bad"}`} end={props.ok ? "reached" : "failed"} />
          </Show>
          {props.children}
        </span>
        <span class="block text-meta text-ink-3">{props.does}</span>
      </dd>
    </div>
  );
}

const Skeleton = () => <span class="skeleton my-1 inline-block h-3 w-36" />;

/** The parts of the gateway and whether they answer, asked every 15 s; the providers as the latest requests met them. */
export function WhatRuns(props: { rows: readonly RequestRow[]; troubled: boolean }) {
  const [health, setHealth] = createSignal<Health | null>(null);
  const poll = createPoll({
    ask: async (signal) => void setHealth(await readHealth(signal)),
    everyMs: EVERY_MS,
    enabled: () => true,
  });
  // Somebody else on the page met trouble, or its end: see for ourselves, not in a while.
  createEffect(on(() => props.troubled, poll.askNow, { defer: true }));
  const away = () => poll.failure() !== null;
  const providers = createMemo(() => {
    const seen = new Map<string, RequestRow>();
    for (const row of props.rows) {
      const name = `${row.provider} ${row.simulated}`;
      if (!seen.has(name)) seen.set(name, row);
    }
    return [...seen.values()];
  });
  const part = (name: keyof Health) => (away() ? null : (health()?.[name] ?? null));

  return (
    <Section id="what-runs" title="What runs">
      <p
        class="mt-3 mb-4 max-w-md text-balance text-title font-semibold tracking-tight max-sm:text-figure"
        role="status"
      >
        <Switch>
          <Match when={away()}>The gateway does not answer.</Match>
          <Match when={health()?.ledger.ok === false}>The Ledger does not answer, so no request is served.</Match>
          <Match when={health()?.database.ok === false}>Requests are served; the database is away.</Match>
          <Match when={health()}>Everything answers.</Match>
          <Match when={true}>
            <span class="skeleton inline-block h-7 w-64 align-middle" />
            <span class="sr-only">Asking the gateway.</span>
          </Match>
        </Switch>
      </p>
      <dl class="border-t border-rule">
        <Part name="Router" does="Takes requests in every dialect" ok={away() ? false : health() ? true : null}>
          <Show when={health() || away()} fallback={<Skeleton />}>
            {away() ? "does not answer" : "answers"}
          </Show>
        </Part>
        <For
          each={
            [
              ["ledger", "Ledger", "Admits and settles every request"],
              ["database", "Postgres", "Keeps what was settled"],
            ] as const
          }
        >
          {([key, name, does]) => (
            <Part name={name} does={does} ok={part(key)?.ok ?? null}>
              <Show when={health() || away()} fallback={<Skeleton />}>
                <Show when={part(key)} fallback="not known">
                  {(known) => state(known())}
                </Show>
              </Show>
            </Part>
          )}
        </For>
        <Show when={providers().length > 0}>
          <Part name="Providers" does="As the latest requests met them" ok={null}>
            <span class="flex flex-wrap gap-x-4 gap-y-1">
              <For each={providers()}>{(row) => <Provider request={row} />}</For>
            </span>
          </Part>
        </Show>
      </dl>
    </Section>
  );
}
