import { describe, expect, it } from "vitest";
import { newRecoveryCodes, RECOVERY_CODES, recoveryCodeMacs } from "../../../worker/auth/recovery-codes.ts";
import { newTotpSecret, totpStep, totpUrl } from "../../../worker/auth/totp.ts";
import { readUserHandle, userHandle } from "../../../worker/auth/user-handle.ts";
import { toBase64Url } from "../../../worker/lib/encoding.ts";
import { secureRandom } from "../../../worker/lib/random.ts";

const PEPPERS = {
  current: "2",
  secrets: { "1": "a pepper of before, long enough ..", "2": "another pepper, long enough ...." },
};
const OLD = { ...PEPPERS, current: "1" };

describe("a one-time code", () => {
  /** `12345678901234567890`, of RFC 6238's appendix B, whose SHA-1 codes have eight digits: ours are the last six. */
  const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  it.each([
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ])("of RFC 6238 at %i s is of its step, and taken one step before and after", (seconds, code) => {
    const [six, step] = [code.slice(2), Math.floor(seconds / 30)];
    const taken = [-60, -30, 0, 30, 60].map((late) => totpStep(SECRET, six, (seconds + late) * 1000));
    expect(taken).toEqual([null, step, step, step, null]);
    expect(totpStep(SECRET, code, seconds * 1000)).toBeNull();
  });

  it.each(["", "28708", "2870820", "٢٨٧٠٨٢", "28708a"])("is not %j", (code) => {
    expect(totpStep(SECRET, code, 59_000)).toBeNull();
  });

  it("has a secret of 160 bits, and a URL that apps read", () => {
    const secret = newTotpSecret(secureRandom);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    const url = new URL(totpUrl(secret, "ada+x@example.com"));
    expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual([
      ...["otpauth:", "totp", "/GaiaRouter:ada+x@example.com"],
    ]);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      issuer: "GaiaRouter",
      secret,
      digits: "6",
      period: "30",
    });
  });
});

describe("recovery codes", () => {
  it("are different, easy to type, and found in whatever spelling, also under an older pepper", async () => {
    const { codes, macs } = await newRecoveryCodes("usr_a", OLD, secureRandom);
    expect(new Set(codes).size).toBe(RECOVERY_CODES);
    for (const code of codes) expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    const [code = ""] = codes;
    for (const typed of [code, code.toUpperCase(), ` ${code.replaceAll("-", "")} `, code.replaceAll("-", " ")]) {
      expect(await recoveryCodeMacs(typed, "usr_a", PEPPERS), typed).toContain(macs[0]);
    }
    expect(await recoveryCodeMacs(code.replaceAll("0", "O").replaceAll("1", "l"), "usr_a", PEPPERS)).toContain(macs[0]);
    expect(await recoveryCodeMacs(code, "usr_b", PEPPERS)).not.toContain(macs[0]);
  });

  it.each(["", "1234", "u".repeat(16), `${"0".repeat(16)}0`, "0000-0000-0000-000é"])("are not %j", async (typed) => {
    expect(await recoveryCodeMacs(typed, "usr_a", PEPPERS)).toEqual([]);
  });
});

describe("a user handle", () => {
  const whose = { rootId: "org_aaaaaaaa", userId: "usr_bbbbbbbbbbbb" };
  it("says whose it is, under every pepper there is, and changes with any character", async () => {
    for (const peppers of [OLD, PEPPERS]) {
      const bytes = await userHandle(whose, peppers);
      expect(bytes.length).toBeLessThanOrEqual(64);
      expect(await readUserHandle(toBase64Url(bytes), PEPPERS)).toEqual(whose);
      for (let at = 0; at < bytes.length; at++) {
        const other = bytes.map((byte, index) => (index === at ? (byte === 97 ? 98 : 97) : byte));
        expect(await readUserHandle(toBase64Url(other), PEPPERS), `${at}`).toBeNull();
      }
    }
  });

  it.each(["", "x", "_w", "é"])("is not %j", async (text) => expect(await readUserHandle(text, PEPPERS)).toBeNull());
});
