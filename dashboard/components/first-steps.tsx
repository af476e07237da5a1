import { For } from "solid-js";
import { t } from "../text/text.ts";

const STEPS = ["admin", "provider", "key", "send", "arrive"] as const;

/** The way from nothing to a request that is seen, and how far one is. `at`: from 1; beyond the last when all is done. */
export function FirstSteps(props: { at: number; class?: string }) {
  const isDone = (index: number) => index + 1 < props.at;
  return (
    <nav aria-label={t("start.steps.label")} class={props.class}>
      <ol class="flex max-w-3xl">
        <For each={STEPS}>
          {(step, index) => (
            <li
              aria-current={index() + 1 === props.at ? "step" : undefined}
              class={`relative flex-1 pt-5 pr-2 text-meta last:min-w-4 last:flex-none ${index() + 1 === props.at ? "font-semibold text-ink" : "text-ink-2"}`}
            >
              <svg class="absolute top-0 left-0 h-3 w-full text-accent" aria-hidden="true">
                {index() < STEPS.length - 1 && (
                  <line
                    x1="10"
                    y1="6"
                    x2="100%"
                    y2="6"
                    stroke="currentColor"
                    stroke-width="1.5"
                    stroke-dasharray={isDone(index()) ? undefined : "2 3"}
                  />
                )}
                <circle
                  cx="6"
                  cy="6"
                  r="4"
                  stroke="currentColor"
                  stroke-width="1.5"
                  class={isDone(index()) ? "fill-accent" : "fill-canvas"}
                />
              </svg>
              <span class="max-sm:sr-only">{t(`start.steps.${step}`)}</span>
              <span class="sr-only">{isDone(index()) ? t("start.steps.done") : ""}</span>
            </li>
          )}
        </For>
      </ol>
      <p class="text-meta text-ink-2 sm:hidden" aria-hidden="true">
        {t("start.steps.count", { at: Math.min(props.at, STEPS.length), of: STEPS.length })}{" "}
        {t(`start.steps.${STEPS[Math.min(props.at, STEPS.length) - 1] ?? "arrive"}`)}
      </p>
    </nav>
  );
}
