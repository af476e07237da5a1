import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { money } from "../../format/numbers.ts";
import { relativeTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";

/** What lives by a key: asked when somebody is about to end it, never from before. */
export function KeyImpact(props: { id: string }) {
  const impact = useQuery(() => ({
    queryKey: ["keys", "impact", props.id],
    staleTime: 0,
    queryFn: ({ signal }) => ask(api.keys[":id"].impact.$get({ param: { id: props.id } }, { init: { signal } })),
  }));
  return (
    <div class="min-h-11">
      <Show when={impact.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <Show when={impact.data}>
        {(used) => (
          <p class={used().requests > 0 ? "font-medium text-ink" : ""}>
            {used().requests > 0
              ? plural("keys.impact", used().requests, { cost: money(used().cost_usd) })
              : t("keys.impactNone")}{" "}
            {used().last_used_at
              ? t("keys.impactLast", { time: relativeTime(used().last_used_at ?? "", Date.now()) })
              : t("keys.impactNever")}
          </p>
        )}
      </Show>
    </div>
  );
}
