import { createSignal, Show } from "solid-js";
import type { SessionControl } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { RouteLine } from "../parts/route-line.tsx";
import { createTheme } from "../theme.ts";

function ThemeToggle() {
  const [theme, toggle] = createTheme();
  return (
    <Button look="quiet" class="-mr-2.5" onClick={toggle}>
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        aria-hidden="true"
      >
        <circle cx="8" cy="8" r="6" />
        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" stroke="none" />
      </svg>
      <span class="max-sm:sr-only">{theme() === "dark" ? "Light theme" : "Dark theme"}</span>
    </Button>
  );
}

/** The mark, who is signed in, and the theme. */
export function Header(props: { session: SessionControl }) {
  const [failed, setFailed] = createSignal(false);
  const signedIn = () => {
    const state = props.session.state();
    return state.name === "in" ? state.session : null;
  };
  const signOut = () => {
    setFailed(false);
    props.session.signOut().catch(() => setFailed(true));
  };

  return (
    <header class="border-b border-rule bg-surface">
      <div class="mx-auto flex min-h-14 max-w-400 flex-wrap items-center gap-x-3 px-4 md:px-6 lg:px-12">
        <RouteLine class="text-accent" end="reached" />
        <span class="mr-auto text-h2 font-semibold">GaiaRouter</span>
        <Show when={signedIn()}>
          {(session) => (
            <>
              <span class="max-w-60 truncate text-table text-ink-2 max-md:hidden">
                {session().user.email} · {session().organization.name}
              </span>
              <Show when={failed()}>
                <span role="alert" class="text-table text-bad">
                  Not signed out: the gateway did not answer.
                </span>
              </Show>
              <Button look="quiet" onClick={signOut}>
                Sign out
              </Button>
            </>
          )}
        </Show>
        <ThemeToggle />
      </div>
    </header>
  );
}
