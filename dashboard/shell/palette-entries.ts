import { type Permission, useAccount } from "../state/account.tsx";
import { density, setDensity, setSingleKeys, singleKeys } from "../state/preferences.ts";
import { recent } from "../state/recent.ts";
import { keysAsWritten, runWhenThere, shortcuts } from "../state/shortcuts.ts";
import { setTheme, THEMES } from "../state/theme.ts";
import { LOCALES, type Locale, locale, setLocale, t } from "../text/text.ts";
import { GROUPS } from "./destinations.ts";
import { useGo } from "./go.ts";
import { holdsSecret, placeOfId } from "./palette-ids.ts";
import type { Found } from "./palette-search.ts";

/** The order they are shown in: what comes late comes last, so that nothing moves under the reader's hand. */
export const ENTRY_GROUPS = ["recent", "pages", "actions", "found"] as const;

/** Something the palette can do. */
export interface Entry {
  group: (typeof ENTRY_GROUPS)[number];
  label: string;
  /** What stands at its right: keys, or what kind of thing it is. */
  note?: string;
  run: () => void;
}

const MOST_SHOWN = 40;
const MOST_RECENT = 5;
const DENSITIES = ["normal", "compact", "cosy"] as const;

/** What is made on a page of its own, by the key that makes it there. */
const MAKERS: readonly { path: string; name: "key" | "people" | "organization" | "route"; permission: Permission }[] = [
  { path: "/keys", name: "key", permission: "own_keys:write" },
  { path: "/members", name: "people", permission: "invites:write" },
  { path: "/orgs", name: "organization", permission: "organizations:write" },
  { path: "/routes", name: "route", permission: "routes:write" },
];

/** What can be done from anywhere, and on this page, as the palette tells it for a text. */
export function usePaletteEntries() {
  const { can, signOut } = useAccount();
  const go = useGo();

  /** How the dashboard looks: what is chosen already is no action. */
  const looks = (): Omit<Entry, "group">[] => [
    ...THEMES.map((theme) => ({
      label: `${t("shell.theme.label")}: ${t(`shell.theme.${theme}`)}`,
      run: () => setTheme(theme),
    })),
    ...Object.entries(LOCALES)
      .filter(([id]) => id !== locale())
      .map(([id, name]) => ({
        label: `${t("shell.language")}: ${name}`,
        run: () => void setLocale(id as Locale),
      })),
    ...DENSITIES.filter((one) => one !== density()).map((one) => ({
      label: t(`jump.rows.${one}`),
      run: () => setDensity(one),
    })),
    {
      label: t(singleKeys() === "on" ? "jump.lettersOff" : "jump.lettersOn"),
      run: () => setSingleKeys(singleKeys() === "on" ? "off" : "on"),
    },
  ];
  const actions = (): Omit<Entry, "group">[] => [
    ...shortcuts()
      .filter(({ listed }) => listed !== false)
      .map(({ label, keys, run }) => ({ label: label(), note: keysAsWritten(keys), run })),
    ...MAKERS.filter(({ path, permission }) => can(permission) && window.location.pathname !== path).map(
      ({ path, name }) => ({
        label: t(`jump.make.${name}`),
        run: () => {
          runWhenThere("c");
          go(path);
        },
      }),
    ),
    ...looks(),
    { label: t("shell.signOut"), run: () => void signOut() },
  ];

  return (text: string, found: readonly Found[]): Entry[] => {
    // Not to be found, not to be shown again.
    if (holdsSecret(text)) return [];
    const matches = ({ label }: { label: string }) => label.toLowerCase().includes(text.toLowerCase());
    const place = placeOfId(text);
    if (place) {
      const label = t(`jump.open.${place.kind}`, { id: place.id });
      return [{ group: "found", label, run: () => go(place.path) }];
    }
    const visited = recent()
      .filter((one) => matches(one) && one.path !== window.location.pathname + window.location.search)
      .slice(0, MOST_RECENT);
    const known = new Set(visited.map(({ path }) => path));
    const entries: Entry[] = [
      ...visited.map(({ path, label }) => ({
        ...{ group: "recent" as const, label, note: noteOf(path) },
        run: () => go(path),
      })),
      ...GROUPS.flatMap(({ destinations }) => destinations)
        .filter(({ permission }) => can(permission))
        .map(({ path, name, keys }) => ({ group: "pages" as const, label: t(name), note: keys, run: () => go(path) }))
        .filter(matches),
      ...actions()
        .filter(matches)
        .map((action) => ({ ...action, group: "actions" as const })),
      ...found
        .filter(({ path }) => !known.has(path))
        .map(({ label, note, path }) => ({ group: "found" as const, label, note, run: () => go(path) })),
    ];
    return entries.slice(0, MOST_SHOWN);
  };
}

/** The page that a record is on. */
const noteOf = (path: string): string => {
  const page = path.replace(/\?.*/, "");
  const destination = GROUPS.flatMap(({ destinations }) => destinations).find((one) => one.path === page);
  return destination ? t(destination.name) : "";
};
