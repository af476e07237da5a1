import { Show } from "solid-js";
import type { ApiFailure } from "../api/failure.ts";

/** What the gateway refused, unless one of the fields `shown` says it already. */
export function Problem(props: { failure: ApiFailure | null; shown: readonly string[] }) {
  return (
    <Show when={props.failure && !props.shown.includes(props.failure.param ?? "") && props.failure}>
      {(failure) => (
        <p role="alert" class="font-medium text-bad">
          {failure().message}
        </p>
      )}
    </Show>
  );
}
