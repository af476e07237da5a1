import type { Effort } from "../canonical/request.ts";

/** The fixed ladder between the vendors' ways to say how much to think (DIALECTS §2.9). */
const LADDER: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

const BUDGETS: Record<Effort, number> = {
  none: 0,
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: Number.POSITIVE_INFINITY,
};

export const isEffort = (value: unknown): value is Effort => LADDER.includes(value as Effort);

/** Tokens to think with for an effort; `max` is without bound, to be clamped by the model's own. */
export const budgetOfEffort = (effort: Effort): number => BUDGETS[effort];

/** The effort a budget amounts to. */
export function effortOfBudget(tokens: number): Effort {
  if (tokens <= 0) return "none";
  if (tokens <= 1024) return "minimal";
  if (tokens <= 4096) return "low";
  if (tokens <= 12_288) return "medium";
  return tokens <= 24_576 ? "high" : "xhigh";
}

/** The nearest effort that is offered: itself, else the next stronger one, else the strongest. Without a list, itself. */
export function nearestEffort(effort: Effort, offered: readonly Effort[] | undefined): Effort {
  if (offered === undefined || offered.length === 0 || offered.includes(effort)) return effort;
  const wanted = LADDER.indexOf(effort);
  const ranked = [...offered].sort((left, right) => LADDER.indexOf(left) - LADDER.indexOf(right));
  return ranked.find((one) => LADDER.indexOf(one) >= wanted) ?? (ranked.at(-1) as Effort);
}
