import { createMemo, Show } from "solid-js";
import { VersionTable } from "../../components/changed-meanwhile.tsx";
import { exactTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Dialog } from "../../ui/dialog.tsx";
import type { AuditRow } from "./audit.tsx";

const written = (value: unknown): string | null =>
  value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value, null, 1);

/** One change, field by field. What was is struck, what is stands; secrets are not in the log. */
export function AuditRecord(props: { row: AuditRow | undefined; onClose: () => void }) {
  const fields = createMemo(() => {
    const { before, after } = props.row ?? {};
    const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
    return [...names].map((name) => ({
      ...{ name, one: written(before?.[name]), other: written(after?.[name]) },
      same: JSON.stringify(before?.[name]) === JSON.stringify(after?.[name]),
    }));
  });
  return (
    <Dialog
      look="drawer"
      open={props.row !== undefined}
      onClose={props.onClose}
      title={props.row?.action ?? ""}
      description={props.row ? `${props.row.actor_name ?? props.row.actor} · ${exactTime(props.row.at)}` : undefined}
    >
      <Show when={props.row}>
        {(row) => (
          <>
            <Show when={row().target_name}>{(name) => <p class="font-medium break-words">{name()}</p>}</Show>
            <p class="mb-4 font-mono text-table break-all text-ink-2">{row().target}</p>
            <Show when={fields().length > 0} fallback={<p class="text-ink-2">{t("audit.noFields")}</p>}>
              <VersionTable heads={[t("audit.field"), t("audit.before"), t("audit.after")]} parts={fields()} struck />
            </Show>
            <dl class="mt-6 text-meta text-ink-3">
              <dt class="caps">{t("audit.hash")}</dt>
              <dd class="font-mono break-all">{row().hash}</dd>
              <Show when={row().session_id}>
                <dt class="caps mt-3">{t("audit.session")}</dt>
                <dd class="font-mono">{row().session_id}</dd>
              </Show>
            </dl>
          </>
        )}
      </Show>
    </Dialog>
  );
}
