import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { takeTyped } from "../state/typed-ahead.ts";
import { t } from "../text/text.ts";
import { DialogOverlay } from "../ui/dialog-overlay.tsx";
import { ENTRY_GROUPS, type Entry, usePaletteEntries } from "./palette-entries.ts";
import { holdsSecret, placeOfId } from "./palette-ids.ts";
import { usePaletteSearch } from "./palette-search.ts";

/** Pages, actions, what was looked at, and what the gateway knows by a name or an id. Up and down choose, Enter goes. */
export function Palette(props: { onClose: () => void }) {
  const [written, setWritten] = createSignal("");
  const [at, setAt] = createSignal(0);
  const id = createUniqueId();
  const before = document.activeElement;
  const opener = before instanceof HTMLElement ? before : null;
  const text = createMemo(() => written().trim());
  const entriesOf = usePaletteEntries();
  const search = usePaletteSearch(text, () => placeOfId(text()) === null && !holdsSecret(text()));
  const entries = createMemo(() => entriesOf(text(), search.found()));
  const chosen = () => Math.max(0, Math.min(at(), entries().length - 1));

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    props.onClose();
    entry.run();
  };
  const write = (now: string) => {
    setWritten(now);
    setAt(0);
  };
  const move = (by: number) => {
    setAt((chosen() + by + entries().length) % Math.max(1, entries().length));
    document.getElementById(`${id}-${chosen()}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter") run(entries()[chosen()]);
    else return;
    event.preventDefault();
  };
  const begin = () => {
    const typed = takeTyped();
    if (!typed) return;
    write(typed.text);
    if (typed.entered) run(entries()[0]);
  };

  return (
    // It is open from the first: what a dialog is made of comes with it, not after it.
    <DialogOverlay open onClose={props.onClose} opener={() => opener} title={t("shell.palette")}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={entries().length > 0 ? `${id}-${chosen()}` : undefined}
        aria-label={t("jump.placeholder")}
        placeholder={t("jump.placeholder")}
        autocomplete="off"
        spellcheck={false}
        class="mt-1 block min-h-10 w-full rounded-control border border-edge bg-canvas px-3 text-body placeholder:text-ink-3"
        value={written()}
        onFocus={begin}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t("shell.palette")}
        aria-busy={search.looking()}
        class="mt-3 max-h-[50vh] overflow-y-auto"
      >
        <For each={ENTRY_GROUPS.filter((group) => entries().some((entry) => entry.group === group))}>
          {(group) => (
            <fieldset aria-labelledby={`${id}-${group}`} class="min-w-0 pb-2">
              <p id={`${id}-${group}`} class="caps px-2 pb-1">
                {t(`jump.${group}`)}
              </p>
              <For each={entries().flatMap((entry, index) => (entry.group === group ? [[entry, index] as const] : []))}>
                {([entry, index]) => (
                  <button
                    type="button"
                    tabindex={-1}
                    id={`${id}-${index}`}
                    role="option"
                    aria-selected={index === chosen()}
                    class={`flex min-h-8 w-full items-center justify-between gap-4 rounded-control px-2 text-left text-table pointer-coarse:min-h-11 ${index === chosen() ? "bg-accent-bg" : ""}`}
                    onPointerMove={() => setAt(index)}
                    onClick={() => run(entry)}
                  >
                    <span class="truncate">{entry.label}</span>
                    <span class="shrink-0 font-mono text-meta text-ink-3">{entry.note}</span>
                  </button>
                )}
              </For>
            </fieldset>
          )}
        </For>
      </div>
      <Show when={entries().length === 0 && !search.looking()}>
        <p class="py-4 text-center text-ink-3" role="status">
          {t(holdsSecret(text()) ? "jump.secret" : "jump.nothing")}
        </p>
      </Show>
    </DialogOverlay>
  );
}
