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

/** The history with a user's turn at its end, or at its beginning, where the client left it out. */
export function withUserTurns(history: readonly Message[], losses: Losses, ends: boolean): Message[] {
  const turn: Message = { role: "user", parts: [{ type: "text", text: GO_ON }] };
  const spoken = history.filter((message) => message.role !== "system");
  const first = spoken[0];
  const opened = first === undefined || first.role === "assistant" ? [turn, ...history] : [...history];
  const closed = ends && opened.at(-1)?.role === "assistant" ? [...opened, turn] : opened;
  if (closed.length !== history.length) losses.add("history_repaired", "messages");
  return closed;
}
