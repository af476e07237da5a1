import type { Losses } from "../../canonical/losses.ts";
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

/** Canonical → Messages `stop_reason`. A stop sequence that is not known is a plain end; a lost call looks like one. */
export function encodeStopReason(reason: StopReason, sequence: string | undefined, losses: Losses): string {
  switch (reason) {
    case "end_turn":
    case "max_tokens":
    case "tool_use":
    case "pause_turn":
    case "refusal":
      return reason;
    case "stop_sequence":
      return sequence === undefined ? "end_turn" : reason;
    case "context_window_exceeded":
      return "model_context_window_exceeded";
    case "continuation":
      return "max_tokens";
    case "content_filter":
      return "refusal";
    case "malformed_tool_call":
      losses.add("stop_reason_approximated", "answer");
      return "end_turn";
    case "error":
    case "other":
      return "end_turn";
  }
}
