import fc from "fast-check";

/** A stream cut into pieces of any length, and what it is wrapped in on the way: line ends, comments, a byte order mark. */

/** `bytes` cut after each place; places outside are left out. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const inside = [...new Set(places.map((place) => place % Math.max(1, bytes.length)))].sort((a, b) => a - b);
  return [0, ...inside.filter((place) => place > 0)].map((from, at, all) => bytes.slice(from, all[at + 1]));
}

const BOM = "\uFEFF";

/** An event stream as another server would have sent it; what it says stays the same. */
export function respelled(bytes: Uint8Array, how: { crlf: boolean; comments: boolean; bom: boolean }): Uint8Array {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const commented = how.comments ? `: Grüße 🌍\n\n${text.replaceAll("\n\n", "\n\n: ping\n\n")}` : text;
  const lines = how.crlf ? commented.replace(/\r?\n/g, "\r\n") : commented;
  return new TextEncoder().encode((how.bom ? BOM : "") + lines);
}

export const spelling = fc.record({ crlf: fc.boolean(), comments: fc.boolean(), bom: fc.boolean() });
export const places = fc.array(fc.nat(100_000), { maxLength: 40 });
