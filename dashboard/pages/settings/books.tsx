import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createMemo, createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { Confirm } from "../../components/confirm.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Panel } from "../../components/panel.tsx";
import { count } from "../../format/numbers.ts";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";

type Reconciliation = InferResponseType<typeof api.reconciliations.$get>["data"][number];

const REPAIR_DAYS = 31;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const TONES = { agree: "ok", differ: "bad", skipped: "warn" } as const;

const columns: readonly Column<Reconciliation>[] = [
  {
    id: "at",
    name: () => t("settings.books.at"),
    cell: (row) => (
      <time datetime={row.at} title={exactTime(row.at)}>
        {dateAndTime(row.at)}
      </time>
    ),
  },
  {
    id: "outcome",
    name: () => t("settings.books.outcome"),
    cell: (row) => <Chip tone={TONES[row.outcome]}>{t(`settings.books.${row.outcome}`)}</Chip>,
  },
  { id: "compared", name: () => t("settings.books.compared"), numeric: true, cell: (row) => count(row.compared) },
  {
    id: "differences",
    name: () => t("settings.books.differences"),
    numeric: true,
    cell: (row) => count(row.differences.length),
  },
];

/** How Ledger, requests and sums were held against each other. */
export function Books() {
  const client = useQueryClient();
  const { can } = useAccount();
  const [open, setOpen] = useParam("id");
  const [repairing, setRepairing] = createSignal(false);
  const list = useInfiniteQuery(() => ({
    queryKey: ["reconciliations"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(api.reconciliations.$get({ query: pageParam ? { cursor: pageParam } : {} }, { init: { signal } })),
    getNextPageParam: (last) => last.next_cursor,
  }));
  const rows = createMemo(() => list.data?.pages.flatMap(({ data }) => data) ?? []);
  const chosen = () => rows().find(({ id }) => id === open());
  const reread = () => client.invalidateQueries({ queryKey: ["reconciliations"] });
  const compare = useMutation(() => ({ mutationFn: () => ask(api.reconciliations.$post()), onSettled: reread }));
  const repair = async () => {
    const until = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    await ask(
      api.reconciliations.repair.$post({
        json: { from: new Date(until - REPAIR_DAYS * DAY_MS).toISOString(), to: new Date(until).toISOString() },
      }),
    );
    say(t("settings.books.repaired"));
    await reread();
  };

  return (
    <Panel
      title={t("settings.books.title")}
      query={list}
      skeleton={<RowsSkeleton rows={8} />}
      aside={
        <Show when={can("reconciliations:write")}>
          <Button look="plain" onClick={() => setRepairing(true)}>
            {t("settings.books.repair")}
          </Button>
          <Button look="primary" disabled={compare.isPending} onClick={() => compare.mutate()}>
            {t("settings.books.now")}
          </Button>
        </Show>
      }
    >
      {() => (
        <>
          <p class="mt-2 max-w-prose text-ink-2">{t("settings.books.lead")}</p>
          <Show when={compare.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
          <Show when={rows().length > 0} fallback={<Empty title={t("settings.books.empty")} />}>
            <DataTable
              caption={t("settings.books.title")}
              columns={columns}
              rows={rows()}
              rowId={(row) => row.id}
              openId={open()}
              onOpen={(row) => setOpen(row.id)}
              more={
                list.hasNextPage
                  ? { onMore: () => void list.fetchNextPage(), busy: list.isFetchingNextPage }
                  : undefined
              }
            />
          </Show>
          <Dialog
            look="drawer"
            open={chosen() !== undefined}
            onClose={() => setOpen("")}
            title={t("settings.books.differences")}
            description={exactTime(chosen()?.at ?? new Date().toISOString())}
          >
            <Show
              when={(chosen()?.differences.length ?? 0) > 0}
              fallback={<p class="text-ink-2">{t("settings.books.none")}</p>}
            >
              <pre class="overflow-x-auto rounded-panel bg-sunken p-3 font-mono text-meta" tabindex="0">
                {chosen()
                  ?.differences.map((difference) => JSON.stringify(difference))
                  .join("\n")}
              </pre>
            </Show>
          </Dialog>
          <Confirm
            open={repairing()}
            onClose={() => setRepairing(false)}
            title={t("settings.books.repairTitle")}
            action={t("settings.books.repair")}
            onConfirm={repair}
          >
            <p>{t("settings.books.repairBody")}</p>
          </Confirm>
        </>
      )}
    </Panel>
  );
}
