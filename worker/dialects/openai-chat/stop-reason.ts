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
