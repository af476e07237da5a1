import { useMutation, useQueryClient } from "@tanstack/solid-query";
import type { InferResponseType } from "hono/client";
import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { usePages } from "../../api/use-pages.ts";
import { Confirm } from "../../components/confirm.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Empty } from "../../components/empty.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { ListPanel } from "../../components/list-panel.tsx";
import { Section } from "../../components/section.tsx";
import { count } from "../../format/numbers.ts";
import { dateAndTime, exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam } from "../../state/address.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";

type Comparison = InferResponseType<typeof api.reconciliations.$get>["data"][number];

const TONES = { agree: "ok", differ: "bad", skipped: "warn" } as const;

const columns: readonly Column<Comparison>[] = [
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
    cell: (row) => <Chip tone={TONES[row.outcome]}>{t(`settings.books.outcomes.${row.outcome}`)}</Chip>,
  },
  {
    id: "compared",
    name: () => t("settings.books.compared"),
    numeric: true,
    priority: 2,
    cell: (row) => count(row.compared),
  },
  {
    id: "differences",
    name: () => t("settings.books.differences"),
    numeric: true,
    cell: (row) => count(row.differences.length),
  },
];

/** How Ledger, requests and hourly sums were held against each other; a comparison now; and sums made anew. */
export function Books() {
  const { can } = useAccount();
  const client = useQueryClient();
  const [open, setOpen] = useParam("id");
  const list = usePages(() => ({
    key: ["reconciliations"],
    read: (cursor, init) => ask(api.reconciliations.$get({ query: { ...cursor } }, init)),
  }));
  const compare = useMutation(() => ({
    mutationFn: () => ask(api.reconciliations.$post()),
    onSuccess: (found) =>
      say(
        found.outcome === "differ"
          ? plural("settings.books.differ", found.differences.length)
          : t(`settings.books.said.${found.outcome}`),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["reconciliations"] }),
  }));
  const shown = () => list.rows().find(({ id }) => id === open());
  return (
    <>
      <Show when={compare.error}>{(error) => <FailureNote failure={asFailure(error())} />}</Show>
      <ListPanel
        title={t("settings.sections.books")}
        aside={
          <Show when={can("reconciliations:write")}>
            <Button look="plain" disabled={compare.isPending} onClick={() => compare.mutate()}>
              {compare.isPending ? t("settings.books.comparing") : t("settings.books.compare")}
            </Button>
          </Show>
        }
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        openId={open()}
        onOpen={(row) => setOpen(row.id)}
        skeletonRows={5}
        empty={<Empty title={t("settings.books.empty")} hint={t("settings.books.emptyHint")} />}
      />
      <Dialog
        look="drawer"
        open={shown() !== undefined}
        onClose={() => setOpen("")}
        title={t("settings.books.one")}
        description={shown() ? exactTime(shown()?.at ?? "") : undefined}
      >
        <Show
          when={(shown()?.differences.length ?? 0) > 0}
          fallback={<p class="text-ink-2">{t("settings.books.none")}</p>}
        >
          <ul class="border-t border-rule">
            <For each={shown()?.differences}>
              {(difference) => (
                <li class="border-b border-rule py-2 font-mono text-meta break-all">
                  {Object.entries(difference)
                    .map(([name, value]) => `${name}: ${value}`)
                    .join(" · ")}
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Dialog>
      <Show when={can("reconciliations:write") && !list.query.isPending}>
        <Rebuild />
      </Show>
    </>
  );
}

const DAY_MS = 86_400_000;
const day = (before: number) => new Date(Date.now() - before * DAY_MS).toISOString().slice(0, 10);

function Rebuild() {
  const [from, setFrom] = createSignal(day(1));
  const [to, setTo] = createSignal(day(0));
  const [asking, setAsking] = createSignal(false);
  const moment = (text: string) => new Date(`${text}T00:00:00Z`).toISOString();
  return (
    <Section title={t("settings.books.rebuild")} class="mt-10">
      <form
        class="max-w-2xl space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          setAsking(true);
        }}
      >
        <p class="text-ink-2">{t("settings.books.rebuildLead")}</p>
        <div class="grid gap-3 sm:grid-cols-2">
          <TextField
            label={t("settings.books.from")}
            type="date"
            required
            value={from()}
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
          <TextField
            label={t("settings.books.to")}
            type="date"
            required
            hint={t("settings.books.toHint")}
            value={to()}
            onInput={(event) => setTo(event.currentTarget.value)}
          />
        </div>
        <Button look="plain" type="submit">
          {t("settings.books.rebuild")}
        </Button>
      </form>
      <Confirm
        open={asking()}
        onClose={() => setAsking(false)}
        title={t("settings.books.rebuild")}
        action={t("settings.books.rebuild")}
        onConfirm={async () => {
          await ask(api.reconciliations.repair.$post({ json: { from: moment(from()), to: moment(to()) } }));
          say(t("settings.books.rebuilt"));
        }}
      >
        <p>{t("settings.books.rebuildBody", { from: from(), to: to() })}</p>
      </Confirm>
    </Section>
  );
}
