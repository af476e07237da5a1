import type { Losses } from "../../canonical/losses.ts";
import type { StopReason } from "../../canonical/stop-reason.ts";
import { arrayAt, isObject, objectAt, stringAt, textOf } from "../../lib/json.ts";

/** Items that the client must answer; everything else OpenAI runs itself. */
const CLIENT_CALLS = new Set([
  "function_call",
  "custom_tool_call",
  "computer_call",
  "local_shell_call",
  "shell_call",
  "apply_patch_call",
]);

/** A Response object's end → canonical: computed from status and items, since the wire has no stop reason. */
export function decodeStopReason(response: unknown): StopReason | null {
  switch (stringAt(response, "status")) {
    case "completed": {
      const items = arrayAt(response, "output");
      const calls = items.some((item) => isObject(item) && CLIENT_CALLS.has(textOf(item.type)));
      if (calls) return "tool_use";
      const refused = items.some((item) =>
        arrayAt(item, "content").some((part) => isObject(part) && part.type === "refusal"),
      );
      return refused ? "refusal" : "end_turn";
    }
    case "incomplete":
      switch (stringAt(objectAt(response, "incomplete_details"), "reason")) {
        case "max_output_tokens":
          return "max_tokens";
        case "content_filter":
          return "content_filter";
        default:
          return "other";
      }
    case "failed":
      return "error";
    case "cancelled":
      return "other";
    default:
      return null;
  }
}

/** Canonical → a Response's `status` and `incomplete_details`; a client cannot go on after a pause. */
export function encodeStopReason(
  reason: StopReason,
  losses: Losses,
): {
  status: string;
  incomplete_details: { reason: string } | null;
} {
  switch (reason) {
    case "max_tokens":
    case "context_window_exceeded":
    case "continuation":
      return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    case "content_filter":
      return { status: "incomplete", incomplete_details: { reason: "content_filter" } };
    case "error":
    case "malformed_tool_call":
      return { status: "failed", incomplete_details: null };
    case "pause_turn":
      losses.add("stop_reason_approximated", "answer");
      return { status: "completed", incomplete_details: null };
    case "end_turn":
    case "stop_sequence":
    case "tool_use":
    case "refusal":
    case "other":
      return { status: "completed", incomplete_details: null };
  }
}
