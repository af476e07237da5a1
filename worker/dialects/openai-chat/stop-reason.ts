import type { Losses } from "../../canonical/losses.ts";
import type { StopReason } from "../../canonical/stop-reason.ts";

/** Chat `finish_reason` → canonical; an unknown word is `other`, no word at all is null. */
export function decodeStopReason(reason: unknown): StopReason | null {
  switch (reason) {
    case null:
    case undefined:
    case "":
      return null;
    case "stop":
      return "end_turn";
    case "length":
      return "max_tokens";
    case "tool_calls":
    case "function_call":
      return "tool_use";
    case "content_filter":
      return "content_filter";
    case "error":
      return "error";
    default:
      return "other";
  }
}

/** Canonical → Chat `finish_reason`; a client cannot go on after a pause, nor see that a call was lost. */
export function encodeStopReason(reason: StopReason, losses: Losses): string {
  switch (reason) {
    case "max_tokens":
    case "context_window_exceeded":
    case "continuation":
      return "length";
    case "tool_use":
      return "tool_calls";
    case "content_filter":
    case "refusal":
      return "content_filter";
    case "pause_turn":
    case "malformed_tool_call":
      losses.add("stop_reason_approximated", "answer");
      return "stop";
    case "end_turn":
    case "stop_sequence":
    case "error":
    case "other":
      return "stop";
  }
}
