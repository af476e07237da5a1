import { useQueryClient } from "@tanstack/solid-query";
import { For, Show } from "solid-js";
import { api, ask, ifTag } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { Confirm } from "../../components/confirm.tsx";
import { plural, t } from "../../text/text.ts";
import { say } from "../../ui/toast.tsx";
import type { Member } from "./member-drawer.tsx";

const SHOWN = 20;

/** Takes all roles of a person: the keys that are theirs go on working, and are shown before. */
export function RemoveMember(props: {
  member: Member;
  tag: string | null;
  open: boolean;
  onClose: () => void;
  onGone: () => void;
}) {
  const client = useQueryClient();
  const keys = useQuery(() => ({
    queryKey: ["keys", "of", props.member.id],
    enabled: props.open,
    staleTime: 0,
    // Not those of the one before.
    placeholderData: undefined,
    queryFn: ({ signal }) =>
      ask(
        api.keys.$get(
          { query: { owner: `user:${props.member.id}`, state: "active", limit: String(SHOWN), sort: "name" } },
          { init: { signal } },
        ),
      ),
  }));
  const remove = async () => {
    const { id, name } = props.member;
    const gone = await ask(api.members[":id"].$delete({ param: { id }, query: {} }, ifTag(props.tag)));
    say(plural("members.removed", gone.keys.length, { name }));
    props.onGone();
    void client.invalidateQueries({ queryKey: ["members"] });
  };
  return (
    <Confirm
      open={props.open}
      onClose={props.onClose}
      title={t("members.removeTitle", { name: props.member.name })}
      action={t("members.removeAll")}
      typed={props.member.email}
      onConfirm={remove}
    >
      <p>{t("members.removeBody")}</p>
      <Show when={keys.data}>
        {(page) => (
          <Show when={page().data.length > 0} fallback={<p>{t("members.noKeys")}</p>}>
            <div class="rounded-panel border-l-4 border-warn bg-warn-bg px-4 py-3 text-ink">
              <p class="font-medium">{t("members.keysStay")}</p>
              <ul class="text-table">
                <For each={page().data}>
                  {(key) => (
                    <li>
                      <a class="underline underline-offset-4" href={`/keys?state=any&id=${key.id}`}>
                        {key.name}
                      </a>{" "}
                      <span class="font-mono text-meta">{key.hint}</span>
                    </li>
                  )}
                </For>
              </ul>
              <Show when={page().next_cursor}>
                <p class="text-meta">{t("members.andMore")}</p>
              </Show>
            </div>
          </Show>
        )}
      </Show>
    </Confirm>
  );
}
