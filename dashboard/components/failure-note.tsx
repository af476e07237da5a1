import { createMemo, Show } from "solid-js";
import type { ApiFailure } from "../api/failure.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";

const EXPLAINED = { gateway_away: true, database_away: true, signed_out: true } as const;

/** What failed, why, and what can be done; the countdown stands outside of what is read aloud. */
export function FailureNote(props: {
  failure: ApiFailure;
  /** When it will be tried again, and now, in milliseconds since the epoch. */
  retryAt?: number | null;
  now?: number;
  onRetry?: () => void;
}) {
  const seconds = () =>
    props.retryAt && props.now ? Math.max(0, Math.ceil((props.retryAt - props.now) / 1000)) : null;
  const facts = createMemo(() =>
    [props.failure.status, props.failure.code, props.failure.requestId].filter((fact) => fact !== null).join(" · "),
  );
  const explanation = () => {
    const { kind, message } = props.failure;
    return kind in EXPLAINED ? t(`common.explanation.${kind as keyof typeof EXPLAINED}`) : message;
  };

  return (
    <div class="flex flex-wrap items-center gap-x-6 gap-y-3 rounded-panel border-l-4 border-bad bg-bad-bg px-4 py-3">
      <div class="min-w-60 flex-1" role="alert">
        <p class="font-semibold text-bad">{t(`common.failure.${props.failure.kind}`)}</p>
        <p class="max-w-2xl text-ink-2 break-words">{explanation()}</p>
        <Show when={facts()}>
          <p class="mt-1 font-mono text-meta break-all text-ink-2">{facts()}</p>
        </Show>
      </div>
      <div class="flex items-center gap-3">
        <Show when={facts()}>
          <CopyButton text={`${facts()}\n${props.failure.message}`} what={t("common.details")} />
        </Show>
        <Show when={props.onRetry}>
          <Show when={seconds() !== null}>
            <span class="text-meta text-ink-2">{t("common.again", { seconds: seconds() ?? 0 })}</span>
          </Show>
          <Button look="plain" onClick={() => props.onRetry?.()}>
            {t("common.retry")}
          </Button>
        </Show>
      </div>
    </div>
  );
}
