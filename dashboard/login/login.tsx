import { createResource, createSignal, Show } from "solid-js";
import { api, ask } from "../api/client.ts";
import { type ApiFailure, asFailure } from "../api/failure.ts";
import { mark, wantedPath } from "../api/sign-in.ts";
import { SignIn } from "../components/sign-in.tsx";
import { t } from "../text/text.ts";
import { Button } from "../ui/button.tsx";
import { Frame } from "./frame.tsx";

/** Signing in, by what the gateway is set up for; then on to the page that was wanted. */
export function Login() {
  const [problem, setProblem] = createSignal<ApiFailure | null>(null);
  const [methods] = createResource(() => ask(api.session.methods.$get()).catch(() => null));
  const goOn = () => window.location.replace(wantedPath());
  const attempt = async (asked: Promise<unknown>) => {
    setProblem(null);
    await asked.then(goOn, (thrown: unknown) => setProblem(asFailure(thrown)));
  };

  return (
    <Frame title={t("signIn.title")} lead={t("signIn.lead")}>
      <SignIn failure={problem()} onSignedIn={goOn}>
        <Show when={methods()?.oidc}>
          <a
            href={`/api/session/oidc?to=${encodeURIComponent(wantedPath())}`}
            onClick={mark}
            class="mt-4 flex min-h-10 items-center justify-center rounded-control border border-edge text-table font-medium hover:bg-sunken"
          >
            {t("signIn.oidc")}
          </a>
        </Show>
        <Show when={methods()?.access}>
          <Button
            look="plain"
            class="mt-4 min-h-10 w-full"
            onClick={() => void attempt(ask(api.session.access.$post()).then(mark))}
          >
            {t("signIn.access")}
          </Button>
        </Show>
        <p class="mt-6 text-meta text-ink-3">{t("signIn.local")}</p>
      </SignIn>
    </Frame>
  );
}
