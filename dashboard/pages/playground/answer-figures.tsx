import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { RouteLine } from "../../components/route-line.tsx";
import { count, duration, requestCost } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import type { Answer } from "./thread.ts";

/** The way it took, how fast, how much, for how much, and where the log has it. */
export function AnswerFigures(props: { answer: Answer }) {
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
