import { Show } from "solid-js";
import type { ApiFailure } from "../api/failure.ts";
import { Button } from "./button.tsx";

const TITLES: Record<ApiFailure["kind"], string> = {
  gateway_away: "The gateway does not answer",
  database_away: "The database cannot be reached",
  forbidden: "This is not yours to see",
  not_found: "There is no such request",
  signed_out: "You are signed out",
  other: "The gateway refused",
};

const EXPLANATIONS: Partial<Record<ApiFailure["kind"], string>> = {
  gateway_away: "This page loads without it, but everything on it comes from there. Is the router running?",
  database_away:
    "Requests are still served: the Ledger keeps their records and hands them over once the database is back.",
  forbidden: "Requests are shown to owners and admins of an organization. One of them can change your role.",
};

/** What failed, why, and what can be done; the countdown stands outside of what is read aloud. */
export function FailureNote(props: {
  failure: ApiFailure;
  /** Milliseconds since the epoch. */
  retryAt?: number | null;
  now?: number;
  onRetry?: () => void;
}) {
  const seconds = () =>
    props.retryAt && props.now ? Math.max(0, Math.ceil((props.retryAt - props.now) / 1000)) : null;
  const facts = () =>
    [props.failure.status, props.failure.code, props.failure.requestId].filter((fact) => fact !== null).join(" · ");

  return (
    <div class="flex flex-wrap items-center gap-x-6 gap-y-3 rounded-panel border-l-4 border-bad bg-bad-bg px-4 py-3">
      <div class="min-w-60 flex-1" role="alert">
        <p class="font-semibold text-bad">{TITLES[props.failure.kind]}</p>
        <p class="max-w-2xl text-ink-2">{EXPLANATIONS[props.failure.kind] ?? props.failure.message}</p>
        <Show when={facts()}>
          <p class="mt-1 font-mono text-meta text-ink-2">{facts()}</p>
        </Show>
      </div>
      <Show when={props.onRetry}>
        <div class="flex items-center gap-3">
          <Show when={seconds() !== null}>
            <span class="text-meta text-ink-2">again in {seconds()} s</span>
          </Show>
          <Button look="plain" onClick={() => props.onRetry?.()}>
            Try now
          </Button>
        </div>
      </Show>
    </div>
  );
}
