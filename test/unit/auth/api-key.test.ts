import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  checkApiKey,
  createApiKey,
  hintJurisdiction,
  KEY_LENGTH,
  keyMac,
  type NewKey,
  type Peppers,
  parseApiKey,
  verifyTag,
} from "../../../worker/auth/api-key.ts";
import { secureRandom } from "../../../worker/lib/random.ts";

const peppers: Peppers = { current: "1", secrets: { "0": "the-pepper-before", "1": "the-pepper-of-today" } };
const rootId = "org_ab12cd34";
const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

let made: NewKey;
beforeAll(async () => {
  made = await createApiKey({ peppers, jurisdiction: "eu", rootId, random: secureRandom });
});

describe("createApiKey", () => {
  it("writes the parts at their offsets", () => {
    expect(made.key).toHaveLength(KEY_LENGTH);
    expect(made.key.slice(0, 10)).toBe("sk-gaia-1e");
    expect(made.key.slice(10, 18)).toBe("ab12cd34");
    expect(made.key.slice(19, 31)).toBe(made.keyId.slice(4));
    expect([18, 31, 75].map((offset) => made.key.charAt(offset))).toEqual(["_", "_", "_"]);
  });

  it("shows nothing of the secret in its hint, but the jurisdiction", () => {
    expect(made.hint).toBe(`sk-gaia-1eab…${made.key.slice(-4)}`);
    expect(hintJurisdiction(made.hint)).toBe("eu");
    expect(hintJurisdiction("imported")).toBeNull();
  });

  it("takes a given id", async () => {
    const { key, keyId } = await createApiKey({
      peppers,
      jurisdiction: "global",
      rootId,
      keyId: "key_000000000000",
      random: secureRandom,
    });
    expect(keyId).toBe("key_000000000000");
    expect(key).toMatch(/^sk-gaia-1gab12cd34_000000000000_/);
  });

  it.each([
    ["a root id of another form", { rootId: "org_short" }],
    ["a key id of another form", { keyId: "key_x" }],
  ])("refuses %s", async (_, change) => {
    await expect(
      createApiKey({ peppers, jurisdiction: "us", rootId, random: secureRandom, ...change }),
    ).rejects.toThrow("no key can be made");
  });

  it("parses back to what it was made of, whatever the random bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.constantFrom("global" as const, "eu" as const, "us" as const),
        async (bytes, jurisdiction) => {
          const keyId = "key_zzzzzzzzzzzz";
          const { key, mac } = await createApiKey({
            peppers,
            jurisdiction,
            rootId,
            keyId,
            random: () => new Uint8Array(bytes),
          });
          expect(await checkApiKey(key, peppers)).toEqual({ key, version: "1", jurisdiction, rootId, keyId, mac });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("a key that is not ours", () => {
  it("is refused after any change of a single character", async () => {
    const accepted: string[] = [];
    for (let offset = 0; offset < KEY_LENGTH; offset++) {
      for (const character of `${BASE64URL} é\n`) {
        if (character === made.key.charAt(offset)) continue;
        const changed = made.key.slice(0, offset) + character + made.key.slice(offset + 1);
        if (await checkApiKey(changed, peppers)) accepted.push(changed);
      }
    }
    expect(accepted).toEqual([]);
  });

  it("is refused ten thousand times, random or mutated, and nothing is fetched for it", async () => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const formed = fc
      .tuple(
        fc.constantFrom("0", "1", "2", "z"),
        fc.constantFrom("g", "e", "u", "x"),
        ...[8, 12, 43, 8].map((length) =>
          fc.string({ unit: fc.constantFrom(...BASE64URL.toLowerCase()), minLength: length, maxLength: length }),
        ),
      )
      .map(
        ([version, jurisdiction, organization, id, secret, tag]) =>
          `sk-gaia-${version}${jurisdiction}${organization}_${id}_${secret}_${tag}`,
      );
    const mutated = fc
      .array(fc.tuple(fc.nat(KEY_LENGTH - 1), fc.constantFrom(...BASE64URL)), { minLength: 1, maxLength: 5 })
      .map((edits) =>
        edits.reduce((key, [offset, character]) => key.slice(0, offset) + character + key.slice(offset + 1), made.key),
      )
      .filter((key) => key !== made.key);
    const cut = fc.nat(KEY_LENGTH - 1).map((length) => made.key.slice(0, length));
    const grown = fc.string({ minLength: 1 }).map((tail) => made.key + tail);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(formed, mutated, cut, grown, fc.string(), fc.string({ unit: "binary", maxLength: 200 })),
        async (text) => {
          expect(await checkApiKey(text, peppers)).toBeNull();
        },
      ),
      { numRuns: 10_000 },
    );
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  it("is refused when its tag was made under another pepper", async () => {
    const foreign = await createApiKey({
      peppers: { current: "1", secrets: { "1": "somebody else's" } },
      jurisdiction: "eu",
      rootId,
      random: secureRandom,
    });
    expect(parseApiKey(foreign.key, peppers)).not.toBeNull();
    expect(await checkApiKey(foreign.key, peppers)).toBeNull();
  });

  it("is refused when its pepper's version is not known, inherited property names included", () => {
    expect(parseApiKey(made.key, { current: "2", secrets: { "2": "new" } })).toBeNull();
  });
});

describe("pepper versions", () => {
  it("verify a key of the version before under that version's pepper", async () => {
    const older = await createApiKey({
      peppers: { ...peppers, current: "0" },
      jurisdiction: "us",
      rootId,
      random: secureRandom,
    });
    const checked = await checkApiKey(older.key, peppers);
    expect(checked).toMatchObject({ version: "0", mac: older.mac });
  });
});

describe("the MAC", () => {
  it("is 64 lower-case hex digits and shares nothing with the tag", async () => {
    expect(made.mac).toMatch(/^[0-9a-f]{64}$/);
    const tag = Buffer.from(made.key.slice(76), "base64url").toString("hex");
    expect(made.mac).not.toContain(tag);
  });

  it("changes with the pepper and with the key", async () => {
    const parsed = parseApiKey(made.key, peppers);
    if (!parsed) throw new Error("the key does not parse");
    expect(await verifyTag(parsed, peppers)).toBe(true);
    const other = await createApiKey({ peppers, jurisdiction: "eu", rootId, keyId: made.keyId, random: secureRandom });
    const repeppered = await keyMac(parsed, { current: "1", secrets: { "1": "another" } });
    expect(new Set([made.mac, other.mac, repeppered]).size).toBe(3);
  });
});
