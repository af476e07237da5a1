import { A } from "@solidjs/router";
import { createEffect, createSignal, on, onCleanup, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { RouteLine } from "../../components/route-line.tsx";
import { duration, requestCost } from "../../format/numbers.ts";
import { announce } from "../../state/announce.ts";
import { t } from "../../text/text.ts";
import { Checklist } from "./checklist.tsx";

/** Often at first, when somebody is at it; then as a page that was left open. */
const ASK_EVERY_MS = 500;
const ASK_SELDOM_MS = 5000;
const SELDOM_AFTER_MS = 10 * 60_000;
const HELP_AFTER_MS = 30_000;

/** Waits for a key's first request and draws it. After half a minute it says what to look at. */
export function Arrival(props: { keyId: string; router: string; onArrived: (has: boolean) => void }) {
  const began = Date.now();
  const [late, setLate] = createSignal(false);
  const timer = setTimeout(() => setLate(true), HELP_AFTER_MS);
  onCleanup(() => clearTimeout(timer));
  const list = useQuery(() => ({
    queryKey: ["requests", "arrival", props.keyId],
    queryFn: ({ signal }) =>
      ask(api.requests.$get({ query: { key: [props.keyId], limit: "1" } }, { init: { signal } })),
    // Until it is there; a tab that nobody sees does not ask.
    refetchInterval: (query) => {
      if ((query.state.data?.data.length ?? 0) > 0) return false;
      return Date.now() - began < SELDOM_AFTER_MS ? ASK_EVERY_MS : ASK_SELDOM_MS;
    },
    placeholderData: undefined,
  }));
  const request = () => list.data?.data[0];
  const words = () => {
    const known = request();
    if (!known) return "";
    if (known.outcome !== "ok") return t("start.failedArrival", { status: known.status, code: known.error_code ?? "" });
    return t("start.arrived", {
      status: known.status,
      duration: duration(known.duration_ms),
      model: known.requested_model,
      cost: known.price_version === null ? t("common.noPrice") : requestCost(known.cost_usd),
    });
  };
  createEffect(() => props.onArrived(request() !== undefined));
  createEffect(on(words, (text) => text && announce(text), { defer: true }));

  return (
    <Show
      when={request()}
      fallback={
        <>
          <p class="flex items-center gap-3 text-ink-2">
            <RouteLine class="skeleton-breath text-accent" end="open" />
            {t("start.waiting")}
          </p>
          <Show when={late()}>
            <Checklist keyId={props.keyId} router={props.router} since={began} />
          </Show>
        </>
      }
    >
      {(known) => (
        <div class="arriving">
          <p class="flex flex-wrap items-center gap-3">
            <RouteLine
              class={known().outcome === "ok" ? "text-ok" : "text-bad"}
              attempts={known().attempts}
              end={known().outcome === "ok" ? "reached" : "failed"}
            />
            <span class="font-medium">{words()}</span>
            <A href={`/logs?id=${known().id}`} class="text-accent underline">
              {t("start.open")}
            </A>
          </p>
          <p class="mt-2 text-ink-2">{t("start.again")}</p>
        </div>
      )}
    </Show>
  );
}
