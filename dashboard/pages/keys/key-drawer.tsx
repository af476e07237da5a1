import { createSignal, lazy, Match, Show, Suspense, Switch } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { History } from "../../components/history.tsx";
import { LimitsAbove } from "../../components/limits-above.tsx";
import { NewLimit } from "../../components/new-limit.tsx";
import { useAccount } from "../../state/account.tsx";
import { useChoice } from "../../state/address.ts";
import { useVisited } from "../../state/recent.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { EditKey } from "./edit-key.tsx";
import { KeyActions, useMayChange } from "./key-actions.tsx";
import type { ChangedKey, KeyRow } from "./key-query.ts";
import { KeyUsage } from "./key-usage.tsx";

const KeyLogs = lazy(async () => ({ default: (await import("./key-logs.tsx")).KeyLogs }));

const TABS = ["usage", "terms", "limits", "logs", "history"] as const;

/** One key: what it used, what it may do, its limits, what it asked last, and what was done to it. */
export function KeyDrawer(props: {
  id: string;
  /** Opened to give the key another text. */
  rotating: boolean;
  onClose: () => void;
  onText: (key: ChangedKey, text: string) => void;
}) {
  const { account, can } = useAccount();
  const mayChange = useMayChange();
  const [tab, setTab] = useChoice("tab", TABS);
  const query = useQuery(() => ({
    queryKey: ["keys", "one", props.id],
    enabled: props.id !== "",
    placeholderData: undefined,
    queryFn: ({ signal }) =>
      ask(api.keys[":id"].$get({ param: { id: props.id }, query: { figures: "true" } }, { init: { signal } })),
  }));
  const key = () => (query.data?.id === props.id ? query.data : undefined);
  useVisited(() => {
    const shown = key();
    return shown && { path: `/keys?state=any&id=${shown.id}`, label: shown.name };
  });

  const tabs = (shown: () => KeyRow) =>
    [
      { id: "usage", name: t("keys.tabs.usage"), content: () => <KeyUsage apiKey={shown()} /> },
      ...(mayChange(shown()) && shown().status !== "revoked"
        ? [{ id: "terms", name: t("keys.tabs.terms"), content: () => <EditKey apiKey={shown()} /> }]
        : []),
      { id: "limits", name: t("keys.tabs.limits"), content: () => <KeyLimits id={shown().id} /> },
      // Whoever sees their own requests only has none of another's key.
      ...(can("requests:read") || shown().owner === `user:${account().user.id}`
        ? [
            {
              id: "logs",
              name: t("keys.tabs.logs"),
              content: () => (
                <Suspense fallback={<RowsSkeleton rows={10} />}>
                  <KeyLogs id={shown().id} />
                </Suspense>
              ),
            },
          ]
        : []),
      ...(can("audit:read")
        ? [{ id: "history", name: t("keys.tabs.history"), content: () => <History target={shown().id} /> }]
        : []),
    ] as const;

  return (
    <Dialog
      look="drawer"
      open={props.id !== ""}
      onClose={props.onClose}
      title={key()?.name ?? props.id}
      description={key() ? `${key()?.hint} · ${key()?.organization_name}` : undefined}
    >
      <Switch fallback={<RowsSkeleton rows={10} />}>
        <Match when={query.error && !key() && asFailure(query.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        <Match when={key()}>
          {(shown) => (
            <>
              <KeyActions apiKey={shown()} rotating={props.rotating} onText={props.onText} />
              <Show when={shown().id} keyed>
                <Tabs
                  label={t("keys.tabs.label")}
                  tabs={tabs(shown)}
                  value={tab()}
                  onChange={(id) => setTab(id as (typeof TABS)[number])}
                />
              </Show>
            </>
          )}
        </Match>
      </Switch>
    </Dialog>
  );
}

function KeyLimits(props: { id: string }) {
  const { can } = useAccount();
  const [adding, setAdding] = createSignal(false);
  return (
    <>
      <p class="mb-3 text-ink-2">{t("keys.limitsLead")}</p>
      <div class="mb-3 flex flex-wrap gap-3">
        <Show when={can("limits:write")}>
          <Button look="plain" onClick={() => setAdding(true)}>
            {t("keys.addLimit")}
          </Button>
        </Show>
        <a class="self-center underline decoration-edge underline-offset-4 hover:decoration-ink" href="/budgets">
          {t("keys.openBudgets")}
        </a>
      </div>
      <LimitsAbove keyId={props.id} />
      <NewLimit open={adding()} onClose={() => setAdding(false)} node={{ key_id: props.id }} />
    </>
  );
}
