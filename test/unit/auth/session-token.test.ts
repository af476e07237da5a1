import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { readSession, SESSION_SECONDS, type SessionClaims, signSession } from "../../../worker/auth/session-token.ts";
import { toBase64Url, utf8 } from "../../../worker/lib/encoding.ts";

const secret = "a secret of the tests, long enough to sign with the longest algorithm of its kind";
const now = Date.UTC(2026, 10, 1);
const claims: SessionClaims = { sessionId: "ses_x", userId: "usr_000000000000", rootId: "org_00000000", version: 3 };
const key = utf8(secret);

/** A token like ours, in HS256 under our secret unless told otherwise. */
function token(
  change: {
    payload?: Record<string, unknown>;
    issuer?: string;
    audience?: string;
    key?: Uint8Array;
    alg?: string;
  } = {},
) {
  return new SignJWT({ sid: "ses_x", root: "org_00000000", ver: 3, sub: "usr_000000000000", ...change.payload })
    .setProtectedHeader({ alg: change.alg ?? "HS256" })
    .setIssuer(change.issuer ?? "gaiarouter")
    .setAudience(change.audience ?? "gaiarouter/api")
    .setExpirationTime(now / 1000 + 600)
    .sign(change.key ?? key);
}

describe("a session token", () => {
  it("says who it is for, for ten minutes", async () => {
    const signed = await signSession(claims, secret, now);
    expect(await readSession(signed, secret, now)).toEqual({ ...claims, stale: false });
    expect(await readSession(signed, secret, now + 599_000)).toEqual({ ...claims, stale: false });
  });

  it("is stale after that, and nothing once no session can be that old", async () => {
    const signed = await signSession(claims, secret, now);
    expect(await readSession(signed, secret, now + 600_000)).toEqual({ ...claims, stale: true });
    expect(await readSession(signed, secret, now + (SESSION_SECONDS + 601) * 1000)).toBeNull();
  });

  it("is accepted when made elsewhere in the same way (so that the refusals below are not empty)", async () => {
    expect(await readSession(await token(), secret, now)).toEqual({ ...claims, stale: false });
  });

  it.each<[string, () => string | Promise<string>]>([
    ["nothing", () => ""],
    ["no JWT", () => "a.b.c"],
    ["another secret", () => token({ key: new Uint8Array(32).fill(8) })],
    ["another issuer", () => token({ issuer: "somebody" })],
    ["another audience", () => token({ audience: "something" })],
    ["HS512 under the same secret", () => token({ alg: "HS512" })],
    ["HS384 under the same secret", () => token({ alg: "HS384" })],
    [
      "alg none",
      () =>
        new UnsecuredJWT({ sid: "ses_x", root: "org_00000000", ver: 3 })
          .setSubject("usr_0")
          .setIssuer("gaiarouter")
          .setAudience("gaiarouter/api")
          .setExpirationTime(now / 1000 + 600)
          .encode(),
    ],
    [
      "RS256 by somebody's own key",
      async () => {
        const { privateKey } = await generateKeyPair("RS256");
        return new SignJWT({ sid: "ses_x", root: "org_00000000", ver: 3 })
          .setProtectedHeader({ alg: "RS256" })
          .setSubject("usr_0")
          .setIssuer("gaiarouter")
          .setAudience("gaiarouter/api")
          .setExpirationTime(now / 1000 + 600)
          .sign(privateKey);
      },
    ],
    [
      "a header that says none over our signature",
      async () => {
        const [, payload, signature] = (await token()).split(".");
        return [toBase64Url(utf8('{"alg":"none"}')), payload, signature].join(".");
      },
    ],
    [
      "another tenant in the payload",
      async () => {
        const [header, , signature] = (await token()).split(".");
        const payload = JSON.stringify({
          sid: "ses_x",
          root: "org_11111111",
          ver: 3,
          sub: "usr_0",
          iss: "gaiarouter",
          aud: "gaiarouter/api",
          exp: now / 1000 + 600,
        });
        return [header, toBase64Url(utf8(payload)), signature].join(".");
      },
    ],
    ["no session", () => token({ payload: { sid: undefined } })],
    ["a version that is not a number", () => token({ payload: { ver: "3" } })],
  ])("is refused: %s", async (_, make) => {
    expect(await readSession(await make(), secret, now)).toBeNull();
  });

  it("is not signed under a short secret", () => {
    expect(() => signSession(claims, "short", now)).toThrow("at least 32 characters");
  });
});
