import { GatewayError } from "../../errors.ts";
import type { SecondFactors } from "../../organizations/second-factors.ts";
import type { AdminContext } from "./context.ts";
import { personOf } from "./person.ts";

/** Milliseconds for which it counts that somebody showed who they are. */
const PROOF_MS = 5 * 60_000;

/** When whoever is signed in must show again who they are, in milliseconds since the epoch. */
export const provenUntil = (context: AdminContext): number => personOf(context).provenAt + PROOF_MS;

/**
 * That whoever is signed in has shown who they are in the last five minutes, not only by a cookie: for how they get in. Throws
 * `confirmation_required`.
 */
export function requireProof(context: AdminContext, now: number): void {
  if (now < provenUntil(context)) return;
  throw new GatewayError(
    "confirmation_required",
    "Show again that it is you (POST /api/me/confirm, with your password): you signed in more than five minutes ago.",
  );
}

/** That somebody signs in here, where second factors count. Throws `conflict`. */
export function requirePassword({ hasPassword }: SecondFactors): void {
  if (hasPassword) return;
  throw new GatewayError("conflict", "You sign in at your identity provider. Second factors are set up there.");
}
