import { For } from "solid-js";

/** Rows in the size of those to come, so that nothing jumps. Shown after 120 ms: what is quicker needs none. */
export const RowsSkeleton = (props: { rows: number }) => (
  <div class="skeleton-late" aria-hidden="true">
    <For each={Array(props.rows)}>
      {(_, index) => (
        <div class="flex h-8 items-center border-b border-rule">
          <span class={`skeleton block h-3 ${index() % 3 === 0 ? "w-3/5" : index() % 3 === 1 ? "w-2/5" : "w-1/2"}`} />
        </div>
      )}
    </For>
  </div>
);
