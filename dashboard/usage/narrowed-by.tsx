import { lazy, Show, Suspense } from "solid-js";
import type { Scope } from "../state/scope.ts";

const FilterChips = lazy(async () => ({ default: (await import("./filter-chips.tsx")).FilterChips }));

/** What a page is narrowed to beside its period; read when it is narrowed, and its place is kept meanwhile. */
export function NarrowedBy(props: { scope: Scope }) {
  return (
    <Show when={props.scope.narrowed()}>
      <Suspense fallback={<div class="-mt-2 mb-5 h-8 pointer-coarse:h-11" />}>
        <FilterChips scope={props.scope} />
      </Suspense>
    </Show>
  );
}
