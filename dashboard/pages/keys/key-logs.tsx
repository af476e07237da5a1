import { For, Match, Switch } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Cost, Outcome, requestName } from "../../components/request-cells.tsx";
import { duration } from "../../format/numbers.ts";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";

const SHOWN = 15;

/** What a key asked last, the latest first; each opens its record in the log, among this key's others. */
export function KeyLogs(props: { id: string }) {
  const list = useQuery(() => ({
    queryKey: ["requests", "of", props.id],
    placeholderData: undefined,
    queryFn: ({ signal }) =>
      ask(api.requests.$get({ query: { key: [props.id], limit: String(SHOWN) } }, { init: { signal } })),
  }));
  const log = () => `/logs?key=${props.id}&from=-90d`;
  return (
    <Switch fallback={<RowsSkeleton rows={SHOWN} />}>
      <Match when={list.error && !list.data && asFailure(list.error)}>
        {(failure) => <FailureNote failure={failure()} onRetry={() => void list.refetch()} />}
      </Match>
      <Match when={list.data?.data.length === 0}>
        <p class="text-ink-2">{t("keys.noRequests")}</p>
      </Match>
      <Match when={list.data}>
        {(page) => (
          <>
            <ol class="border-t border-rule text-table">
              <For each={page().data}>
                {(row) => (
                  <li class="relative border-b border-rule px-1 py-2 hover:bg-sunken">
                    <span class="flex items-center justify-between gap-3">
                      <a
                        href={`${log()}&id=${row.id}`}
                        aria-label={requestName(row)}
                        class="min-w-0 truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                      >
                        {row.requested_model}
                      </a>
                      <span class="shrink-0">
                        <Cost request={row} />
                      </span>
                    </span>
                    <span class="mt-0.5 flex flex-wrap items-center justify-between gap-x-3 text-meta text-ink-3">
                      <Outcome request={row} />
                      <span class="shrink-0">
                        <time datetime={row.created_at} title={exactTime(row.created_at)}>
                          {dateAndTime(row.created_at)}
                        </time>
                        {" · "}
                        {duration(row.duration_ms)}
                      </span>
                    </span>
                  </li>
                )}
              </For>
            </ol>
            <p class="mt-3">
              <a class="underline decoration-edge underline-offset-4 hover:decoration-ink" href={log()}>
                {t("keys.allRequests")}
              </a>
            </p>
          </>
        )}
      </Match>
    </Switch>
  );
}
