/**
 * Opaque reasoning state of a vendor (Claude's signature, OpenAI's `encrypted_content`, Gemini's `thoughtSignature`,
 * OpenRouter's `reasoning_details`). It must return to its owner, to the same place, unchanged, or not at all.
 */
export interface ReasoningState {
  owner: StateOwner;
  /** The value as the vendor sent it. */
  value: string;
  /** The vendor's id of the item that held it (OpenAI). */
  id?: string;
  /** The model that made it, as the vendor names it; "" when unknown. */
  model: string;
  /** The kind of thing the vendor attached it to, and to which it must return. */
  where: StatePlace;
}

/** `none`: reasoning text that no vendor vouches for, marked so that no vendor is ever shown it as its own. */
export type StateOwner = "anthropic" | "openai" | "google" | "openrouter" | "none";

/** `redacted`: a thought that consists of the state alone (Claude's `redacted_thinking`). */
export type StatePlace = "thinking" | "redacted" | "tool_call" | "text";
