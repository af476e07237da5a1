import type { InferResponseType } from "hono/client";
import { Match, Show, Switch } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { History } from "../../components/history.tsx";
import { StandingCell } from "../../components/standing-cell.tsx";
import { count, money } from "../../format/numbers.ts";
import { useAccount } from "../../state/account.tsx";
import { useChoice } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Effective } from "./effective.tsx";
import { OrganizationActions } from "./organization-actions.tsx";
import { RenameOrganization } from "./rename-organization.tsx";

/** An organization as it is asked for by its id. */
export type Organization = InferResponseType<(typeof api.organizations)[":id"]["$get"]>;

const TABS = ["overview", "effective", "history"] as const;

/** One organization: what it comes to, what holds for it and from where, and what was done to it. */
export function OrganizationDrawer(props: {
  id: string;
  onClose: () => void;
  onCreateBelow: (parent: string) => void;
}) {
  const { can } = useAccount();
  const [tab, setTab] = useChoice("tab", TABS);
  const query = useQuery(() => ({
    queryKey: ["organizations", "one", props.id],
    enabled: props.id !== "",
    queryFn: ({ signal }) =>
      ask(api.organizations[":id"].$get({ param: { id: props.id }, query: { figures: "true" } }, { init: { signal } })),
  }));
  const organization = () => (query.data?.id === props.id ? query.data : undefined);
  return (
    <Dialog
      look="drawer"
      open={props.id !== ""}
      onClose={props.onClose}
      title={organization()?.name ?? props.id}
      description={organization()?.id}
    >
      <Switch fallback={<RowsSkeleton rows={10} />}>
        <Match when={query.error && !organization() && asFailure(query.error)}>
          {(failure) => <FailureNote failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        <Match when={organization()}>
          {(shown) => (
            <>
              <Show when={can("organizations:write")}>
                <OrganizationActions
                  organization={shown()}
                  onCreateBelow={() => props.onCreateBelow(shown().id)}
                  onGone={props.onClose}
                />
              </Show>
              <Show when={shown().id} keyed>
                <Tabs
                  label={t("organizations.tabs.label")}
                  value={tab()}
                  onChange={(id) => setTab(id as (typeof TABS)[number])}
                  tabs={[
                    {
                      id: "overview",
                      name: t("organizations.tabs.overview"),
                      content: () => <Overview organization={shown()} />,
                    },
                    {
                      id: "effective",
                      name: t("organizations.tabs.effective"),
                      content: () => <Effective id={shown().id} />,
                    },
                    ...(can("audit:read")
                      ? [
                          {
                            id: "history",
                            name: t("organizations.tabs.history"),
                            content: () => <History target={shown().id} />,
                          },
                        ]
                      : []),
                  ]}
                />
              </Show>
            </>
          )}
        </Match>
      </Switch>
    </Dialog>
  );
}

const link = "underline decoration-edge underline-offset-4 hover:decoration-ink";

function Overview(props: { organization: Organization }) {
  const { can } = useAccount();
  return (
    <>
      <Show when={props.organization.figures}>
        {(figures) => (
          <>
            <dl class="ledger grid grid-cols-3 gap-x-4 pt-2">
              <div>
                <dt class="caps">{t("organizations.spend")}</dt>
                <dd class="text-figure font-[650]" title={`$${figures().month.cost_usd}`}>
                  {money(figures().month.cost_usd)}
                </dd>
              </div>
              <div>
                <dt class="caps">{t("organizations.keys")}</dt>
                <dd class="text-figure font-[650]">{count(figures().keys)}</dd>
              </div>
              <div>
                <dt class="caps">{t("organizations.members")}</dt>
                <dd class="text-figure font-[650]">{count(figures().members)}</dd>
              </div>
            </dl>
            <Show when={figures().limit}>
              <p class="mt-3">
                <StandingCell standing={figures().limit} where />
              </p>
            </Show>
          </>
        )}
      </Show>
      <p class="mt-4 flex flex-wrap gap-4">
        <a class={link} href={`/keys?org=${props.organization.id}`}>
          {t("organizations.openKeys")}
        </a>
        <a class={link} href={`/members?org=${props.organization.id}`}>
          {t("organizations.openMembers")}
        </a>
        <a class={link} href={`/budgets?org=${props.organization.id}`}>
          {t("organizations.openBudgets")}
        </a>
        <a class={link} href={`/usage?org=${props.organization.id}`}>
          {t("organizations.openUsage")}
        </a>
        <a class={link} href={`/settings?org=${props.organization.id}`}>
          {t("organizations.openSettings")}
        </a>
      </p>
      <Show when={can("organizations:write")}>
        <RenameOrganization organization={props.organization} />
      </Show>
    </>
  );
}
