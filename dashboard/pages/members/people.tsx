import type { InferResponseType } from "hono/client";
import { createMemo, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { usePages } from "../../api/use-pages.ts";
import type { Column } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { BranchFilter, ChoiceFilter, FilterInput } from "../../components/filter-input.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { money } from "../../format/numbers.ts";
import { exactTime, relativeTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useChoice, useParam } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { ROLES } from "./capabilities.ts";
import { RoleMatrix } from "./role-matrix.tsx";

/** Somebody with a role, as the list has them. */
type MemberRow = InferResponseType<typeof api.members.$get>["data"][number];

const columns: readonly Column<MemberRow>[] = [
  {
    id: "name",
    name: () => t("members.name"),
    sort: "name",
    cell: (row) => <span class="block max-w-56 truncate">{row.name}</span>,
  },
  { id: "email", name: () => t("members.email"), sort: "email", priority: 2, cell: (row) => row.email },
  {
    id: "roles",
    name: () => t("members.roles"),
    cell: (row) => (
      <span class="flex flex-wrap gap-1">
        <For each={row.roles}>
          {(one) => (
            <Chip tone={one.inherited ? "plain" : "info"} title={one.inherited ? t("members.inherited") : undefined}>
              {one.organization_name}: {t(`members.role.${one.role}`)}
            </Chip>
          )}
        </For>
      </span>
    ),
  },
  {
    id: "status",
    name: () => t("members.status"),
    priority: 2,
    cell: (row) => <Chip tone={row.status === "active" ? "ok" : "plain"}>{t(`members.states.${row.status}`)}</Chip>,
  },
  {
    id: "second_factor",
    name: () => t("members.secondFactor"),
    priority: 2,
    cell: (row) => (
      <Show when={row.two_factor} fallback={<span class="text-ink-3">{t("members.factorOff")}</span>}>
        <Chip tone="ok">{t("members.factorOn")}</Chip>
      </Show>
    ),
  },
  {
    id: "seen",
    name: () => t("members.lastSeen"),
    priority: 2,
    sort: "last_seen_at",
    cell: (row) => (
      <Show when={row.last_seen_at} fallback={<span class="text-ink-3">{t("members.never")}</span>}>
        {(at) => (
          <time datetime={at()} title={exactTime(at())} class="whitespace-nowrap">
            {relativeTime(at(), Date.now())}
          </time>
        )}
      </Show>
    ),
  },
  {
    id: "spend",
    name: () => t("members.spend30"),
    priority: 2,
    numeric: true,
    sort: "cost",
    cell: (row) => (
      <Show when={row.figures} fallback="—">
        {(figures) => <span title={`$${figures().cost_usd}`}>{money(figures().cost_usd)}</span>}
      </Show>
    ),
  },
];

const STATUSES = ["any", "active", "inactive"] as const;
const ROLE_CHOICES = ["any", ...ROLES] as const;

/** Everybody with a role in the reader's organizations. */
export function People(props: { openId: string; onOpen: (id: string) => void; onInvite: () => void }) {
  const { can } = useAccount();
  const [q, setQ] = useParam("q");
  const [organization, setOrganization] = useParam("org");
  const [role, setRole] = useChoice("role", ROLE_CHOICES);
  const [status, setStatus] = useChoice("status", STATUSES);
  const [sort, setSort] = useParam("sort", "name");
  const query = createMemo(() => {
    const [wantedRole, wantedStatus] = [role(), status()];
    return {
      sort: sort() as "name",
      figures: "true" as const,
      ...(q() ? { q: q() } : {}),
      ...(organization() ? { organization: organization() } : {}),
      ...(wantedRole === "any" ? {} : { role: wantedRole }),
      ...(wantedStatus === "any" ? {} : { status: wantedStatus }),
    };
  });
  const list = usePages(() => ({
    key: ["members", "list", query()],
    read: (cursor, init) => ask(api.members.$get({ query: { ...query(), ...cursor } }, init)),
  }));
  const clear = () => {
    setQ("");
    setOrganization("");
    setRole("any");
    setStatus("any");
  };
  return (
    <>
      <div class="mb-4 flex flex-wrap gap-2">
        <FilterInput label={t("members.search")} value={q()} onChange={setQ} main />
        <BranchFilter value={organization()} onChange={setOrganization} />
        <ChoiceFilter
          label={t("members.roles")}
          choices={ROLE_CHOICES}
          nameOf={(value) => t(`members.role.${value}`)}
          value={role()}
          onChange={setRole}
        />
        <ChoiceFilter
          label={t("members.status")}
          choices={STATUSES}
          nameOf={(value) => t(`members.states.${value}`)}
          value={status()}
          onChange={setStatus}
        />
      </div>
      <ListPanel
        title={t("members.people")}
        hideTitle
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        openId={props.openId}
        onOpen={(row) => props.onOpen(row.id)}
        sort={sort()}
        onSort={setSort}
        skeletonRows={10}
        narrowed={Boolean(q() || organization() || role() !== "any" || status() !== "any")}
        onClear={clear}
        empty={
          <Empty title={t("members.empty")}>
            <Show when={can("invites:write")}>
              <Button look="primary" onClick={() => props.onInvite()}>
                {t("members.invite")}
              </Button>
            </Show>
          </Empty>
        }
      />
      <Show when={!list.query.isPending}>
        <RoleMatrix class="mt-10 max-w-3xl" />
      </Show>
    </>
  );
}
