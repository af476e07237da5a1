import { type QueryClient, QueryClientProvider } from "@tanstack/solid-query";
import { lazy, Show, Suspense } from "solid-js";
import { hasEnded, sessionBegins } from "./api/client.ts";
import { FailureNote } from "./components/failure-note.tsx";
import { Routes } from "./routes.tsx";
import { AccountProvider } from "./state/account.tsx";
import { loadTexts } from "./text/text.ts";

const SessionEnded = lazy(async () => {
  const [{ SessionEnded }] = await Promise.all([import("./shell/session-ended.tsx"), loadTexts("signIn")]);
  return { default: SessionEnded };
});

/** The dashboard for somebody who has signed in. Its session may end meanwhile: then it asks again, over the page. */
export function App(props: { client: QueryClient }) {
  return (
    <QueryClientProvider client={props.client}>
      <AccountProvider
        fallback={(failure, retry) => (
          <Show when={failure?.kind !== "signed_out" && failure}>
            {(known) => (
              <div class="mx-auto max-w-2xl p-8">
                <FailureNote failure={known()} onRetry={retry} />
              </div>
            )}
          </Show>
        )}
      >
        <Routes />
      </AccountProvider>
      <Show when={hasEnded()}>
        <Suspense>
          <SessionEnded
            open
            email=""
            onSignedIn={() => {
              sessionBegins();
              void props.client.invalidateQueries();
            }}
          />
        </Suspense>
      </Show>
    </QueryClientProvider>
  );
}
