import { createSignal, Show } from "solid-js";
import { asFailure } from "../api/failure.ts";
import type { SessionControl } from "../api/session.ts";
import { Button } from "../parts/button.tsx";

const FIELD =
  "mt-1 block h-10 w-full rounded-control border border-edge bg-surface px-3 text-body text-ink pointer-coarse:h-11";

/** E-mail and password, in place of what they open. */
export function SignIn(props: { session: SessionControl; notice: string | null }) {
  const [problem, setProblem] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  let password!: HTMLInputElement;

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      await props.session.signIn(String(form.get("email")), String(form.get("password")));
      // The form is gone, and the focus with it.
      document.getElementById("latest-requests")?.focus();
    } catch (thrown) {
      setProblem(asFailure(thrown).message);
      password.select();
    } finally {
      setBusy(false);
    }
  };

  return (
    <div class="mt-4 grid gap-x-16 gap-y-8 rounded-panel border border-rule bg-surface p-6 md:grid-cols-2 md:p-10">
      <div class="max-w-md">
        <p class="text-figure font-semibold tracking-tight text-balance">Sign in to see them arrive.</p>
        <p class="mt-3 text-ink-2">
          Each request shows here as soon as it is settled: who asked which model, how it ended, its tokens and what it
          cost.
        </p>
        <p class="mt-3 text-ink-2">
          On your own machine, the e-mail and the password stand in the terminal that started the gateway.
        </p>
      </div>
      <form class="grid max-w-sm gap-4" onSubmit={submit}>
        <Show when={problem() ?? props.notice}>
          {(text) => (
            <p role="alert" class={problem() ? "font-medium text-bad" : "text-ink-2"}>
              {text()}
            </p>
          )}
        </Show>
        <label class="text-table font-medium">
          E-mail
          <input class={FIELD} type="email" name="email" autocomplete="username" required maxlength="254" />
        </label>
        <label class="text-table font-medium">
          Password
          <input
            class={FIELD}
            ref={password}
            type="password"
            name="password"
            autocomplete="current-password"
            required
            maxlength="256"
          />
        </label>
        <Button look="primary" type="submit" class="min-h-10" disabled={busy()}>
          {busy() ? "Signing in…" : "Sign in"}
        </Button>
      </form>
    </div>
  );
}
