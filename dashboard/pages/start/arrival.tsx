import { A } from "@solidjs/router";
import { createEffect, createSignal, on, onCleanup, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { RouteLine } from "../../components/route-line.tsx";
import { duration, requestCost } from "../../format/numbers.ts";
import { announce } from "../../state/announce.ts";
import { t } from "../../text/text.ts";

const ASK_EVERY_MS = 1000;
const HELP_AFTER_MS = 30_000;

/** Waits for a key's first request and draws it. After half a minute it says what to look at. */
export function Arrival(props: { keyId: string; router: string }) {
  const [late, setLate] = createSignal(false);
  const timer = setTimeout(() => setLate(true), HELP_AFTER_MS);
  onCleanup(() => clearTimeout(timer));
  const list = useQuery(() => ({
    queryKey: ["requests", "arrival", props.keyId],
    queryFn: ({ signal }) =>
      ask(api.requests.$get({ query: { key: [props.keyId], limit: "1" } }, { init: { signal } })),
    // Until it is there; a tab that nobody sees does not ask.
    refetchInterval: (query) => ((query.state.data?.data.length ?? 0) > 0 ? false : ASK_EVERY_MS),
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
            <div class="mt-4 text-ink-2">
              <p class="font-medium">{t("start.checklist")}</p>
              <ul class="mt-1 list-disc space-y-1 pl-5">
                <li>{t("start.checkUrl")}</li>
                <li>{t("start.checkHeader")}</li>
                <li>{t("start.checkReach", { url: props.router })}</li>
                <li>{t("start.checkRefused")}</li>
              </ul>
            </div>
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
