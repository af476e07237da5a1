/** Text forms of bytes. All of them are exact: one spelling for each value, without padding unless the name says so. */

const UTF8 = new TextEncoder();

/** UTF-8 bytes of a text. */
export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(UTF8.encode(text));

/** RFC 4648 §5 without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_");
}

/** RFC 4648 §4 without padding, as PHC strings want it. */
export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  // In pieces: an engine takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary).replace(/=+$/, "");
}

/** RFC 4648 §4 with padding, as Python wants it. */
export function toPaddedBase64(bytes: Uint8Array): string {
  const text = toBase64(bytes);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** Bytes of unpadded base64 or base64url, null when the text is not that. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/_-]*$/.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

/**
 * Compares two texts in a time that depends on their lengths only. Both are ASCII in our uses (MACs, tags); the length
 * of those is public.
 */
export function timingSafeEqual(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}

const FROM_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, null when they are none. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return FROM_UTF8.decode(bytes);
  } catch {
    return null;
  }
}

/** A piece of a text without the half characters that a cut has left at its ends: strict readers of JSON refuse them. */
export const wholeCharacters = (piece: string): string => piece.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
