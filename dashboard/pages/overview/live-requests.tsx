import { For, Show } from "solid-js";
import type { RequestRow } from "../../api/requests.ts";
import type { StatsQuery } from "../../api/stats.ts";
import { Empty } from "../../components/empty.tsx";
import { Panel } from "../../components/panel.tsx";
import { Cost, Outcome, Provider } from "../../components/request-cells.tsx";
import { count, duration } from "../../format/numbers.ts";
import { exactTime, preciseTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { createLatest, createReading } from "./live.ts";

const input = ({ tokens }: RequestRow) => tokens.input_uncached + tokens.cache_read + tokens.cache_write;

/** Heads of the columns, and from which width on they are there. */
const HEADS = [
  ["time", "text-left", ""],
  ["status", "text-left", ""],
  ["model", "text-left", ""],
  ["route", "text-left", "max-xl:hidden"],
  ["provider", "text-left", "max-lg:hidden"],
  ["key", "text-left", "max-lg:hidden"],
  ["input", "text-right", "max-md:hidden"],
  ["output", "text-right", "max-md:hidden"],
  ["cost", "text-right", "max-sm:hidden"],
  ["latency", "text-right", "max-md:hidden"],
  ["ttft", "text-right", "max-xl:hidden"],
] as const;

/** The latest ten, as they are settled; they stay where they are while somebody points at them or has the focus there. */
export function LiveRequests(props: { near: boolean; query: StatsQuery }) {
  const reading = createReading();
  const { query, rows, waiting, came } = createLatest(
    () => props.query,
    reading.isReading,
    () => props.near,
  );
  return (
    <Panel
      title={t("overview.live.title")}
      query={query}
      skeleton={<RowsSkeleton rows={10} />}
      aside={
        <>
          <span class="text-meta text-ink-3">
            {waiting() > 0
              ? plural("overview.live.waiting", waiting())
              : reading.isReading()
                ? t("overview.live.paused")
                : ""}
          </span>
          <a href="/logs" class="text-table underline">
            {t("overview.live.all")}
          </a>
        </>
      }
    >
      {() => (
        <Show when={rows().length > 0} fallback={<Empty title={t("overview.live.empty")} />}>
          <div ref={reading.watch} class="scroll-sideways mt-2">
            <table class="w-full border-collapse text-table">
              <caption class="sr-only">{t("overview.live.title")}</caption>
              <thead>
                <tr class="border-b border-rule">
                  <For each={HEADS}>
                    {([id, side, from]) => (
                      <th
                        scope="col"
                        class={`h-8 px-2 text-meta font-semibold whitespace-nowrap text-ink-3 first:pl-0 last:pr-0 ${side} ${from}`}
                      >
                        {t(`overview.live.columns.${id}`)}
                      </th>
                    )}
                  </For>
                </tr>
              </thead>
              <tbody>
                <For each={rows()}>{(row) => <Row row={row} isNew={came().has(row.id)} />}</For>
              </tbody>
            </table>
          </div>
        </Show>
      )}
    </Panel>
  );
}

function Row(props: { row: RequestRow; isNew: boolean }) {
  const cell = (place: number) => `px-2 whitespace-nowrap ${HEADS[place]?.[1]} ${HEADS[place]?.[2]}`;
  return (
    <tr class={`relative h-8 border-b border-rule hover:bg-sunken ${props.isNew ? "arriving" : ""}`}>
      <td class="pr-2 whitespace-nowrap">
        <a
          href={`/logs?id=${props.row.id}`}
          class="after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          <time datetime={props.row.created_at} title={exactTime(props.row.created_at)}>
            {preciseTime(props.row.created_at)}
          </time>
        </a>
      </td>
      <td class={cell(1)}>
        <Outcome request={props.row} />
      </td>
      <td class="max-w-0 min-w-32 truncate px-2" title={props.row.requested_model}>
        {props.row.requested_model}
      </td>
      <td class={cell(3)}>{props.row.route_name ?? "—"}</td>
      <td class={cell(4)}>
        <Provider request={props.row} />
      </td>
      <td class={`${cell(5)} max-w-40 truncate`}>{props.row.key_name ?? "—"}</td>
      <td class={cell(6)}>{count(input(props.row))}</td>
      <td class={cell(7)}>{count(props.row.tokens.output)}</td>
      <td class={cell(8)}>
        <Cost request={props.row} />
      </td>
      <td class={cell(9)}>{duration(props.row.duration_ms)}</td>
      <td class={`pl-2 whitespace-nowrap text-right ${HEADS[10][2]}`}>
        {props.row.ttft_ms === null ? "—" : duration(props.row.ttft_ms)}
      </td>
    </tr>
  );
}
