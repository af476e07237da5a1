import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { api, ask } from "../api/client.ts";
import { useQuery } from "../api/use-query.ts";
import { useAccount } from "../state/account.tsx";
import { keysAsWritten, shortcuts } from "../state/shortcuts.ts";
import { setTheme, THEMES } from "../state/theme.ts";
import { t } from "../text/text.ts";
import { Dialog } from "../ui/dialog.tsx";
import { GROUPS } from "./destinations.ts";
import { useGo } from "./go.ts";

interface Entry {
  group: "pages" | "actions" | "found";
  label: string;
  /** What stands at its right: keys, or what kind of thing it is. */
  note?: string;
  run: () => void;
}

const SHOWN = 40;
const ID = /^(?:key_[0-9a-z]+|org_[0-9a-z]+|[0-7][0-9A-HJKMNP-TV-Z]{25})$/;

/** Pages, actions, and what the gateway knows by a name or an id, by typing. Up and down choose, Enter goes. */
export function Palette(props: { onClose: () => void }) {
  const { can } = useAccount();
  const go = useGo();
  const [written, setWritten] = createSignal("");
  const [at, setAt] = createSignal(0);
  const id = createUniqueId();
  const asked = () => written().trim();

  const found = useQuery(() => ({
    queryKey: ["palette", asked()],
    enabled: asked().length >= 2 && !ID.test(asked()),
    queryFn: async ({ signal }) => {
      const query = { q: asked(), limit: "5" };
      const [keys, organizations] = await Promise.all([
        ask(api.keys.$get({ query }, { init: { signal } })),
        ask(api.organizations.$get({ query }, { init: { signal } })),
      ]);
      return { keys: keys.data, organizations: organizations.data };
    },
  }));

  const close = (run: () => void) => () => {
    props.onClose();
    run();
  };
  const entries = createMemo<Entry[]>(() => {
    const text = asked();
    const matches = (label: string) => label.toLowerCase().includes(text.toLowerCase());
    const all: Entry[] = [];
    if (ID.test(text)) {
      if (text.startsWith("key_"))
        all.push({
          group: "found",
          label: t("shell.palette.openKey", { id: text }),
          run: () => go(`/keys?id=${text}`),
        });
      else if (text.startsWith("org_"))
        all.push({
          group: "found",
          label: t("shell.palette.openOrganization", { id: text }),
          run: () => go(`/orgs?id=${text}`),
        });
      else
        all.push({
          group: "found",
          label: t("shell.palette.openRequest", { id: text }),
          run: () => go(`/logs?id=${text}`),
        });
    }
    for (const { path, name, keys, permission } of GROUPS.flatMap(({ destinations }) => destinations))
      if (can(permission) && matches(t(name)))
        all.push({ group: "pages", label: t(name), note: keys, run: () => go(path) });
    for (const { label, keys, run, listed } of shortcuts())
      if (listed !== false && matches(label()))
        all.push({ group: "actions", label: label(), note: keysAsWritten(keys), run });
    for (const theme of THEMES) {
      const label = `${t("shell.theme.label")}: ${t(`shell.theme.${theme}`)}`;
      if (matches(label)) all.push({ group: "actions", label, run: () => setTheme(theme) });
    }
    if (text.length >= 2) {
      for (const key of found.data?.keys ?? [])
        all.push({ group: "found", label: key.name, note: t("shell.nav.keys"), run: () => go(`/keys?id=${key.id}`) });
      for (const organization of found.data?.organizations ?? [])
        all.push({
          group: "found",
          label: organization.name,
          note: t("shell.nav.organizations"),
          run: () => go(`/orgs?id=${organization.id}`),
        });
    }
    return all.slice(0, SHOWN);
  });
  const chosen = () => Math.min(at(), entries().length - 1);
  const move = (by: number) => {
    setAt((chosen() + by + entries().length) % Math.max(1, entries().length));
    document.getElementById(`${id}-${chosen()}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter" && !event.isComposing) {
      const entry = entries()[chosen()];
      if (entry) close(entry.run)();
    } else return;
    event.preventDefault();
  };

  return (
    <Dialog open onClose={props.onClose} title={t("shell.palette.title")}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={entries().length > 0 ? `${id}-${chosen()}` : undefined}
        aria-label={t("shell.palette.placeholder")}
        placeholder={t("shell.palette.placeholder")}
        autocomplete="off"
        spellcheck={false}
        class="block min-h-10 w-full rounded-control border border-edge bg-canvas px-3 text-body placeholder:text-ink-3"
        value={written()}
        onInput={(event) => {
          setWritten(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t("shell.palette.title")}
        class="mt-3 max-h-[50vh] overflow-y-auto"
      >
        <For each={entries()}>
          {(entry, index) => (
            <button
              type="button"
              tabindex={-1}
              id={`${id}-${index()}`}
              role="option"
              aria-selected={index() === chosen()}
              class={`flex min-h-8 w-full items-center justify-between gap-4 rounded-control px-2 text-left text-table pointer-coarse:min-h-11 ${index() === chosen() ? "bg-accent-bg" : ""}`}
              onPointerMove={() => setAt(index())}
              onClick={close(entry.run)}
            >
              <span class="truncate">{entry.label}</span>
              <span class="shrink-0 font-mono text-meta text-ink-3">{entry.note}</span>
            </button>
          )}
        </For>
      </div>
      <Show when={entries().length === 0 && !found.isFetching}>
        <p class="py-4 text-center text-ink-3" role="status">
          {t("shell.palette.nothing")}
        </p>
      </Show>
    </Dialog>
  );
}
