import { ImpossibleSettlement } from "./books.ts";
import type { SettleAnswer, Settlement } from "./contract.ts";

/**
 * Settles requests, each for itself: one that cannot be is answered `unknown`, and logged. `failures` are those that could
 * not be stored: to be thrown when the others are taken care of, so that the caller tries again (repeats are absorbed).
 */
export function settleEach(
  settlements: readonly Settlement[],
  settle: (settlement: Settlement) => SettleAnswer,
  log: (error: unknown, eventId: string) => void,
): { answers: SettleAnswer[]; failures: unknown[] } {
  const failures: unknown[] = [];
  const answers = settlements.map((settlement): SettleAnswer => {
    try {
      return settle(settlement);
    } catch (error) {
      log(error, settlement.eventId);
      if (!(error instanceof ImpossibleSettlement)) failures.push(error);
      return "unknown";
    }
  });
  return { answers, failures };
}
