import { createMemo, For, Show } from "solid-js";
import { exactTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import { Dialog } from "../../ui/dialog.tsx";
import type { AuditRow } from "./audit.tsx";

const written = (value: unknown): string =>
  value === undefined ? "—" : typeof value === "string" ? value : JSON.stringify(value, null, 1);

/** One change, field by field. What was is struck, what is stands; secrets are not in the log. */
export function AuditRecord(props: { row: AuditRow | undefined; onClose: () => void }) {
  const fields = createMemo(() => {
    const { before, after } = props.row ?? {};
    const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
    return [...names].map((name) => ({ name, before: before?.[name], after: after?.[name] }));
  });
  return (
    <Dialog
      look="drawer"
      open={props.row !== undefined}
      onClose={props.onClose}
      title={props.row?.action ?? ""}
      description={props.row ? `${props.row.actor} · ${exactTime(props.row.at)}` : undefined}
    >
      <Show when={props.row}>
        {(row) => (
          <>
            <p class="mb-4 font-mono text-table break-all">{row().target}</p>
            <Show when={fields().length > 0} fallback={<p class="text-ink-2">{t("audit.noFields")}</p>}>
              <table class="w-full text-table">
                <thead>
                  <tr class="border-b border-rule text-left text-meta text-ink-3">
                    <th scope="col" class="py-1.5 pr-3">
                      {t("audit.field")}
                    </th>
                    <th scope="col" class="py-1.5 pr-3">
                      {t("audit.before")}
                    </th>
                    <th scope="col" class="py-1.5">
                      {t("audit.after")}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  <For each={fields()}>
                    {({ name, before, after }) => (
                      <tr class="border-b border-rule align-top">
                        <th scope="row" class="py-1.5 pr-3 text-left font-medium">
                          {name}
                        </th>
                        <td class="py-1.5 pr-3 font-mono text-meta break-all whitespace-pre-wrap text-ink-3">
                          <Show when={JSON.stringify(before) !== JSON.stringify(after)} fallback={written(before)}>
                            <del>{written(before)}</del>
                          </Show>
                        </td>
                        <td class="py-1.5 font-mono text-meta break-all whitespace-pre-wrap">
                          <Show when={JSON.stringify(before) !== JSON.stringify(after)} fallback={written(after)}>
                            <ins class="bg-accent-bg no-underline">{written(after)}</ins>
                          </Show>
                        </td>
                      </tr>
                    )}
                  </For>
                </tbody>
              </table>
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
