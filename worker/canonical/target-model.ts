import type { FileVendor } from "./message.ts";
import type { StateOwner } from "./reasoning-state.ts";
import type { Effort } from "./request.ts";

/**
 * What an encoder has to know about the model it writes for. Undefined means unknown: a model newer than the catalogue is
 * taken for a current one of its vendor.
 */
export interface TargetModel {
  /** The name to write into the request. */
  name: string;
  /** Whose reasoning state it can read. */
  owner: StateOwner;
  /** Whose file ids it can read; null: nobody's. */
  files: FileVendor | null;
  maxOutputTokens?: number;
  /** How reasoning is steered. */
  reasoning: ReasoningKnobs;
  /** `temperature` and its kin are taken. */
  sampling?: boolean;
  /** A tool choice that forces a call is taken. */
  forcedToolChoice?: boolean;
  /** An answer may be begun by a last assistant message. */
  prefill?: boolean;
  structuredOutput?: boolean;
  /** Explicit cache marks mean something to it. */
  explicitCache?: boolean;
  /** Kinds of input: `text`, `image`, `pdf`, `audio`, `video`. */
  inputs?: readonly string[];
  /** System messages may stand between the others (Messages). */
  systemAnywhere?: boolean;
  /** Where the host differs from the vendor that made the dialect. */
  quirks: ReadonlySet<Quirk>;
  /** The Messages wire version to write. */
  anthropicVersion?: string;
}

/**
 * `max_tokens`: Chat's older name of the cap is the one it knows. `sampling_extensions`: Chat's `top_k`, `min_p`, `top_a`
 * and `repetition_penalty` are taken. `reasoning_object`: OpenRouter's `reasoning` steers. `reasoning_details`: reasoning
 * state goes back in that array. `reasoning_text`: `reasoning_content` of earlier turns goes back as text. `cache_control`:
 * Anthropic's cache marks are taken inside Chat. `no_custom_tools`: only functions are tools. `no_stored_state`: keeps no
 * answers, files or conversations.
 */
export type Quirk =
  | "max_tokens"
  | "sampling_extensions"
  | "reasoning_object"
  | "reasoning_details"
  | "reasoning_text"
  | "cache_control"
  | "no_custom_tools"
  | "no_stored_state";

/** The catalogue's knobs, parsed. */
export interface ReasoningKnobs {
  support?: "none" | "optional" | "always";
  adaptive?: boolean;
  betweenTools?: boolean;
  disabled?: boolean;
  /** Budget range in tokens; 0 as least: can be switched off. `from`: the smallest that is not off. */
  budget?: { least: number; most: number; from?: number };
  efforts?: readonly Effort[];
  /** Gemini's levels, weakest first. */
  levels?: readonly string[];
}
