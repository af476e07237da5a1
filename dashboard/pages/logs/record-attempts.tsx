import { createMemo, For, Show } from "solid-js";
import type { RequestDetail } from "../../api/requests.ts";
import { duration } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";

interface Attempt {
  provider: string;
  model: string;
  outcome: "answered" | "failed" | "skipped";
  reason: string | null;
  status: number | null;
  start: number;
  duration: number;
}

const TONES = { answered: "ok", failed: "bad", skipped: "plain" } as const;
const FILLS = { answered: "fill-accent", failed: "fill-bad", skipped: "fill-edge" };

/** Where there was no choice, the one attempt is the request itself. */
const attemptsOf = (detail: RequestDetail): Attempt[] =>
  detail.tries?.map((one) => ({
    provider: one.provider,
    model: one.model,
    outcome: one.outcome,
    reason: one.reason,
    status: one.status,
    start: one.start_ms,
    duration: one.duration_ms,
  })) ?? [
    {
      provider: detail.provider,
      model: detail.upstream_model,
      outcome: detail.outcome === "ok" || detail.outcome === "client_gone" ? "answered" : "failed",
      reason: detail.error_code,
      status: detail.status,
      start: 0,
      duration: detail.duration_ms,
    },
  ];

/** Whom it was sent to, one after the other, to one scale of time: how each ended, and why it went on to the next. */
export function Attempts(props: { detail: RequestDetail }) {
  const attempts = createMemo(() => attemptsOf(props.detail));
  const total = () =>
    Math.max(1, props.detail.duration_ms, ...attempts().map(({ start, duration }) => start + duration));
  const x = (milliseconds: number) => (milliseconds / total()) * 100;
  /** Of the attempt that answered, how long its first byte took; the time is counted from the request's own start. */
  const first = (attempt: Attempt) =>
    attempt.outcome === "answered" && props.detail.ttft_ms !== null
      ? Math.max(0, Math.min(attempt.duration, props.detail.ttft_ms - attempt.start))
      : attempt.duration;

  return (
    <section class="border-t border-rule py-4">
      <h3 class="caps">{t("logs.record.attempts")}</h3>
      <ol class="mt-2 space-y-3" aria-label={t("logs.record.attempts")}>
        <For each={attempts()}>
          {(attempt, index) => (
            <li>
              <div class="flex flex-wrap items-center gap-x-2 text-table">
                <span class="text-ink-3">{index() + 1}.</span>
                <span class="font-medium">{attempt.provider}</span>
                <span class="min-w-0 truncate font-mono text-meta text-ink-2">{attempt.model}</span>
                <Chip tone={TONES[attempt.outcome]}>
                  {attempt.status} {t(`logs.record.attempt.${attempt.outcome}`)}
                </Chip>
                <span class="ml-auto text-meta text-ink-3">
                  {attempt.outcome === "skipped" ? "—" : duration(attempt.duration)}
                </span>
              </div>
              <Show when={attempt.reason}>
                {(reason) => <p class="text-meta text-ink-2">{reason().replaceAll("_", " ")}</p>}
              </Show>
              <Show when={attempt.outcome !== "skipped"}>
                <svg
                  class="mt-1 block h-2 w-full bg-sunken"
                  viewBox="0 0 100 8"
                  preserveAspectRatio="none"
                  aria-hidden="true"
                >
                  <rect class="fill-edge" x={x(attempt.start)} width={Math.max(0.6, x(first(attempt)))} height="8" />
                  <rect
                    class={FILLS[attempt.outcome]}
                    x={attempt.outcome === "answered" ? x(attempt.start + first(attempt)) : x(attempt.start)}
                    width={Math.max(
                      0.6,
                      x(attempt.outcome === "answered" ? attempt.duration - first(attempt) : attempt.duration),
                    )}
                    height="8"
                  />
                </svg>
              </Show>
            </li>
          )}
        </For>
      </ol>
      <p class="mt-2 flex justify-between gap-4 text-meta text-ink-3">
        <span>
          {props.detail.ttft_ms === null
            ? t("logs.record.noFirst")
            : t("logs.record.first", { time: duration(props.detail.ttft_ms) })}
        </span>
        <span>{t("logs.record.ended", { time: duration(props.detail.duration_ms) })}</span>
      </p>
    </section>
  );
}
