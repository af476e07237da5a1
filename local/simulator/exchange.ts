import type { IncomingHttpHeaders } from "node:http";
import type { BookEntry } from "./books.ts";
import { type Directives, type ModelName, parseModelName } from "./directives.ts";
import { Failure } from "./failure.ts";
import type { PromptCache } from "./prompt-cache.ts";
import type { Answer, Question, Tokens } from "./question.ts";
import type { IdSource } from "./random.ts";
import type { ResponseStore } from "./response-store.ts";
import type { Script } from "./script.ts";
import type { JsonObject } from "./values.ts";

/** One event of a stream as it goes over the wire, its blank line included. */
export interface Frame {
  text: string;
  /** UTF-8 bytes of the answer (text, thinking, tool arguments) that it carries. */
  carries: number;
}

/** An event; `carried` is the piece of the answer in it. */
export const frame = (text: string, carried = ""): Frame => ({ text, carries: Buffer.byteLength(carried) });

/** What the provider would charge for. */
export interface Bill {
  /** The usage object in the vendor's own terms. */
  usage: unknown;
  tokens: Tokens;
  /** USD, where the vendor says (OpenRouter). */
  cost?: number;
}

/** An answer in one piece, or a refusal. */
export interface WholeReply {
  kind: "whole";
  status: number;
  headers: Record<string, string>;
  body: string;
  bill?: Bill;
}

/** An answer event by event; the events are made as they are sent. */
export interface StreamReply {
  kind: "stream";
  headers: Record<string, string>;
  frames: Iterable<Frame>;
  /** The events by which this vendor says, in the middle of a 200, that it failed. */
  failureFrames: (failure: Failure) => string[];
  bill: Bill;
}

/** What a provider says to a request. */
export type Reply = WholeReply | StreamReply;

/** One request on its way through the simulator. */
export interface Exchange {
  method: string;
  /** The path after the provider's mount, undecoded, without query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  bodyText: string;
  /** Whose key it came with (`account.ts`). */
  account: string;
  ids: IdSource;
  /** Seconds since the epoch. */
  now: number;
  cache: PromptCache;
  stored: ResponseStore;
  entry: BookEntry;
  /** Whose words are said in place of the planner's, where somebody wrote any. */
  script: Script | null;
  /** Directives beside those in the model's name, written as there (`+cut-3`); empty: none. */
  misbehaviour: string;
  /** Set as soon as the model is known. */
  directives: Directives;
  /** How often this account asked for this very model name before, since the books were opened. */
  timesBefore: (model: string) => number;
}

/** A simulated vendor: its routes, its envelopes, its headers. */
export interface Provider {
  /** Also its mount: `/openai/…`. */
  id: string;
  /** A fresh request id in the vendor's form. */
  requestId(ids: IdSource, now: number): string;
  /** Throws a `Failure` for every refusal. */
  answer(exchange: Exchange): Reply;
  /** The vendor's envelope around a refusal. */
  failure(failure: Failure, exchange: Exchange): WholeReply;
  /** What the vendor puts on every answer. */
  headers(exchange: Exchange): Record<string, string>;
}

/** The directives that turn the whole answer into a refusal. */
function failOnRequest(directives: Directives): void {
  if (directives["context-length"]) throw new Failure(400, { reason: "context-length" });
  if (directives.quota) throw new Failure(429, { reason: "quota" });
  if (directives.status !== undefined && directives.status >= 400 && directives.error === undefined)
    throw new Failure(directives.status);
}

/** Is this one of the requests for which the directives hold? Counts it, where that depends on how many came before. */
function hold({ first, every, account }: Directives, exchange: Exchange, model: string): boolean {
  if (every === 0) throw new Failure(400, { message: "simulator: directive 'every' wants a number above 0" });
  const before = first === undefined && every === undefined ? 0 : exchange.timesBefore(model);
  return (
    (account === undefined || account === exchange.account) &&
    (first === undefined || before < first) &&
    (every === undefined || (before + 1) % every === 0)
  );
}

/** Notes which model was asked for and how it is to misbehave; throws when it is to fail at once. */
export function chooseModel(exchange: Exchange, model: ModelName): void {
  exchange.entry.model = model.raw;
  const told: Directives = { ...model.directives, ...parseModelName(exchange.misbehaviour).directives };
  // What says when the others hold is kept: an answer that depends on it is not the same the next time.
  const { first, every, account, nobooks, pace } = told;
  exchange.directives = hold(told, exchange, model.raw) ? told : { first, every, account, nobooks, pace };
  failOnRequest(exchange.directives);
}

/** The body as a JSON object, or the 400 the vendor would word as `message`. */
export function parseBody(exchange: Exchange, message: string): JsonObject {
  try {
    const body: unknown = JSON.parse(exchange.bodyText);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as JsonObject;
  } catch {
    // Worded below, as the vendor does.
  }
  throw new Failure(400, { message });
}

/** What the vendor's dialect needs to know to bill a planned answer. */
export interface Caching {
  /** `marked` follows the prompt's cache marks, `implicit` any long repeated prefix. */
  mode: "marked" | "implicit";
  /** The vendor charges for writing. */
  chargesWrites: boolean;
}

/** Counts a planned answer, looking up and filling the prompt cache, which each account has for itself. */
export function countAnswer(
  exchange: Exchange,
  owner: string,
  question: Question,
  planned: Pick<Answer, "candidates"> & { output: number; reasoning: number },
  caching: Caching,
): Answer {
  let total = 0;
  for (const segment of question.segments) total += segment.tokens;
  const owns = `${exchange.account} ${owner}`;
  const use =
    caching.mode === "marked"
      ? exchange.cache.useMarked(owns, question.segments)
      : exchange.cache.useImplicit(owns, question.segments);
  const write = caching.chargesWrites ? use.write : 0;
  return {
    candidates: planned.candidates,
    cacheWrite1h: caching.chargesWrites ? use.write1h : 0,
    tokens: {
      inputUncached: total - use.read - write,
      cacheRead: use.read,
      cacheWrite: write,
      output: planned.output,
      reasoning: planned.reasoning,
    },
  };
}
