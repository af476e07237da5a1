import type { JsonObject } from "./values.ts";

/** What a request asks, whatever dialect it came in. */
export interface Question {
  /** The prompt in the order caches see it: tools, system, messages. */
  segments: Segment[];
  /** The last thing the user wrote. */
  userText: string;
  /** The tool results the prompt ends with; empty when it ends otherwise. */
  toolResults: string[];
  tools: OfferedTool[];
  toolChoice: { mode: "auto" | "none" | "required"; names: string[] | null };
  parallel: boolean;
  format: { type: "text" } | { type: "json"; schema: JsonObject | null };
  /** Thinking was asked for. */
  thinking: boolean;
  /** Cap on output tokens, thinking included. */
  maxOutput: number | null;
  stop: string[];
  candidates: number;
}

/** A stretch of the prompt after which a cache may have its boundary. */
export interface Segment {
  text: string;
  tokens: number;
  /** An explicit cache mark stands at the end of this stretch. */
  mark?: CacheTtl;
}

/** How long a marked prefix is kept. */
export type CacheTtl = "5m" | "30m" | "1h";

/** A tool the model may call. */
export interface OfferedTool {
  name: string;
  schema: JsonObject;
  /** Takes free text rather than JSON (OpenAI's `custom`). */
  freeform: boolean;
}

/** A piece of an answer, with its tokens. */
export type Part =
  | { kind: "thinking"; text: string; tokens: number; redacted: boolean }
  | { kind: "text"; text: string; tokens: number }
  | { kind: "refusal"; text: string; tokens: number }
  | { kind: "tool"; name: string; argumentsText: string; complete: boolean; freeform: boolean; tokens: number };

/** A tool call. */
export type ToolPart = Extract<Part, { kind: "tool" }>;

/** Why an answer ended. */
export type Stop = "end" | "length" | "stop_sequence" | "tool" | "refusal" | "filter";

/** One of the answers to a question. */
export interface Candidate {
  parts: Part[];
  stop: Stop;
  stopSequence: string | null;
}

/** Tokens in disjoint input buckets; `output` includes `reasoning`. */
export interface Tokens {
  inputUncached: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

/** All answers to a question, counted. */
export interface Answer {
  candidates: Candidate[];
  tokens: Tokens;
  /** The part of `tokens.cacheWrite` that was written for an hour. */
  cacheWrite1h: number;
}

/** All the prompt's tokens, cached or not. */
export const inputTotal = (tokens: Tokens): number => tokens.inputUncached + tokens.cacheRead + tokens.cacheWrite;
