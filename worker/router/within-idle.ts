import { GatewayError } from "../errors.ts";

/** What `promise` gives, or `idle` when it takes longer than so many milliseconds. */
export async function withinIdle<T>(promise: Promise<T>, milliseconds: number): Promise<T | "idle"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const idle = new Promise<"idle">((resolve) => {
    timer = setTimeout(() => resolve("idle"), milliseconds);
  });
  try {
    return await Promise.race([promise, idle]);
  } finally {
    clearTimeout(timer ?? null);
  }
}

/** A provider that has begun to answer and then sends nothing more. */
export const SILENT = new GatewayError("upstream_timeout", "The provider fell silent in the middle of its answer.");

/** A provider that is still answering when an attempt's time is over: why its call was aborted. */
export const OVERDUE = new GatewayError("upstream_timeout", "The provider took too long for its answer.");

/**
 * The next piece of a body; throws where none comes for so many milliseconds, and gives the body up. Once `signal` has been
 * aborted, its reason is thrown, whatever the body says.
 */
export async function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  const result = await withinIdle(reader.read(), milliseconds).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  signal?.throwIfAborted();
  if (result !== "idle") return result;
  reader.cancel().catch(() => {});
  throw SILENT;
}
