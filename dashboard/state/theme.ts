import { type Accessor, createSignal } from "solid-js";

/** What may be chosen; `system` follows the system's own. */
export const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const system = matchMedia("(prefers-color-scheme: dark)");
const [chosen, setChosen] = createSignal<Theme>(
  THEMES.find((theme) => theme === document.documentElement.dataset.theme) ?? "system",
);
const [systemIsDark, setSystemIsDark] = createSignal(system.matches);
system.addEventListener("change", () => setSystemIsDark(system.matches));

/** What was chosen here; `theme.js` applies it before the first paint. */
export const chosenTheme: Accessor<Theme> = chosen;

/** Whether the page is dark. */
export const isDark = (): boolean => (chosen() === "system" ? systemIsDark() : chosen() === "dark");

export function setTheme(theme: Theme): void {
  setChosen(theme);
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("theme");
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
  }
}
