import { Show } from "solid-js";
import { SignIn } from "../components/sign-in.tsx";
import { t } from "../text/text.ts";
import { Dialog } from "../ui/dialog.tsx";

/** Over the page when its session has ended: signing in again keeps what was written there. */
export function SessionEnded(props: { open: boolean; email: string; onSignedIn: () => void }) {
  return (
    <Dialog
      open={props.open}
      onClose={() => window.location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`)}
      title={t("shell.expired.title")}
      description={t("shell.expired.body")}
    >
      <Show when={props.open}>
        <SignIn email={props.email} onSignedIn={() => props.onSignedIn()} />
      </Show>
    </Dialog>
  );
}
