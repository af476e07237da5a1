import type { Usage } from "./usage.ts";

/** Texts to be turned into vectors, in the form both embedding dialects decode to and encode from. */
export interface EmbeddingsRequest {
  /** The model as the client named it. */
  model: string;
  inputs: EmbeddingInput[];
  /** The end user, as the client names it. */
  user?: string;
  /** The client reads float32 anyway: vectors need not be kept as more. */
  float32?: true;
}

/** Numbers, in whichever array they are kept. */
export type Vector = ArrayLike<number> & Iterable<number>;

export interface EmbeddingInput {
  content: { kind: "text"; text: string } | { kind: "tokens"; tokens: readonly number[] };
  /** How long a vector the client wants; absent: the model's own length. */
  dimensions?: number;
  /** JSON path in the client's body, e.g. `input[3]`. */
  path: string;
  /** The same of `dimensions`. */
  dimensionsPath: string;
}

/** A vector for each input, in the same order. */
export interface EmbeddingsAnswer {
  /** The model as the client named it. */
  model: string;
  vectors: readonly Vector[];
  usage: Usage;
}
