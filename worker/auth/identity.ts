import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import { GatewayError } from "../errors.ts";

/** The way to identity providers. */
export type IdentityFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Whom an identity provider says somebody is. */
export interface Identity {
  issuer: string;
  /** Theirs alone at that issuer, and never anybody else's. */
  subject: string;
  /** Lower-cased. */
  email: string;
  /** Whether the provider vouches for the address. */
  emailVerified: boolean;
  name: string | null;
  /** All that was said, for roles to be read from. */
  claims: Readonly<Record<string, unknown>>;
}

/** With a public key only: under a symmetric algorithm anybody who knows that key could sign. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** Seconds by which clocks may differ. */
const TOLERANCE = 30;
/** Milliseconds until a provider's answer is here. */
export const PROVIDER_TIMEOUT_MS = 5_000;

/** Checks a token's signature against its provider's keys, and its issuer, audience and times. */
export type VerifyIdentity = (token: string, now: number, nonce?: string) => Promise<Identity>;

export interface IdentityProvider {
  issuer: string;
  audience: string;
  /** Where its keys are. They are read again for a key that is not among them, at most every 30 seconds. */
  jwksUrl: string;
  /** Whether every address it names is one it has verified, also where it does not say so. */
  verifiesEmail: boolean;
  fetch: IdentityFetch;
}

/**
 * A check for one provider's tokens. Throws `invalid_credentials` for a token that does not hold, and
 * `identity_provider_unavailable` where the keys cannot be read.
 */
export function createVerifier({ issuer, audience, jwksUrl, verifiesEmail, fetch }: IdentityProvider): VerifyIdentity {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: PROVIDER_TIMEOUT_MS, [customFetch]: fetch });
  return async function verify(token, now, nonce) {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ["sub", "exp", "iat"],
      clockTolerance: TOLERANCE,
      currentDate: new Date(now),
    }).catch((cause: unknown) => {
      throw isToken(cause) ? notValid(cause) : unavailable(cause);
    });
    const { sub, email, azp } = payload;
    if (nonce !== undefined && payload.nonce !== nonce) throw notValid("the nonce is another");
    // OpenID Connect Core 3.1.3.7, 4 and 5: of several audiences the one it was made for.
    const madeForUs = Array.isArray(payload.aud) && payload.aud.length > 1 ? azp === audience : true;
    if (!madeForUs || (azp !== undefined && azp !== audience && nonce !== undefined))
      throw notValid("made for another");
    if (!sub || typeof email !== "string" || !email.includes("@")) {
      throw new GatewayError("permission_denied", "The identity provider names no e-mail address for you.");
    }
    return {
      issuer,
      subject: sub,
      email: email.trim().toLowerCase(),
      emailVerified: payload.email_verified === true || (payload.email_verified === undefined && verifiesEmail),
      name: typeof payload.name === "string" && payload.name.trim() !== "" ? payload.name.trim().slice(0, 100) : null,
      claims: payload,
    };
  };
}

/** Whether the token is at fault, rather than the way to the keys. */
const isToken = (cause: unknown): boolean =>
  cause instanceof errors.JOSEError &&
  !(cause instanceof errors.JWKSTimeout || cause instanceof errors.JWKSInvalid || cause.code === "ERR_JOSE_GENERIC");

/** The one answer to every token that does not hold. */
export const notValid = (cause: unknown): GatewayError =>
  new GatewayError("invalid_credentials", "The identity provider's word does not hold. Sign in again.", { cause });

export const unavailable = (cause: unknown): GatewayError =>
  new GatewayError("identity_provider_unavailable", "The identity provider cannot be reached. Try again in a moment.", {
    retryAfter: 5,
    cause,
  });
