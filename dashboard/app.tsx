import { createMemo, Match, Show, Switch } from "solid-js";
import { createSession, type SessionControl } from "./api/session.ts";
import { createClock } from "./live/clock.ts";
import { createLiveRequests, type LiveRequests } from "./live/requests.ts";
import { createUrlState } from "./live/url-state.ts";
import { FailureNote } from "./parts/failure-note.tsx";
import { Section } from "./parts/section.tsx";
import { Header } from "./sections/header.tsx";
import { HowToCall } from "./sections/how-to-call.tsx";
import { LatestRequests } from "./sections/latest-requests.tsx";
import { RequestDetail } from "./sections/request-detail.tsx";
import { SignIn } from "./sections/sign-in.tsx";
import { WhatRuns } from "./sections/what-runs.tsx";

function SignedIn(props: { requests: LiveRequests }) {
  const now = createClock();
  const [open, setOpen] = createUrlState("request");
  return (
    <>
      <LatestRequests requests={props.requests} now={now()} selected={open()} onOpen={setOpen} />
      <RequestDetail
        id={open()}
        row={props.requests.rows.find(({ id }) => id === open())}
        now={now()}
        onClose={() => setOpen(null)}
      />
    </>
  );
}

function SignedOut(props: { session: SessionControl }) {
  const state = props.session.state;
  return (
    <Section id="latest-requests" title="Latest requests">
      <Switch>
        <Match when={state().name === "checking"}>
          <div class="mt-4 h-48 space-y-4" aria-busy="true">
            <span class="skeleton block h-8 w-64" />
            <span class="skeleton block h-24 w-full" />
          </div>
        </Match>
        <Match when={((now) => now.name === "unknown" && now)(state())}>
          {(unknown) => (
            <div class="mt-3">
              <FailureNote failure={unknown().failure} onRetry={() => void props.session.check()} />
            </div>
          )}
        </Match>
        <Match when={((now) => now.name === "out" && now)(state())}>
          {(out) => <SignIn session={props.session} notice={out().notice} />}
        </Match>
      </Switch>
    </Section>
  );
}

/** The page: what runs, how to call it, the latest requests live. */
export function App() {
  const session = createSession();
  const signedIn = createMemo(() => session.state().name === "in");
  // Made anew for each session, so that nothing of one is shown to the next.
  const requests = createMemo(() => (signedIn() ? createLiveRequests(session.ended) : null));

  return (
    <>
      <a
        href="#latest-requests"
        class="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:px-4 focus:py-3"
      >
        Skip to the latest requests
      </a>
      <Header session={session} />
      <main class="mx-auto max-w-400 px-4 pt-8 pb-24 md:px-6 md:pt-12 lg:px-12">
        <h1 class="sr-only">GaiaRouter</h1>
        <div class="grid gap-x-16 gap-y-12 lg:grid-cols-[2fr_3fr]">
          <WhatRuns rows={requests()?.rows ?? []} troubled={requests()?.failure() != null} />
          <HowToCall />
        </div>
        <div class="mt-12 md:mt-16">
          <Show when={requests()} keyed fallback={<SignedOut session={session} />}>
            {(live) => <SignedIn requests={live} />}
          </Show>
        </div>
      </main>
    </>
  );
}
