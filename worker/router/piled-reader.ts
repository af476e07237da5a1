const READ = 64 * 1024;

/** A reader that returns what has piled up since the last read. */
export interface PiledReader {
  /**
   * At most 64 KB; null at the body's end; `idle` when nothing comes for so many milliseconds, and then the next call goes
   * on waiting for the same. Rejects when the body breaks. The bytes are the caller's until its next call.
   */
  read(milliseconds: number): Promise<Uint8Array | null | "idle">;
  /** Resolves when the body has ended, in whichever way; what it brought may still be read. Never rejects. */
  ended: Promise<void>;
  cancel(): void;
}

/**
 * Reads a body so that what has come since the last read comes in one piece. A plain reader wakes for every chunk, since
 * nothing is taken from the connection until it is asked for; a branch of a tee piles up while something pulls at the
 * other. Here that is a native pipe whose far end waits for 64 KB at a time, so it costs no JavaScript; and as nothing
 * lets it go on before those are taken, a slow client leaves the rest with the provider.
 */
export function piledReader(body: ReadableStream<Uint8Array>): PiledReader {
  const [branch, other] = body.tee();
  const reader = branch.getReader({ mode: "byob" });
  const { readable, writable } = new IdentityTransformStream();
  other.pipeTo(writable).catch(() => {});
  const end = readable.getReader({ mode: "byob" });
  let pull = new Uint8Array(READ);
  let buffer = new Uint8Array(READ);
  const { promise: ended, resolve: finish } = Promise.withResolvers<void>();
  let pulling = Promise.resolve();
  let allowed = 0;
  let taken = 0;
  const allow = () => {
    if (taken < allowed) return;
    allowed += READ;
    pulling = pulling
      .then(() => end.readAtLeast(READ, pull))
      .then(({ done, value }) => {
        if (done || value.byteLength < READ) finish();
        else pull = new Uint8Array(value.buffer as ArrayBuffer);
      })
      .catch(finish);
  };
  const next = async (): Promise<Uint8Array | null> => {
    allow();
    const result = await reader.read(buffer);
    if (result.done || result.value === undefined) return null;
    taken += result.value.byteLength;
    buffer = new Uint8Array(result.value.buffer as ArrayBuffer);
    return result.value;
  };
  let pending: Promise<Uint8Array | null> | null = null;
  return {
    ended,
    async read(milliseconds) {
      pending ??= next();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const idle = new Promise<"idle">((resolve) => {
        timer = setTimeout(() => resolve("idle"), milliseconds);
      });
      try {
        const result = await Promise.race([pending, idle]);
        if (result !== "idle") pending = null;
        return result;
      } finally {
        clearTimeout(timer ?? null);
      }
    },
    cancel() {
      reader.cancel().catch(() => {});
      end.cancel().catch(() => {});
    },
  };
}
