import type { StopReason } from "../../canonical/stop-reason.ts";

/** Messages `stop_reason` → canonical; an unknown word is `other`, null is null. */
export function decodeStopReason(reason: unknown): StopReason | null {
  switch (reason) {
    case null:
    case undefined:
      return null;
    case "end_turn":
    case "max_tokens":
    case "stop_sequence":
    case "tool_use":
    case "pause_turn":
    case "refusal":
      return reason;
    case "model_context_window_exceeded":
      return "context_window_exceeded";
    case "compaction":
      return "continuation";
    default:
      return "other";
  }
}
