import { createSignal, For, type JSX, onCleanup, Show } from "solid-js";
import { LEFT } from "../api/left.ts";
import { announce } from "../state/announce.ts";
import { type Bulk, type BulkResult, inLots } from "../state/bulk.ts";
import { useShortcuts } from "../state/shortcuts.ts";
import { plural, t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";

export interface BulkRun {
  /** Does it with all that are chosen. */
  start: (act: (lot: string[]) => Promise<BulkResult[]>) => Promise<void>;
  busy: () => boolean;
}

/**
 * What can be done with the rows that are ticked: how far it is, and whom it was refused for, with the reason; those can be tried
 * again. `children` are the buttons. It stands below all rows: b goes there.
 */
export function BulkBar(props: {
  chosen: readonly string[];
  nameOf: (id: string) => string;
  onChosen: (ids: string[]) => void;
  /** After each run, so that lists are read again. */
  onDone: () => void;
  children: (run: BulkRun) => JSX.Element;
}) {
  const [bulk, setBulk] = createSignal<Bulk | null>(null);
  const [busy, setBusy] = createSignal(false);
  const [last, setLast] = createSignal<((lot: string[]) => Promise<BulkResult[]>) | null>(null);
  let bar: HTMLElement | undefined;
  let stop: AbortController | undefined;
  onCleanup(() => stop?.abort(LEFT));
  useShortcuts([{ keys: "b", label: () => t("common.bulk.label"), run: () => bar?.focus() }]);

  const go = async (ids: readonly string[], act: (lot: string[]) => Promise<BulkResult[]>) => {
    const own = new AbortController();
    stop = own;
    setBusy(true);
    setLast(() => act);
    setBulk({ done: 0, total: ids.length, failed: [] });
    // The button that was pressed is gone, and so is the dialog that asked.
    setTimeout(() => bar?.focus());
    const ended = await inLots(ids, act, { onProgress: setBulk, signal: own.signal });
    setBusy(false);
    announce(
      ended.failed.length > 0
        ? plural("common.bulk.failed", ended.failed.length)
        : plural("common.bulk.done", ended.done),
    );
    props.onChosen(ended.failed.map(({ id }) => id));
    props.onDone();
  };
  const retry = () => {
    const act = last();
    if (act)
      void go(
        (bulk()?.failed ?? []).map(({ id }) => id),
        act,
      );
  };

  return (
    <Show when={props.chosen.length > 0 || bulk()}>
      <section
        ref={bar}
        tabindex="-1"
        aria-label={t("common.bulk.label")}
        class="sticky bottom-0 z-10 mt-4 rounded-panel border border-edge bg-surface px-4 py-3"
      >
        <div class="flex flex-wrap items-center gap-2">
          <span class="mr-2 font-medium max-md:w-full md:min-w-28">{plural("common.chosen", props.chosen.length)}</span>
          <Show when={props.chosen.length > 0}>
            {/* They keep their place meanwhile, so that what stands below them does not move. */}
            <div class={`contents ${busy() ? "invisible" : ""}`}>
              {props.children({ start: (act) => go([...props.chosen], act), busy })}
            </div>
          </Show>
          <Show
            when={busy()}
            fallback={
              <Button
                look="quiet"
                onClick={() => {
                  props.onChosen([]);
                  setBulk(null);
                }}
              >
                {t("common.clear")}
              </Button>
            }
          >
            <Button look="plain" onClick={() => stop?.abort(LEFT)}>
              {t("common.cancel")}
            </Button>
          </Show>
        </div>
        <Show when={bulk()}>
          {(shown) => (
            <div class={`mt-2 ${busy() || shown().failed.length > 0 ? "min-h-36" : ""}`}>
              <progress
                class="block h-2 w-full max-w-md"
                max={shown().total}
                value={shown().done}
                aria-label={t("common.bulk.label")}
              />
              <p class="mt-1 text-meta text-ink-2">
                {t("common.bulk.progress", { done: shown().done, total: shown().total })}
                <Show when={shown().failed.length > 0}> · {plural("common.bulk.failed", shown().failed.length)}</Show>
              </p>
              <Show when={shown().failed.length > 0 && !busy()}>
                <ul class="mt-2 max-h-40 overflow-y-auto border-l-4 border-bad pl-3">
                  <For each={shown().failed}>
                    {({ id, error }) => (
                      <li class="py-0.5 text-table">
                        <span class="font-medium">{props.nameOf(id)}</span>: {error}
                      </li>
                    )}
                  </For>
                </ul>
                <Button look="plain" class="mt-2" onClick={retry}>
                  {t("common.retry")}
                </Button>
              </Show>
            </div>
          )}
        </Show>
      </section>
    </Show>
  );
}
