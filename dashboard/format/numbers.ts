const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });

/** `12,345`. */
export const count = (value: number): string => whole.format(value);

/** `12.35K`, for a figure that is read at a glance. */
export const shortCount = (value: number): string => (value < 100_000 ? whole.format(value) : compact.format(value));

/** Nano-USD as dollars, to five decimals: a single request seldom costs a cent. */
export function usd(nano: number): string {
  if (nano === 0) return "$0";
  if (Math.abs(nano) < 5_000) return nano < 0 ? "−<$0.00001" : "<$0.00001";
  const sign = nano < 0 ? "−" : "";
  return `${sign}$${(Math.abs(nano) / 1e9).toFixed(5)}`;
}

/** `840 ms`, `4.02 s`, `1 min 12 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The middle value; null of an empty list. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
