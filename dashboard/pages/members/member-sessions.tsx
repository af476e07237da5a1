import { useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, For, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { deviceOf } from "../../format/device.ts";
import { dateAndTime, exactTime, relativeTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import type { Member } from "./member-drawer.tsx";

type Session = InferResponseType<(typeof api.members)[":id"]["sessions"]["$get"], 200>["data"][number];

const SHOWN = 50;
const deviceIn = ({ user_agent: agent }: Session) => (agent ? deviceOf(agent) : t("members.unknownAgent"));

/** Where somebody is signed in, for who may end it: one session or all of them. */
export function MemberSessions(props: { member: Member }) {
  const client = useQueryClient();
  const [ending, setEnding] = createSignal<Session | "all" | null>(null);
  /** What was ended, for those who do not see the list. */
  const [said, setSaid] = createSignal("");
  let heading: HTMLHeadingElement | undefined;
  const list = useQuery(() => ({
    queryKey: ["members", "sessions", props.member.id],
    // Not those of the one before.
    placeholderData: undefined,
    queryFn: ({ signal }) =>
      ask(
        api.members[":id"].sessions.$get(
          { param: { id: props.member.id }, query: { sort: "-last_seen_at", limit: String(SHOWN) } },
          { init: { signal } },
        ),
      ),
  }));
  const one = () => {
    const chosen = ending();
    return chosen === "all" ? null : chosen;
  };
  const choose = (what: Session | "all") => {
    setSaid("");
    setEnding(what);
  };
  const end = async () => {
    const { id, name } = props.member;
    const query = { session: one()?.id };
    const { ended } = await ask(api.members[":id"].sessions.$delete({ param: { id }, query }));
    setSaid(plural("members.sessionsEnded", ended, { name }));
    await client.invalidateQueries({ queryKey: ["members"] });
  };

  return (
    <section class="mt-6" aria-labelledby="member-sessions">
      <div class="flex min-h-8 flex-wrap items-center justify-between gap-x-4">
        <h3 id="member-sessions" class="caps" ref={heading} tabindex="-1">
          {t("members.sessions")}
        </h3>
        <Show when={(list.data?.data.length ?? 0) > 1}>
          <Button look="quiet" onClick={() => choose("all")}>
            {t("members.endAll")}
          </Button>
        </Show>
      </div>
      <p class="sr-only" role="status">
        {said()}
      </p>
      <Switch fallback={<RowsSkeleton rows={2} />}>
        <Match when={list.error && !list.data && asFailure(list.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void list.refetch()} />}
        </Match>
        <Match when={list.data}>
          {(page) => (
            <ul class="border-t border-rule text-table">
              <For
                each={page().data}
                fallback={<li class="border-b border-rule py-2 text-ink-2">{t("members.noSessions")}</li>}
              >
                {(session) => (
                  <li class="flex min-h-12 items-center gap-3 border-b border-rule py-1.5">
                    <span class="min-w-0 flex-1">
                      <span class="block truncate" title={session.user_agent ?? undefined}>
                        {deviceIn(session)}
                      </span>
                      <span class="block text-meta text-ink-3">
                        <time datetime={session.last_seen_at} title={exactTime(session.last_seen_at)}>
                          {t("members.seen", { time: relativeTime(session.last_seen_at, Date.now()) })}
                        </time>
                        {" · "}
                        <time datetime={session.created_at} title={exactTime(session.created_at)}>
                          {t("members.since", { time: dateAndTime(session.created_at) })}
                        </time>
                      </span>
                    </span>
                    <Button look="quiet" onClick={() => choose(session)}>
                      {t("members.end")}
                      <span class="sr-only">{deviceIn(session)}</span>
                    </Button>
                  </li>
                )}
              </For>
            </ul>
          )}
        </Match>
      </Switch>
      <Confirm
        open={ending() !== null}
        onClose={() => setEnding(null)}
        // What opened it has gone with its session.
        finalFocus={() => (said() ? (heading ?? null) : null)}
        title={
          one()
            ? t("members.endTitle", { name: props.member.name })
            : t("members.endAllTitle", { name: props.member.name })
        }
        action={one() ? t("members.endOne") : t("members.endAll")}
        onConfirm={end}
      >
        <Show when={one()} fallback={<p>{plural("members.endAllBody", props.member.sessions)}</p>}>
          {(session) => (
            <p>
              {t("members.endBody", {
                device: deviceIn(session()),
                seen: relativeTime(session().last_seen_at, Date.now()),
                since: dateAndTime(session().created_at),
              })}
            </p>
          )}
        </Show>
        <p>{t("members.endImpact")}</p>
      </Confirm>
    </section>
  );
}
