/** Why a model stopped, in the words every dialect maps to and from. */
export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "content_filter"
  | "context_window_exceeded"
  | "malformed_tool_call"
  | "continuation"
  | "error"
  | "other";
