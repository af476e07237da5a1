import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64Url } from "../../../worker/lib/encoding.ts";
import { type SealedPlace, seal, unseal } from "../../../worker/lib/seal.ts";

const KEY = "a master key of at least thirty-two characters";
const PLACE: SealedPlace = { purpose: "webhook secret", rootId: "org_aaaaaaaa", id: "whk_000000000000" };
const SHUT = /cannot be opened|not a sealed text/;

const text = fc.string({ unit: "grapheme", maxLength: 200 });

describe("a sealed text", () => {
  it("opens again, and only what was sealed comes out", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (secret) => {
        const sealed = await seal(KEY, PLACE, secret);
        expect(sealed).toMatch(/^v1\.[\w-]{16}\.[\w-]{22,}$/);
        expect(await unseal(KEY, PLACE, sealed)).toBe(secret);
      }),
    );
  });

  it("differs every time", async () => {
    const sealed = await Promise.all(Array.from({ length: 50 }, () => seal(KEY, PLACE, "whsec_x")));
    expect(new Set(sealed.map((one) => one.split(".")[1])).size).toBe(50);
  });

  it("opens nowhere else, nor under another key", async () => {
    const place = fc.record({ purpose: fc.string(), rootId: fc.string(), id: fc.string() });
    await fc.assert(
      fc.asyncProperty(place, place, fc.string({ minLength: 1 }), async (here, there, key) => {
        fc.pre(JSON.stringify(here) !== JSON.stringify(there) && key !== KEY);
        const sealed = await seal(KEY, here, "whsec_x");
        await expect(unseal(KEY, there, sealed)).rejects.toThrow(SHUT);
        await expect(unseal(key, here, sealed)).rejects.toThrow(SHUT);
      }),
    );
  });

  it.each(["purpose", "rootId", "id"] as const)("is bound to its %s", async (part) => {
    const sealed = await seal(KEY, PLACE, "whsec_x");
    await expect(unseal(KEY, { ...PLACE, [part]: `${PLACE[part]}0` }, sealed)).rejects.toThrow(SHUT);
  });

  it("is not fooled by parts that add up to the same", async () => {
    const sealed = await seal(KEY, { purpose: "a", rootId: "b", id: 'c","d' }, "whsec_x");
    await expect(unseal(KEY, { purpose: "a", rootId: 'b","c', id: "d" }, sealed)).rejects.toThrow(SHUT);
  });

  it("does not open when any one bit of it has changed", async () => {
    const sealed = await seal(KEY, PLACE, "whsec_a secret");
    const parts = sealed.split(".").slice(1);
    for (const [index, part] of parts.entries()) {
      const bytes = fromBase64(part) ?? new Uint8Array();
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const changed = ["v1", ...parts.with(index, toBase64Url(flipped))].join(".");
        await expect(unseal(KEY, PLACE, changed)).rejects.toThrow(SHUT);
      }
    }
  });

  it("does not open when any one character of it is another", async () => {
    const sealed = await seal(KEY, PLACE, "whsec_x");
    const character = fc.constantFrom(..."ABCDabcd0189-_.=+/ é");
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), character, async (at, other) => {
        fc.pre(sealed[at] !== other);
        await expect(unseal(KEY, PLACE, sealed.slice(0, at) + other + sealed.slice(at + 1))).rejects.toThrow(SHUT);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["", "v1", "v1..", "v2.AAAAAAAAAAAAAAAA.AAAA", "v1.AAAA.AAAA", "v1.AAAAAAAAAAAAAAAA.AAAA.AAAA", "whsec_x"])(
    "%j is none",
    async (sealed) => {
      await expect(unseal(KEY, PLACE, sealed)).rejects.toThrow(SHUT);
    },
  );

  it("is not made under an empty key", async () => {
    await expect(seal("", PLACE, "x")).rejects.toThrow("must not be empty");
  });
});
