import { Show } from "solid-js";
import type { Standing } from "../api/limits.ts";
import { limitTone, usedPhrase } from "../format/limit.ts";
import { percent } from "../format/numbers.ts";
import { t } from "../text/text.ts";
import { Meter } from "./meter.tsx";

/** How a limit stands, in one line of a table: a bar, and in words what is used of what. */
export function StandingCell(props: { standing: Standing | null | undefined; where?: boolean }) {
  return (
    <Show when={props.standing} fallback={<span class="text-ink-3">—</span>}>
      {(standing) => (
        <span
          class="inline-flex items-center gap-2 whitespace-nowrap"
          title={`${standing().node.name} · ${t(`common.limits.windows.${standing().window}`)}`}
        >
          <Meter
            percent={standing().percent_used}
            tone={limitTone(standing())}
            label={t("common.limits.share")}
            text={`${percent(standing().percent_used / 100)}, ${usedPhrase(standing())}`}
          />
          <span class="md:hidden">{percent(standing().percent_used / 100)}</span>
          <span class="max-md:hidden">
            {usedPhrase(standing())}
            <Show when={props.where}>
              <span class="text-ink-3"> · {standing().node.name}</span>
            </Show>
          </span>
        </span>
      )}
    </Show>
  );
}
