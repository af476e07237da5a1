import { type Accessor, createSignal, onCleanup } from "solid-js";

type Theme = "light" | "dark";

const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = (): Theme | null => {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : null;
};

/** The theme on the page: the one chosen here (`theme.js` applies it before the first paint), else the system's. */
export function createTheme(): [theme: Accessor<Theme>, toggle: () => void] {
  const current = (): Theme => chosen() ?? (dark.matches ? "dark" : "light");
  const [theme, setTheme] = createSignal(current());
  const update = () => setTheme(current());
  dark.addEventListener("change", update);
  onCleanup(() => dark.removeEventListener("change", update));

  const toggle = () => {
    const next = theme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    setTheme(next);
  };
  return [theme, toggle];
}
