import type { InferResponseType } from "hono/client";
import { For, Show } from "solid-js";
import type { api } from "../../api/client.ts";
import { dialectName } from "../../format/request.ts";
import { t } from "../../text/text.ts";
import { Chip } from "../../ui/chip.tsx";

type DryRun = InferResponseType<(typeof api.routes)["dry-run"]["$post"], 200>;

const TONES = { first: "ok", next: "info", skipped: "warn" } as const;

/** Where a request would go, in a sentence, and what would become of each target. */
export function DryRunResult(props: { found: DryRun }) {
  return (
    <>
      <p class="text-body font-medium">{props.found.message}</p>
      <ol class="mt-3 border-t border-rule text-table">
        <For each={props.found.targets}>
          {(target) => (
            <li class="border-b border-rule py-2">
              <div class="flex flex-wrap items-center gap-2">
                <Chip tone={TONES[target.outcome]}>{t(`routes.outcomes.${target.outcome}`)}</Chip>
                <span class="font-mono break-all">
                  {target.provider}/{target.model}
                </span>
                <Show when={target.dialect}>{(spoken) => <span class="text-ink-3">{dialectName(spoken())}</span>}</Show>
              </div>
              <Show when={target.message ?? target.reason}>{(why) => <p class="mt-1 text-ink-2">{why()}</p>}</Show>
              <Show when={target.warnings.length > 0}>
                <p class="mt-1 font-mono text-meta text-warn">{target.warnings.join(", ")}</p>
              </Show>
            </li>
          )}
        </For>
      </ol>
    </>
  );
}
