import { createMemo, createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import type { BranchStanding } from "../../api/limits.ts";
import { METRICS } from "../../api/limits.ts";
import { usePages } from "../../api/use-pages.ts";
import { Empty } from "../../components/empty.tsx";
import { FilterInput } from "../../components/filter-input.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { OrganizationOptions } from "../../components/organization-select.tsx";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { useChoice, useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { plural, t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { budgetColumns } from "./budget-columns.tsx";
import { CreateLimit } from "./create-limit.tsx";
import { LimitDrawer } from "./limit-drawer.tsx";

const LEVELS = ["any", "ok", "near", "over"] as const;
const KINDS = ["any", "budget", "rate"] as const;
const NODES = ["any", "organization", "key"] as const;
const METRIC_CHOICES = ["any", ...METRICS] as const;

/** Every cap of the reader's branch against what is used, the nearest to its amount first. */
export function BudgetsPage() {
  const { account, can } = useAccount();
  const [q, setQ] = useParam("q");
  const [organization, setOrganization] = useParam("org");
  const [level, setLevel] = useChoice("level", LEVELS);
  const [kind, setKind] = useChoice("kind", KINDS);
  const [node, setNode] = useChoice("node", NODES);
  const [metric, setMetric] = useChoice("metric", METRIC_CHOICES);
  const [sort, setSort] = useParam("sort", "-percent_used");
  const [open, setOpen] = useParam("id");
  const [creating, setCreating] = createSignal(false);

  const query = createMemo(() => {
    const chosen = { level: level(), kind: kind(), node: node(), metric: metric() };
    return {
      sort: sort() as "-percent_used",
      ...(q() ? { q: q() } : {}),
      ...(organization() ? { organization: organization() } : {}),
      ...(Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== "any")) as {
        level?: "near";
        kind?: "budget";
        node?: "key";
        metric?: "cost";
      }),
    };
  });
  const list = usePages(() => ({
    key: ["limits", "standings", query()],
    read: (cursor, init) => ask(api.limits.standings.$get({ query: { ...query(), ...cursor } }, init)),
  }));
  const rows = () => list.rows() as BranchStanding[];
  const narrowed = () => Object.keys(query()).length > 1;
  const clear = () => {
    setQ("");
    setOrganization("");
    setLevel("any");
    setKind("any");
    setNode("any");
    setMetric("any");
  };
  const mayChange = () => can("limits:write");
  useShortcuts(
    mayChange() ? [{ keys: "c", label: () => t("common.limits.create"), run: () => setCreating(true) }] : [],
  );

  return (
    <Page
      title={t("budgets.title")}
      lead={t("budgets.lead")}
      actions={
        <Show when={mayChange()}>
          <Button look="primary" onClick={() => setCreating(true)}>
            {t("common.limits.create")}
          </Button>
        </Show>
      }
    >
      <div class="mb-4 flex flex-wrap gap-2">
        <FilterInput label={t("budgets.search")} value={q()} onChange={setQ} main />
        <BarSelect
          label={t("common.organization")}
          value={organization()}
          onChange={(event) => setOrganization(event.currentTarget.value)}
        >
          <option value="">{t("shell.scope.everything", { organization: account().organization.name })}</option>
          <OrganizationOptions selected={organization()} />
        </BarSelect>
        <BarSelect
          label={t("budgets.state")}
          value={level()}
          onChange={(event) => setLevel(event.currentTarget.value as (typeof LEVELS)[number])}
        >
          <For each={LEVELS}>{(value) => <option value={value}>{t(`budgets.levels.${value}`)}</option>}</For>
        </BarSelect>
        <BarSelect
          label={t("budgets.kind")}
          value={kind()}
          onChange={(event) => setKind(event.currentTarget.value as (typeof KINDS)[number])}
        >
          <For each={KINDS}>{(value) => <option value={value}>{t(`budgets.kinds.${value}`)}</option>}</For>
        </BarSelect>
        <BarSelect
          label={t("budgets.subject")}
          value={node()}
          onChange={(event) => setNode(event.currentTarget.value as (typeof NODES)[number])}
        >
          <For each={NODES}>{(value) => <option value={value}>{t(`budgets.nodes.${value}`)}</option>}</For>
        </BarSelect>
        <BarSelect
          label={t("common.limits.metric")}
          value={metric()}
          onChange={(event) => setMetric(event.currentTarget.value as (typeof METRIC_CHOICES)[number])}
        >
          <For each={METRIC_CHOICES}>
            {(value) => (
              <option value={value}>
                {value === "any" ? t("budgets.anyMetric") : t(`common.limits.metrics.${value}`)}
              </option>
            )}
          </For>
        </BarSelect>
      </div>
      <ListPanel
        title={t("budgets.title")}
        hideTitle
        aside={
          <Show when={list.first()}>
            {(page) => <span class="text-meta text-ink-3">{plural("budgets.total", page().total)}</span>}
          </Show>
        }
        list={{ ...list, rows }}
        columns={budgetColumns}
        rowId={(row) => row.limit_id}
        openId={open()}
        onOpen={(row) => setOpen(row.limit_id)}
        sort={sort()}
        onSort={setSort}
        skeletonRows={8}
        narrowed={narrowed()}
        onClear={clear}
        empty={
          <Empty title={t("budgets.empty")} hint={t("budgets.emptyHint")}>
            <Show when={mayChange()}>
              <Button look="primary" onClick={() => setCreating(true)}>
                {t("common.limits.create")}
              </Button>
            </Show>
          </Empty>
        }
      />
      <p class="mt-6 text-ink-2">
        {t("budgets.alerts")}{" "}
        <a class="underline decoration-edge underline-offset-4 hover:decoration-ink" href="/settings/webhooks">
          {t("budgets.openWebhooks")}
        </a>
      </p>
      <CreateLimit open={creating()} organization={organization()} onClose={() => setCreating(false)} />
      <LimitDrawer
        id={open()}
        standing={rows().find(({ limit_id }) => limit_id === open())}
        onClose={() => setOpen("")}
      />
    </Page>
  );
}
