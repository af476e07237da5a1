import { createSignal, For, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { answerName } from "./answer-name.ts";
import { AnswerView } from "./answer-view.tsx";
import { placed } from "./blind.ts";
import { Pager } from "./pager.tsx";
import type { Play } from "./play.ts";
import { answerOf, type Column, childrenOf, isHidden, letterOf, placeOfAnswer, type Turn } from "./thread.ts";
import { VoteBar } from "./vote-bar.tsx";

/** A question over the answers to it, side by side. */
export function TurnView(props: {
  turn: Turn;
  play: Play;
  /** All columns; of a hidden turn they are shown in its own order. */
  columns: readonly Column[];
  /** Which place is shown where one is shown at a time; null: all are. */
  shownAt: number | null;
}) {
  const [draft, setDraft] = createSignal<string | null>(null);
  const [ended, setEnded] = createStore<Record<string, boolean>>({});
  const all = () => placed(props.turn, props.columns);
  const shown = () => (props.shownAt === null ? all() : all().slice(props.shownAt, props.shownAt + 1));
  // When the answers have ended, and what is shown of them will push nothing down any more.
  const canVote = () =>
    all().every(({ id }) => (answerOf(props.turn, id)?.state ?? "done") !== "streaming") &&
    shown().every(({ id }) => ended[id] !== false);
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
        style={{ "grid-template-columns": `repeat(${shown().length}, minmax(0, 1fr))` }}
      >
        <For each={shown()}>
          {(column) => (
            <div class="min-w-0">
              <AnswerCaption turn={props.turn} column={column} isBlind={props.play.thread.isBlind === true} />
              <Show
                keyed
                when={answerOf(props.turn, column.id)}
                fallback={
                  <Button look="plain" onClick={() => props.play.again(props.turn, column)}>
                    {t("playground.askThis")}
                  </Button>
                }
              >
                {(answer) => (
                  <AnswerView
                    answer={answer}
                    name={answerName(props.turn, column)}
                    isHidden={isHidden(props.turn)}
                    onEnded={(hasEnded) => setEnded(column.id, hasEnded)}
                    onStop={() => props.play.stop(column.id)}
                    onAgain={() => props.play.again(props.turn, column)}
                    pager={
                      <Pager
                        place={placeOfAnswer(props.turn, column.id)}
                        count={props.turn.answers[column.id]?.length ?? 0}
                        before={t("playground.answerBefore", { model: answerName(props.turn, column) })}
                        after={t("playground.answerAfter", { model: answerName(props.turn, column) })}
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
      <Show when={props.turn.blind && canVote()}>
        <VoteBar turn={props.turn} columns={all()} onVote={(column) => props.play.vote(props.turn, column)} />
      </Show>
    </div>
  );
}

/** Over an answer, where the heads of the columns do not name its model: its letter, and the model when it is told. */
const AnswerCaption = (props: { turn: Turn; column: Column; isBlind: boolean }) => (
  <Show when={props.turn.blind || props.isBlind}>
    <p class="flex min-w-0 items-baseline gap-2 font-semibold">
      {letterOf(props.turn, props.column.id)}
      <Show when={!isHidden(props.turn)}>
        <bdi class="truncate font-mono text-meta font-normal text-ink-2">{props.column.model}</bdi>
      </Show>
    </p>
  </Show>
);
