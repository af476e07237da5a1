import { For, Show } from "solid-js";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { answerOf, type Column, isHidden, letterAt, TIE, type Turn } from "./thread.ts";

/** Which of the answers to a question is best; then, what was said. */
export function VoteBar(props: {
  turn: Turn;
  /** The columns in the order of their letters. */
  columns: readonly Column[];
  onVote: (column: string) => void;
}) {
  let said!: HTMLParagraphElement;
  const result = () => {
    const place = props.columns.findIndex(({ id }) => id === props.turn.blind?.vote);
    return t("playground.blind.voted", {
      answer: place < 0 ? t("playground.blind.tie") : `${letterAt(place)} · ${props.columns[place]?.model}`,
    });
  };
  const vote = (column: string) => {
    props.onVote(column);
    // The buttons are gone: who used the keyboard goes on from what stands in their place, and screen readers say it.
    queueMicrotask(() => said.focus({ preventScroll: true }));
  };
  return (
    <Show
      when={isHidden(props.turn)}
      fallback={
        <p ref={said} tabindex="-1" class="mt-4 w-fit text-table font-medium">
          {result()}
        </p>
      }
    >
      <fieldset class="mt-4 flex flex-wrap items-center gap-2 border-t-2 border-ink pt-3">
        <legend class="contents">
          <span class="mr-1 text-table font-semibold">{t("playground.blind.question")}</span>
        </legend>
        <For each={props.columns}>
          {(column, place) => (
            <Button
              look="plain"
              aria-label={t("playground.blind.answer", { letter: letterAt(place()) })}
              disabled={answerOf(props.turn, column.id)?.state === "failed"}
              onClick={() => vote(column.id)}
            >
              {letterAt(place())}
            </Button>
          )}
        </For>
        <Button look="plain" onClick={() => vote(TIE)}>
          {t("playground.blind.tie")}
        </Button>
      </fieldset>
    </Show>
  );
}
