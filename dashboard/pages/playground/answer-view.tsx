import { createEffect, createSignal, For, type JSX, lazy, Show, Suspense } from "solid-js";
import { duration } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { onceIdle } from "../../ui/once-idle.ts";
import { AnswerFigures } from "./answer-figures.tsx";
import { AnswerImages } from "./answer-images.tsx";
import type { Answer } from "./thread.ts";

const read = async () => ({ default: (await import("./markdown.tsx")).Markdown });
const Markdown = lazy(read);
onceIdle(read);

/** An answer's text; as it is written until what reads its marks is here. */
const Marked = (props: { text: string; isGrowing: boolean; onWhole?: () => void }) => (
  <Suspense
    fallback={
      <p dir="auto" class="break-words whitespace-pre-wrap">
        {props.text}
      </p>
    }
  >
    <Markdown text={props.text} isGrowing={props.isGrowing} onWhole={() => props.onWhole?.()} />
  </Suspense>
);

/** What one model said: its reasoning, its words, calls of tools, and what it took. */
export function AnswerView(props: {
  answer: Answer;
  /** What the answer is called where its model may not be told. */
  name: string;
  /** Whether it hides who gave it: then nothing is said that would tell. */
  isHidden: boolean;
  /** Told at each change whether it has ended and all of it stands there. */
  onEnded: (hasEnded: boolean) => void;
  onStop: () => void;
  onAgain: () => void;
  /** The way to the other answers to the same question. */
  pager: JSX.Element;
}) {
  const answer = () => props.answer;
  const isGrowing = () => answer().state === "streaming";
  const [isWhole, setWhole] = createSignal(false);
  // What stands below the text comes when all of the text is there: it would be pushed down otherwise.
  const hasEnded = () => !isGrowing() && (answer().text === "" || isWhole());
  createEffect(() => props.onEnded(hasEnded()));
  return (
    <article
      aria-label={props.isHidden ? props.name : answer().model}
      aria-busy={isGrowing()}
      class="min-w-0 text-body"
    >
      <StateLine answer={answer()} name={props.name} isHidden={props.isHidden} onStop={props.onStop} />
      <Show when={answer().reasoning}>
        <details
          class="mb-2 border-l-2 border-rule pl-3 text-table text-ink-2"
          open={isGrowing() && answer().text === ""}
        >
          <summary class="cursor-pointer text-meta text-ink-3">{t("playground.answer.reasoning")}</summary>
          <Marked text={answer().reasoning} isGrowing={isGrowing()} />
        </details>
      </Show>
      <Show when={answer().text}>
        <Marked text={answer().text} isGrowing={isGrowing()} onWhole={() => setWhole(true)} />
      </Show>
      <For each={answer().calls}>
        {(call) => (
          <pre class="mt-2 overflow-x-auto rounded-panel bg-sunken p-3 font-mono text-meta" tabindex="0">
            <bdi>{call.name}</bdi>({call.arguments})
          </pre>
        )}
      </For>
      <AnswerImages answer={answer()} name={props.name} />
      <Show when={isGrowing() && answer().text === "" && answer().reasoning === ""}>
        <span class="skeleton skeleton-late block h-3 w-24" />
      </Show>
      <Show when={hasEnded() && answer().failure}>
        {(failure) => (
          <div class="mt-2 border-l-4 border-bad bg-bad-bg px-3 py-2" role="alert">
            <p class="font-semibold text-bad">{t("playground.answer.failed")}</p>
            <Show when={!props.isHidden}>
              <p class="text-table break-words text-ink-2">{failure().message}</p>
              <p class="font-mono text-meta text-ink-2">
                {[failure().status, failure().code].filter(Boolean).join(" · ")}
              </p>
            </Show>
          </div>
        )}
      </Show>
      <Show when={hasEnded() && answer().state === "cut"}>
        <p class="mt-2 text-table font-medium text-warn">{t("playground.answer.cut")}</p>
      </Show>
      <Show when={hasEnded() && answer().state === "stopped"}>
        <p class="mt-2 text-table font-medium text-warn">{t("playground.answer.stopped")}</p>
      </Show>
      <Show when={hasEnded()}>
        <div class="mt-2 -ml-2.5 flex flex-wrap items-center">
          <Button look="quiet" onClick={() => props.onAgain()}>
            {answer().state === "failed" ? t("common.retry") : t("playground.answer.again")}
            <span class="sr-only">{props.name}</span>
          </Button>
          <Show when={answer().text}>
            <CopyButton text={answer().text} what={t("playground.answer.text")} />
          </Show>
          {props.pager}
        </div>
        <Show when={!props.isHidden}>
          <AnswerFigures answer={answer()} />
        </Show>
      </Show>
    </article>
  );
}

/** How far it is, and Stop: above the text that grows, so that neither moves. */
function StateLine(props: { answer: Answer; name: string; isHidden: boolean; onStop: () => void }) {
  const words = () => {
    const { state, durationMs } = props.answer;
    const took = state === "streaming" || durationMs === null || props.isHidden ? null : duration(durationMs);
    return [t(`playground.state.${state}`), took].filter((one) => one !== null).join(" · ");
  };
  return (
    <div class="mb-1 flex min-h-8 items-center justify-between gap-2 text-meta text-ink-3 pointer-coarse:min-h-11">
      {words()}
      <Show when={props.answer.state === "streaming"}>
        <Button look="quiet" onClick={() => props.onStop()}>
          {t("playground.answer.stop")}
          <span class="sr-only">{props.name}</span>
        </Button>
      </Show>
    </div>
  );
}
