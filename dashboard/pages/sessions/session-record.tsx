import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { count, duration, percent } from "../../format/numbers.ts";
import { exactTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { lengthOf, type SessionRow } from "./session-row.ts";

/** A moment after the last request began: what a period ends with is not in it. */
const after = (iso: string): string => new Date(Date.parse(iso) + 1).toISOString();

/** One session: what it cost by model, with which keys, and the way to its requests. */
export function SessionRecord(props: { session: SessionRow | undefined; onClose: () => void }) {
  return (
    <Dialog
      look="drawer"
      open={props.session !== undefined}
      onClose={props.onClose}
      title={props.session?.id ?? ""}
      description={props.session && plural("sessions.requests", Number(props.session.requests))}
    >
      <Show when={props.session}>{(session) => <Facts session={session()} />}</Show>
    </Dialog>
  );
}

function Facts(props: { session: SessionRow }) {
  const session = () => props.session;
  const link = () =>
    `/logs?${new URLSearchParams({
      session: session().id,
      from: session().first_request_at,
      to: after(session().last_request_at),
    })}`;
  const facts = (): [name: string, value: JSX.Element][] => [
    [t("sessions.first"), exactTime(session().first_request_at)],
    [t("sessions.columns.last"), exactTime(session().last_request_at)],
    [t("sessions.columns.length"), duration(lengthOf(session()))],
    [
      t("sessions.average"),
      session().duration_ms_average === null ? "—" : duration(session().duration_ms_average ?? 0),
    ],
    [
      t("sessions.columns.errors"),
      `${count(session().errors)}${session().error_rate === null ? "" : ` (${percent(session().error_rate)})`}`,
    ],
    [t("sessions.input"), count(session().tokens.input_uncached)],
    [t("sessions.cacheRead"), count(session().tokens.cache_read)],
    [t("sessions.cacheWrite"), count(session().tokens.cache_write)],
    [t("sessions.columns.cache"), percent(session().cache_share)],
    [t("sessions.output"), count(session().tokens.output)],
    [t("sessions.reasoning"), count(session().tokens.reasoning)],
  ];
  return (
    <>
      <A
        class="inline-flex min-h-8 items-center rounded-control bg-accent px-4 text-table font-medium text-on-accent pointer-coarse:min-h-11"
        href={link()}
      >
        {t("sessions.open")}
      </A>
      <h3 class="caps mt-5">{t("sessions.byModel")}</h3>
      <table class="mt-1 w-full text-table">
        <tbody>
          <For each={session().models}>
            {(model) => (
              <tr class="border-b border-rule">
                <th scope="row" class="py-1.5 pr-3 text-left font-normal break-all">
                  {model.model}
                </th>
                <td class="py-1.5 pr-3 text-right whitespace-nowrap text-ink-2">
                  {plural("sessions.requests", model.requests)}
                </td>
                <td class="py-1.5 text-right whitespace-nowrap">${model.cost_usd}</td>
              </tr>
            )}
          </For>
        </tbody>
        <tfoot>
          <tr class="font-semibold">
            <th scope="row" class="py-1.5 text-left">
              {t("sessions.columns.cost")}
            </th>
            <td />
            <td class="py-1.5 text-right">${session().cost_usd}</td>
          </tr>
        </tfoot>
      </table>
      <Show when={Number(session().estimated) > 0}>
        <p class="mt-1 text-meta text-ink-3">{plural("sessions.estimated", Number(session().estimated))}</p>
      </Show>
      <h3 class="caps mt-5">{t("sessions.figures")}</h3>
      <dl class="mt-1 grid grid-cols-[11rem_minmax(0,1fr)] gap-x-3 gap-y-1 text-table">
        <For each={facts()}>
          {([name, value]) => (
            <>
              <dt class="text-ink-3">{name}</dt>
              <dd>{value}</dd>
            </>
          )}
        </For>
      </dl>
      <h3 class="caps mt-5">{t("sessions.keys")}</h3>
      <ul class="mt-1 space-y-1 text-table">
        <For each={session().keys}>
          {(key) => (
            <li class="flex flex-wrap justify-between gap-x-3">
              <A
                class="underline decoration-edge underline-offset-2 hover:decoration-accent"
                href={`/keys?id=${key.key_id}`}
              >
                {key.key_name ?? key.key_id}
              </A>
              <span class="text-ink-3">{key.member_name ?? key.organization_name ?? key.organization_id}</span>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}
