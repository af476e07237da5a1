import type { Losses } from "../../canonical/losses.ts";
import type { StopReason } from "../../canonical/stop-reason.ts";

/** Gemini's `FinishReason` in the proto's order; clients may ask for integers (`enum-encoding=int`). */
const BY_NUMBER = [
  "FINISH_REASON_UNSPECIFIED",
  "STOP",
  "MAX_TOKENS",
  "SAFETY",
  "RECITATION",
  "OTHER",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MALFORMED_FUNCTION_CALL",
  "LANGUAGE",
  "IMAGE_SAFETY",
];

/** Gemini `finishReason` → canonical; STOP is `tool_use` when the caller has seen a call. */
export function decodeStopReason(reason: unknown, sawCall: boolean): StopReason | null {
  const word = typeof reason === "number" ? BY_NUMBER[reason] : reason;
  switch (word) {
    case null:
    case undefined:
      return null;
    case "STOP":
      return sawCall ? "tool_use" : "end_turn";
    case "MAX_TOKENS":
      return "max_tokens";
    case "SAFETY":
    case "RECITATION":
    case "BLOCKLIST":
    case "PROHIBITED_CONTENT":
    case "SPII":
    case "LANGUAGE":
    case "IMAGE_SAFETY":
    case "IMAGE_PROHIBITED_CONTENT":
    case "IMAGE_RECITATION":
      return "content_filter";
    case "MALFORMED_FUNCTION_CALL":
    case "UNEXPECTED_TOOL_CALL":
    case "TOO_MANY_TOOL_CALLS":
    case "MALFORMED_RESPONSE":
      return "malformed_tool_call";
    case "CONTINUATION":
      return "continuation";
    default:
      return "other";
  }
}

/** Canonical → Gemini `finishReason`; a client cannot go on after a pause. */
export function encodeStopReason(reason: StopReason, losses: Losses): string {
  switch (reason) {
    case "pause_turn":
      losses.add("stop_reason_approximated", "answer");
      return "STOP";
    case "end_turn":
    case "stop_sequence":
    case "tool_use":
      return "STOP";
    case "max_tokens":
    case "context_window_exceeded":
    case "continuation":
      return "MAX_TOKENS";
    case "content_filter":
    case "refusal":
      return "SAFETY";
    case "malformed_tool_call":
      return "MALFORMED_FUNCTION_CALL";
    case "error":
    case "other":
      return "OTHER";
  }
}
