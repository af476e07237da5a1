import type { Limit, Standing } from "../api/limits.ts";
import { t } from "../text/text.ts";
import { money, shortCount } from "./numbers.ts";

type Measured = Pick<Limit, "metric" | "window">;

/** Dollars without the zeros that a small amount has at its end. */
const dollars = (usd: string): string => money(usd).replace(/(\.\d\d\d*?)0+$/, "$1");

/** An amount of a limit's own kind: `$12.50`, `600 requests`. */
export const limitAmount = (metric: Limit["metric"], amount: number, usd: string | null): string =>
  metric === "cost"
    ? dollars(usd ?? "0")
    : t(`common.limits.amounts.${metric}`, { amount: shortCount(Math.round(amount)) });

/** `$12.50 a month`, `600 requests a minute`, `10 requests at a time`. */
export const limitPhrase = ({
  metric,
  window,
  amount,
  amount_usd,
}: Measured & Pick<Limit, "amount" | "amount_usd">): string =>
  t("common.limits.phrase", {
    amount: limitAmount(metric, amount, amount_usd),
    window: t(`common.limits.windows.${window}`),
  });

/** `$4.18 of $10.00`: what is used or held, and the amount in force. */
export function usedPhrase(standing: Standing): string {
  const { metric, amount, amount_usd, settled, held, settled_usd, held_usd } = standing;
  const used =
    metric === "cost"
      ? dollars(String(Number(settled_usd) + Number(held_usd)))
      : shortCount(Math.round(settled + held));
  return t("common.limits.used", { used, amount: limitAmount(metric, amount, amount_usd) });
}

/** How near it is, for a colour beside the words. */
export const limitTone = ({ percent_used: percent }: Pick<Standing, "percent_used">): "ok" | "warn" | "bad" =>
  percent >= 100 ? "bad" : percent >= 90 ? "warn" : "ok";
