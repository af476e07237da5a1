import { A, Route, Router, type RouteSectionProps } from "@solidjs/router";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/solid-query";
import Activity from "lucide-solid/icons/activity";
import List from "lucide-solid/icons/list";
import { createSignal, For, lazy, Show, Suspense } from "solid-js";
import { render } from "solid-js/web";

/** The least that a page of ours could be: what stands around it, one question, six figures, a second page, a dialog. */
const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }));
const Second = lazy(async () => ({ default: (await import("./second.tsx")).Second }));

const ask = async (path: string): Promise<Record<string, unknown>> =>
  (await fetch(path, { headers: { "x-gaia-csrf": "1" } })).json();

function Shell(props: RouteSectionProps) {
  const [isOpen, setOpen] = createSignal(false);
  document.addEventListener("keydown", (event) => event.ctrlKey && event.key === "k" && setOpen(true));
  return (
    <div class="md:grid md:grid-cols-[13rem_minmax(0,1fr)]">
      <nav>
        <For each={["/", "/second"]}>
          {(path) => (
            <A href={path} class="flex min-h-8 items-center gap-2.5 px-2">
              <Show when={path === "/"} fallback={<List size={16} />}>
                <Activity size={16} />
              </Show>
              {path}
            </A>
          )}
        </For>
      </nav>
      <main>
        <Suspense>{props.children}</Suspense>
      </main>
      <Show when={isOpen()}>
        <Suspense>
          <Palette onClose={() => setOpen(false)} />
        </Suspense>
      </Show>
    </div>
  );
}

function First() {
  const account = useQuery(() => ({ queryKey: ["me"], queryFn: () => ask("/api/me") }));
  const summary = useQuery(() => ({
    queryKey: ["summary"],
    enabled: account.isSuccess,
    queryFn: () => ask("/api/stats/summary?from=-30d&tz=UTC"),
  }));
  return (
    <div class="px-6 pt-6">
      <h1 class="text-h1 font-[650]">Overview</h1>
      <Show when={summary.isSuccess && summary.data}>
        {(data) => (
          <ul class="grid grid-cols-6">
            <For each={["cost_usd", "requests", "errors", "error_rate", "cache_share", "as_of"]}>
              {(name) => <li class="text-figure">{String(data()[name])}</li>}
            </For>
          </ul>
        )}
      </Show>
    </div>
  );
}

const root = document.getElementById("root");
if (root)
  render(
    () => (
      <QueryClientProvider client={new QueryClient()}>
        <Router root={Shell}>
          <Route path="/" component={First} />
          <Route path="/second" component={Second} />
        </Router>
      </QueryClientProvider>
    ),
    root,
  );
