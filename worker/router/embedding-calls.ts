import type { EmbeddingInput } from "../canonical/embeddings.ts";
import { inputUsage, type Usage } from "../canonical/usage.ts";
import { type AnswerFacts, noAnswer } from "../dialects/dialect.ts";
import { utf8 } from "../lib/encoding.ts";

/** Embeddings of many texts are several calls to a provider, whose usage adds up to one request's. */

/** Inputs in the order they came, in calls of at most `size`; those of one call want vectors of one length. */
export function inCalls(inputs: readonly EmbeddingInput[], size: number): EmbeddingInput[][] {
  const calls: EmbeddingInput[][] = [];
  for (const input of inputs) {
    const call = calls.at(-1);
    if (call !== undefined && call.length < size && call[0]?.dimensions === input.dimensions) call.push(input);
    else calls.push([input]);
  }
  return calls;
}

/** English text has about four bytes a token. */
const BYTES_PER_TOKEN = 4;

/** Tokens of some inputs, for a provider that tells no usage. */
export const estimatedTokens = (inputs: readonly EmbeddingInput[]): number =>
  inputs.reduce(
    (sum, { content }) =>
      sum +
      (content.kind === "tokens" ? content.tokens.length : Math.ceil(utf8(content.text).byteLength / BYTES_PER_TOKEN)),
    0,
  );

/**
 * What the calls of one request have used so far. A call that is under way counts by our estimate: the provider may bill
 * it although its answer is never read. A call that fails is not billed.
 */
export class CallsMeter {
  readonly #open = new Map<number, number>();
  readonly #done: Usage[] = [];
  servedModel: string | null = null;

  begin(call: number, tokens: number): void {
    this.#open.set(call, tokens);
  }

  /** Ends a call that has succeeded; without figures of the provider it counts by our estimate. */
  finish(call: number, told: Usage | null): void {
    const tokens = this.#open.get(call) ?? 0;
    this.#open.delete(call);
    this.#done.push(told ?? { ...inputUsage(tokens), estimated: true });
  }

  /** Ends a call that has failed. */
  fail(call: number): void {
    this.#open.delete(call);
  }

  usage(): Usage {
    const open = [...this.#open.values()].map((tokens): Usage => ({ ...inputUsage(tokens), estimated: true }));
    return sum([...this.#done, ...open]);
  }

  facts(): AnswerFacts {
    return { ...noAnswer(), usage: this.usage(), servedModel: this.servedModel, terminal: this.#open.size === 0 };
  }
}

/** The sum of usages that are input alone. What the provider sent is kept: itself when there is one, else all of it. */
function sum(usages: readonly Usage[]): Usage {
  const whole = inputUsage(usages.reduce((total, { input }) => total + input.total, 0));
  const raw = usages.flatMap((usage) => (usage.raw === undefined ? [] : [usage.raw]));
  const costs = usages.flatMap(({ providerCostNano: cost }) => (cost === undefined ? [] : [cost]));
  if (raw.length > 0) whole.raw = raw.length === 1 ? raw[0] : raw;
  if (costs.length > 0 && costs.length === usages.length) whole.providerCostNano = costs.reduce((a, b) => a + b, 0);
  if (usages.some(({ estimated }) => estimated === true)) whole.estimated = true;
  return whole;
}

/** Further from one than float32 rounds. */
const TOLERANCE = 1e-4;

/** The vector at length one, as searches expect it; null when it has that length, or none at all. */
export function normalized(vector: readonly number[]): number[] | null {
  const length = Math.hypot(...vector);
  if (length === 0 || Math.abs(length - 1) <= TOLERANCE) return null;
  // Nine digits are what float32 holds.
  return vector.map((value) => Number((value / length).toPrecision(9)));
}
