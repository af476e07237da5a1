import type { StreamMeter } from "./meter.ts";
import { piledReader } from "./piled-reader.ts";
import { pump } from "./pump.ts";
import type { Relayed, RelayOptions } from "./relay.ts";

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

export function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1 && pieces[0] !== undefined) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** Relays `body` event by event, leaving out what `remove` names. */
export function relayEdited(body: ReadableStream<Uint8Array>, options: EditOptions): Relayed {
  const decoder = new TextDecoder();
  let rest = new Uint8Array(0);
  /** Meters whole events and gives them back without those that have to go. */
  const pass = (bytes: Uint8Array): Uint8Array => {
    const text = decoder.decode(bytes, { stream: true });
    options.meter.feedText(text);
    return options.mayRemove(text) ? withoutEvents(bytes, options.remove) : bytes;
  };
  const piece = (read: Uint8Array): Uint8Array => {
    const bytes = rest.byteLength === 0 ? read : concatenated([rest, read]);
    const whole = wholeEvents(bytes);
    rest = bytes.slice(whole);
    return whole === 0 ? rest.subarray(0, 0) : pass(bytes.subarray(0, whole));
  };
  const { head } = options;
  if (head !== undefined) options.onFirstByte();
  const first = head === undefined ? undefined : piece(head);
  const end = (): Uint8Array => {
    const last = pass(rest);
    return options.isTruncated() ? concatenated([last, options.brokenMessage("broken")]) : last;
  };
  return pump(piledReader(body), options, { piece, end }, first);
}
