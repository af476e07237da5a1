import { createSignal, Show } from "solid-js";
import { asFailure } from "../api/failure.ts";
import { signIn } from "../api/sign-in.ts";
import { SignInForm } from "../components/sign-in-form.tsx";
import { t } from "../text/text.ts";
import { Dialog } from "../ui/dialog.tsx";

/** Over the page when its session has ended: signing in again keeps what was written there. */
export function SessionEnded(props: { open: boolean; email: string; onSignedIn: () => void }) {
  const [problem, setProblem] = createSignal<ReturnType<typeof asFailure> | null>(null);
  return (
    <Dialog
      open={props.open}
      onClose={() => window.location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`)}
      title={t("shell.expired.title")}
      description={t("shell.expired.body")}
    >
      <Show when={props.open}>
        <SignInForm
          email={props.email}
          failure={problem()}
          onSubmit={async (email, password) => {
            setProblem(null);
            await signIn(email, password).then(props.onSignedIn, (thrown: unknown) => setProblem(asFailure(thrown)));
          }}
        />
      </Show>
    </Dialog>
  );
}
