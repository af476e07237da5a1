import type { EmbeddingsDialectId } from "../canonical/dialect-id.ts";
import type { EmbeddingInput, EmbeddingsAnswer, EmbeddingsRequest, Vector } from "../canonical/embeddings.ts";
import type { Losses } from "../canonical/losses.ts";
import type { UpstreamFailure } from "../canonical/stream-event.ts";
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";

/** What an endpoint's address says of an embeddings request (Gemini). */
export interface EmbeddingsNamed {
  model: string;
  method?: string | undefined;
}

/** What all inputs of one call to a provider have in common. */
export interface EmbeddingsCallOptions {
  /** The provider's name of the model. */
  model: string;
  dimensions: number | undefined;
  user: string | undefined;
}

/** A format of embeddings: one decoder and one encoder for each direction, all pure. */
export interface EmbeddingsCodec {
  id: EmbeddingsDialectId;
  /** Throws a GatewayError for what is no request of this dialect; names what has no place in the canonical form. */
  decodeRequest(body: JsonObject, named: EmbeddingsNamed, losses: Losses): EmbeddingsRequest;
  /** The most inputs of one call. */
  callSize: number;
  /** One call to a provider. Throws for an input it cannot be given. */
  encodeCall(inputs: readonly EmbeddingInput[], options: EmbeddingsCallOptions): { method?: string; body: JsonObject };
  /** The vectors of one call, in the order of its inputs; null when the answer is not that. */
  decodeVectors(body: unknown): number[][] | null;
  /** Vectors shorter than the model's own come at another length than one, which searches rely on. */
  leavesReducedVectors: boolean;
  /** An answer with an error status. */
  decodeFailure(status: number, headers: Headers, body: unknown): UpstreamFailure;
  /** The answer's JSON in pieces: whole, it can be larger than an isolate's memory. `body` is the client's request. */
  encodeAnswer(answer: EmbeddingsAnswer, named: EmbeddingsNamed, body: JsonObject): Iterable<string>;
}

/** OpenAI's limit, which is the gateway's for every dialect. */
const MAXIMUM_INPUTS = 2048;

export function checkInputCount(count: number, param: string): void {
  if (count === 0) {
    throw new GatewayError("missing_required_parameter", `'${param}' is empty. Give at least one text.`, { param });
  }
  if (count > MAXIMUM_INPUTS) {
    const message = `'${param}' has ${count} elements; one request takes at most ${MAXIMUM_INPUTS}. Send several requests.`;
    throw new GatewayError("invalid_value", message, { param });
  }
}

/** A length of vectors as the client asked for it. */
export function checkDimensions(dimensions: number | undefined, param: string): number | undefined {
  if (dimensions === undefined || (Number.isSafeInteger(dimensions) && dimensions > 0)) return dimensions;
  throw new GatewayError("invalid_value", `'${param}' must be a whole number above zero.`, { param });
}

export const emptyInput = (param: string): GatewayError =>
  new GatewayError("invalid_value", `'${param}' is empty. Give it a text, or leave it out.`, { param });

/** Numbers only, so that nothing else reaches a client as a vector. */
export const isVector = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "number");

/** A vector as JSON. */
export const numbers = (vector: Vector): string => `[${Array.from(vector).join(",")}]`;
