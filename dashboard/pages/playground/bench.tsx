import { useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, createUniqueId, For, lazy, on, Show, Suspense, untrack } from "solid-js";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { Page } from "../../components/page.tsx";
import { createMedia } from "../../state/media.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { TextArea } from "../../ui/field.tsx";
import { ColumnHead } from "./column-head.tsx";
import { Composer } from "./composer.tsx";
import { columnOf, type Models, modalitiesOf, nextModel } from "./models.ts";
import { createPlay } from "./play.ts";
import { Samples } from "./samples.tsx";
import { type Column, emptyThread, LAST_MODELS, MOST_COLUMNS, sampleTurn, type Thread } from "./thread.ts";
import { ThreadsDrawer } from "./threads-drawer.tsx";
import { TurnView } from "./turn-view.tsx";

const ExportDialog = lazy(async () => ({ default: (await import("./export-dialog.tsx")).ExportDialog }));
const CodeDialog = lazy(async () => ({ default: (await import("./code-dialog.tsx")).CodeDialog }));

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
  const [over, setOver] = createSignal<"code" | "export" | "threads" | null>(null);
  const [shownAt, setShownAt] = createSignal(0);
  const isNarrow = createMedia("(max-width: 47.99rem)");
  const list = createUniqueId();

  const columns = () => play.thread.columns;
  const shown = () => (isNarrow() ? columns().slice(shownAt(), shownAt() + 1) : columns());
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
  const change = (id: string, parts: Partial<Column>) =>
    setColumns(columns().map((one) => (one.id === id ? { ...one, ...parts } : one)));
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

  return (
    <Page
      title={t("playground.title")}
      lead={t("playground.lead")}
      actions={
        <>
          <BarSelect
            label={t("playground.paidBy")}
            value={props.organization}
            onChange={(event) => props.onOrganization(event.currentTarget.value)}
          >
            <OrganizationOptions selected={props.organization} />
          </BarSelect>
          <Button look="plain" onClick={() => setOver("code")} disabled={columns().length === 0}>
            {t("playground.code.open")}
          </Button>
          <Button look="plain" onClick={() => setOver("export")} disabled={play.branch().length === 0}>
            {t("playground.export.open")}
          </Button>
          <Button look="plain" onClick={() => setOver("threads")}>
            {t("playground.threads.open")}
          </Button>
          <Button look="plain" onClick={begin}>
            {t("playground.new")}
          </Button>
        </>
      }
    >
      <datalist id={list}>
        <For each={props.models.all()}>{(model) => <option value={model.id}>{model.display_name}</option>}</For>
      </datalist>
      <div data-sticky-edges class="sticky top-14 z-10 border-b border-rule bg-canvas py-2">
        <div
          class="grid items-center gap-5"
          style={{ "grid-template-columns": `repeat(${Math.max(1, shown().length)}, minmax(0, 1fr))` }}
        >
          <For each={shown()}>
            {(column) => (
              <ColumnHead
                column={column}
                models={props.models}
                list={list}
                canRemove={columns().length > 1}
                onModel={(model) => model && change(column.id, { model })}
                onSettings={(settings, all) =>
                  all ? setColumns(columns().map((one) => ({ ...one, settings }))) : change(column.id, { settings })
                }
                onRemove={() => setColumns(columns().filter(({ id }) => id !== column.id))}
              />
            )}
          </For>
        </div>
        <div class="mt-1 flex flex-wrap items-center gap-1">
          <Show when={isNarrow() && columns().length > 1}>
            <For each={columns()}>
              {({ model }, index) => (
                <Button
                  look={index() === shownAt() ? "plain" : "quiet"}
                  aria-pressed={index() === shownAt()}
                  onClick={() => setShownAt(index())}
                >
                  <bdi class="max-w-36 truncate">{model.split("/").at(-1)}</bdi>
                </Button>
              )}
            </For>
          </Show>
          <Show when={columns().length < MOST_COLUMNS}>
            <Button
              look="quiet"
              class="-ml-2.5"
              onClick={() => setColumns([...columns(), columnOf(nextModel(props.models, columns()))])}
            >
              + {t("playground.addModel")}
            </Button>
          </Show>
        </div>
      </div>
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
          {(turn) => <TurnView turn={turn} play={play} columns={shown()} />}
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
      <Show when={over() === "code"}>
        <Suspense>
          <CodeDialog
            thread={play.thread}
            branch={play.branch().length > 0 ? play.branch() : [sampleTurn(t("playground.samples.one"))]}
            onClose={() => setOver(null)}
          />
        </Suspense>
      </Show>
      <Show when={over() === "export"}>
        <Suspense>
          <ExportDialog thread={play.thread} onClose={() => setOver(null)} />
        </Suspense>
      </Show>
      <Show when={over() === "threads"}>
        <ThreadsDrawer
          user={props.user}
          openId={play.thread.id}
          onClose={() => setOver(null)}
          onOpen={(thread) => {
            setOver(null);
            props.onOpen(thread);
          }}
        />
      </Show>
    </Page>
  );
}
