/** Nano-USD as USD, every digit of it: `12.000000001`. */
export function exactUsd(nano: number | string | bigint): string {
  const digits = BigInt(nano);
  const size = String(digits < 0n ? -digits : digits).padStart(10, "0");
  const decimals = size.slice(-9).replace(/0+$/, "");
  return `${digits < 0n ? "-" : ""}${size.slice(0, -9)}${decimals && `.${decimals}`}`;
}
