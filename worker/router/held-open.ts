import { withinIdle } from "./within-idle.ts";

/** How a client is kept while its streaming answer takes long to begin. */
export interface HoldOptions {
  /** Milliseconds after which the client gets its headers all the same. */
  after: number;
  /** Milliseconds between two signs of life from then on. */
  every: number;
  /** Of the response that the client gets then. */
  headers: Headers;
  /** A sign of life in the client's dialect. */
  keepAlive(): Uint8Array;
  /** The bytes that tell the client, in its dialect, of what was thrown. */
  failure(error: unknown): Uint8Array;
  /** The same of an answer with an error status, whose body it reads. */
  refusal(response: Response): Promise<Uint8Array>;
  /** Fires when the client leaves. */
  clientGone: AbortSignal;
  /** The client was seen to have left while it was held; called once. */
  onClientGone(): void;
  /** Keeps the request alive until the promise is settled. */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The answer itself if it comes in time, or what it throws; else a 200 with signs of life until the answer comes. Then its
 * body is joined on, or its failure told as the dialect tells one inside a stream.
 */
export async function heldOpen(answer: Promise<Response>, options: HoldOptions): Promise<Response> {
  const early = await withinIdle(answer, options.after);
  if (early !== "idle") return early;
  const { readable, writable } = new IdentityTransformStream();
  options.waitUntil(hold(continuation(answer, options), writable.getWriter(), options));
  return new Response(readable, { status: 200, headers: options.headers });
}

/** What stands behind the signs of life: an answer's body, or the bytes that tell of a failure. */
type Continuation = ReadableStream<Uint8Array> | Uint8Array | null;

/** Never rejects. */
async function continuation(answer: Promise<Response>, { failure, refusal }: HoldOptions): Promise<Continuation> {
  try {
    const response = await answer;
    return response.ok ? response.body : await refusal(response);
  } catch (error) {
    return failure(error);
  }
}

/** Never rejects. */
async function hold(
  coming: Promise<Continuation>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  options: HoldOptions,
): Promise<void> {
  const { promise: left, resolve } = Promise.withResolvers<"gone">();
  let gone = false;
  const leave = () => {
    if (gone) return;
    gone = true;
    options.onClientGone();
    resolve("gone");
  };
  if (options.clientGone.aborted) leave();
  else options.clientGone.addEventListener("abort", leave, { once: true });

  let come: Continuation | "idle" | "gone" = "idle";
  while (come === "idle" && !gone) {
    // A client that takes its time is waited for, but not beyond its leaving.
    const written = writer.write(options.keepAlive()).catch(leave);
    await Promise.race([written, left]);
    come = await Promise.race([left, withinIdle(coming, options.every)]);
  }
  options.clientGone.removeEventListener("abort", leave);
  if (gone || come === "idle" || come === "gone") {
    writer.abort().catch(() => {});
    const late = await coming;
    // Its own stream learns by that that nobody takes it.
    if (late instanceof ReadableStream) await late.cancel().catch(() => {});
    return;
  }
  if (come instanceof ReadableStream) return copy(come, writer, options.clientGone);
  if (come !== null) await writer.write(come).catch(() => {});
  await writer.close().catch(() => {});
}

/**
 * Hands an answer's body on. Not by a pipe: workerd's own hangs where what it pipes is the end of another one, as a relayed
 * body is. What was held is rare, so that JavaScript may run for each of its chunks. From here on the answer's own stream
 * tells its end, and sees by itself that the client has left. Never rejects.
 */
async function copy(
  body: ReadableStream<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  clientGone: AbortSignal,
): Promise<void> {
  const reader = body.getReader();
  // A body whose client has left may neither go on nor end.
  const letGo = () => {
    reader.cancel().catch(() => {});
    writer.abort().catch(() => {});
  };
  if (clientGone.aborted) letGo();
  else clientGone.addEventListener("abort", letGo, { once: true });
  writer.closed.catch(letGo);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await writer.write(value);
    }
    await writer.close();
  } catch (error) {
    reader.cancel(error).catch(() => {});
    writer.abort(error).catch(() => {});
  } finally {
    clientGone.removeEventListener("abort", letGo);
  }
}
