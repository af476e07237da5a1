import { scryptSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Peppers } from "../../../worker/auth/api-key.ts";
import { hashPassword, nobodysPassword, SCRYPT, verifyPassword } from "../../../worker/auth/password.ts";
import { toBase64 } from "../../../worker/lib/encoding.ts";
import { hmacSha256 } from "../../../worker/lib/hmac.ts";
import { secureRandom } from "../../../worker/lib/random.ts";

const peppers: Peppers = { current: "1", secrets: { "1": "pepper" } };
const password = "correct horse battery staple";

let stored: string;
beforeAll(async () => {
  stored = await hashPassword(password, peppers, secureRandom);
});

describe("hashPassword", () => {
  it("stays within the memory and work that workerd allows, and at OWASP's strength", () => {
    const { ln, r, p } = SCRYPT;
    expect(2 ** ln * r * p).toBeLessThanOrEqual(2 ** 20);
    expect({ ln, r, p }).toEqual({ ln: 14, r: 8, p: 5 });
  });

  it("writes a PHC string", () => {
    expect(stored).toMatch(/^\$scrypt\$ln=14,r=8,p=5,keyid=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  });

  it("salts: the same password gives another string", async () => {
    expect(await hashPassword(password, peppers, secureRandom)).not.toBe(stored);
  });
});

describe("verifyPassword", () => {
  it.each<[string, () => [string, string, Peppers], { valid: boolean; rehash: boolean }]>([
    ["the right one", () => [password, stored, peppers], { valid: true, rehash: false }],
    ["a wrong one", () => [`${password}.`, stored, peppers], { valid: false, rehash: false }],
    ["an empty one", () => ["", stored, peppers], { valid: false, rehash: false }],
    [
      "the right one under another pepper",
      () => [password, stored, { current: "1", secrets: { "1": "other" } }],
      { valid: false, rehash: false },
    ],
    [
      "a pepper we no longer have",
      () => [password, stored, { current: "2", secrets: { "2": "new" } }],
      { valid: false, rehash: false },
    ],
    [
      "the right one of an older pepper",
      () => [password, stored, { current: "2", secrets: { ...peppers.secrets, "2": "new" } }],
      { valid: true, rehash: true },
    ],
    [
      "a changed hash",
      () => [password, stored.slice(0, -2) + (stored.endsWith("AA") ? "BA" : "AA"), peppers],
      { valid: false, rehash: false },
    ],
    ["nobody's password", () => [password, nobodysPassword(peppers), peppers], { valid: false, rehash: false }],
    ["something else stored", () => [password, "plain", peppers], { valid: false, rehash: false }],
    ["nothing stored", () => [password, "", peppers], { valid: false, rehash: false }],
  ])("%s", async (_, given, expected) => {
    expect(await verifyPassword(...given())).toEqual(expected);
  });

  it("takes for nobody's password what it takes for anybody's: a refusal's time tells of no account", () => {
    const costs = (phc: string) => /^\$scrypt\$[^$]*\$/.exec(phc)?.[0];
    expect(costs(nobodysPassword(peppers))).toBe(costs(stored));
    expect(nobodysPassword(peppers)).toHaveLength(stored.length);
  });

  it("asks for a rehash of weaker parameters", async () => {
    const salt = secureRandom(16);
    const hash = scryptSync(await hmacSha256("pepper", `gaia password\n${password}`), salt, 32, {
      N: 2 ** 12,
      r: 8,
      p: 1,
    });
    const weak = `$scrypt$ln=12,r=8,p=1,keyid=1$${toBase64(salt)}$${toBase64(hash)}`;
    expect(await verifyPassword(password, weak, peppers)).toEqual({ valid: true, rehash: true });
  });

  it("takes the composed and the decomposed spelling of a password for the same", async () => {
    const composed = await hashPassword("pâté à la crème".normalize("NFC"), peppers, secureRandom);
    expect(await verifyPassword("pâté à la crème".normalize("NFD"), composed, peppers)).toMatchObject({ valid: true });
  });
});
