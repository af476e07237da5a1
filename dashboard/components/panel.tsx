import { createUniqueId, type JSX, Match, Show, Switch } from "solid-js";
import { asFailure } from "../api/failure.ts";
import { timeOfDay } from "../format/time.ts";
import { t } from "../text/text.ts";
import { FailureNote } from "./failure-note.tsx";

/** What a panel asks of a query; TanStack's results are one. */
export interface Asked<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  isFetching: boolean;
  /** Milliseconds since the epoch. */
  dataUpdatedAt: number;
  refetch: () => unknown;
}

/**
 * A part of a page that answers for itself, under its heavy rule: a skeleton in the size of what comes, then the data with the
 * moment they are of, or what failed. Data that are there stay while newer ones are asked for.
 */
export function Panel<Data>(props: {
  title: string;
  query: Asked<Data>;
  skeleton: JSX.Element;
  aside?: JSX.Element;
  class?: string;
  /** Left away where the page's own name says it. */
  hideTitle?: boolean;
  children: (data: () => Data) => JSX.Element;
}) {
  const id = createUniqueId();
  return (
    <section
      aria-labelledby={id}
      aria-busy={props.query.isFetching}
      class={`ledger relative min-w-0 pt-3 ${props.class ?? ""}`}
    >
      <Show when={props.query.isFetching && !props.query.isPending}>
        <span class="progress-late absolute inset-x-0 -top-0.5 h-0.5 bg-accent" />
      </Show>
      <div class="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 id={id} class={props.hideTitle ? "sr-only" : "text-h2 font-[650]"}>
          {props.title}
        </h2>
        <div class="flex grow flex-wrap items-center justify-end gap-x-3 gap-y-1">
          {props.aside}
          {/* Its place is kept: what stands beside must not move when it comes. */}
          <span class={`text-meta text-ink-3 tabular-nums ${props.query.dataUpdatedAt > 0 ? "" : "invisible"}`}>
            {t("common.asOf", { time: timeOfDay(new Date(props.query.dataUpdatedAt).toISOString()) })}
          </span>
        </div>
      </div>
      <Show when={props.query.error}>
        {(error) => (
          <div class="my-3">
            <FailureNote failure={asFailure(error())} onRetry={() => void props.query.refetch()} />
          </div>
        )}
      </Show>
      <Switch>
        <Match when={props.query.data !== undefined && (props.query.data as Data)}>
          {(data) => props.children(data)}
        </Match>
        <Match when={!props.query.error}>{props.skeleton}</Match>
      </Switch>
    </section>
  );
}
