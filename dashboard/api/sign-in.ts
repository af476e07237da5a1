import { api, ask } from "./client.ts";

/**
 * That a session was begun in this browser. The cookie itself cannot be seen from here; without this mark a visitor who
 * never signed in would be answered 401 on every visit.
 */
const MARK = "signed-in";

export const isMarked = (): boolean => localStorage.getItem(MARK) !== null;
export const mark = (): void => localStorage.setItem(MARK, "1");

/** Forgets that somebody was signed in, and all that was kept for them. */
export function unmark(): void {
  localStorage.removeItem(MARK);
  sessionStorage.clear();
}

/** Signs in by e-mail and password. Throws an `ApiFailure` when refused. */
export async function signIn(email: string, password: string): Promise<void> {
  await ask(api.session.$post({ json: { email, password } }));
  mark();
}

/** The path to go on to after signing in, of this site only. */
export function wantedPath(): string {
  const to = new URLSearchParams(location.search).get("to") ?? "/";
  return /^\/(?![/\\])/.test(to) ? to : "/";
}
