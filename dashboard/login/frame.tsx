import { type JSX, onMount, Show } from "solid-js";
import { RouteLine } from "../components/route-line.tsx";

/** What the pages before the dashboard have around them. */
export function Frame(props: {
  title: string;
  lead: string;
  steps?: JSX.Element;
  /** Not to be seen yet: what is in its middle would move it when it comes. */
  waiting?: boolean;
  children: JSX.Element;
}) {
  onMount(() => {
    document.title = `${props.title} · GaiaRouter`;
  });
  return (
    <main
      class={`mx-auto flex min-h-screen max-w-sm flex-col px-4 pt-[16vh] pb-12 ${props.waiting ? "invisible" : ""}`}
    >
      <RouteLine class="text-accent" end="reached" />
      <h1 class="mt-4 text-title font-[650] tracking-tight text-balance">{props.title}</h1>
      <p class="mt-2 mb-6 text-ink-2">{props.lead}</p>
      <Show when={props.steps}>{(steps) => <div class="mb-6">{steps()}</div>}</Show>
      <div class="ledger pt-5">{props.children}</div>
    </main>
  );
}
