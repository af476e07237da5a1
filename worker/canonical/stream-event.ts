import type { Stop } from "./answer.ts";
import type { Citation, Part, TokenLogprob } from "./message.ts";
import type { Usage } from "./usage.ts";

/**
 * What a stream says, in the order it says it. A decoder guarantees: `part_start` before any delta of that part; `part`
 * numbers never repeat; every part ends before its candidate finishes; `part_end` carries the part in full, since some
 * vendors tell arguments or state only then; after `error` nothing follows. Several parts may be open at once.
 */
export type StreamEvent =
  | { type: "answer_start"; id: string | null; model: string | null }
  | { type: "part_start"; part: number; candidate: number; head: Part }
  | { type: "text_delta"; part: number; text: string; logprobs?: TokenLogprob[] }
  | { type: "thinking_delta"; part: number; text: string }
  | { type: "refusal_delta"; part: number; text: string }
  | { type: "arguments_delta"; part: number; text: string }
  | { type: "citation"; part: number; citation: Citation }
  | { type: "part_end"; part: number; final: Part }
  /** A running total: the latest counts. */
  | { type: "usage"; usage: Usage }
  | { type: "finish"; candidate: number; stop: Stop }
  | { type: "error"; failure: UpstreamFailure }
  | { type: "keepalive" };

/** A failure as a provider tells it, in the gateway's words. */
export interface UpstreamFailure {
  kind: FailureKind;
  /** The provider's own sentence; "" when it gave none. */
  message: string;
  /** The provider's machine code, as it spells it. */
  code: string | null;
  /** The HTTP status of the failure, as far as the provider tells one. */
  status: number | null;
  /** Seconds to wait before another try. */
  retryAfter?: number;
}

/** What went wrong at a provider; `worker/dialects/failure.ts` gives each its status and envelope. */
export type FailureKind =
  | "invalid_request"
  | "context_length"
  | "reasoning_state"
  | "content_policy"
  | "credential"
  | "billing"
  | "permission"
  | "not_found"
  | "conflict"
  | "too_large"
  | "rate_limit"
  | "quota"
  | "overloaded"
  | "timeout"
  | "truncated"
  | "malformed"
  | "internal";
