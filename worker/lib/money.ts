/** Nano-USD as a decimal string in USD, exact and without trailing zeros: 1500 → "0.0000015". */
export function usdFromNano(nano: number | bigint): string {
  const digits = (nano < 0 ? -nano : nano).toString().padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0+$/, "");
  const whole = `${nano < 0 ? "-" : ""}${digits.slice(0, -9)}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

const USD = /^(\d{1,7})(?:\.(\d{1,9}))?$/;

/**
 * A decimal string in USD as nano-USD, exactly: "0.0000015" → 1500. Null for anything but a plain decimal of at most nine
 * places, and for more than 2^53 - 1 nano-USD (9,007,199.254740991 dollars).
 */
export function nanoFromUsd(usd: string): number | null {
  const [, whole, fraction = ""] = USD.exec(usd) ?? [];
  if (whole === undefined) return null;
  const nano = Number(whole + fraction.padEnd(9, "0"));
  return Number.isSafeInteger(nano) ? nano : null;
}
