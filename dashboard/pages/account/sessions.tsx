import { useMutation, useQueryClient } from "@tanstack/solid-query";
import { For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Panel } from "../../components/panel.tsx";
import { deviceOf } from "../../format/device.ts";
import { exactTime, relativeTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";

/** Where one is signed in, and how to end it there. */
export function Sessions() {
  const client = useQueryClient();
  const list = useQuery(() => ({
    queryKey: ["me", "sessions"],
    queryFn: ({ signal }) => ask(api.me.sessions.$get({ query: {} }, { init: { signal } })),
  }));
  const reread = () => client.invalidateQueries({ queryKey: ["me", "sessions"] });
  const end = useMutation(() => ({
    mutationFn: (id: string) => ask(api.me.sessions[":id"].$delete({ param: { id } })),
    onSettled: reread,
  }));
  const endOthers = useMutation(() => ({
    mutationFn: () => ask(api.me.sessions.$delete()),
    onSuccess: ({ ended }) => say(plural("account.endedOthers", ended)),
    onSettled: reread,
  }));

  return (
    <Panel
      title={t("account.sessions")}
      query={list}
      skeleton={<RowsSkeleton rows={3} />}
      aside={
        <Show when={(list.data?.data.length ?? 0) > 1}>
          <Button look="plain" disabled={endOthers.isPending} onClick={() => endOthers.mutate()}>
            {t("account.endOthers")}
          </Button>
        </Show>
      }
    >
      {(page) => (
        <>
          <Show when={end.error ?? endOthers.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
          <ul class="mt-2 border-t border-rule">
            <For each={page().data}>
              {(session) => (
                <li class="flex min-h-12 items-center gap-3 border-b border-rule py-1.5">
                  <span class="min-w-0 flex-1">
                    <span class="block truncate" title={session.user_agent ?? undefined}>
                      {session.user_agent === null ? t("account.unknownAgent") : deviceOf(session.user_agent)}
                    </span>
                    <time
                      class="text-meta text-ink-3"
                      datetime={session.last_seen_at}
                      title={exactTime(session.last_seen_at)}
                    >
                      {t("account.seen", { time: relativeTime(session.last_seen_at, Date.now()) })}
                    </time>
                  </span>
                  <Show when={!session.current} fallback={<Chip tone="ok">{t("account.thisOne")}</Chip>}>
                    <Button look="quiet" disabled={end.isPending} onClick={() => end.mutate(session.id)}>
                      {t("account.end")}
                    </Button>
                  </Show>
                </li>
              )}
            </For>
          </ul>
        </>
      )}
    </Panel>
  );
}
