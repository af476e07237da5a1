import { createSignal } from "solid-js";
import { api, ask } from "../api/client.ts";

/** For how long somebody counts as the one who signed in, for what cannot be undone. */
const PROVEN_FOR_MS = 5 * 60_000;

interface Asked {
  email: string;
  /** Null: they sign in elsewhere. */
  prove: ((password: string) => Promise<void>) | null;
  giveUp: () => void;
}

const [asked, setAsked] = createSignal<Asked | null>(null);

/** Who is asked to show again who they are; null: nobody. */
export { asked };

/**
 * Makes sure that whoever sits here is who signed in: asks for the password over the page when that was more than five minutes
 * ago. Resolves with false when they gave up.
 */
export async function proveAgain(): Promise<boolean> {
  const { user, session } = await ask(api.me.$get());
  if (Date.now() - Date.parse(session.authenticated_at) < PROVEN_FOR_MS) return true;
  return new Promise((resolve) => {
    const answer = (proven: boolean) => {
      setAsked(null);
      resolve(proven);
    };
    const prove = async (password: string) => {
      await ask(api.me.confirm.$post({ json: { password } }));
      answer(true);
    };
    setAsked({ email: user.email, prove: user.has_password ? prove : null, giveUp: () => answer(false) });
  });
}
