/**
 * The session cookie's JWT. It proves that we issued the session (a forged cookie costs no lookup) and names the tenant
 * whose rows hold it; whether the session still lives is the row's to say, at every request.
 *
 * One cookie is enough: a token that has run out is still a true pointer to its row, and is exchanged for a new one as long
 * as the row lives. Nothing but the row decides how long somebody stays signed in.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { utf8 } from "../lib/encoding.ts";

export const SESSION_COOKIE = "__Host-gaia-session";
/** Seconds a session lives at most after signing in. */
export const SESSION_SECONDS = 30 * 24 * 3600;
/** Seconds after which a token is renewed. */
const TOKEN_SECONDS = 600;
const ALGORITHM = "HS256";
const ISSUER = "gaiarouter";
const AUDIENCE = "gaiarouter/api";

export interface SessionClaims {
  sessionId: string;
  userId: string;
  rootId: string;
  /** The session row's version when the token was made. */
  version: number;
}

/** The secret's own characters are the key, whatever they may encode; an empty or short one must never sign. */
function signingKey(secret: string): Uint8Array {
  if (secret.length < 32) throw new Error("the session secret must hold at least 32 characters");
  return utf8(secret);
}

/** A token for a session, valid for ten minutes from `now` (milliseconds). */
export function signSession(claims: SessionClaims, secret: string, now: number): Promise<string> {
  const seconds = Math.floor(now / 1000);
  return new SignJWT({ sid: claims.sessionId, root: claims.rootId, ver: claims.version })
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
    .setSubject(claims.userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + TOKEN_SECONDS)
    .sign(signingKey(secret));
}

/**
 * Reads a token of ours; null when it is none: another signature, algorithm, issuer or audience, or older than any session
 * can be. `stale`: it has run out and must be exchanged.
 */
export async function readSession(
  token: string,
  secret: string,
  now: number,
): Promise<(SessionClaims & { stale: boolean }) | null> {
  const key = signingKey(secret);
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ["sub", "exp", "sid", "root", "ver"],
      currentDate: new Date(now),
      clockTolerance: SESSION_SECONDS,
    });
    const { sub, sid, root, ver, exp = 0 } = payload;
    if (typeof sub !== "string" || typeof sid !== "string" || typeof root !== "string" || typeof ver !== "number") {
      return null;
    }
    return { sessionId: sid, userId: sub, rootId: root, version: ver, stale: exp * 1000 <= now };
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
