import { For, Show } from "solid-js";
import { setSingleKeys, singleKeys } from "../state/preferences.ts";
import { keysAsWritten, type Shortcut, shortcuts } from "../state/shortcuts.ts";
import { t } from "../text/text.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Check } from "../ui/field.tsx";

const PLACES = ["page", "everywhere", "pages"] as const;

/** Every shortcut that holds on this page, of the one list that the keyboard is heard by. */
export function ShortcutHelp(props: { onClose: () => void }) {
  // Of several for the same keys the latest is meant.
  const held = () => shortcuts().filter(({ keys }, index, all) => all.findIndex((one) => one.keys === keys) === index);
  const at = (place: (typeof PLACES)[number]) => held().filter(({ where }) => (where ?? "page") === place);
  return (
    <Dialog look="wide" open onClose={props.onClose} title={t("shell.shortcuts")}>
      <div class="gap-x-10 sm:columns-2">
        <For each={PLACES.filter((place) => at(place).length > 0)}>
          {(place) => (
            <section class="mb-6 break-inside-avoid">
              <h3 class="caps border-b border-rule pb-1">{t(`jump.help.${place}`)}</h3>
              <dl class="grid grid-cols-[1fr_auto] gap-x-6">
                <For each={at(place)}>{(shortcut) => <Line shortcut={shortcut} />}</For>
              </dl>
            </section>
          )}
        </For>
      </div>
      <Check
        label={t("jump.help.letters")}
        hint={t("jump.help.lettersHint", { keys: keysAsWritten("mod+k") })}
        checked={singleKeys() === "on"}
        onChange={(event) => setSingleKeys(event.currentTarget.checked ? "on" : "off")}
      />
    </Dialog>
  );
}

/** What keys do, and the keys; those that are turned off stand back. */
function Line(props: { shortcut: Shortcut }) {
  const isOff = () => singleKeys() === "off" && !props.shortcut.keys.startsWith("mod+");
  return (
    <>
      <dt class="border-b border-rule py-1.5 text-table">{props.shortcut.label()}</dt>
      <dd class="border-b border-rule py-1.5 text-right">
        <Show when={!isOff()} fallback={<span class="text-meta text-ink-3">{t("jump.help.isOff")}</span>}>
          <kbd class="font-mono text-meta">
            {keysAsWritten(props.shortcut.keys).replace(" ", ` ${t("jump.help.followedBy")} `)}
          </kbd>
        </Show>
      </dd>
    </>
  );
}
