import { useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, Match, Show, Switch } from "solid-js";
import { api, ask, askWithTag } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Reveal } from "../../components/reveal.tsx";
import { exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useVisited } from "../../state/recent.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";
import { ROLES } from "./capabilities.ts";
import { MemberRoles } from "./member-roles.tsx";
import { MemberSessions } from "./member-sessions.tsx";
import { RemoveMember } from "./remove-member.tsx";
import { RoleMatrix } from "./role-matrix.tsx";

export type Member = InferResponseType<(typeof api.members)[":id"]["$get"]>;

/** One person: their roles, a link for a new password, and the end of it all. */
export function MemberDrawer(props: { id: string; onClose: () => void }) {
  const { can, account } = useAccount();
  const [removing, setRemoving] = createSignal(false);
  const [disarming, setDisarming] = createSignal(false);
  const client = useQueryClient();
  const [link, setLink] = createSignal<string | null>(null);
  const query = useQuery(() => ({
    queryKey: ["members", "one", props.id],
    enabled: props.id !== "",
    queryFn: ({ signal }) => askWithTag(api.members[":id"].$get({ param: { id: props.id } }, { init: { signal } })),
  }));
  const member = () => (query.data?.body.id === props.id ? query.data : undefined);
  useVisited(() => {
    const shown = member()?.body;
    return shown && { path: `/members?id=${shown.id}`, label: shown.name };
  });
  /** Whether the API would tell where they are signed in: they are no less than any role of theirs, and it is somebody else. */
  const mayEnd = ({ id, role }: Member) =>
    can("members:write") &&
    id !== account().user.id &&
    ROLES.indexOf(account().role) >= ROLES.indexOf(role ?? "viewer");
  const reset = async () => {
    try {
      setLink((await ask(api.members[":id"].reset.$post({ param: { id: props.id } }))).url);
    } catch (thrown) {
      say(asFailure(thrown).message);
    }
  };
  const resetFactors = async () => {
    await ask(api.members[":id"]["second-factors"].$delete({ param: { id: props.id } }));
    say(t("members.factorsReset", { name: member()?.body.name ?? "" }));
    await client.invalidateQueries({ queryKey: ["members"] });
  };
  return (
    <Dialog
      look="drawer"
      open={props.id !== ""}
      onClose={props.onClose}
      title={member()?.body.name ?? props.id}
      description={member()?.body.email}
    >
      <Switch fallback={<RowsSkeleton rows={8} />}>
        <Match when={query.error && !member() && asFailure(query.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        <Match when={member()}>
          {(shown) => (
            <>
              <Show when={can("members:write") && shown().body.id !== account().user.id}>
                <div class="mb-5 flex flex-wrap gap-2">
                  <Button look="plain" onClick={() => void reset()}>
                    {t("members.reset")}
                  </Button>
                  <Show when={shown().body.two_factor}>
                    <Button look="plain" onClick={() => setDisarming(true)}>
                      {t("members.resetFactors")}
                    </Button>
                  </Show>
                  <Button look="danger" onClick={() => setRemoving(true)}>
                    {t("members.removeAll")}
                  </Button>
                </div>
              </Show>
              <MemberRoles member={shown().body} tag={shown().tag} onChanged={() => void query.refetch()} />
              <Show when={can("members:write")}>
                <RoleMatrix class="mt-6" marked={shown().body.role ?? undefined} />
              </Show>
              <dl class="mt-6 border-t border-rule text-table">
                <div class="border-b border-rule py-2">
                  <dt class="caps">{t("members.lastSeen")}</dt>
                  <dd>{shown().body.last_seen_at ? exactTime(shown().body.last_seen_at ?? "") : t("members.never")}</dd>
                </div>
                <Show when={!mayEnd(shown().body)}>
                  <div class="border-b border-rule py-2">
                    <dt class="caps">{t("members.sessions")}</dt>
                    <dd>{plural("members.sessionCount", shown().body.sessions)}</dd>
                  </div>
                </Show>
                <div class="border-b border-rule py-2">
                  <dt class="caps">{t("members.secondFactor")}</dt>
                  <dd>{shown().body.two_factor ? t("members.factorOn") : t("members.factorOff")}</dd>
                </div>
                <div class="border-b border-rule py-2">
                  <dt class="caps">{t("members.keys")}</dt>
                  <dd>
                    <a
                      class="underline decoration-edge underline-offset-4 hover:decoration-ink"
                      href={`/keys?state=any&owner=user:${shown().body.id}`}
                    >
                      {t("members.openKeys")}
                    </a>
                  </dd>
                </div>
              </dl>
              {/* Last, for it grows and shrinks. */}
              <Show when={mayEnd(shown().body)}>
                <MemberSessions member={shown().body} />
              </Show>
              <Confirm
                open={disarming()}
                onClose={() => setDisarming(false)}
                title={t("members.resetFactorsTitle", { name: shown().body.name })}
                action={t("members.resetFactors")}
                onConfirm={resetFactors}
              >
                <p>{t("members.resetFactorsBody")}</p>
              </Confirm>
              <RemoveMember
                member={shown().body}
                tag={shown().tag}
                open={removing()}
                onClose={() => setRemoving(false)}
                onGone={props.onClose}
              />
            </>
          )}
        </Match>
      </Switch>
      <Reveal
        title={t("members.resetTitle", { name: member()?.body.name ?? "" })}
        secret={link()}
        onClose={() => setLink(null)}
      >
        <p class="text-ink-2">{t("members.resetBody")}</p>
      </Reveal>
    </Dialog>
  );
}
