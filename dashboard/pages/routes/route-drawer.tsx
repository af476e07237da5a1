import { createSignal, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { UNDER_A_FORM } from "../../api/query.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { LeaveGuard } from "../../components/save-bar.tsx";
import { useAccount } from "../../state/account.tsx";
import { useVisited } from "../../state/recent.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import type { ListedRoute } from "./route-draft.ts";
import { RouteForm } from "./route-form.tsx";
import { RouteHistory } from "./route-history.tsx";
import { RouteWarnings, warningsOf } from "./route-warnings.tsx";
import { TargetList } from "./target-list.tsx";
import type { Targets } from "./use-targets.ts";

const NEW = "new";

/** One route, to be read, changed and tried; `new`: one that is not yet. */
export function RouteDrawer(props: {
  id: string;
  organization: string;
  onClose: () => void;
  onTry: (name: string) => void;
  health: Targets;
  /** The route as the list has it, for what its figures say against it; undefined until it is known, null where it is not in the list. */
  listed: ListedRoute | null | undefined;
}) {
  const { account, can } = useAccount();
  const [unsaved, setUnsaved] = createSignal(false);
  /** What was written is saved, or is of no use any more. */
  const done = () => {
    setUnsaved(false);
    props.onClose();
  };
  const query = useQuery(() => ({
    ...UNDER_A_FORM,
    queryKey: ["routes", "one", props.id],
    enabled: props.id !== "" && props.id !== NEW,
    // Not read again while it is open: what is being written must not make room for another version.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: ({ signal }) => ask(api.routes[":id"].$get({ param: { id: props.id } }, { init: { signal } })),
  }));
  const route = () => (query.data?.id === props.id ? query.data : undefined);
  useVisited(() => {
    const shown = route();
    return shown && { path: `/routes?id=${shown.id}`, label: shown.name };
  });
  return (
    <Dialog
      look="drawer"
      open={props.id !== ""}
      onClose={props.onClose}
      title={props.id === NEW ? t("routes.create") : (route()?.name ?? props.id)}
    >
      <Switch fallback={<RowsSkeleton rows={8} />}>
        <Match when={props.id === NEW}>
          <RouteForm
            route={null}
            organization={props.organization || account().organization.id}
            onUnsaved={setUnsaved}
            onDone={done}
          />
        </Match>
        <Match when={query.error && !route() && asFailure(query.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        <Match when={props.listed !== undefined && route()} keyed>
          {(shown) => (
            <>
              <div class="mb-4 flex flex-wrap items-center justify-between gap-3 text-table">
                <TargetList route={shown} health={props.health} />
                <Button look="plain" onClick={() => props.onTry(shown.name)}>
                  {t("routes.dryRun")}
                </Button>
              </div>
              <Show when={props.listed && warningsOf(props.listed).length > 0 && props.listed}>
                {(listed) => (
                  <div class="mb-4">
                    <RouteWarnings route={listed()} />
                  </div>
                )}
              </Show>
              <Show when={can("routes:write")}>
                <RouteForm route={shown} organization={shown.organization_id} onUnsaved={setUnsaved} onDone={done} />
              </Show>
              <Show when={can("audit:read")}>
                <h3 class="caps mt-8 mb-1">{t("routes.history")}</h3>
                <RouteHistory route={shown} mayChange={can("routes:write")} onDone={done} />
              </Show>
            </>
          )}
        </Match>
      </Switch>
      <LeaveGuard unsaved={unsaved()}>{t("routes.unsaved")}</LeaveGuard>
    </Dialog>
  );
}
