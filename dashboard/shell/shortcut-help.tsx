import { For, Show } from "solid-js";
import { singleKeys } from "../state/preferences.ts";
import { keysAsWritten, shortcuts } from "../state/shortcuts.ts";
import { t } from "../text/text.ts";
import { Dialog } from "../ui/dialog.tsx";

/** Every shortcut that holds on this page. */
export function ShortcutHelp(props: { onClose: () => void }) {
  return (
    <Dialog open onClose={props.onClose} title={t("shell.shortcuts.title")}>
      <Show when={singleKeys() === "off"}>
        <p class="mb-3 text-ink-2">{t("shell.shortcuts.off")}</p>
      </Show>
      <dl class="grid grid-cols-[1fr_auto] gap-x-6">
        <For each={shortcuts()}>
          {({ keys, label }) => (
            <>
              <dt class="border-b border-rule py-1.5 text-table">{label()}</dt>
              <dd class="border-b border-rule py-1.5 text-right">
                <kbd class="font-mono text-meta">
                  {keysAsWritten(keys).replace(" ", ` ${t("shell.shortcuts.followedBy")} `)}
                </kbd>
              </dd>
            </>
          )}
        </For>
      </dl>
    </Dialog>
  );
}
