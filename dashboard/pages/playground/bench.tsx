import { useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, createUniqueId, For, on, onCleanup, onMount, untrack } from "solid-js";
import { Page } from "../../components/page.tsx";
import { createMedia } from "../../state/media.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { TextArea } from "../../ui/field.tsx";
import { ColumnsBar } from "./columns-bar.tsx";
import { Composer } from "./composer.tsx";
import { columnOf, type Models, modalitiesOf } from "./models.ts";
import { createPlay } from "./play.ts";
import { Samples } from "./samples.tsx";
import { type Column, emptyThread, LAST_MODELS, MOST_COLUMNS, type Thread } from "./thread.ts";
import { ThreadActions } from "./thread-actions.tsx";
import { TurnView } from "./turn-view.tsx";

/** The columns, the thread and the line that asks. */
export function Bench(props: {
  start: Thread;
  user: string;
  models: Models;
  organization: string;
  onOrganization: (id: string) => void;
  onOpen: (thread: Thread) => void;
  onBegun: (id: string) => void;
}) {
  const play = createPlay(props.start, {
    user: props.user,
    organization: () => props.organization,
    models: props.models,
  });
  const [, setParams] = useSearchParams();
  const [shownAt, setShownAt] = createSignal(0);
  const isNarrow = createMedia("(max-width: 47.99rem)");
  const list = createUniqueId();

  const columns = () => play.thread.columns;
  const place = () => (isNarrow() ? shownAt() : null);
  const setColumns = (next: Column[]) => {
    play.set({ columns: next });
    const chosen = next.map(({ model }) => model);
    localStorage.setItem(LAST_MODELS, chosen.join("\n"));
    setParams({ m: chosen }, { replace: true, scroll: false });
    setShownAt((at) => Math.min(at, next.length - 1));
  };
  // Where nothing was ever asked here, with the first there is.
  createEffect(
    on(props.models.all, (all) => {
      const first = all.find(({ provider }) => provider === "openai") ?? all[0];
      if (first && untrack(columns).length === 0) play.set({ columns: [columnOf(first.id)] });
    }),
  );
  const send: typeof play.send = (text, attachments, parent) => {
    play.send(text, attachments, parent);
    props.onBegun(play.thread.id);
    queueMicrotask(() => window.scrollTo({ top: document.body.scrollHeight }));
  };
  const begin = () =>
    props.onOpen(
      emptyThread(
        crypto.randomUUID(),
        Date.now(),
        columns().map(({ model, settings }) => ({ ...columnOf(model), settings })),
      ),
    );
  const cannotRead = (kind: "image" | "pdf") =>
    columns()
      .filter(({ model }) => modalitiesOf(props.models.find(model))?.includes(kind) === false)
      .map(({ model }) => model);
  useShortcuts([
    { keys: "Escape", label: () => t("playground.stopAll"), run: () => play.stop(), listed: false },
    { keys: "c", label: () => t("playground.new"), run: begin },
    ...Array.from({ length: MOST_COLUMNS }, (_, at) => ({
      keys: String(at + 1),
      label: () => t("playground.column", { count: at + 1 }),
      run: () => at < columns().length && setShownAt(at),
      listed: false,
    })),
  ]);

  onMount(() => document.documentElement.toggleAttribute("data-sticky-edges", true));
  onCleanup(() => document.documentElement.removeAttribute("data-sticky-edges"));

  return (
    <Page
      title={t("playground.title")}
      lead={t("playground.lead")}
      actions={
        <ThreadActions
          play={play}
          models={props.models}
          user={props.user}
          organization={props.organization}
          onOrganization={props.onOrganization}
          onOpen={props.onOpen}
          onBegin={begin}
        />
      }
    >
      <datalist id={list}>
        <For each={props.models.all()}>{(model) => <option value={model.id}>{model.display_name}</option>}</For>
      </datalist>
      <ColumnsBar
        columns={columns()}
        models={props.models}
        list={list}
        isBlind={play.thread.isBlind === true}
        shownAt={place()}
        onColumns={setColumns}
        onShow={setShownAt}
        onBlind={(isBlind) => play.set({ isBlind })}
      />
      <details class="mt-3" open={play.thread.system !== ""}>
        <summary class="w-fit cursor-pointer text-table font-medium text-ink-2">{t("playground.system")}</summary>
        <TextArea
          class="mt-1"
          label={t("playground.system")}
          hint={t("playground.systemHint")}
          rows={3}
          value={play.thread.system}
          onChange={(event) => play.set({ system: event.currentTarget.value })}
        />
      </details>
      <div
        role="log"
        aria-label={t("playground.log")}
        aria-busy={play.isStreaming()}
        aria-live="off"
        class="min-h-[max(10rem,calc(100dvh-27rem))] pb-4"
      >
        <For each={play.branch()} fallback={<Samples onPick={(text) => send(text, [], null)} />}>
          {(turn) => <TurnView turn={turn} play={play} columns={columns()} shownAt={place()} />}
        </For>
      </div>
      <div class="sticky bottom-0 z-10 -mb-20 bg-canvas pt-2 pb-4">
        <Composer
          isStreaming={play.isStreaming()}
          cannotRead={cannotRead}
          onStop={() => play.stop()}
          onSend={(text, attachments) => send(text, attachments, play.branch().at(-1)?.id ?? null)}
        />
      </div>
    </Page>
  );
}
