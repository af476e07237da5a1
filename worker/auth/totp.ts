/** One-time codes of authenticator apps (RFC 6238): SHA-1, six digits, thirty seconds, which every app knows. */
import { Secret, TOTP } from "otpauth";
import type { Random } from "../lib/random.ts";

/** As RFC 4226 recommends for SHA-1. */
const SECRET_BYTES = 20;
const STEP_MS = 30_000;
/** Steps before and after the present one whose codes are taken too: clocks differ, and people are slow. */
const TOLERATED_STEPS = 1;

/** A new secret, in base32 as people type it. */
export const newTotpSecret = (random: Random): string =>
  new Secret({ buffer: new Uint8Array(random(SECRET_BYTES)).buffer }).base32;

const totpOf = (secret: string, label = "") =>
  new TOTP({ issuer: "GaiaRouter", label, secret: Secret.fromBase32(secret), digits: 6, period: STEP_MS / 1000 });

/** What an app reads out of a QR code: `otpauth://totp/…`. */
export const totpUrl = (secret: string, email: string): string => totpOf(secret, email).toString();

/** The step that a code of six digits is of, right now or next to it; null when it is none of them. */
export function totpStep(secret: string, code: string, now: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totpOf(secret).validate({ token: code, timestamp: now, window: TOLERATED_STEPS });
  return delta === null ? null : Math.floor(now / STEP_MS) + delta;
}
