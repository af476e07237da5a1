import { For, Show } from "solid-js";
import type { RequestDetail } from "../../api/requests.ts";
import { outcomeName } from "../../format/request.ts";
import { exactTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";

/** What was written, first to last, and the provider's own usage figures. */
export function RecordRaw(props: { detail: RequestDetail }) {
  return (
    <>
      <Show when={props.detail.revisions.length > 1}>
        <section class="border-t border-rule py-4">
          <h3 class="caps">{t("logs.record.revisions")}</h3>
          <ol class="mt-2 space-y-1 text-table">
            <For each={props.detail.revisions}>
              {(revision) => (
                <li class="flex flex-wrap justify-between gap-x-3">
                  <span>{exactTime(revision.settled_at)}</span>
                  <span class="text-ink-2">{outcomeName(revision.outcome)}</span>
                  <span>${revision.cost_usd}</span>
                </li>
              )}
            </For>
          </ol>
        </section>
      </Show>
      <section class="border-t border-rule py-4">
        <h3 class="caps">{t("logs.record.raw")}</h3>
        <Show
          when={props.detail.raw_usage}
          fallback={<p class="mt-2 text-table text-ink-2">{t("logs.record.noRaw")}</p>}
        >
          {(raw) => (
            <pre class="mt-2 max-h-72 overflow-auto rounded-panel bg-sunken p-3 font-mono text-meta" tabindex="0">
              {JSON.stringify(raw(), null, 2)}
            </pre>
          )}
        </Show>
      </section>
    </>
  );
}
