import { type Accessor, createEffect, createSignal } from "solid-js";

/** Something that was looked at in this tab. */
export interface Visited {
  path: string;
  /** As it is called. */
  label: string;
}

const KEPT = "recent";
const MOST = 8;

function kept(): Visited[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return (stored as Visited[]).filter(({ path, label }) => path.startsWith("/") && typeof label === "string");
  } catch {
    return [];
  }
}

const [recent, setRecent] = createSignal<readonly Visited[]>(kept());

/** What was looked at last in this tab, the latest first. It ends with the session (`unmark` clears what a tab keeps). */
export { recent };

/** Remembers a record, once its name is known, for the palette. */
export function useVisited(visited: Accessor<Visited | undefined>): void {
  createEffect(() => {
    const now = visited();
    if (!now) return;
    setRecent((before) => [now, ...before.filter(({ path }) => path !== now.path)].slice(0, MOST));
    sessionStorage.setItem(KEPT, JSON.stringify(recent()));
  });
}
