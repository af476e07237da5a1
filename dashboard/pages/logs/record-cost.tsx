import { For, Show } from "solid-js";
import type { RequestDetail } from "../../api/requests.ts";
import { usdOfPico } from "../../format/exact.ts";
import { count } from "../../format/numbers.ts";
import { useAccount } from "../../state/account.tsx";
import type { Key } from "../../text/keys.ts";
import { t } from "../../text/text.ts";
import { PriceRows } from "./record-price.tsx";

/** Names of terms that are amounts by themselves; rates are called by the API's own names. */
const AMOUNTS: Record<string, Key> = {
  rounding: "logs.cost.rounding",
  failed_attempts: "logs.cost.failedAttempts",
  provider_charge: "logs.cost.providerCharge",
  charged: "logs.cost.charged",
};

const termName = (name: string): string => (AMOUNTS[name] ? t(AMOUNTS[name]) : name.replaceAll("_", " "));

/** Tokens by bucket, and the sum that the cost is: so many at so much each. All exact. */
export function CostArithmetic(props: { detail: RequestDetail }) {
  const { can } = useAccount();
  const tokens = () => props.detail.tokens;
  const lines = () =>
    [
      ["logs.cost.input", tokens().input_uncached],
      ["logs.cost.cacheRead", tokens().cache_read],
      ["logs.cost.cacheWrite", tokens().cache_write],
      ["logs.cost.output", tokens().output],
      ["logs.cost.reasoning", tokens().reasoning],
    ] as const;
  return (
    <section class="border-t border-rule py-4">
      <h3 class="caps">{t("logs.cost.tokens")}</h3>
      <dl class="mt-2 text-table">
        <For each={lines()}>
          {([name, value]) => (
            <div class={`flex justify-between py-0.5 ${name === "logs.cost.reasoning" ? "pl-4 text-ink-3" : ""}`}>
              <dt>{t(name)}</dt>
              <dd>{count(value)}</dd>
            </div>
          )}
        </For>
      </dl>
      <h3 class="caps mt-4">{t("logs.cost.title")}</h3>
      <Show
        when={props.detail.price_version !== null || props.detail.cost_terms.length > 0}
        fallback={<p class="mt-2 text-table text-ink-2">{t("logs.cost.unpriced")}</p>}
      >
        <table class="mt-1 w-full text-table">
          <tbody>
            <For each={props.detail.cost_terms}>
              {(term) => (
                <tr>
                  <th scope="row" class="py-0.5 pr-2 text-left font-normal">
                    {termName(term.name)}
                    <Show when={term.count !== null && term.pico_usd_each !== null}>
                      <span class="block text-meta text-ink-3">
                        {count(term.count ?? "0")} × {usdOfPico(term.pico_usd_each ?? "0")}
                      </span>
                    </Show>
                  </th>
                  <td class="py-0.5 text-right align-top">{usdOfPico(term.pico_usd)}</td>
                </tr>
              )}
            </For>
          </tbody>
          <tfoot>
            <tr class="border-t border-edge font-semibold">
              <th scope="row" class="pt-1.5 text-left">
                {t("logs.cost.total")}
              </th>
              <td class="pt-1.5 text-right">
                {props.detail.exact ? "" : "≈ "}${props.detail.cost_usd}
              </td>
            </tr>
          </tfoot>
        </table>
      </Show>
      <p class="mt-2 text-meta text-ink-3">
        {props.detail.exact ? t("logs.cost.exact") : t("logs.cost.estimated")}{" "}
        <Show when={props.detail.price_version}>{(version) => t("logs.cost.version", { version: version() })}</Show>
        <Show when={props.detail.corrected}> {t("logs.cost.corrected")}</Show>
      </p>
      <Show when={can("prices:read")}>
        <PriceRows detail={props.detail} />
      </Show>
    </section>
  );
}
