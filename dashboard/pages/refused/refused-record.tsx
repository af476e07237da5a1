import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { exactTime } from "../../format/time.ts";
import { plural, t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { type RefusedRow, reason } from "./refused-row.ts";

/** One refused request: what its client was told, and the way to what refused it. */
export function RefusedRecord(props: { row: RefusedRow | undefined; onClose: () => void }) {
  return (
    <Dialog
      look="drawer"
      open={props.row !== undefined}
      onClose={props.onClose}
      title={props.row?.requested_model ?? t("refused.request")}
      oneLine
      description={props.row?.id}
    >
      <Show when={props.row}>{(row) => <Facts row={row()} />}</Show>
    </Dialog>
  );
}

const Way = (props: { href: string; children: JSX.Element }) => (
  <A href={props.href} class="text-accent underline">
    {props.children}
  </A>
);

function Facts(props: { row: RefusedRow }) {
  const row = () => props.row;
  const facts = (): [name: string, value: JSX.Element][] => [
    [t("refused.facts.when"), exactTime(row().created_at)],
    [t("refused.columns.key"), <Way href={`/keys?state=any&id=${row().key_id}`}>{row().key_name ?? row().key_id}</Way>],
    [t("refused.facts.organization"), row().organization_name ?? row().organization_id],
    ...(row().member_id === null
      ? []
      : [[t("refused.facts.member"), row().member_name ?? row().member_email ?? row().member_id] as [string, string]]),
    [t("refused.facts.dialect"), row().dialect],
    ...(row().client === null ? [] : [[t("refused.columns.client"), row().client] as [string, string]]),
    ...(row().param === null ? [] : [[t("refused.facts.field"), row().param] as [string, string]]),
  ];
  return (
    <>
      <p class="flex flex-wrap items-center gap-2 pb-3">
        <Chip tone="bad">
          {row().status} {reason(row())}
        </Chip>
        <CopyButton text={row().id} what={t("refused.id")} />
      </p>
      <h3 class="caps border-t border-rule pt-4">{t("refused.said")}</h3>
      <Show when={row().message} fallback={<p class="mt-2 max-w-prose text-ink-2">{t("refused.notKept")}</p>}>
        {(message) => <p class="mt-2 max-w-prose break-words">{message()}</p>}
      </Show>
      <Show when={row().limit_id}>
        {(id) => (
          <p class="mt-2">
            <Way href={`/budgets?id=${id()}`}>{t("refused.limit")}</Way>
          </p>
        )}
      </Show>
      <Show when={row().repeated > 0}>
        <p class="mt-2 max-w-prose text-ink-2">{plural("refused.repeated", row().repeated)}</p>
      </Show>
      <dl class="mt-4 border-t border-rule pt-2 text-table">
        <For each={facts()}>
          {([name, value]) => (
            <div class="flex justify-between gap-4 py-1">
              <dt class="shrink-0 text-ink-3">{name}</dt>
              <dd class="min-w-0 text-right break-words">{value}</dd>
            </div>
          )}
        </For>
      </dl>
    </>
  );
}
