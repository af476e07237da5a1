import { numberLocale } from "../text/text.ts";

const made = new Map<string, Intl.NumberFormat>();

/** A format, made once for each language: to make one takes longer than to write a row of a table. */
function formatOf(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${numberLocale()} ${JSON.stringify(options)}`;
  const known = made.get(key) ?? new Intl.NumberFormat(numberLocale(), options);
  made.set(key, known);
  return known;
}

const format = (options: Intl.NumberFormatOptions, value: number): string => formatOf(options).format(value);

/** `12,345`. Sums above 2^53 come as their digits. */
export const count = (value: number | string): string =>
  formatOf({}).format(typeof value === "string" ? BigInt(value) : value);

/** `12.35K`, for a figure that is read at a glance. */
export function shortCount(value: number | string): string {
  const number = Number(value);
  return number < 100_000 ? count(value) : format({ notation: "compact", maximumSignificantDigits: 4 }, number);
}

/** `12.4 %` of a ratio; `—` of nothing. */
export const percent = (ratio: number | null): string =>
  ratio === null ? "—" : format({ style: "percent", maximumFractionDigits: ratio < 0.1 ? 2 : 1 }, ratio);

const dollars = (value: number, digits: number): string =>
  format(
    {
      style: "currency",
      currency: "USD",
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    },
    value,
  );

/** An exact decimal string of USD for a sum: cents above a dollar, more below. */
export function money(usd: string): string {
  const value = Number(usd);
  if (value === 0) return dollars(0, 2);
  return Math.abs(value) >= 1 ? dollars(value, 2) : requestCost(usd);
}

/** An exact decimal string of USD for one request, to five decimals: it seldom costs a cent. */
export function requestCost(usd: string): string {
  const value = Number(usd);
  if (value === 0) return dollars(0, 0);
  if (Math.abs(value) < 0.000_005) return value < 0 ? `−<${dollars(0.000_01, 5)}` : `<${dollars(0.000_01, 5)}`;
  return dollars(value, 5);
}

/** `$1,235`, `$12.3K`: for axes and labels, where a few letters fit. */
export const shortMoney = (usd: number): string =>
  format(
    {
      style: "currency",
      currency: "USD",
      currencyDisplay: "narrowSymbol",
      notation: "compact",
      maximumSignificantDigits: 3,
    },
    usd,
  );

/** `840 ms`, `15 s`, `2 min`: for axes, where values are round. */
export function shortDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const [value, unit] = milliseconds < 120_000 ? [milliseconds / 1000, "s"] : [milliseconds / 60_000, "min"];
  return `${format({ maximumFractionDigits: 1 }, value)} ${unit}`;
}

/** `840 ms`, `4.02 s`, `1 min 12 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
