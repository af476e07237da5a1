import { Match, Show, Switch, untrack } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { BranchStanding } from "../../api/limits.ts";
import { UNDER_A_FORM } from "../../api/query.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { History } from "../../components/history.tsx";
import { Meter } from "../../components/meter.tsx";
import { limitPhrase, limitTone, usedPhrase } from "../../format/limit.ts";
import { percent } from "../../format/numbers.ts";
import { exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { t } from "../../text/text.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { EditLimit } from "./edit-limit.tsx";

/** One limit: how it stands, its terms, and what was done to it. */
export function LimitDrawer(props: { id: string; standing: BranchStanding | undefined; onClose: () => void }) {
  const { can } = useAccount();
  const query = useQuery(() => ({
    ...UNDER_A_FORM,
    queryKey: ["limits", "one", props.id],
    enabled: props.id !== "",
    queryFn: ({ signal }) => ask(api.limits[":id"].$get({ param: { id: props.id } }, { init: { signal } })),
  }));
  const limit = () => (query.data?.id === props.id ? query.data : undefined);
  const version = () => {
    const shown = limit();
    return shown && `${shown.id} ${shown.version}`;
  };
  return (
    <Dialog
      look="drawer"
      open={props.id !== ""}
      onClose={props.onClose}
      title={props.standing?.node.name ?? props.id}
      description={limit() ? limitPhrase(limit() as NonNullable<ReturnType<typeof limit>>) : undefined}
    >
      <Show when={props.standing}>
        {(standing) => (
          <dl class="ledger mb-5 grid grid-cols-2 gap-x-4 gap-y-3 pt-2">
            <div class="col-span-2">
              <dt class="caps">{t("budgets.used")}</dt>
              <dd class="flex items-center gap-3">
                <span class="text-figure font-[650]">{percent(standing().percent_used / 100)}</span>
                <Meter
                  class="w-40"
                  percent={standing().percent_used}
                  tone={limitTone(standing())}
                  label={t("common.limits.share")}
                  text={usedPhrase(standing())}
                />
                <span>{usedPhrase(standing())}</span>
              </dd>
            </div>
            <div>
              <dt class="caps">{t("budgets.resets")}</dt>
              <dd>
                {standing().resets_at
                  ? exactTime(standing().resets_at ?? "")
                  : t(standing().kind === "rate" ? "budgets.steadily" : "budgets.never")}
              </dd>
              <dd class="text-meta text-ink-3">{standing().time_zone}</dd>
            </div>
            <div>
              <dt class="caps">{t("budgets.forecast")}</dt>
              <dd>
                {standing().reaches_amount_at ? exactTime(standing().reaches_amount_at ?? "") : t("budgets.notBefore")}
              </dd>
            </div>
          </dl>
        )}
      </Show>
      <Switch fallback={<RowsSkeleton rows={8} />}>
        <Match when={query.error && !limit() && asFailure(query.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        {/* Begun anew for another limit or another version of it; read again, the same one stays. */}
        <Match when={version()} keyed>
          {(_version) => (
            <Show when={untrack(limit)}>
              {(shown) => (
                <>
                  <Show when={can("limits:write")}>
                    <EditLimit limit={shown()} standing={props.standing} onGone={props.onClose} />
                  </Show>
                  <Show when={can("audit:read")}>
                    <h3 class="caps mt-8 mb-1">{t("budgets.history")}</h3>
                    <History target={shown().id} />
                  </Show>
                </>
              )}
            </Show>
          )}
        </Match>
      </Switch>
    </Dialog>
  );
}
