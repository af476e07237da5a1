/** Nano-USD as a decimal string in USD, exact and without trailing zeros: 1500 → "0.0000015". */
export function usdFromNano(nano: number): string {
  const digits = Math.abs(nano).toString().padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0+$/, "");
  const whole = `${nano < 0 ? "-" : ""}${digits.slice(0, -9)}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
