import type { JsonObject } from "../lib/json.ts";

/**
 * What a provider says it charged (`usage.cost`, USD as a float; OpenRouter), as nano-USD rounded up. A double holds
 * about 15 digits: dust below a millionth of a nano-USD is representation, not price.
 */
export function providerCost(raw: JsonObject): { providerCostNano?: number } {
  const cost = raw.cost;
  if (typeof cost !== "number" || !Number.isFinite(cost) || cost < 0) return {};
  const nano = Math.max(0, Math.ceil(cost * 1e9 - 1e-6));
  return Number.isSafeInteger(nano) ? { providerCostNano: nano } : {};
}
