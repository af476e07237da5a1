import { createResource, For, Show } from "solid-js";
import { dateAndTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { type Thread, titleOf } from "./thread.ts";
import { listThreads, removeThread } from "./thread-store.ts";

/** The threads that this browser keeps. */
export function ThreadsDrawer(props: {
  user: string;
  openId: string;
  onOpen: (thread: Thread) => void;
  onClose: () => void;
}) {
  const [threads, { refetch }] = createResource(() => listThreads(props.user));
  const remove = async (id: string) => {
    await removeThread(props.user, id);
    await refetch();
  };
  return (
    <Dialog
      look="drawer"
      open
      onClose={props.onClose}
      title={t("playground.threads.title")}
      description={t("playground.threads.lead")}
    >
      <Show when={threads()?.length} fallback={<p class="text-ink-2">{t("playground.threads.none")}</p>}>
        <ul>
          <For each={threads()}>
            {(thread) => (
              <li
                class={`flex items-center gap-2 border-b border-rule py-1 ${thread.id === props.openId ? "bg-accent-bg" : ""}`}
              >
                <button
                  type="button"
                  class="min-h-8 min-w-0 flex-1 px-1 text-left pointer-coarse:min-h-11"
                  onClick={() => props.onOpen(thread)}
                >
                  <bdi class="block truncate font-medium">{titleOf(thread)}</bdi>
                  <span class="block truncate text-meta text-ink-3">
                    {dateAndTime(new Date(thread.at).toISOString())} ·{" "}
                    {thread.columns.map(({ model }) => model).join(", ")}
                  </span>
                </button>
                <Button look="quiet" disabled={thread.id === props.openId} onClick={() => void remove(thread.id)}>
                  {t("common.delete")}
                  <span class="sr-only">{titleOf(thread)}</span>
                </Button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Dialog>
  );
}
