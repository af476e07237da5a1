import { createMemo, createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import type { BranchStanding } from "../../api/limits.ts";
import { METRICS } from "../../api/limits.ts";
import { usePages } from "../../api/use-pages.ts";
import { Empty } from "../../components/empty.tsx";
import { BranchFilter, ChoiceFilter, FilterInput } from "../../components/filter-input.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { Page } from "../../components/page.tsx";
import { useAccount } from "../../state/account.tsx";
import { useChoice, useParam } from "../../state/address.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { plural, t } from "../../text/text.ts";
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
  const { can } = useAccount();
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
      lead={
        <>
          {t("budgets.lead")} {t("budgets.alerts")}{" "}
          <a class="underline decoration-edge underline-offset-4 hover:decoration-ink" href="/settings/webhooks">
            {t("budgets.openWebhooks")}
          </a>
        </>
      }
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
        <BranchFilter value={organization()} onChange={setOrganization} />
        <ChoiceFilter
          label={t("budgets.state")}
          choices={LEVELS}
          nameOf={(value) => t(`budgets.levels.${value}`)}
          value={level()}
          onChange={setLevel}
        />
        <ChoiceFilter
          label={t("budgets.kind")}
          choices={KINDS}
          nameOf={(value) => t(`budgets.kinds.${value}`)}
          value={kind()}
          onChange={setKind}
        />
        <ChoiceFilter
          label={t("budgets.subject")}
          choices={NODES}
          nameOf={(value) => t(`budgets.nodes.${value}`)}
          value={node()}
          onChange={setNode}
        />
        <ChoiceFilter
          label={t("common.limits.metric")}
          choices={METRIC_CHOICES}
          nameOf={(value) => (value === "any" ? t("budgets.anyMetric") : t(`common.limits.metrics.${value}`))}
          value={metric()}
          onChange={setMetric}
        />
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
      <CreateLimit open={creating()} organization={organization()} onClose={() => setCreating(false)} />
      <LimitDrawer
        id={open()}
        standing={rows().find(({ limit_id }) => limit_id === open())}
        onClose={() => setOpen("")}
      />
    </Page>
  );
}
