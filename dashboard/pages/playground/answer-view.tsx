import { A } from "@solidjs/router";
import { createMemo, For, type JSX, lazy, Show, Suspense } from "solid-js";
import { RouteLine } from "../../components/route-line.tsx";
import { count, duration, requestCost } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { onceIdle } from "../../ui/once-idle.ts";
import type { Answer } from "./thread.ts";

const read = async () => ({ default: (await import("./markdown.tsx")).Markdown });
const Markdown = lazy(read);
onceIdle(read);

/** An answer's text; as it is written until what reads its marks is here. */
const Marked = (props: { text: string; isGrowing: boolean }) => (
  <Suspense
    fallback={
      <p dir="auto" class="break-words whitespace-pre-wrap">
        {props.text}
      </p>
    }
  >
    <Markdown text={props.text} isGrowing={props.isGrowing} />
  </Suspense>
);

/** What one model said: its reasoning, its words, calls of tools, and what it took. */
export function AnswerView(props: {
  answer: Answer;
  model: string;
  onStop: () => void;
  onAgain: () => void;
  /** The way to the other answers to the same question. */
  pager: JSX.Element;
}) {
  const answer = () => props.answer;
  const isGrowing = () => answer().state === "streaming";
  return (
    <article aria-label={answer().model} aria-busy={isGrowing()} class="min-w-0 text-body">
      <StateLine answer={answer()} model={props.model} onStop={props.onStop} />
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
        <Marked text={answer().text} isGrowing={isGrowing()} />
      </Show>
      <For each={answer().calls}>
        {(call) => (
          <pre class="mt-2 overflow-x-auto rounded-panel bg-sunken p-3 font-mono text-meta" tabindex="0">
            <bdi>{call.name}</bdi>({call.arguments})
          </pre>
        )}
      </For>
      <Show when={isGrowing() && answer().text === "" && answer().reasoning === ""}>
        <span class="skeleton skeleton-late block h-3 w-24" />
      </Show>
      <Show when={answer().failure}>
        {(failure) => (
          <div class="mt-2 border-l-4 border-bad bg-bad-bg px-3 py-2" role="alert">
            <p class="font-semibold text-bad">{t("playground.answer.failed")}</p>
            <p class="text-table break-words text-ink-2">{failure().message}</p>
            <p class="font-mono text-meta text-ink-2">
              {[failure().status, failure().code].filter(Boolean).join(" · ")}
            </p>
          </div>
        )}
      </Show>
      <Show when={answer().state === "cut"}>
        <p class="mt-2 text-table font-medium text-warn">{t("playground.answer.cut")}</p>
      </Show>
      <Show when={answer().state === "stopped"}>
        <p class="mt-2 text-table font-medium text-warn">{t("playground.answer.stopped")}</p>
      </Show>
      <Show when={!isGrowing()}>
        <div class="mt-2 -ml-2.5 flex flex-wrap items-center">
          <Button look="quiet" onClick={() => props.onAgain()}>
            {answer().state === "failed" ? t("common.retry") : t("playground.answer.again")}
            <span class="sr-only">{props.model}</span>
          </Button>
          <Show when={answer().text}>
            <CopyButton text={answer().text} what={t("playground.answer.text")} />
          </Show>
          {props.pager}
        </div>
        <Figures answer={answer()} />
      </Show>
    </article>
  );
}

/** How far it is, and Stop: above the text that grows, so that neither moves. */
function StateLine(props: { answer: Answer; model: string; onStop: () => void }) {
  const words = () => {
    const { state, durationMs } = props.answer;
    const took = state === "streaming" || durationMs === null ? null : duration(durationMs);
    return [t(`playground.state.${state}`), took].filter((one) => one !== null).join(" · ");
  };
  return (
    <div class="mb-1 flex min-h-8 items-center justify-between gap-2 text-meta text-ink-3 pointer-coarse:min-h-11">
      {words()}
      <Show when={props.answer.state === "streaming"}>
        <Button look="quiet" onClick={() => props.onStop()}>
          {t("playground.answer.stop")}
          <span class="sr-only">{props.model}</span>
        </Button>
      </Show>
    </div>
  );
}

/** The way it took, how fast, how much, for how much, and where the log has it. */
function Figures(props: { answer: Answer }) {
  const answer = () => props.answer;
  const speed = createMemo(() => {
    const { outputTokens, durationMs, firstMs } = answer();
    const span = (durationMs ?? 0) - (firstMs ?? 0);
    return outputTokens === null || span <= 0 ? null : (outputTokens / span) * 1000;
  });
  const figures = () =>
    [
      answer().firstMs === null ? null : t("playground.figures.first", { time: duration(answer().firstMs ?? 0) }),
      speed() === null ? null : t("playground.figures.speed", { count: count(Math.round(speed() ?? 0)) }),
      answer().inputTokens === null ? null : t("playground.figures.input", { count: count(answer().inputTokens ?? 0) }),
      answer().outputTokens === null
        ? null
        : t("playground.figures.output", { count: count(answer().outputTokens ?? 0) }),
    ].filter((one) => one !== null);
  return (
    <div class="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-rule pt-1.5 text-meta text-ink-3">
      <Show when={answer().provider}>
        {(provider) => (
          <span class="inline-flex items-center gap-1.5 text-ink-2" title={answer().upstreamModel ?? undefined}>
            <RouteLine
              attempts={answer().attempts}
              end={answer().state === "failed" ? "failed" : "reached"}
              class={answer().state === "failed" ? "text-bad" : "text-ok"}
            />
            {provider()}
          </span>
        )}
      </Show>
      <Show when={answer().attempts > 1}>
        <span>{t("playground.figures.attempts", { count: answer().attempts })}</span>
      </Show>
      <For each={figures()}>{(figure) => <span>{figure}</span>}</For>
      <Show when={answer().cost}>
        {(cost) => (
          <span class="text-ink-2" title={cost() === "none" ? undefined : `$${cost()}`}>
            {cost() === "none" ? t("common.noPrice") : requestCost(cost())}
          </span>
        )}
      </Show>
      <Show when={answer().warnings.length > 0}>
        <Chip tone="warn" title={answer().warnings.join("\n")}>
          {t("playground.figures.warnings", { count: answer().warnings.length })}
        </Chip>
      </Show>
      <Show when={answer().cost !== null && answer().requestId}>
        {(id) => (
          <A class="underline decoration-edge underline-offset-2 hover:text-ink" href={`/logs?id=${id()}`}>
            {t("playground.figures.log")}
          </A>
        )}
      </Show>
    </div>
  );
}
