import type { Losses } from "../canonical/losses.ts";
import type { Message } from "../canonical/message.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { GatewayError } from "../errors.ts";

/**
 * A conversation that ends with the assistant speaking. For a Messages client that is the beginning of the answer it wants
 * (prefill): ignoring it would break its parser, and no other dialect has the like.
 */
export function refusePrefill(request: CanonicalRequest, history: readonly Message[]): void {
  if (request.dialect !== "anthropic-messages" || history.at(-1)?.role !== "assistant") return;
  const param = history.at(-1)?.source?.path ?? "messages";
  throw new GatewayError(
    "prefill_unsupported",
    `'${param}' begins the answer for the model, which this model does not take. End with a user message.`,
    { param },
  );
}

/** What is said for a user who says nothing, where a vendor wants the user to speak last (or first). */
const GO_ON = "Continue.";

/**
 * The turns as they are written, instructions apart, with a user's at their beginning, or at their end, where the client
 * left it out or said nothing in it.
 */
export function withUserTurns<T extends { role: string }>(
  turns: readonly T[],
  turnOf: (text: string) => T,
  { losses, turnsPath }: { losses: Losses; turnsPath: string },
  ends: boolean,
): T[] {
  const first = turns.find(({ role }) => role !== "system");
  const opened = first?.role === "user" ? [...turns] : [turnOf(GO_ON), ...turns];
  const closed = ends && opened.at(-1)?.role === "assistant" ? [...opened, turnOf(GO_ON)] : opened;
  if (closed.length !== turns.length) losses.add("history_repaired", turnsPath);
  return closed;
}
