import { useMutation, useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { usePages } from "../../api/use-pages.ts";
import type { Column } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { useOrganizations } from "../../components/organization-select.tsx";
import { exactTime, relativeTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { say } from "../../ui/toast.tsx";
import { RoleMatrix } from "./role-matrix.tsx";

type InviteRow = InferResponseType<typeof api.invites.$get>["data"][number];

const TONES = { open: "info", accepted: "ok", expired: "warn", revoked: "plain" } as const;

/** Who was asked to join, and what became of it. */
export function Invites(props: { onInvite: () => void }) {
  const { can } = useAccount();
  const client = useQueryClient();
  const organizations = useOrganizations();
  const [sort, setSort] = useParam("sort", "-created_at");
  const order = () => (/^-?(created_at|expires_at|email)$/.test(sort()) ? sort() : "-created_at") as "-created_at";
  const list = usePages(() => ({
    key: ["invites", order()],
    read: (cursor, init) => ask(api.invites.$get({ query: { sort: order(), ...cursor } }, init)),
  }));
  const revoke = useMutation(() => ({
    mutationFn: (row: InviteRow) => ask(api.invites[":id"].$delete({ param: { id: row.id } })),
    onSuccess: (row) => say(t("members.inviteRevoked", { email: row.email })),
    onError: (thrown) => say(asFailure(thrown).message),
    onSettled: () => client.invalidateQueries({ queryKey: ["invites"] }),
  }));
  const columns: readonly Column<InviteRow>[] = [
    { id: "email", name: () => t("members.email"), sort: "email", cell: (row) => row.email },
    { id: "role", name: () => t("members.roles"), cell: (row) => t(`members.role.${row.role}`) },
    {
      id: "organization",
      name: () => t("common.organization"),
      priority: 2,
      cell: (row) => organizations.data?.data.find(({ id }) => id === row.organization_id)?.name ?? row.organization_id,
    },
    {
      id: "status",
      name: () => t("members.status"),
      cell: (row) => <Chip tone={TONES[row.status]}>{t(`members.inviteStates.${row.status}`)}</Chip>,
    },
    {
      id: "expires",
      name: () => t("members.expires"),
      sort: "expires_at",
      priority: 2,
      cell: (row) => (
        <time datetime={row.expires_at} title={exactTime(row.expires_at)}>
          {relativeTime(row.expires_at, Date.now())}
        </time>
      ),
    },
    {
      id: "act",
      name: () => t("common.actions"),
      priority: 1,
      numeric: true,
      cell: (row) => (
        <Show when={row.status === "open" && can("invites:write")}>
          <Button look="quiet" disabled={revoke.isPending} onClick={() => revoke.mutate(row)}>
            {t("members.revokeInvite")}
            <span class="sr-only">{row.email}</span>
          </Button>
        </Show>
      ),
    },
  ];
  return (
    <>
      <ListPanel
        title={t("members.invites")}
        hideTitle
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        sort={order()}
        onSort={setSort}
        skeletonRows={6}
        empty={
          <Empty title={t("members.noInvites")}>
            <Show when={can("invites:write")}>
              <Button look="primary" onClick={() => props.onInvite()}>
                {t("members.invite")}
              </Button>
            </Show>
          </Empty>
        }
      />
      <Show when={!list.query.isPending}>
        <RoleMatrix />
      </Show>
    </>
  );
}
