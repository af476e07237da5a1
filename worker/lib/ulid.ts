import type { Random } from "./random.ts";

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PATTERN = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const TIME_LENGTH = 10;
const RANDOM_LENGTH = 16;
const MAXIMUM_TIME = 2 ** 48 - 1;

/**
 * A ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, 26 characters that sort by time. Two of the
 * same millisecond are in no order.
 */
export function newUlid(milliseconds: number, random: Random): string {
  if (!Number.isInteger(milliseconds) || milliseconds < 0 || milliseconds > MAXIMUM_TIME) {
    throw new RangeError(`no ULID can hold the time ${milliseconds}`);
  }
  let time = "";
  let rest = milliseconds;
  for (let index = 0; index < TIME_LENGTH; index++) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let tail = "";
  // 256 is a multiple of 32: the low five bits of a random byte are uniform.
  for (const byte of random(RANDOM_LENGTH)) tail += ALPHABET.charAt(byte & 31);
  return time + tail;
}

/** True for the one spelling we make: 26 upper-case characters. */
export const isUlid = (text: string): boolean => PATTERN.test(text);

/** Milliseconds since the epoch at which a ULID was made. Throws a RangeError when the text is none. */
export function ulidTime(ulid: string): number {
  if (!isUlid(ulid)) throw new RangeError("not a ULID");
  let milliseconds = 0;
  for (let index = 0; index < TIME_LENGTH; index++) {
    milliseconds = milliseconds * 32 + ALPHABET.indexOf(ulid.charAt(index));
  }
  return milliseconds;
}
