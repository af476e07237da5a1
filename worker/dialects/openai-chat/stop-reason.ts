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

/** Canonical → Chat `finish_reason`. */
export function encodeStopReason(reason: StopReason): string {
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
    case "end_turn":
    case "stop_sequence":
    case "pause_turn":
    case "malformed_tool_call":
    case "error":
    case "other":
      return "stop";
  }
}
