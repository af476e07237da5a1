import { A } from "@solidjs/router";
import { createEffect, createUniqueId, type JSX, on, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { RequestDetail } from "../../api/requests.ts";
import { useQuery } from "../../api/use-query.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Outcome } from "../../components/request-cells.tsx";
import { exactTime } from "../../format/time.ts";
import { announce } from "../../state/announce.ts";
import { useVisited } from "../../state/recent.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import type { LogFilters } from "./log-filters.ts";
import { Attempts } from "./record-attempts.tsx";
import { CostArithmetic } from "./record-cost.tsx";
import { RecordActions, RecordFacts } from "./record-facts.tsx";
import { RecordRaw } from "./record-raw.tsx";
import { buttonOfRow } from "./row-button.ts";

interface RecordProps {
  id: string;
  filters: LogFilters;
  /** Beside the list on a wide screen, over it on a narrow one. */
  isBeside: boolean;
  onClose: () => void;
  onStep: (by: 1 | -1) => void;
}

/** Everything that is known of one request. Nothing is asked until it is open, and no text: the gateway keeps none. */
export function RequestRecord(props: RecordProps) {
  const detail = useQuery(() => ({
    queryKey: ["request", props.id],
    staleTime: 60_000,
    // The one before is another request: it must not stand under this one's id.
    placeholderData: undefined,
    queryFn: ({ signal }) => ask(api.requests[":id"].$get({ param: { id: props.id } }, { init: { signal } })),
  }));
  createEffect(
    on(
      () => detail.data,
      (data) => data && announce(t("logs.record.opened", { model: data.requested_model, status: data.status })),
    ),
  );
  useVisited(() => {
    const shown = detail.data;
    const label = shown && `${shown.requested_model} · ${shown.status} · …${shown.id.slice(-6)}`;
    return shown && label ? { path: `/logs?id=${shown.id}`, label } : undefined;
  });
  const body = () => (
    <>
      <Show when={detail.error}>
        {(error) => (
          <>
            <FailureNote failure={asFailure(error())} onRetry={() => void detail.refetch()} />
            <Show when={asFailure(error()).kind === "not_found"}>
              <A href={`/refused?from=-30d&q=${props.id}&id=${props.id}`} class="text-accent underline">
                {t("logs.wasRefused")}
              </A>
            </Show>
          </>
        )}
      </Show>
      <Show when={detail.data} fallback={<Show when={!detail.error}>{<RowsSkeleton rows={14} />}</Show>}>
        {(data) => <Sections detail={data()} filters={props.filters} />}
      </Show>
    </>
  );
  const title = () => detail.data?.requested_model ?? t("logs.record.title");

  return (
    <Show
      when={props.isBeside}
      fallback={
        <Over title={title()} {...props}>
          {body()}
        </Over>
      }
    >
      <Beside title={title()} {...props}>
        {body()}
      </Beside>
    </Show>
  );
}

/** To the requests before and after, and this one's id. */
const Steps = (props: { id: string; onStep: (by: 1 | -1) => void }) => (
  <div class="flex flex-wrap items-center gap-1">
    <Button look="quiet" title="k" onClick={() => props.onStep(-1)}>
      <span aria-hidden="true">↑</span>
      <span class="sr-only">{t("logs.previous")}</span>
    </Button>
    <Button look="quiet" title="j" onClick={() => props.onStep(1)}>
      <span aria-hidden="true">↓</span>
      <span class="sr-only">{t("logs.next")}</span>
    </Button>
    <CopyButton text={props.id} what={t("logs.record.id")} />
  </div>
);

/** Over the list, which cannot be used meanwhile: the keys that go from one request to the next are the record's own. */
function Over(props: RecordProps & { title: string; children: JSX.Element }) {
  let last = props.id;
  createEffect(() => {
    last = props.id || last;
  });
  useShortcuts([
    { keys: "j", label: () => t("logs.next"), run: () => props.onStep(1), listed: false, inDialog: true },
    { keys: "k", label: () => t("logs.previous"), run: () => props.onStep(-1), listed: false, inDialog: true },
  ]);
  return (
    <Dialog
      look="drawer"
      open
      onClose={props.onClose}
      title={props.title}
      oneLine
      description={props.id}
      finalFocus={() => buttonOfRow(last)}
    >
      <Steps onStep={props.onStep} id={props.id} />
      {props.children}
    </Dialog>
  );
}

/** A landmark of its own beside the list: both can be used. */
function Beside(props: RecordProps & { title: string; children: JSX.Element }) {
  const heading = createUniqueId();
  return (
    <aside
      aria-labelledby={heading}
      class="ledger sticky top-14 flex max-h-[calc(100dvh-4rem)] min-w-0 flex-col border-l border-rule bg-surface"
    >
      <div class="flex items-start gap-2 px-4 pt-3">
        <div class="min-w-0 flex-1">
          <h2 id={heading} class="truncate text-h2 font-[650]" title={props.title}>
            {props.title}
          </h2>
          <p class="font-mono text-meta break-all text-ink-3">{props.id}</p>
        </div>
        <Button look="quiet" title="Esc" class="-mr-2" onClick={() => props.onClose()}>
          {t("common.close")}
        </Button>
      </div>
      <div class="-ml-2.5 px-4 pb-1">
        <Steps id={props.id} onStep={props.onStep} />
      </div>
      <section
        aria-label={t("logs.record.title")}
        class="min-h-0 flex-1 overflow-y-auto overscroll-contain border-t border-rule px-4 pt-3 pb-6"
        // Longer than the screen: the keyboard scrolls it.
        tabindex="0"
      >
        {props.children}
      </section>
    </aside>
  );
}

const Sections = (props: { detail: RequestDetail; filters: LogFilters }) => (
  <>
    <div class="flex flex-wrap items-center justify-between gap-2 pb-3">
      <Outcome request={props.detail} />
      <time datetime={props.detail.created_at} class="text-meta text-ink-3">
        {exactTime(props.detail.created_at)}
      </time>
    </div>
    <RecordActions detail={props.detail} />
    <Attempts detail={props.detail} />
    <CostArithmetic detail={props.detail} />
    <RecordFacts detail={props.detail} filters={props.filters} />
    <RecordRaw detail={props.detail} />
  </>
);
