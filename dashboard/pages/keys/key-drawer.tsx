import { createSignal, type JSX, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { History } from "../../components/history.tsx";
import { LimitsAbove } from "../../components/limits-above.tsx";
import { NewLimit } from "../../components/new-limit.tsx";
import { count, money, percent } from "../../format/numbers.ts";
import { exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useChoice } from "../../state/address.ts";
import { useVisited } from "../../state/recent.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { EditKey } from "./edit-key.tsx";
import { EndOverlap, KeyActions, useMayChange } from "./key-actions.tsx";
import { KeyState, Moment } from "./key-columns.tsx";
import type { ChangedKey, KeyRow } from "./key-query.ts";

const TABS = ["usage", "terms", "limits", "history"] as const;

/** One key: what it used, what it may do, its limits, and what was done to it. */
export function KeyDrawer(props: {
  id: string;
  /** Opened to give the key another text. */
  rotating: boolean;
  onClose: () => void;
  onText: (key: ChangedKey, text: string) => void;
}) {
  const { can } = useAccount();
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

function Fact(props: { name: string; children: JSX.Element }) {
  return (
    <div class="border-b border-rule py-2">
      <dt class="caps">{props.name}</dt>
      <dd class="break-words">{props.children}</dd>
    </div>
  );
}

const link = "underline decoration-edge underline-offset-4 hover:decoration-ink";

function KeyUsage(props: { apiKey: KeyRow }) {
  const failed = () => {
    const { requests = 0, errors = 0 } = props.apiKey.figures ?? {};
    return Number(requests) === 0 ? null : Number(errors) / Number(requests);
  };
  return (
    <>
      <Show when={props.apiKey.figures}>
        {(figures) => (
          <dl class="ledger grid grid-cols-3 gap-x-4 pt-2">
            <div>
              <dt class="caps">{t("keys.spend30")}</dt>
              <dd class="text-figure font-[650]" title={`$${figures().cost_usd}`}>
                {money(figures().cost_usd)}
              </dd>
            </div>
            <div>
              <dt class="caps">{t("keys.requests30")}</dt>
              <dd class="text-figure font-[650]">{count(figures().requests)}</dd>
            </div>
            <div>
              <dt class="caps">{t("keys.errors30")}</dt>
              <dd class="text-figure font-[650]">{percent(failed())}</dd>
            </div>
          </dl>
        )}
      </Show>
      <p class="mt-3 flex gap-4">
        <a class={link} href={`/usage?key=${props.apiKey.id}`}>
          {t("keys.openUsage")}
        </a>
        <a class={link} href={`/logs?key=${props.apiKey.id}`}>
          {t("keys.openLogs")}
        </a>
      </p>
      <dl class="mt-4">
        <Fact name={t("keys.state")}>
          <KeyState apiKey={props.apiKey} />
        </Fact>
        <Fact name={t("keys.lastUsed")}>
          <Moment at={props.apiKey.last_used_at} never={t("keys.never")} />
        </Fact>
        <Fact name={t("keys.expires")}>
          {props.apiKey.expires_at ? exactTime(props.apiKey.expires_at) : t("keys.never")}
        </Fact>
        <Fact name={t("keys.models")}>{props.apiKey.models?.join(", ") ?? t("keys.everyModel")}</Fact>
        <Fact name={t("keys.tags")}>{props.apiKey.tags.join(", ") || "—"}</Fact>
        <Fact name={t("keys.id")}>
          <span class="font-mono text-table">{props.apiKey.id}</span>
        </Fact>
        {/* Last, for it comes and goes. */}
        <Show when={props.apiKey.previous}>
          {(previous) => (
            <Fact name={t("keys.previous")}>
              <span class="flex flex-wrap items-center justify-between gap-3">
                {t("keys.previousUntil", { hint: previous().hint ?? "", time: exactTime(previous().expires_at) })}
                <EndOverlap apiKey={props.apiKey} />
              </span>
            </Fact>
          )}
        </Show>
      </dl>
    </>
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
        <a class={`self-center ${link}`} href="/budgets">
          {t("keys.openBudgets")}
        </a>
      </div>
      <LimitsAbove keyId={props.id} />
      <NewLimit open={adding()} onClose={() => setAdding(false)} node={{ key_id: props.id }} />
    </>
  );
}
