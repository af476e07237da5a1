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

/** What a sign-in still waits for when the password was right. */
export type SecondStep = Extract<Awaited<ReturnType<typeof begin>>, { second_factors: unknown }>;

const begin = (email: string, password: string) => ask(api.session.$post({ json: { email, password } }));

/** Signs in by e-mail and password; answers what is needed beside, null for nothing. Throws an `ApiFailure` when refused. */
export async function signIn(email: string, password: string): Promise<SecondStep | null> {
  const answer = await begin(email, password);
  if ("second_factors" in answer) return answer;
  mark();
  return null;
}

/** The second step: six digits of the authenticator app, or a recovery code. */
export async function showCode(code: string): Promise<void> {
  await ask(api.session.code.$post({ json: { code } }));
  mark();
}

/** Signs in by a passkey, which is all that is needed. */
export async function signInByPasskey(): Promise<void> {
  // Read when somebody wants it: the rest of this file comes with every page.
  const { showPasskey } = await import("./passkey.ts");
  await ask(api.session.passkey.$post({ json: { credential: await showPasskey() } }));
  mark();
}

/** The path to go on to after signing in, of this site only. */
export function wantedPath(): string {
  const to = new URLSearchParams(location.search).get("to") ?? "/";
  return /^\/(?![/\\])/.test(to) ? to : "/";
}
