import type { JSX } from "solid-js";

/** A part of the page under its heavy rule. */
export function Section(props: {
  id: string;
  title: string;
  aside?: JSX.Element;
  class?: string;
  children: JSX.Element;
}) {
  return (
    <section aria-labelledby={props.id} class={`ledger min-w-0 pt-4 ${props.class ?? ""}`}>
      <div class="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 id={props.id} tabindex="-1" class="text-h2 font-semibold">
          {props.title}
        </h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}
