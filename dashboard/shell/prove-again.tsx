import { createSignal, Show } from "solid-js";
import { asFailure } from "../api/failure.ts";
import { SignInForm } from "../components/sign-in-form.tsx";
import { asked } from "../state/prove-again.ts";
import { t } from "../text/text.ts";
import { Dialog } from "../ui/dialog.tsx";

/** Over the page before what cannot be undone: who signed in a while ago shows again who they are. Closing it gives up. */
export function ProveAgain() {
  const [problem, setProblem] = createSignal<ReturnType<typeof asFailure> | null>(null);
  const away = () => `/login?to=${encodeURIComponent(location.pathname + location.search)}`;
  return (
    <Dialog
      open={asked() !== null}
      onClose={() => asked()?.giveUp()}
      title={t("signIn.prove.title")}
      description={t("signIn.prove.body")}
    >
      <Show when={asked()}>
        {(who) => (
          <Show
            when={who().prove}
            fallback={
              <a
                class="flex min-h-10 items-center justify-center rounded-control border border-edge text-table font-medium hover:bg-sunken"
                href={away()}
                target="_self"
              >
                {t("signIn.prove.elsewhere")}
              </a>
            }
          >
            {(prove) => (
              <SignInForm
                email={who().email}
                failure={problem()}
                onSubmit={async (_email, password) => {
                  setProblem(null);
                  await prove()(password).catch((thrown: unknown) => setProblem(asFailure(thrown)));
                }}
              />
            )}
          </Show>
        )}
      </Show>
    </Dialog>
  );
}
