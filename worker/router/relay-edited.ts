import type { StreamMeter } from "./meter.ts";
import type { Relayed, RelayOptions, StreamEnd } from "./relay.ts";

/**
 * The same-dialect stream from which one event must be taken out: the usage chunk that the gateway asked for and the
 * client did not. Bytes pass in whole events, everything but that event untouched. JavaScript runs once per look, not
 * once per chunk: what has piled up between two looks is written in one piece.
 */
export interface EditOptions extends RelayOptions {
  meter: StreamMeter;
  /** Cheap test on the text of many events: can one of them have to go? */
  mayRemove(text: string): boolean;
  /** Whether the event with this data has to go. */
  remove(data: string): boolean;
}

/** Milliseconds between two looks: sixteen a second read as a flow, and providers' chunks come far more often. */
const LOOK = 60;
const READ = 64 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Length of the longest prefix of `bytes` that consists of whole events (ends in a blank line). */
export function wholeEvents(bytes: Uint8Array): number {
  for (let i = bytes.length - 1; i > 0; i--) {
    const code = bytes[i];
    if (code !== LINE_FEED && code !== CARRIAGE_RETURN) continue;
    const before = bytes[i - 1];
    if (code === LINE_FEED && before === LINE_FEED) return i + 1;
    if (code === LINE_FEED && before === CARRIAGE_RETURN) {
      const two = bytes[i - 2];
      if (two === LINE_FEED) return i + 1;
    }
    // A blank line of lone CRs; a CR at the very end may still be half of a CRLF, so it waits.
    if (code === CARRIAGE_RETURN && before === CARRIAGE_RETURN && i < bytes.length - 1) return i + 1;
  }
  return 0;
}

/** Splits into pieces that each end with their blank line, so that joining them gives the input again. */
const EVENTS = /[\s\S]*?(?:\r\n\r\n|\n\n|\r\r)|[\s\S]+$/g;

const dataOf = (event: string): string =>
  event
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line[5] === " " ? 6 : 5))
    .join("\n");

/** One byte a character, so that indices into the text are indices into the bytes. */
const latin1 = (bytes: Uint8Array): string => {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
};

/** `bytes` (whole events) without the events that have to go. */
export function withoutEvents(bytes: Uint8Array, remove: (data: string) => boolean): Uint8Array {
  const kept: Uint8Array[] = [];
  let at = 0;
  for (const event of latin1(bytes).match(EVENTS) ?? []) {
    if (!remove(dataOf(event))) kept.push(bytes.subarray(at, at + event.length));
    at += event.length;
  }
  return concatenated(kept);
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

interface Pulled {
  reader: ReadableStreamBYOBReader;
  /** Lets `READ` more bytes be pulled once all that were are taken. */
  allow(taken: number): void;
  /** Resolves when the body has ended, in whichever way; what it brought may still be read. Never rejects. */
  ended: Promise<void>;
  cancel(): void;
}

/**
 * A reader that returns what has piled up since the last read. A plain one wakes for every chunk, since nothing is taken
 * from the connection until it is asked for; a branch of a tee piles up while something pulls at the other. Here that is
 * a native pipe whose far end waits for `READ` bytes at a time, so it costs no JavaScript; and as nothing lets it go on
 * before those are taken, a slow client leaves the rest with the provider.
 */
function pulled(body: ReadableStream<Uint8Array>): Pulled {
  const [branch, other] = body.tee();
  const reader = branch.getReader({ mode: "byob" });
  const { readable, writable } = new IdentityTransformStream();
  other.pipeTo(writable).catch(() => {});
  const end = readable.getReader({ mode: "byob" });
  let buffer = new Uint8Array(READ);
  const { promise: ended, resolve: finish } = Promise.withResolvers<void>();
  let pulling = Promise.resolve();
  let allowed = 0;
  return {
    reader,
    ended,
    allow(taken) {
      if (taken < allowed) return;
      allowed += READ;
      pulling = pulling
        .then(() => end.readAtLeast(READ, buffer))
        .then(({ done, value }) => {
          if (done || value.byteLength < READ) finish();
          else buffer = new Uint8Array(value.buffer as ArrayBuffer);
        })
        .catch(finish);
    },
    cancel() {
      reader.cancel().catch(() => {});
      end.cancel().catch(() => {});
    },
  };
}

/** Relays `body` event by event, leaving out what `remove` names. */
export function relayEdited(body: ReadableStream<Uint8Array>, options: EditOptions): Relayed {
  const { reader, allow, ended: pulledAll, cancel } = pulled(body);
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const decoder = new TextDecoder();
  let end: StreamEnd | null = null;

  const leave = () => {
    end ??= "client_gone";
    options.abortUpstream();
    cancel();
    writer.abort().catch(() => {});
  };
  if (options.clientGone.aborted) leave();
  else options.clientGone.addEventListener("abort", leave, { once: true });

  const write = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.byteLength === 0) return;
    try {
      await writer.write(bytes);
    } catch (error) {
      end ??= "client_gone";
      options.abortUpstream();
      cancel();
      throw error;
    }
  };

  /** Meters whole events and passes them on without those that have to go. */
  const pass = async (bytes: Uint8Array): Promise<void> => {
    const text = decoder.decode(bytes, { stream: true });
    options.meter.feedText(text);
    await write(options.mayRemove(text) ? withoutEvents(bytes, options.remove) : bytes);
  };

  const loop = async (): Promise<void> => {
    let rest = new Uint8Array(0);
    let buffer = new Uint8Array(READ);
    let taken = 0;
    for (;;) {
      allow(taken);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const idle = new Promise<"idle">((resolve) => {
        timer = setTimeout(() => resolve("idle"), options.idleTimeout);
      });
      const result = await Promise.race([reader.read(buffer), idle]);
      clearTimeout(timer ?? null);
      if (result === "idle") {
        end ??= "idle";
        options.abortUpstream();
        await write(options.brokenMessage("idle"));
        return;
      }
      if (result.done || result.value === undefined) break;
      if (taken === 0) options.onFirstByte();
      taken += result.value.byteLength;
      const bytes = rest.byteLength === 0 ? result.value : concatenated([rest, result.value]);
      const whole = wholeEvents(bytes);
      rest = bytes.slice(whole);
      // A full buffer means that more is waiting: a large answer is not to be slowed down.
      const look = result.value.byteLength < READ ? Promise.race([sleep(LOOK), pulledAll]) : null;
      if (whole > 0) await pass(bytes.subarray(0, whole));
      await look;
      buffer = new Uint8Array(result.value.buffer as ArrayBuffer);
    }
    await pass(rest);
    end ??= "finished";
  };

  const ended = (async (): Promise<StreamEnd> => {
    try {
      await loop();
      await writer.close();
    } catch {
      if (!options.clientGone.aborted && end === null) {
        end = "broken";
        await writer
          .write(options.brokenMessage("broken"))
          .then(() => writer.close())
          .catch(() => {
            end = "client_gone";
          });
      }
    }
    options.clientGone.removeEventListener("abort", leave);
    return end ?? "finished";
  })();
  return { readable, ended };
}
