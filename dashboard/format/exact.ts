/** How many pico-USD a dollar has, as digits after the point. */
const PICO_DIGITS = 12;

/** Pico-USD (10⁻¹² dollar) as exact dollars: `$0.0000025`. By its digits: a number would round. */
export function usdOfPico(pico: string): string {
  const negative = pico.startsWith("-");
  const digits = pico.replace("-", "").padStart(PICO_DIGITS + 1, "0");
  const [whole, rest] = [digits.slice(0, -PICO_DIGITS), digits.slice(-PICO_DIGITS).replace(/0+$/, "")];
  return `${negative ? "−" : ""}$${whole}${rest ? `.${rest}` : ""}`;
}
