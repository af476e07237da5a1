import { createUniqueId, type JSX } from "solid-js";

/** A part of a page under its heavy rule, for what needs no answer of its own. */
export function Section(props: { title: string; aside?: JSX.Element; class?: string; children: JSX.Element }) {
  const id = createUniqueId();
  return (
    <section aria-labelledby={id} class={`ledger min-w-0 pt-3 ${props.class ?? ""}`}>
      <div class="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 id={id} class="text-h2 font-[650]">
          {props.title}
        </h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}
