import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { Limit } from "../../api/limits.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { money } from "../../format/numbers.ts";
import { relativeTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";

/** What is sent through a limit's key or organization: asked when somebody is about to block it, never from before. */
export function LimitImpact(props: { limit: Pick<Limit, "key_id" | "organization_id"> }) {
  const impact = useQuery(() => ({
    queryKey: ["limits", "impact", props.limit.key_id ?? props.limit.organization_id],
    staleTime: 0,
    queryFn: async ({ signal }) => {
      const { key_id: key, organization_id: organization } = props.limit;
      if (key) return ask(api.keys[":id"].impact.$get({ param: { id: key } }, { init: { signal } }));
      const found = await ask(
        api.organizations[":id"].impact.$get({ param: { id: organization } }, { init: { signal } }),
      );
      return { ...found.last_24h, last_used_at: found.last_used_at };
    },
  }));
  return (
    // As high as what comes.
    <div class="min-h-6">
      <Show when={impact.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <Show when={impact.data}>
        {(used) => (
          <p class={used().requests > 0 ? "font-medium text-ink" : ""}>
            {plural("budgets.impact", used().requests, { cost: money(used().cost_usd) })}{" "}
            <Show when={used().last_used_at}>
              {(at) => t("budgets.impactLast", { time: relativeTime(at(), Date.now()) })}
            </Show>
          </p>
        )}
      </Show>
    </div>
  );
}
