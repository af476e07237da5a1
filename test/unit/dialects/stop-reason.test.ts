import { describe, expect, test } from "vitest";
import type { StopReason } from "../../../worker/canonical/stop-reason.ts";
import { decodeStopReason as anthropic } from "../../../worker/dialects/anthropic-messages/stop-reason.ts";
import { decodeStopReason as google } from "../../../worker/dialects/google-generate-content/stop-reason.ts";
import { decodeStopReason as chat } from "../../../worker/dialects/openai-chat/stop-reason.ts";
import { decodeStopReason as responses } from "../../../worker/dialects/openai-responses/stop-reason.ts";

type Row = [wire: unknown, canonical: StopReason | null];

const CHAT: Row[] = [
  ["stop", "end_turn"],
  ["length", "max_tokens"],
  ["tool_calls", "tool_use"],
  ["function_call", "tool_use"],
  ["content_filter", "content_filter"],
  ["error", "error"],
  ["something new", "other"],
  [7, "other"],
  ["", null],
  [null, null],
  [undefined, null],
];

const ANTHROPIC: Row[] = [
  ["end_turn", "end_turn"],
  ["max_tokens", "max_tokens"],
  ["stop_sequence", "stop_sequence"],
  ["tool_use", "tool_use"],
  ["pause_turn", "pause_turn"],
  ["refusal", "refusal"],
  ["model_context_window_exceeded", "context_window_exceeded"],
  ["compaction", "continuation"],
  ["something new", "other"],
  [null, null],
  [undefined, null],
];

const GOOGLE: Row[] = [
  ["STOP", "end_turn"],
  [1, "end_turn"],
  ["MAX_TOKENS", "max_tokens"],
  [2, "max_tokens"],
  ...[
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    3,
    11,
  ].map((word): Row => [word, "content_filter"]),
  ...["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE", 9].map(
    (word): Row => [word, "malformed_tool_call"],
  ),
  ["CONTINUATION", "continuation"],
  ["OTHER", "other"],
  ["NO_IMAGE", "other"],
  ["IMAGE_OTHER", "other"],
  ["FINISH_REASON_UNSPECIFIED", "other"],
  ["SOMETHING_NEW", "other"],
  [99, null],
  [null, null],
  [undefined, null],
];

const message = (...content: object[]) => ({ type: "message", role: "assistant", content });
const RESPONSES: Row[] = [
  [{ status: "completed", output: [message({ type: "output_text", text: "hi" })] }, "end_turn"],
  [{ status: "completed", output: [] }, "end_turn"],
  [{ status: "completed" }, "end_turn"],
  ...["function_call", "custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call"].map(
    (type): Row => [{ status: "completed", output: [{ type: "reasoning" }, { type }] }, "tool_use"],
  ),
  // A search that OpenAI ran itself asks nothing of the client.
  [{ status: "completed", output: [{ type: "web_search_call" }, message()] }, "end_turn"],
  [{ status: "completed", output: [message({ type: "refusal", refusal: "no" })] }, "refusal"],
  [{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, "max_tokens"],
  [{ status: "incomplete", incomplete_details: { reason: "content_filter" } }, "content_filter"],
  [{ status: "incomplete", incomplete_details: { reason: "max_messages" } }, "other"],
  [{ status: "incomplete" }, "other"],
  [{ status: "failed" }, "error"],
  [{ status: "cancelled" }, "other"],
  [{ status: "in_progress" }, null],
  [{ status: "queued" }, null],
  [{}, null],
  [null, null],
];

describe("stop reasons", () => {
  test.each(CHAT)("Chat %j → %s", (wire, canonical) => expect(chat(wire)).toBe(canonical));
  test.each(ANTHROPIC)("Messages %j → %s", (wire, canonical) => expect(anthropic(wire)).toBe(canonical));
  test.each(RESPONSES)("Responses %j → %s", (wire, canonical) => expect(responses(wire)).toBe(canonical));
  test.each(GOOGLE)("Gemini %j → %s", (wire, canonical) => expect(google(wire, false)).toBe(canonical));

  test("Gemini's STOP after a call is tool_use, and nothing else is", () => {
    for (const [wire, canonical] of GOOGLE) {
      expect(google(wire, true)).toBe(canonical === "end_turn" ? "tool_use" : canonical);
    }
  });
});
