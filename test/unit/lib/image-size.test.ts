import fc from "fast-check";
import { expect, test } from "vitest";
import { imageSize } from "../../../worker/lib/image-size.ts";

const base64 = (...bytes: (number | string | number[])[]): string =>
  Buffer.concat(
    bytes.map((one) => (typeof one === "string" ? Buffer.from(one, "latin1") : Buffer.from([one].flat()))),
  ).toString("base64");

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

/** A segment of a JPEG with so many bytes in it. */
const segment = (marker: number, length: number): number[] => [
  0xff,
  marker,
  (length + 2) >> 8,
  (length + 2) & 255,
  ...zeros(length),
];
const frame = (marker: number): number[] => [0xff, marker, 0, 17, 8, 0x03, 0x20, 0x04, 0xb0, 3, ...zeros(20)];

test.each([
  ["PNG", base64(0x89, "PNG\r\n\u001a\n", zeros(3), 13, "IHDR", [0, 0, 4, 0xb0], [0, 0, 3, 0x20], zeros(8)), 1200, 800],
  ["GIF", base64("GIF89a", [0xb0, 4], [0x20, 3], zeros(30)), 1200, 800],
  ["JPEG", base64([0xff, 0xd8], segment(0xe0, 14), frame(0xc0)), 1200, 800],
  [
    "a progressive JPEG behind a large preview",
    base64([0xff, 0xd8], segment(0xe1, 65_000), segment(0xe2, 3_001), segment(0xc4, 7), frame(0xc2)),
    1200,
    800,
  ],
  ["a JPEG with filled markers", base64([0xff, 0xd8], segment(0xe0, 14), [0xff, 0xff], frame(0xc0)), 1200, 800],
  ["WebP, extended", base64("RIFF", zeros(4), "WEBPVP8X", zeros(8), [0xaf, 4, 0], [0x1f, 3, 0], zeros(8)), 1200, 800],
  [
    "WebP, without loss",
    base64("RIFF", zeros(4), "WEBPVP8L", zeros(4), 0x2f, [0xaf, 0xc4, 0xc7, 0x00], zeros(9)),
    1200,
    800,
  ],
  [
    "WebP, with loss",
    base64("RIFF", zeros(4), "WEBPVP8 ", zeros(4), zeros(6), [0xb0, 4], [0x20, 3], zeros(8)),
    1200,
    800,
  ],
])("%s", (_what, data, width, height) => {
  expect(imageSize(data)).toEqual({ width, height });
  expect(imageSize(data.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""))).toEqual({ width, height });
});

test.each([
  ["nothing", ""],
  ["a text", Buffer.from("Lorem ipsum dolor sit amet, consectetur").toString("base64")],
  ["no base64", "?".repeat(100)],
  ["a PNG that ends", base64(0x89, "PNG\r\n")],
  ["a picture of no width", base64(0x89, "PNG\r\n\u001a\n", zeros(3), 13, "IHDR", zeros(20))],
  ["a JPEG without a frame", base64([0xff, 0xd8], segment(0xe0, 14), segment(0xda, 30))],
  ["a JPEG whose segment leads nowhere", base64([0xff, 0xd8], [0xff, 0xe0, 0xff, 0xff], zeros(30))],
])("%s has no size", (_what, data) => {
  expect(imageSize(data)).toBeNull();
});

test("whatever is sent is read at once and never thrown at", () => {
  const begun = fc.constantFrom("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGRgAAAABXRUJQ", "");
  fc.assert(
    fc.property(begun, fc.base64String({ maxLength: 400 }), (head, rest) => {
      const size = imageSize(head + rest);
      expect(size === null || (size.width > 0 && size.height > 0)).toBe(true);
    }),
  );
});
