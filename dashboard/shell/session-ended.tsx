import { useQueryClient } from "@tanstack/solid-query";
import { putOffSignIn } from "../api/client.ts";
import { SignIn } from "../components/sign-in.tsx";
import { keptAccount } from "../state/account.tsx";
import { announce } from "../state/announce.ts";
import { t } from "../text/text.ts";
import { Dialog } from "../ui/dialog.tsx";

// Put off, the line over the page has to be there at once, not when somebody reads already.
void import("./session-banner.tsx").catch(() => undefined);

/**
 * Over the page when its session has ended: signing in again keeps what was written there. Closed without, the page stays as it
 * is, and a line over it leads back here. Somebody else who signs in begins anew: what is on the page is not theirs.
 */
export function SessionEnded() {
  const client = useQueryClient();
  const email = keptAccount()?.user.email ?? "";
  let form: HTMLDivElement | undefined;
  const goOn = async () => {
    // Who it is now is the first thing to know: the account's own answer begins the session here.
    await client.refetchQueries({ queryKey: ["me"] });
    announce(t("signIn.expired.back"));
    void client.invalidateQueries();
  };
  return (
    <Dialog
      open
      onClose={putOffSignIn}
      title={t("signIn.expired.title")}
      description={t("signIn.expired.body")}
      initialFocus={() => form?.querySelector<HTMLElement>(email ? '[type="password"]' : "input") ?? undefined}
    >
      <div ref={form}>
        <SignIn email={email} onSignedIn={goOn} />
      </div>
      <p class="mt-4 text-meta text-ink-2">
        <a class="text-accent underline" href="/login?to=/me" target="_blank" rel="noopener">
          {t("signIn.expired.otherWay")}
        </a>{" "}
        {t("signIn.expired.otherWayHint")}
      </p>
    </Dialog>
  );
}
