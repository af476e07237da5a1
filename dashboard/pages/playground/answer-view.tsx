import { A } from "@solidjs/router";
import { createMemo, For, lazy, Show, Suspense } from "solid-js";
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
export function AnswerView(props: { answer: Answer; model: string; onStop: () => void; onAgain: () => void }) {
  const answer = () => props.answer;
  const isGrowing = () => answer().state === "streaming";
  return (
    <article aria-label={answer().model} aria-busy={isGrowing()} class="min-w-0 text-body">
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
      <div class="mt-2 -ml-2.5 flex flex-wrap items-center">
        <Show
          when={isGrowing()}
          fallback={
            <>
              <Button look="quiet" onClick={() => props.onAgain()}>
                {answer().state === "failed" ? t("common.retry") : t("playground.answer.again")}
                <span class="sr-only">{props.model}</span>
              </Button>
              <Show when={answer().text}>
                <CopyButton text={answer().text} what={t("playground.answer.text")} />
              </Show>
            </>
          }
        >
          <Button look="quiet" onClick={() => props.onStop()}>
            {t("playground.answer.stop")}
            <span class="sr-only">{props.model}</span>
          </Button>
        </Show>
      </div>
      <Figures answer={answer()} />
    </article>
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
      answer().durationMs === null ? null : t("playground.figures.total", { time: duration(answer().durationMs ?? 0) }),
      speed() === null ? null : t("playground.figures.speed", { count: count(Math.round(speed() ?? 0)) }),
      answer().inputTokens === null ? null : t("playground.figures.input", { count: count(answer().inputTokens ?? 0) }),
      answer().outputTokens === null
        ? null
        : t("playground.figures.output", { count: count(answer().outputTokens ?? 0) }),
    ].filter((one) => one !== null);
  const isOver = () => answer().state !== "streaming";
  return (
    <div class="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-rule pt-1.5 text-meta text-ink-3">
      <Show when={answer().provider}>
        {(provider) => (
          <span class="inline-flex items-center gap-1.5 text-ink-2" title={answer().upstreamModel ?? undefined}>
            <RouteLine
              attempts={answer().attempts}
              end={!isOver() ? "open" : answer().state === "failed" ? "failed" : "reached"}
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
      <Show when={isOver() && answer().cost !== null && answer().requestId}>
        {(id) => (
          <A class="underline decoration-edge underline-offset-2 hover:text-ink" href={`/logs?id=${id()}`}>
            {t("playground.figures.log")}
          </A>
        )}
      </Show>
    </div>
  );
}
