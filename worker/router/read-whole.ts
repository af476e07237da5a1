import { readWithin } from "./within-idle.ts";

/**
 * Reads a whole answer of at most `limit` bytes; null when it is longer (the rest is not read). Throws `upstream_timeout`
 * where nothing comes for `idle` milliseconds. `signal` ends it at once, which a fetch's own signal does not do once the
 * body has begun.
 */
export async function readWhole(
  body: ReadableStream<Uint8Array>,
  limit: number,
  idle: number,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  signal?.addEventListener("abort", () => reader.cancel().catch(() => {}), { once: true });
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = await readWithin(reader, idle, signal);
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      await reader.cancel().catch(() => {});
      return null;
    }
    pieces.push(value);
  }
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
