import { useMutation } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createMemo, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { useInfiniteQuery } from "../../api/use-query.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { FilterInput } from "../../components/filter-input.tsx";
import { Page } from "../../components/page.tsx";
import { Panel } from "../../components/panel.tsx";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { useChoice, useParam } from "../../state/address.ts";
import { plural, t } from "../../text/text.ts";
import { BarSelect } from "../../ui/bar-select.tsx";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { AuditRecord } from "./audit-record.tsx";

export type AuditRow = InferResponseType<typeof api.audit.$get>["data"][number];

const RANGES = ["-7d", "-1d", "-30d", "all"] as const;
const DAY_MS = 86_400_000;

/** What something is called, or its id where nobody can say. */
const Called = (props: { name: string | null; id: string }) => (
  <Show when={props.name} fallback={<span class="font-mono text-meta">{props.id}</span>}>
    {(name) => (
      <span class="block max-w-64 truncate max-md:max-w-20" title={props.id}>
        {name()}
      </span>
    )}
  </Show>
);

const columns: readonly Column<AuditRow>[] = [
  {
    id: "at",
    name: () => t("audit.columns.at"),
    cell: (row) => (
      <time datetime={row.at} title={exactTime(row.at)} class="whitespace-nowrap">
        {dateAndTime(row.at)}
      </time>
    ),
  },
  {
    id: "actor",
    name: () => t("audit.columns.actor"),
    cell: (row) => (
      <span class="flex items-center gap-2">
        <Called name={row.actor_name} id={row.actor} />
        <span class="max-md:hidden">
          <Chip tone="plain">{t(`audit.kinds.${row.actor_kind}`)}</Chip>
        </span>
      </span>
    ),
  },
  {
    id: "action",
    name: () => t("audit.columns.action"),
    cell: (row) => <span class="font-mono text-meta">{row.action}</span>,
  },
  {
    id: "target",
    name: () => t("audit.columns.target"),
    priority: 2,
    cell: (row) => <Called name={row.target_name} id={row.target} />,
  },
  {
    id: "organization",
    name: () => t("audit.columns.organization"),
    priority: 3,
    cell: (row) => <Called name={row.organization_name} id={row.organization_id ?? "—"} />,
  },
];

/** Who did what, newest first; a row opens with what was before and after. */
export function AuditPage() {
  const [actor, setActor] = useParam("actor");
  const [action, setAction] = useParam("action");
  const [target, setTarget] = useParam("target");
  const [range, setRange] = useChoice("range", RANGES);
  const [open, setOpen] = useParam("id");
  const filters = createMemo(() => {
    const days = Number(/\d+/.exec(range())?.[0] ?? 0);
    return {
      ...(actor() ? { actor: actor() } : {}),
      ...(action() ? { action: action() } : {}),
      ...(target() ? { target: target() } : {}),
      ...(days > 0 ? { from: new Date(Math.floor(Date.now() / 60_000) * 60_000 - days * DAY_MS).toISOString() } : {}),
    };
  });
  const list = useInfiniteQuery(() => ({
    queryKey: ["audit", filters()],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.audit.$get({ query: { ...filters(), ...(pageParam ? { cursor: pageParam } : {}) } }, { init: { signal } }),
      ),
    getNextPageParam: (last) => last.next_cursor,
  }));
  const rows = createMemo(() => list.data?.pages.flatMap(({ data }) => data) ?? []);
  const narrowed = () => Boolean(actor() || action() || target());
  const clear = () => {
    setActor("");
    setAction("");
    setTarget("");
  };
  const verify = useMutation(() => ({ mutationFn: () => ask(api.audit.verify.$get({ query: {} })) }));

  return (
    <Page
      title={t("audit.title")}
      lead={t("audit.lead")}
      actions={
        <>
          <Button look="plain" disabled={verify.isPending} onClick={() => verify.mutate()}>
            {t("audit.verify")}
          </Button>
          <a
            class="inline-flex min-h-8 items-center rounded-control border border-edge px-3 text-table font-medium hover:bg-sunken pointer-coarse:min-h-11"
            href={`/api/audit/export?${new URLSearchParams(filters())}`}
            download="audit.jsonl"
            target="_self"
          >
            {t("audit.export")}
          </a>
        </>
      }
    >
      <div role="status">
        <Show when={verify.data}>
          {(result) => (
            <p class={`mb-4 font-medium ${result().intact ? "text-ok" : "text-bad"}`}>
              {result().intact
                ? plural("audit.verified", result().rows)
                : t("audit.broken", { row: result().first_broken ?? "?" })}
            </p>
          )}
        </Show>
      </div>
      <Show when={verify.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <div class="mb-4 flex flex-wrap gap-2">
        <BarSelect
          label={t("shell.scope.range")}
          value={range()}
          onChange={(event) => setRange(event.currentTarget.value as (typeof RANGES)[number])}
        >
          <For each={RANGES}>{(value) => <option value={value}>{t(`audit.range.${value}`)}</option>}</For>
        </BarSelect>
        <FilterInput label={t("audit.filters.actor")} value={actor()} onChange={setActor} />
        <FilterInput label={t("audit.filters.action")} value={action()} onChange={setAction} />
        <FilterInput label={t("audit.filters.target")} value={target()} onChange={setTarget} />
      </div>
      <Panel title={t("audit.title")} hideTitle query={list} skeleton={<RowsSkeleton rows={20} />}>
        {() => (
          <Show
            when={rows().length > 0}
            fallback={
              <Empty title={narrowed() ? t("audit.excluded") : t("audit.empty")}>
                <Show
                  when={narrowed()}
                  fallback={
                    <Button look="plain" onClick={() => setRange("all")}>
                      {t("audit.widen")}
                    </Button>
                  }
                >
                  <Button look="plain" onClick={clear}>
                    {t("common.clearFilters")}
                  </Button>
                </Show>
              </Empty>
            }
          >
            <DataTable
              caption={t("audit.title")}
              columns={columns}
              rows={rows()}
              rowId={(row) => String(row.id)}
              openId={open()}
              onOpen={(row) => setOpen(String(row.id))}
              more={
                list.hasNextPage
                  ? { onMore: () => void list.fetchNextPage(), busy: list.isFetchingNextPage }
                  : undefined
              }
            />
          </Show>
        )}
      </Panel>
      <AuditRecord row={rows().find(({ id }) => String(id) === open())} onClose={() => setOpen("")} />
    </Page>
  );
}
