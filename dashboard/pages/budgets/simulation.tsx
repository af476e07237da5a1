import { useMutation } from "@tanstack/solid-query";
import { createEffect, on, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { count, money } from "../../format/numbers.ts";
import { date } from "../../format/time.ts";
import { amountOfDraft, type LimitDraft } from "../../state/limit-draft.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";

/** Windows and metrics whose past can be replayed: rates and requests at a time leave nothing to count them by. */
const canReplay = ({ metric, window }: Pick<LimitDraft, "metric" | "window">): boolean =>
  metric !== "concurrent_requests" && ["day", "week", "month"].includes(window);

/** What a limit would have refused in the last month that is over. */
export function Simulation(props: { node: { organization_id: string } | { key_id: string }; draft: LimitDraft }) {
  const replay = useMutation(() => ({
    mutationFn: () =>
      ask(
        api.limits.simulate.$post({
          json: {
            ...props.node,
            metric: props.draft.metric as "cost",
            window: props.draft.window as "month",
            ...amountOfDraft(props.draft),
          },
        }),
      ),
  }));
  // What was found is of another limit now.
  createEffect(on([() => JSON.stringify(props.node), () => JSON.stringify(props.draft)], () => replay.reset()));
  return (
    <Show when={canReplay(props.draft)}>
      <div class="rounded-panel border border-rule px-3 py-2">
        <Button
          look="plain"
          disabled={replay.isPending || props.draft.amount.trim() === ""}
          onClick={() => replay.mutate()}
        >
          {t("budgets.simulate")}
        </Button>
        <div class="mt-2" role="status">
          <Show when={replay.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
          <Show when={replay.data}>
            {(found) => (
              <p>
                {t("budgets.simulated", {
                  from: date(found().from),
                  refused: count(found().refused),
                  requests: count(found().requests),
                  cost: money(found().refused_cost_usd),
                })}{" "}
                {t("budgets.windowsReached", { reached: found().windows_reached, windows: found().windows })}
                <Show when={!found().exact}> {t("budgets.inexact")}</Show>
              </p>
            )}
          </Show>
        </div>
      </div>
    </Show>
  );
}
