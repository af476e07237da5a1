import type { Part } from "./message.ts";
import type { StopReason } from "./stop-reason.ts";
import type { Usage } from "./usage.ts";

/** A whole answer, in the form every dialect decodes to and encodes from. */
export interface CanonicalAnswer {
  /** The provider's id; null when it gave none. */
  id: string | null;
  /** The model the provider says has served. */
  model: string | null;
  candidates: Candidate[];
  usage: Usage | null;
}

export interface Candidate {
  index: number;
  parts: Part[];
  stop: Stop;
}

export interface Stop {
  reason: StopReason;
  /** The sequence that was met. */
  sequence?: string;
  /** The vendor's explanation of a refusal or a filter. */
  explanation?: string;
  /** The vendor's category of a refusal. */
  category?: string;
  /** The vendor's own word. */
  raw?: string;
}
