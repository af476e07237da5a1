import type { StopReason } from "../canonical/stop-reason.ts";

/** Reasons that a call in the answer does not overrule: something else ended it. */
const CUT_SHORT: ReadonlySet<StopReason> = new Set([
  "max_tokens",
  "content_filter",
  "refusal",
  "context_window_exceeded",
  "malformed_tool_call",
  "error",
  "pause_turn",
  "continuation",
]);

/**
 * Why the answer stopped, computed rather than copied: with a call for the client in it, it waits for the client, whatever
 * the provider says (Gemini says STOP, many hosts say `stop`).
 */
export const computedStop = (told: StopReason | null, hasCalls: boolean): StopReason => {
  if (hasCalls && !CUT_SHORT.has(told ?? "other")) return "tool_use";
  return told ?? "other";
};
