/**
 * Playground tokens: `gaia-play-` and a signed JWT of ten minutes. A page of the dashboard presents one where a client would
 * present a key. It names a session, and the key that pays; whether both still hold is asked at every request
 * (`play-session.ts`), so that nothing is worth more than the session that it was taken in.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { utf8 } from "../lib/encoding.ts";
import type { Jurisdiction } from "./api-key.ts";

const PREFIX = "gaia-play-";
/** Milliseconds a token is good for at most. */
const LIFE_MS = 600_000;
const ALGORITHM = "HS256";
const ISSUER = "gaiarouter";
/** Another than the cookie's: neither token is ever taken for the other. */
const AUDIENCE = "gaiarouter/v1";
const JURISDICTIONS: readonly unknown[] = ["global", "eu", "us"] satisfies Jurisdiction[];

export interface PlayClaims {
  sessionId: string;
  userId: string;
  rootId: string;
  keyId: string;
  jurisdiction: Jurisdiction;
}

/** Whether a credential is meant to be such a token. */
export const isPlayToken = (text: string): boolean => text.startsWith(PREFIX);

/**
 * A token, and when it ends (milliseconds since the epoch): ten minutes from `now`, or with its session.
 * @param secret the session tokens' own, of at least 32 characters
 */
export async function signPlayToken(
  { sessionId, userId, rootId, keyId, jurisdiction }: PlayClaims,
  { secret, now, sessionEnd }: { secret: string; now: number; sessionEnd: number },
): Promise<{ token: string; expiresAt: number }> {
  if (secret.length < 32) throw new Error("the session secret must hold at least 32 characters");
  const expires = Math.floor(Math.min(now + LIFE_MS, sessionEnd) / 1000);
  const token = await new SignJWT({ sid: sessionId, root: rootId, key: keyId, jur: jurisdiction })
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(expires)
    .sign(utf8(secret));
  return { token: PREFIX + token, expiresAt: expires * 1000 };
}

/** What a token says; null when it is none of ours, `expired` when its time is over. Costs no lookup. */
export async function readPlayToken(text: string, secret: string, now: number): Promise<PlayClaims | "expired" | null> {
  try {
    const { payload } = await jwtVerify(text.slice(PREFIX.length), utf8(secret), {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["sub", "exp", "sid", "root", "key", "jur"],
      currentDate: new Date(now),
    });
    const { sub, sid, root, key, jur } = payload;
    if (![sub, sid, root, key].every((claim) => typeof claim === "string") || !JURISDICTIONS.includes(jur)) return null;
    return {
      ...{ sessionId: sid as string, userId: sub as string, rootId: root as string, keyId: key as string },
      jurisdiction: jur as Jurisdiction,
    };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return "expired";
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
