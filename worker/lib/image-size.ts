/** An image's size in pixels, out of its header in base64 (PNG, JPEG, GIF, WebP); nothing else is decoded. */

export interface Pixels {
  width: number;
  height: number;
}

/** Segments that a JPEG may have before its frame; real ones have some dozen. */
const MOST_SEGMENTS = 200;

/** Bytes of base64 data from an offset on; fewer where the text ends, none where it is no base64. */
function bytesAt(base64: string, offset: number, length: number): Uint8Array {
  const from = Math.floor(offset / 3);
  const text = base64.slice(from * 4, Math.ceil((offset + length) / 3) * 4);
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, ""));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0)).subarray(
      offset - from * 3,
      offset - from * 3 + length,
    );
  } catch {
    return new Uint8Array(0);
  }
}

const big = (bytes: Uint8Array, at: number, length: number): number =>
  bytes.subarray(at, at + length).reduce((value, byte) => value * 256 + byte, 0);

const little = (bytes: Uint8Array, at: number, length: number): number =>
  bytes.subarray(at, at + length).reduceRight((value, byte) => value * 256 + byte, 0);

const ascii = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** The first frame header, found from segment to segment (ITU T.81, B.1). */
function jpeg(base64: string): Pixels | null {
  let at = 2;
  for (let segments = 0; segments < MOST_SEGMENTS; segments++) {
    const head = bytesAt(base64, at, 9);
    if (head.length < 9 || head[0] !== 0xff) return null;
    const marker = head[1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: big(head, 7, 2), height: big(head, 5, 2) };
    // A marker may be filled up with 0xff; the scan begins after the frame.
    at += marker === 0xff ? 1 : 2 + big(head, 2, 2);
    if (marker === 0xda) return null;
  }
  return null;
}

/** The three forms of WebP (RFC 9649). */
function webp(head: Uint8Array): Pixels | null {
  switch (ascii(head, 12, 4)) {
    case "VP8X":
      return { width: little(head, 24, 3) + 1, height: little(head, 27, 3) + 1 };
    case "VP8L": {
      const bits = little(head, 21, 4);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return { width: little(head, 26, 2) & 0x3fff, height: little(head, 28, 2) & 0x3fff };
    default:
      return null;
  }
}

/** Null where the data is of no such type, or its header does not tell. */
export function imageSize(base64: string): Pixels | null {
  const head = bytesAt(base64, 0, 30);
  if (head.length < 26) return null;
  const size = sizeOf(base64, head);
  return size !== null && size.width > 0 && size.height > 0 ? size : null;
}

function sizeOf(base64: string, head: Uint8Array): Pixels | null {
  if (ascii(head, 1, 3) === "PNG") return { width: big(head, 16, 4), height: big(head, 20, 4) };
  if (ascii(head, 0, 3) === "GIF") return { width: little(head, 6, 2), height: little(head, 8, 2) };
  if (ascii(head, 0, 4) === "RIFF" && ascii(head, 8, 4) === "WEBP" && head.length >= 30) return webp(head);
  return head[0] === 0xff && head[1] === 0xd8 ? jpeg(base64) : null;
}
