import { For, type JSX, Show } from "solid-js";
import { api, ask } from "../api/client.ts";
import { asFailure } from "../api/failure.ts";
import { usePages } from "../api/use-pages.ts";
import { dateAndTime, exactTime } from "../format/time.ts";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { FailureNote } from "./failure-note.tsx";

/** What was done to one thing, the latest first, from the audit log; each links to its row there. */
export function History(props: { target: string }) {
  const list = usePages(() => ({
    key: ["audit", "of", props.target],
    read: (cursor, init) => ask(api.audit.$get({ query: { target: props.target, limit: "20", ...cursor } }, init)),
  }));
  return (
    <EntryList list={list} each={list.rows()} empty={t("common.noHistory")}>
      {(row) => (
        <>
          <time datetime={row.at} title={exactTime(row.at)} class="w-36 whitespace-nowrap text-ink-2">
            {dateAndTime(row.at)}
          </time>
          <a
            class="font-mono text-meta underline decoration-rule underline-offset-4 hover:decoration-ink"
            href={`/audit?range=all&target=${props.target}&id=${row.id}`}
          >
            {row.action}
          </a>
          <span class="text-meta text-ink-3" title={row.actor}>
            {row.actor_name ?? row.actor}
          </span>
        </>
      )}
    </EntryList>
  );
}

/** What happened to one thing, under one another where no table has room, a page at a time. `each` are the list's rows, or what is made of them. */
export function EntryList<Entry>(props: {
  list: {
    query: { error: unknown; isSuccess: boolean };
    more: () => { onMore: () => void; busy: boolean } | undefined;
  };
  each: readonly Entry[];
  /** What is said where there are none. */
  empty?: string;
  children: (entry: Entry) => JSX.Element;
}) {
  return (
    <>
      <Show when={props.list.query.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <Show when={props.empty !== undefined && props.list.query.isSuccess && props.each.length === 0}>
        <p class="text-ink-2">{props.empty}</p>
      </Show>
      <ol class="border-t border-rule empty:border-0">
        <For each={props.each}>
          {(entry) => (
            <li class="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule py-1 text-table">
              {props.children(entry)}
            </li>
          )}
        </For>
      </ol>
      <Show when={props.list.more()}>
        {(more) => (
          <Button look="quiet" class="mt-2" disabled={more().busy} onClick={() => more().onMore()}>
            {t("common.more")}
          </Button>
        )}
      </Show>
    </>
  );
}
