import type { Directives } from "./directives.ts";
import type { Bill } from "./exchange.ts";
import type { Answer } from "./question.ts";
import { isObject, type JsonObject } from "./values.ts";

/** Beyond what a double counts exactly, as a fault. */
const HUGE = 1e18;

/** A usage object as the directives want it told: missing, negative or impossibly large. The books keep the true one. */
export function toldUsage(usage: JsonObject, directives: Directives): JsonObject | null {
  if (directives["no-usage"]) return null;
  if (directives["negative-usage"]) return mapNumbers(usage, (value) => (value === 0 ? 0 : -value));
  return directives["huge-usage"] ? mapNumbers(usage, () => HUGE) : usage;
}

function mapNumbers(value: JsonObject, change: (value: number) => number): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      typeof one === "number" ? change(one) : isObject(one) ? mapNumbers(one, change) : one,
    ]),
  );
}

/** The true bill, for the books. */
export const billOf = (usage: unknown, answer: Answer, cost?: number): Bill => ({
  usage,
  tokens: answer.tokens,
  ...(cost !== undefined && { cost }),
});
