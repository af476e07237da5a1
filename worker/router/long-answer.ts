import { type AnswerFacts, type Dialect, noAnswer, type RequestContext } from "../dialects/dialect.ts";
import { parseJson } from "../lib/json.ts";
import type { StreamEnd } from "./relay.ts";
import { OVERDUE, readWithin, SILENT } from "./within-idle.ts";

/**
 * Whole answers that are too long to be kept: embeddings of hundreds of texts. They are handed on as they come, and what
 * is metered of them stands at their end.
 */

/** The beginning of an answer: all of it, or as much as is kept and the way to the rest. */
export type Beginning = { whole: Uint8Array } | { begun: Uint8Array[]; rest: ReadableStreamDefaultReader<Uint8Array> };

/** Reads at most a little more than `limit` bytes. `signal` ends it, and what is read of the rest, at once. */
export async function readBeginning(
  body: ReadableStream<Uint8Array>,
  limit: number,
  idle: number,
  signal: AbortSignal,
): Promise<Beginning> {
  const begun: Uint8Array[] = [];
  let length = 0;
  const rest = body.getReader();
  // An abort does not reach a body that has begun.
  signal.addEventListener("abort", () => rest.cancel().catch(() => {}), { once: true });
  for (;;) {
    const { done, value } = await readWithin(rest, idle, signal);
    if (done) return { whole: joined(begun) };
    begun.push(value);
    length += value.byteLength;
    if (length > limit) return { begun, rest };
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** Bytes of the end that are looked at. */
const TAIL = 64 * 1024;

/** The answer from its beginning on; `onEnd` is told how it ended, once, with the last of it. */
export function relayLong(
  { begun, rest }: Extract<Beginning, { begun: Uint8Array[] }>,
  idle: number,
  signal: AbortSignal,
  onEnd: (end: StreamEnd, tail: string) => void,
): ReadableStream<Uint8Array> {
  let tail: Uint8Array = new Uint8Array(0);
  let ended = false;
  const finish = (end: StreamEnd) => {
    if (ended) return;
    ended = true;
    onEnd(end, new TextDecoder().decode(tail));
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } =
          begun.length > 0 ? { done: false, value: begun.shift() } : await readWithin(rest, idle, signal);
        if (done || value === undefined) {
          finish("finished");
          controller.close();
          return;
        }
        tail = value.byteLength >= TAIL ? value.slice(-TAIL) : joined([tail.subarray(-TAIL), value]);
        controller.enqueue(value);
      } catch (error) {
        finish(error === SILENT ? "idle" : error === OVERDUE ? "overdue" : "broken");
        controller.error(error);
      }
    },
    async cancel() {
      finish("client_gone");
      await rest.cancel().catch(() => {});
    },
  });
}

/** Members that stand behind the vectors, at whichever provider. */
const MEMBERS = ["model", "usage", "usageMetadata"];

/** What an answer's end tells: the members behind its vectors are an object themselves. */
export function factsOfTail(dialect: Dialect, tail: string, context: RequestContext): AnswerFacts {
  const places = MEMBERS.map((name) => tail.lastIndexOf(`"${name}"`)).filter((at) => at >= 0);
  for (const at of places.sort((left, right) => left - right)) {
    const parsed = parseJson(`{${tail.slice(at)}`);
    if (parsed !== undefined) return dialect.readAnswer(parsed, context);
  }
  return { ...noAnswer(), terminal: true };
}
