import type { JsonObject } from "../lib/json.ts";
import type { ChatDialectId } from "./dialect-id.ts";
import type { CacheMark, Message } from "./message.ts";
import type { Source } from "./source.ts";
import type { Tool, ToolChoice } from "./tool.ts";

/** A request for an answer, in the form every dialect decodes to and encodes from. */
export interface CanonicalRequest {
  /** The client's. */
  dialect: ChatDialectId;
  model: string;
  stream: boolean;
  messages: Message[];
  tools: Tool[];
  settings: Settings;
  /** Where each setting stood in the client's body. */
  paths: Partial<Record<keyof Settings, string>>;
  source: Source;
}

/** Canonical effort ladder (DIALECTS: fixed, so that the same request always yields the same bytes). */
export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

export type ResponseFormat =
  | { type: "text" }
  | { type: "json" }
  | { type: "json_schema"; name?: string; description?: string; schema: JsonObject; strict?: boolean };

/** Everything beside conversation and tools. A dialect writes what it has a field for; what is left is reported. */
export interface Settings {
  /** Cap on output tokens, reasoning included. */
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  topA?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  repetitionPenalty?: number;
  seed?: number;
  stop?: string[];
  /** How many answers. */
  candidates?: number;
  logitBias?: JsonObject;
  logprobs?: boolean;
  topLogprobs?: number;
  responseFormat?: ResponseFormat;
  verbosity?: "low" | "medium" | "high";
  /** Kinds of output asked for: `text`, `image`, `audio`. */
  modalities?: string[];
  audioOutput?: { format?: string; voice?: unknown };
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  maxToolCalls?: number;
  reasoningEffort?: Effort;
  /** Tokens to think with; -1: as the model likes. */
  reasoningBudget?: number;
  /** `on` without more: the vendor's own amount. */
  reasoningMode?: "off" | "on" | "adaptive" | "between_tools";
  /** How much of a summary the client wants to see. */
  reasoningSummary?: "auto" | "concise" | "detailed";
  /** Whether the client wants to see reasoning at all. */
  reasoningVisible?: boolean;
  /** A name under which requests share a prompt cache. */
  cacheKey?: string;
  /** A mark on the last cacheable block. */
  cacheAuto?: CacheMark;
  serviceTier?: string;
  speed?: "standard" | "fast";
  /** The end user, as the client names it. */
  user?: string;
  /** The end user under a name made for the provider's safety checks (OpenAI). */
  safetyId?: string;
  metadata?: JsonObject;
  store?: boolean;
  /** More of the answer to be sent along (Responses). */
  include?: string[];
  /** Gemini's thresholds, and its labels. */
  safety?: unknown[];
  truncation?: string;
}

export type SettingName = keyof Settings;
