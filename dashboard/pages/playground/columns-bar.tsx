import { For, Show } from "solid-js";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { ColumnHead } from "./column-head.tsx";
import { columnOf, type Models, nextModel } from "./models.ts";
import { type Column, letterAt, MOST_COLUMNS } from "./thread.ts";

/** The heads of the columns: which models are asked and with what, or letters where who answers is hidden until a vote. */
export function ColumnsBar(props: {
  columns: readonly Column[];
  models: Models;
  /** `id` of the page's list of models. */
  list: string;
  isBlind: boolean;
  /** Which place is shown where one is shown at a time; null: all are. */
  shownAt: number | null;
  onColumns: (columns: Column[]) => void;
  onShow: (place: number) => void;
  onBlind: (isBlind: boolean) => void;
}) {
  const areHidden = () => props.isBlind && props.columns.length > 1;
  const shown = () => (props.shownAt === null ? props.columns : props.columns.slice(props.shownAt, props.shownAt + 1));
  const change = (id: string, parts: Partial<Column>) =>
    props.onColumns(props.columns.map((one) => (one.id === id ? { ...one, ...parts } : one)));
  // By their names: their places would tell.
  const names = () =>
    props.columns
      .map(({ model }) => model)
      .sort()
      .join(", ");

  return (
    <>
      <div class="sticky top-14 z-10 border-b border-rule bg-canvas py-2">
        <div
          class="grid min-h-8 items-center gap-5 pointer-coarse:min-h-11"
          style={{ "grid-template-columns": `repeat(${Math.max(1, shown().length)}, minmax(0, 1fr))` }}
        >
          <Show
            when={areHidden()}
            fallback={
              <For each={shown()}>
                {(column) => (
                  <ColumnHead
                    column={column}
                    models={props.models}
                    list={props.list}
                    canRemove={props.columns.length > 1}
                    onModel={(model) => model && change(column.id, { model })}
                    onSettings={(settings, all) =>
                      all
                        ? props.onColumns(props.columns.map((one) => ({ ...one, settings })))
                        : change(column.id, { settings })
                    }
                    onRemove={() => props.onColumns(props.columns.filter(({ id }) => id !== column.id))}
                  />
                )}
              </For>
            }
          >
            <For each={shown()}>
              {(_, place) => <p class="text-h2 font-[650]">{letterAt(props.shownAt ?? place())}</p>}
            </For>
          </Show>
        </div>
        <div class="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1">
          <Show when={props.shownAt !== null && props.columns.length > 1}>
            <div class="flex flex-wrap items-center gap-1">
              <For each={props.columns}>
                {({ model }, index) => (
                  <Button
                    look={index() === props.shownAt ? "plain" : "quiet"}
                    aria-pressed={index() === props.shownAt}
                    onClick={() => props.onShow(index())}
                  >
                    <bdi class="max-w-36 truncate">{areHidden() ? letterAt(index()) : model.split("/").at(-1)}</bdi>
                  </Button>
                )}
              </For>
            </div>
          </Show>
          <Show when={!areHidden() && props.columns.length < MOST_COLUMNS}>
            <Button
              look="quiet"
              class="-ml-2.5"
              onClick={() => props.onColumns([...props.columns, columnOf(nextModel(props.models, props.columns))])}
            >
              + {t("playground.addModel")}
            </Button>
          </Show>
          <Show when={props.columns.length > 1}>
            <label class="inline-flex min-h-8 items-center gap-1.5 text-table font-medium text-ink-2 pointer-coarse:min-h-11">
              <input
                type="checkbox"
                class="size-4 accent-accent"
                checked={props.isBlind}
                onChange={(event) => props.onBlind(event.currentTarget.checked)}
              />
              {t("playground.blind.open")}
            </label>
          </Show>
        </div>
      </div>
      <Show when={areHidden()}>
        <p class="mt-2 min-w-0 text-meta break-words text-ink-3">{t("playground.blind.models", { models: names() })}</p>
      </Show>
    </>
  );
}
