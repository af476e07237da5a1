import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, timingSafeEqual, toBase64, toBase64Url, toHex } from "../../../worker/lib/encoding.ts";
import { hmacSha256 } from "../../../worker/lib/hmac.ts";

describe("hmacSha256", () => {
  it("agrees with RFC 4231, test case 2", async () => {
    expect(toHex(await hmacSha256("Jefe", "what do ya want for nothing?"))).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  it("gives the same with the key imported before, and another under another secret", async () => {
    const [first, again, other] = await Promise.all([
      hmacSha256("one", "text"),
      hmacSha256("one", "text"),
      hmacSha256("two", "text"),
    ]);
    expect(toHex(again)).toBe(toHex(first));
    expect(toHex(other)).not.toBe(toHex(first));
  });

  it("refuses an empty secret", async () => {
    await expect(hmacSha256("", "text")).rejects.toThrow("must not be empty");
  });
});

describe("encodings", () => {
  it("agree with Node's and come back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (given) => {
        const bytes = new Uint8Array(given);
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
        expect(fromBase64(toBase64Url(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(["A", "AAAAA", "AA==", "A A", "é"])("%j is not base64 of ours", (text) => {
    expect(fromBase64(text)).toBeNull();
  });
});

describe("timingSafeEqual", () => {
  it.each([
    ["", "", true],
    ["abc", "abc", true],
    ["abc", "abd", false],
    ["abc", "ab", false],
    ["a", "A", false],
  ])("%j, %j", (a, b, equal) => {
    expect(timingSafeEqual(a, b)).toBe(equal);
  });
});
