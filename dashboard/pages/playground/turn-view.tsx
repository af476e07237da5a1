import { createSignal, For, Show } from "solid-js";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { AnswerView } from "./answer-view.tsx";
import { Pager } from "./pager.tsx";
import type { Play } from "./play.ts";
import { answerOf, type Column, childrenOf, placeOfAnswer, type Turn } from "./thread.ts";

/** A question over the answers to it, side by side; on a narrow screen the one of the chosen column. */
export function TurnView(props: { turn: Turn; play: Play; columns: readonly Column[] }) {
  const [draft, setDraft] = createSignal<string | null>(null);
  const siblings = () => childrenOf(props.play.thread, props.turn.parent);
  const place = () => siblings().findIndex(({ id }) => id === props.turn.id);
  const send = () => {
    const text = draft()?.trim();
    setDraft(null);
    if (text) props.play.send(text, props.turn.attachments, props.turn.parent);
  };

  return (
    <div class="border-b border-rule py-4">
      <div class="mb-3 flex flex-wrap items-start gap-2 border-l-[3px] border-accent bg-sunken py-2 pr-2 pl-3">
        <div class="min-w-0 flex-1">
          <Show
            when={draft() !== null}
            fallback={
              <p dir="auto" class="break-words whitespace-pre-wrap [unicode-bidi:isolate]">
                {props.turn.text}
              </p>
            }
          >
            <textarea
              aria-label={t("playground.edit")}
              class="block w-full rounded-control border border-edge bg-surface px-2.5 py-1.5 text-body"
              rows={4}
              value={draft() ?? ""}
              onInput={(event) => setDraft(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Escape") setDraft(null);
                if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && !event.isComposing) send();
              }}
            />
            <div class="mt-2 flex gap-2">
              <Button look="primary" onClick={send}>
                {t("playground.sendBranch")}
              </Button>
              <Button look="quiet" onClick={() => setDraft(null)}>
                {t("common.cancel")}
              </Button>
            </div>
          </Show>
          <Show when={props.turn.attachments.length > 0}>
            <ul class="mt-2 flex flex-wrap gap-2 text-meta">
              <For each={props.turn.attachments}>
                {({ name, type, data }) => (
                  <li>
                    <Show
                      when={type.startsWith("image/")}
                      fallback={<span class="rounded-chip bg-surface px-2 py-1">{name}</span>}
                    >
                      <img src={data} alt={name} class="max-h-24 max-w-40 rounded-chip border border-rule" />
                    </Show>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        </div>
        <Pager
          place={place()}
          count={siblings().length}
          before={t("playground.branchBefore")}
          after={t("playground.branchAfter")}
          onStep={(by) => props.play.choose(props.turn, by)}
        />
        <Show when={draft() === null}>
          <Button look="quiet" onClick={() => setDraft(props.turn.text)}>
            {t("common.edit")}
          </Button>
        </Show>
      </div>
      <div
        class="grid gap-x-5 gap-y-6"
        style={{ "grid-template-columns": `repeat(${props.columns.length}, minmax(0, 1fr))` }}
      >
        <For each={props.columns}>
          {(column) => (
            <div class="min-w-0">
              <Show
                when={answerOf(props.turn, column.id)}
                fallback={
                  <Button look="plain" onClick={() => props.play.again(props.turn, column)}>
                    {t("playground.askThis")}
                  </Button>
                }
              >
                {(answer) => (
                  <AnswerView
                    answer={answer()}
                    model={column.model}
                    onStop={() => props.play.stop(column.id)}
                    onAgain={() => props.play.again(props.turn, column)}
                    pager={
                      <Pager
                        place={placeOfAnswer(props.turn, column.id)}
                        count={props.turn.answers[column.id]?.length ?? 0}
                        before={t("playground.answerBefore", { model: column.model })}
                        after={t("playground.answerAfter", { model: column.model })}
                        onStep={(by) => props.play.look(props.turn, column.id, by)}
                      />
                    }
                  />
                )}
              </Show>
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
