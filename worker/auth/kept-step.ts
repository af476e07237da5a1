/**
 * What a browser keeps between two steps of one thing: a signed token of five minutes, in a cookie that no script reads. It
 * proves that we began the thing, in this browser, and says with what.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import { utf8 } from "../lib/encoding.ts";

/** Seconds from one step to the next. */
export const STEP_SECONDS = 300;
const ALGORITHM = "HS256";

/** A thing of two steps: a token of one is worth nothing in another. */
export type StepPurpose = "second-factor" | "passkey" | "new-passkey" | "new-totp";

const audienceOf = (purpose: StepPurpose): string => `gaiarouter/${purpose}`;

/** A token that holds these claims for five minutes from `now` (milliseconds). */
export function keepStep(
  purpose: StepPurpose,
  claims: Readonly<Record<string, string>>,
  secret: string,
  now: number,
): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
    .setAudience(audienceOf(purpose))
    .setExpirationTime(Math.floor(now / 1000) + STEP_SECONDS)
    .sign(utf8(secret));
}

/** A reader of what a token of that purpose holds, by name; null when it is none of ours, or has run out. */
export async function readStep(
  purpose: StepPurpose,
  token: string,
  secret: string,
  now: number,
): Promise<((claim: string) => string) | null> {
  try {
    const { payload } = await jwtVerify(token, utf8(secret), {
      ...{ algorithms: [ALGORITHM], audience: audienceOf(purpose), requiredClaims: ["exp"] },
      currentDate: new Date(now),
    });
    return (claim) => (typeof payload[claim] === "string" ? payload[claim] : "");
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}
