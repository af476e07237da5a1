import { For, Show } from "solid-js";
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
    <>
      <Show when={list.query.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <Show when={list.query.isSuccess && list.rows().length === 0}>
        <p class="text-ink-2">{t("common.noHistory")}</p>
      </Show>
      <ol class="border-t border-rule empty:border-0">
        <For each={list.rows()}>
          {(row) => (
            <li class="flex min-h-9 flex-wrap items-center gap-x-4 border-b border-rule py-1 text-table">
              <time datetime={row.at} title={exactTime(row.at)} class="w-36 whitespace-nowrap text-ink-2">
                {dateAndTime(row.at)}
              </time>
              <a
                class="font-mono text-meta underline decoration-rule underline-offset-4 hover:decoration-ink"
                href={`/audit?range=all&target=${props.target}&id=${row.id}`}
              >
                {row.action}
              </a>
              <span class="font-mono text-meta text-ink-3">{row.actor}</span>
            </li>
          )}
        </For>
      </ol>
      <Show when={list.more()}>
        {(more) => (
          <Button look="quiet" class="mt-2" disabled={more().busy} onClick={() => more().onMore()}>
            {t("common.more")}
          </Button>
        )}
      </Show>
    </>
  );
}
