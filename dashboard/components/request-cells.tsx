import { Show } from "solid-js";
import type { RequestRow } from "../api/requests.ts";
import { requestCost } from "../format/numbers.ts";
import { outcome, outcomeName } from "../format/request.ts";
import { preciseTime } from "../format/time.ts";
import { t } from "../text/text.ts";
import { Chip } from "../ui/chip.tsx";
import { RouteLine } from "./route-line.tsx";

const INK = { ok: "text-ok", warn: "text-warn", bad: "text-bad" };

/** Status and outcome: the route line, and a chip that says in words what went wrong. */
export function Outcome(props: { request: RequestRow }) {
  const ended = () => outcome(props.request);
  return (
    <span class="inline-flex items-center gap-2">
      <RouteLine
        class={`shrink-0 ${INK[ended().tone]}`}
        attempts={props.request.attempts}
        end={props.request.outcome === "ok" ? "reached" : "failed"}
      />
      <Chip tone={ended().tone}>
        {props.request.status}
        <Show when={props.request.outcome !== "ok"}> {ended().words}</Show>
      </Chip>
    </span>
  );
}

/** The provider, and whether it was the simulator in its place. */
export function Provider(props: { request: RequestRow }) {
  return (
    <span class="inline-flex items-center gap-2">
      {props.request.provider}
      <Show when={props.request.simulated}>
        <Chip tone="info" title={t("common.simulatedHint")}>
          {t("common.simulated")}
        </Chip>
      </Show>
    </span>
  );
}

/** The same in words alone. */
const costWords = (request: Pick<RequestRow, "price_version" | "cost_usd" | "exact">): string =>
  request.price_version === null ? t("common.noPrice") : `${request.exact ? "" : "≈ "}${requestCost(request.cost_usd)}`;

/** What a request cost, to five decimals; all of them in the title. An unknown price is not a cost of nothing. */
export function Cost(props: { request: RequestRow }) {
  return (
    <Show when={props.request.price_version !== null} fallback={<span class="text-ink-3">{t("common.noPrice")}</span>}>
      <span title={`$${props.request.cost_usd}`}>
        <Show when={!props.request.exact}>
          <span class="text-warn" title={t("common.estimated")}>
            ≈{" "}
          </span>
        </Show>
        {requestCost(props.request.cost_usd)}
      </span>
    </Show>
  );
}

/** What a request is called in a list: when, how it ended, of which model, for how much. */
export const requestName = (row: RequestRow): string =>
  [preciseTime(row.created_at), row.status, outcomeName(row.outcome), row.requested_model, costWords(row)].join(", ");
